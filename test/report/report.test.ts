import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  averagePrecisionScore,
  balancedAccuracyScore,
  brierScoreLoss,
  DummyClassifier,
  fromBatches,
  GaussianNB,
  HistGradientBoostingClassifier,
  KMeans,
  LinearSVC,
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  LogisticRegression,
  makePipeline,
  r2Score,
  RandomForestRegressor,
  report,
  Ridge,
  rocAucScore,
  StandardScaler,
  trainTestSplit,
} from "../../src/index.js";
import { JUPYTER_DISPLAY } from "../../src/base/rich.js";

const test = suite<{ folder: string }>("report");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

const { data, target, featureNames } = await loadBreastCancer();
const [X, XTest, y, yTest] = await trainTestSplit(data, target, { testSize: 0.4, stratify: target, randomState: 0 });
const logistic = await makePipeline(new StandardScaler(), new LogisticRegression()).fit(X, y);
const boosting = await new HistGradientBoostingClassifier({ maxIter: 10, randomState: 0 }).fit(X, y);

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

test("numbers on the page are those of the metrics", async () => {
  const made = await report({ logistic, boosting }, XTest, yTest, { fitSeconds: { logistic: 1.25 } });
  assert.equal(
    made.results.map(({ model }) => model),
    ["logistic", "boosting"],
  );
  const p = (await logistic.predictProba(XTest)).column(1) as Float64Array;
  const [row, other] = made.results;
  assert.is(row?.["rocAuc"], await rocAucScore(yTest, p));
  assert.is(row?.["averagePrecision"], await averagePrecisionScore(yTest, p));
  assert.is(row?.["brierScore"], await brierScoreLoss(yTest, p));
  assert.equal([row?.fitSeconds, other?.fitSeconds], [1.25, undefined]);
  assert.ok((row?.["bestF1"] as number) >= (row?.["f1"] as number));
  const html = made.toHTML();
  assert.ok(html.includes(`${(row?.["rocAuc"] as number).toFixed(4)}</td>`));
  assert.match(html, /<td>1\.25<\/td>|1\.25<\/td>/);
});

test("is one page of its own: nothing runs, nothing is fetched, ids are not met twice", async () => {
  const html = (await report({ logistic, boosting }, XTest, yTest, { featureNames })).toHTML();
  assert.match(html, /^<!doctype html>/);
  assert.not.match(html, /<script|<link|@import|<img|<iframe|\bon[a-z]+=/i);
  const addresses = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map((match) => match[1] as string);
  assert.ok(addresses.length > 0 && addresses.every((address) => address.startsWith("#")), addresses.join(" "));
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
  assert.is(new Set(ids).size, ids.length);
  for (const address of addresses) assert.ok(ids.includes(address.slice(1)), address);
  for (const title of [
    "Precision and recall",
    "ROC curves",
    "Calibration",
    "Confusion matrices",
    "Features",
    "Classes",
  ]) {
    assert.ok(html.includes(`<strong>${title}</strong>`), title);
  }
  assert.is(html.match(/<svg /g)?.length, 7);
});

test("names are text, whatever they hold", async () => {
  const evil = `<img src=x onerror=alert(1)>"&'`;
  const names = featureNames.map((name, j) => (j === 20 ? evil : name));
  const options = { title: evil, description: evil, featureNames: names };
  const html = (await report({ [evil]: logistic }, XTest, yTest, options)).toHTML();
  assert.not.match(html, /<img/);
  assert.ok(html.includes("&lt;img"));
});

test("models that are not fitted are fitted on the training rows, as copies", async () => {
  const models = [new GaussianNB(), makePipeline(new StandardScaler(), new LinearSVC())];
  const seen: number[] = [];
  const made = await report(models, XTest, yTest, {
    train: { X, y },
    onProgress: ({ fraction }) => seen.push(fraction),
  });
  assert.ok(models.every((model) => !model.isFitted));
  assert.ok(made.results.every(({ fitSeconds }) => (fitSeconds as number) >= 0));
  const [bayes, svc] = made.results;
  const p = (await (await new GaussianNB().fit(X, y)).predictProba(XTest)).column(1) as Float64Array;
  assert.is(bayes?.["rocAuc"], await rocAucScore(yTest, p));
  assert.is(svc?.["brierScore"], undefined); // it has no probabilities
  assert.ok((svc?.["rocAuc"] as number) > 0.95);
  assert.is(seen[0], 0);
  assert.is(seen.at(-1), 1);
  assert.ok(seen.every((fraction, k) => k === 0 || fraction >= (seen[k - 1] as number)));
});

