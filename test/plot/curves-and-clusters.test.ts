import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadDiabetes, makeBlobs } from "../../src/datasets/index.js";
import { HistGradientBoostingRegressor } from "../../src/ensemble/index.js";
import { partialDependence } from "../../src/inspection/index.js";
import { LinearRegression, LogisticRegression } from "../../src/linear-model/index.js";
import { detCurve, silhouetteScore } from "../../src/metrics/index.js";
import { learningCurve, validationCurve } from "../../src/model-selection/index.js";
import { GaussianNB } from "../../src/naive-bayes/index.js";
import {
  plotDetCurve,
  plotLearningCurve,
  plotPartialDependence,
  plotSilhouette,
  plotValidationCurve,
  type Plot,
} from "../../src/plot/index.js";
import { fittedProblem } from "./problem.js";

const { logistic, boosting, X, y } = await fittedProblem();
const proba = (await boosting.predictProba(X)).column(1);

async function texts(plot: Plot): Promise<string[]> {
  return [...(await plot.toSVG()).matchAll(/<text[^>]*>([^<]*)</g)].map((match) => match[1] as string);
}

async function message(call: () => Promise<unknown>): Promise<string> {
  return call().then(
    () => "no error",
    (error: Error) => error.message,
  );
}

test("a DET curve names the equal error rate and draws rates of 0 on the edges", async () => {
  const plot = await plotDetCurve({ logistic, boosting }, X, y);
  const { fpr, fnr } = await detCurve(y, proba);
  const name = plot.data.at(-1)?.["model"] as string;
  const rate = Number(/EER ([\d.]+) %/.exec(name)?.[1]) / 100;
  const k = fpr.findIndex((value, at) => value <= (fnr[at] as number));
  assert.ok(rate <= Math.max(fpr[k - 1] as number, fnr[k] as number) + 1e-3, name);
  assert.ok(rate >= Math.min(fpr[k] as number, fnr[k - 1] as number) - 1e-3, name);
  for (const row of plot.data) {
    assert.ok(Number.isFinite(row["fprDeviate"]) && Number.isFinite(row["fnrDeviate"]), JSON.stringify(row));
  }
  const shown = await texts(plot);
  assert.ok(shown.includes(name) && shown.includes("False positive rate in % (positive: 1)"), shown.join("|"));
  assert.match((await plotDetCurve([0, 0, 1, 1], [1, 2, 3, 4])).data[0]?.["model"] as string, /EER 0.00 %/);
});

test("learning curves of several models share a picture, with means and deviations over the folds", async () => {
  const curve = await learningCurve(new GaussianNB(), X, y, { cv: 3, shuffle: true, randomState: 0 });
  const plot = await plotLearningCurve({ a: curve, b: curve }, { scoreName: "Accuracy", negate: true });
  assert.is(plot.data.length, 4 * curve.trainSizes.length);
  const scores = Array.from(curve.testScores.row(1));
  const mean = scores.reduce((sum, score) => sum + score, 0) / 3;
  const std = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 3);
  const row = plot.data.filter((one) => one["model"] === "b" && one["set"] === "test")[1];
  assert.equal(row, {
    model: "b",
    set: "test",
    x: curve.trainSizes[1],
    score: -mean,
    low: -mean - std,
    high: -mean + std,
  });
  const shown = await texts(plot);
  for (const text of ["a", "b", "test", "training", "Accuracy", "Training rows"]) assert.ok(shown.includes(text), text);
});

test("a validation curve takes numbers, on a log axis where they span much, and names", async () => {
  const asked = { paramName: "varSmoothing", paramRange: [1e-9, 1e-6, 1e-3] };
  const curve = await validationCurve(new GaussianNB(), X, y, { ...asked, cv: 3 });
  const plot = await plotValidationCurve(curve, asked);
  assert.match(JSON.stringify(plot.spec), /"type":"log"/);
  assert.match(
    JSON.stringify((await plotValidationCurve(curve, { ...asked, scale: "linear" })).spec),
    /"type":"linear"/,
  );
  const named = await plotValidationCurve(curve, { paramName: "kind", paramRange: ["a", null, true] });
  assert.equal([...new Set(named.data.map((row) => row["x"]))], ["a", "null", "true"]);
  assert.ok((await texts(named)).includes("kind"));
});

test("partial dependence is drawn as it was computed", async () => {
  const { data, target } = await loadDiabetes();
  const linear = await new LinearRegression().fit(data, target);
  const trees = await new HistGradientBoostingRegressor({ maxIter: 5 }).fit(data, target);
  const plot = await plotPartialDependence({ linear, trees }, data, [2, [2, 8]], { gridResolution: 5 });
  const { average } = await partialDependence(trees, data, 2, { gridResolution: 5 });
  const drawn = plot.data.filter((row) => row["panel"] === "x2" && row["model"] === "trees");
  assert.equal(
    drawn.map((row) => row["prediction"]),
    Array.from((average as NonNullable<typeof average>).row(0)),
  );
  assert.is(plot.data.filter((row) => row["panel"] === "x2 × x8").length, 2 * 25);
  assert.ok((await texts(plot)).includes("x8"));
  const both = await plotPartialDependence(trees, data, [2], { kind: "both", maxLines: 7, gridResolution: 4 });
  assert.is(both.data.length, 8 * 4);
});

test("of several classes one must be chosen", async () => {
  const three = Array.from(y, (label, i) => (label === 1 ? "a" : i % 2 === 0 ? "b" : "c"));
  const model = await new GaussianNB().fit(X, three);
  assert.match(
    await message(() => plotPartialDependence(model, X, [0])),
    /predicts 3 outputs: choose with target among "a"/,
  );
  const options = { target: "b", gridResolution: 3 };
  const { average } = await partialDependence(model, X, 0, { gridResolution: 3 });
  assert.is((await plotPartialDependence(model, X, [0], options)).data[0]?.["prediction"], average?.at(1, 0));
});

test("silhouettes: a bar a row while there is room, the mean in the title", async () => {
  const [B, labels] = makeBlobs({ nSamples: 60, centers: 3, randomState: 0 });
  const plot = await plotSilhouette(B, labels as Float64Array);
  assert.is(plot.data.length, 60);
  const mean = plot.data.reduce((sum, row) => sum + (row["silhouette"] as number), 0) / 60;
  assert.ok(Math.abs(mean - (await silhouetteScore(B, labels as Float64Array))) < 1e-12);
  assert.ok((await texts(plot)).includes(`Silhouette (mean ${mean.toFixed(3)})`));
  const [many, groups] = makeBlobs({ nSamples: 3000, centers: 3, randomState: 0 });
  const names = Array.from(groups as Float64Array, (k) => `group ${k}`);
  const several = await plotSilhouette(many, { one: names, other: groups as Float64Array }, { height: 100 });
  assert.ok(several.data.length < 600, `${several.data.length}`);
  assert.ok((await texts(several)).includes("group 2"));
});

test("wrong calls say what was expected", async () => {
  const model = await new LogisticRegression().fit([[0], [1]], [0, 1]);
  const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => plotDetCurve([1, 1], [0, 1]), /one class only/],
    [() => plotLearningCurve(5 as never), /plotLearningCurve: expected a curve of scores/],
    [() => plotLearningCurve({ a: 5 } as never), /expected a curve of scores/],
    [() => plotValidationCurve({} as never, {} as never), /paramName must be a name/],
    [() => plotPartialDependence(model, [[0], [1]], []), /features must be an array of features/],
    [() => plotPartialDependence(3 as never, [[0]], [0]), /expected fitted estimators/],
    [() => plotPartialDependence(model, [[0], [1]], [0], { maxLines: 0 }), /maxLines must be a positive integer/],
    [() => plotSilhouette([[0], [1], [2]], 5 as never), /expected labels/],
    [() => plotSilhouette([[0], [1], [2]], [0, 0, 0]), /2 to rows - 1 clusters/],
  ];
  for (const [call, expected] of cases) assert.match(await message(call), expected);
});

test.run();