test("several classes, and numbers, have their own measures and pictures", async () => {
  const iris = await loadIris();
  const bayes = await new GaussianNB().fit(iris.data, iris.target);
  const dummy = await new DummyClassifier().fit(iris.data, iris.target);
  const classes = await report({ bayes, dummy }, iris.data, iris.target);
  assert.is(
    classes.results[0]?.["balancedAccuracy"],
    await balancedAccuracyScore(iris.target, await bayes.predict(iris.data)),
  );
  assert.match(classes.toHTML(), /Confusion matrices/);
  const diabetes = await loadDiabetes();
  const ridge = await new Ridge().fit(diabetes.data, diabetes.target);
  const forest = await new RandomForestRegressor({ nEstimators: 5, randomState: 0 }).fit(
    diabetes.data,
    diabetes.target,
  );
  const numbers = await report([ridge, forest], diabetes.data, diabetes.target);
  const predicted = (await ridge.predict(diabetes.data)) as Float64Array;
  assert.is(numbers.results[0]?.["r2"], await r2Score(diabetes.target, predicted));
  assert.match(numbers.toHTML(), /Predicted and true/);
});

test("labels may be strings, weights count, rows may be those of a frame", async () => {
  const rows = Array.from({ length: 200 }, (_, i) => [Math.sin(i), (i * 37) % 23]);
  const labels = rows.map(([a, b]) => ((a as number) * 5 + (b as number) > 11 ? "fraud" : "fine"));
  const frame = await fromBatches([{ a: rows.map(([a]) => a as number), b: rows.map(([, b]) => b as number) }]);
  const model = await new LogisticRegression().fit(frame, labels);
  const weights = rows.map((_, i) => 1 + (i % 3));
  const made = await report(model, frame, labels, { sampleWeight: weights, posLabel: "fraud" });
  const proba = await model.predictProba(frame);
  const p = proba.column(1) as Float64Array;
  const truth = labels.map((label) => Number(label === "fraud"));
  assert.is(made.results[0]?.["rocAuc"], await rocAucScore(truth, p, { sampleWeight: weights }));
  assert.match(made.toHTML(), /Positive: &quot;fraud&quot;/);
  assert.match(made.toHTML(), /<th scope="row">b<\/th>/);
});

test("the file is replaced at once; where it cannot be, the old one stays", async ({ folder }) => {
  const path = join(folder, "report.html");
  await writeFile(path, "old");
  const made = await report(logistic, XTest, yTest, { path });
  assert.is(await readFile(path, "utf8"), made.toHTML());
  const nowhere = join(folder, "none", "report.html");
  assert.match(await message(made.save(nowhere)), /^Report\.save: cannot write .*none/);
  await mkdir(join(folder, "taken"));
  await chmod(join(folder, "taken"), 0o755);
  assert.match(await message(made.save(join(folder, "taken"))), /cannot write/);
  assert.equal((await readdir(folder)).sort(), ["report.html", "taken"]);
});

test("shows itself in notebooks and consoles", async () => {
  const made = await report({ logistic, boosting }, XTest, yTest);
  assert.is(inspect(made), "Report of logistic, boosting");
  assert.match(
    String(made[JUPYTER_DISPLAY]()["text/html"]),
    /^<iframe sandbox title="Model report" srcdoc="&lt;|^<iframe sandbox/,
  );
});

test("bad input is refused in a sentence", async () => {
  assert.match(await message(report(5 as never, XTest, yTest)), /^report: expected an estimator/);
  assert.match(await message(report(logistic, XTest, yTest, { titel: "x" } as never)), /report: .*titel/);
  assert.match(await message(report(new LogisticRegression(), XTest, yTest)), /not fitted|fit/);
  assert.match(await message(report(logistic, XTest, yTest, { posLabel: 7 })), /posLabel 7 is no label/);
  assert.match(await message(report([logistic, new Ridge()], XTest, yTest)), /a classifier and a regressor/);
  const clusters = await new KMeans({ nClusters: 2, randomState: 0 }).fit(X);
  assert.match(
    await message(report({ clusters: clusters as never }, XTest, yTest)),
    /must be a classifier or a regressor/,
  );
  assert.match(await message(report(logistic, XTest, [1, 0])), /report|y/);
  const stopped = report({ a: new GaussianNB() }, XTest, yTest, { train: { X, y }, signal: AbortSignal.abort() });
  assert.match(await message(stopped), /abort/i);
});

test.run();
