import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { JUPYTER_DISPLAY } from "../../src/base/rich.js";
import { fromBatches } from "../../src/data/index.js";
import { permutationImportance } from "../../src/inspection/index.js";
import { averagePrecisionScore, confusionMatrix, rocAucScore, rocCurve } from "../../src/metrics/index.js";
import { LinearSVC } from "../../src/svm/index.js";
import {
  plotCalibrationCurve,
  plotClassBalance,
  plotConfusionMatrix,
  plotFeatureImportance,
  plotPrecisionRecallCurve,
  plotRocCurve,
  plotScoreHistogram,
  type Plot,
} from "../../src/plot/index.js";
import { thinned, withCorners, type Line } from "../../src/plot/thin.js";
import { fittedProblem } from "./problem.js";

const problem = await fittedProblem();
const { logistic, boosting, X, y } = problem;
const proba = (await boosting.predictProba(X)).column(1);

/** The texts of a drawn picture. */
async function texts(plot: Plot): Promise<string[]> {
  return [...(await plot.toSVG()).matchAll(/<text[^>]*>([^<]*)</g)].map((match) => match[1] as string);
}

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

test("a ROC curve ends at the corners, and its legend says the area", async () => {
  const plot = await plotRocCurve({ logistic, boosting }, X, y);
  const auc = (await rocAucScore(y, proba)).toFixed(4);
  const rows = plot.data.filter((row) => row["model"] === `boosting (AUC ${auc})`);
  assert.equal([rows[0]?.["fpr"], rows[0]?.["tpr"], rows.at(-1)?.["fpr"], rows.at(-1)?.["tpr"]], [0, 0, 1, 1]);
  const shown = await texts(plot);
  assert.ok(shown.includes(`boosting (AUC ${auc})`), shown.join("|"));
  assert.ok(shown.includes("False positive rate (positive: 1)"));
});

test("estimators and their scores give the same picture", async () => {
  const ofModel = await plotPrecisionRecallCurve(boosting, X, y);
  const ofScores = await plotPrecisionRecallCurve(y, { HistGradientBoostingClassifier: proba });
  assert.equal(ofModel.spec, ofScores.spec);
  const ap = (await averagePrecisionScore(y, proba)).toFixed(4);
  assert.is(ofModel.data[0]?.["model"], `HistGradientBoostingClassifier (AP ${ap})`);
});

test("a pipeline is named after its last step, and equal names are numbered", async () => {
  const plot = await plotCalibrationCurve([logistic, logistic, boosting], X, y);
  assert.equal(
    [...new Set(plot.data.map((row) => row["model"]))],
    ["LogisticRegression 1", "LogisticRegression 2", "HistGradientBoostingClassifier"],
  );
});

test("labels may be any two; weights and posLabel count", async () => {
  const labels = Array.from(y, (label) => (label === 1 ? "benign" : "malignant"));
  const benign = await plotRocCurve(labels, proba, { posLabel: "benign" });
  assert.equal(benign.data, (await plotRocCurve(y, proba)).data);
  const flipped = await plotRocCurve(labels, proba);
  assert.match(flipped.data[0]?.["model"] as string, (1 - (await rocAucScore(y, proba))).toFixed(4));
  const sampleWeight = y.map((_, i) => 1 + (i % 3));
  const weighted = (await rocAucScore(y, proba, { sampleWeight })).toFixed(4);
  assert.is((await plotRocCurve(y, proba, { sampleWeight })).data[0]?.["model"], `AUC ${weighted}`);
});

test("a classifier without probabilities is drawn by its decision values, and refused for calibration", async () => {
  const svm = await new LinearSVC({ maxIter: 100 }).fit([[0], [1], [2], [3]], [0, 0, 1, 1]);
  const plot = await plotRocCurve(svm, [[0], [1], [2], [3]], [0, 0, 1, 1]);
  assert.is(plot.data[0]?.["model"], "LinearSVC (AUC 1.0000)");
  assert.match(await message(plotCalibrationCurve(svm, [[0], [3]], [0, 1])), /LinearSVC must have "predictProba"/);
});

test("one class of several is told from the others with posLabel", async () => {
  const three = Array.from(y, (label, i) => (label === 1 ? "a" : i % 2 === 0 ? "b" : "c"));
  assert.match(await message(plotRocCurve(three, proba)), /3 classes, "a", "b", "c": say with posLabel/);
  assert.equal((await plotRocCurve(three, proba, { posLabel: "a" })).data, (await plotRocCurve(y, proba)).data);
});

test("a confusion matrix counts what confusionMatrix counts; a threshold moves it", async () => {
  const at = async (threshold?: number): Promise<unknown[]> =>
    (await plotConfusionMatrix(boosting, X, y, { threshold })).data.map((row) => row["count"]);
  assert.equal(await at(), Array.from((await confusionMatrix(y, await boosting.predict(X))).data));
  assert.equal(
    await at(0.9),
    Array.from(
      (
        await confusionMatrix(
          y,
          proba.map((p) => Number(p >= 0.9)),
        )
      ).data,
    ),
  );
  const several = await plotConfusionMatrix(y, { right: y, wrong: y.map((label) => 1 - label) }, { normalize: "true" });
  assert.ok((await texts(several)).includes("100.0 %"));
  assert.match(await message(plotConfusionMatrix(y, y, { threshold: 0.1 })), /threshold is a number, for estimators/);
});

test("shares of a histogram add up to one for each class", async () => {
  const { data } = await plotScoreHistogram(boosting, X, y, { nBins: 7 });
  for (const name of ["0", "1"]) {
    const shares = data.filter((row) => row["class"] === name).map((row) => row["share"] as number);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-12);
  }
  assert.equal([data[0]?.["from"], data.at(-1)?.["to"]], [0, 1]);
  const constant = await plotScoreHistogram([0, 1], [3, 3], { nBins: 2 });
  assert.equal(
    constant.data.map((row) => [row["from"], row["share"]]),
    [
      [3, 1],
      [3, 1],
    ],
  );
});

test("class balance counts columns of labels, a Frame's too", async () => {
  const frame = await fromBatches([{ Class: [0, 0, 0, 1] }]);
  const plot = await plotClassBalance({ all: frame.column("Class"), rare: [0, 1, 1] }, { scale: "log" });
  assert.equal(
    plot.data.map((row) => [row["set"], row["class"], row["text"]]),
    [
      ["all", "0", "3 (75.00 %)"],
      ["all", "1", "1 (25.00 %)"],
      ["rare", "0", "1 (33.33 %)"],
      ["rare", "1", "2 (66.67 %)"],
    ],
  );
  assert.ok((await texts(plot)).includes("3 (75.00 %)"));
});

test("importances are named and sorted: trees, coefficients, permutations", async () => {
  const plot = await plotFeatureImportance({ logistic, boosting }, { maxFeatures: 3 });
  assert.is(new Set(plot.data.map((row) => row["feature"])).size, 3);
  const permuted = await permutationImportance(boosting, X, y, { randomState: 0, nRepeats: 2 });
  const names = Array.from({ length: X.cols }, (_, j) => `column ${j}`);
  const { data } = await plotFeatureImportance(permuted, { featureNames: names, maxFeatures: 1 });
  const best = permuted.importancesMean.indexOf(Math.max(...permuted.importancesMean));
  assert.equal([data[0]?.["feature"], data[0]?.["importance"]], [`column ${best}`, permuted.importancesMean[best]]);
  assert.match(await message(plotFeatureImportance([1, 2], { featureNames: ["a"] })), /2 features, but 1 names/);
  assert.match(
    await message(plotFeatureImportance(3 as never)),
    /expected importances, what permutationImportance gives/,
  );
});

test("wrong calls say what was expected", async () => {
  const cases: readonly (readonly [Promise<unknown>, RegExp])[] = [
    [plotRocCurve(boosting, X, undefined as never), /plotRocCurve: after the estimators and X y is missing/],
    [plotRocCurve(5 as never, [1]), /expected fitted estimators, X and y, or yTrue/],
    [plotRocCurve([0, 1], 5 as never), /expected a column of predictions/],
    [plotRocCurve([0, 1], [0.1, 0.2, 0.3]), /yTrue has 2 values, but the scores has 3/],
    [plotRocCurve([0, 1], [0.1, NaN]), /must be finite numbers, got NaN in row 1/],
    [plotRocCurve([0, 1], [0.1, 0.2], { poslabel: 1 } as never), /unknown option "poslabel"; did you mean posLabel/],
    [plotRocCurve([0, 1], [0.1, 0.2], { width: -1 }), /width must be a positive number of pixels, got -1/],
    [plotRocCurve({ a: boosting, b: 3 } as never, X, y), /"b" must be a fitted estimator, as the others, got 3/],
    [plotRocCurve([], []), /empty/],
    [plotCalibrationCurve([0, 1], [0.5, 1.5]), /probabilities must be in 0 … 1, got 1.5/],
    [plotClassBalance(7 as never), /expected labels/],
    [plotScoreHistogram([0, 1], [1, 2], { nBins: 0 }), /nBins must be an integer from 1 to 1000/],
  ];
  for (const [promise, expected] of cases) assert.match(await message(promise), expected);
});

test("a plot is saved as its file's name says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  try {
    const plot = await plotRocCurve(y, proba, { title: "Tumours & <more>" });
    for (const name of ["roc.svg", "roc.html", "roc.json"]) await plot.save(join(folder, name));
    const svg = await readFile(join(folder, "roc.svg"), "utf8");
    assert.match(svg, /^<svg [^]*<\/svg>$/);
    assert.ok(svg.includes("Tumours &amp; &lt;more&gt;"));
    assert.ok((await readFile(join(folder, "roc.html"), "utf8")).includes(svg));
    assert.equal(JSON.parse(await readFile(join(folder, "roc.json"), "utf8")), plot.spec);
    assert.match(await message(plot.save(join(folder, "roc.png"))), /must end in .svg, .html or .json/);
    assert.match(await message(plot.save(join(folder, "nowhere", "roc.svg"))), /Plot.save: cannot write/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("notebooks get the specification, the picture and a line of text", async () => {
  const plot = await plotRocCurve(y, proba);
  const bundle = await plot[JUPYTER_DISPLAY]();
  assert.is(bundle["application/vnd.vegalite.v6+json"], plot.spec);
  assert.is(bundle["image/svg+xml"], await plot.toSVG());
  assert.match(inspect(plot), /^Plot of \d+ rows$/);
  assert.is(JUPYTER_DISPLAY, Symbol.for("Jupyter.display"));
});

/** The greatest distance, in pixels, of points of a line from another line. */
function farthest(points: Line, line: Line, scale: number): number {
  let most = 0;
  for (let i = 0; i < points.x.length; i++) {
    let least = Infinity;
    for (let k = 1; k < line.x.length; k++) {
      const [ax, ay] = [(line.x[k - 1] as number) * scale, (line.y[k - 1] as number) * scale];
      const [dx, dy] = [(line.x[k] as number) * scale - ax, (line.y[k] as number) * scale - ay];
      const [ex, ey] = [(points.x[i] as number) * scale - ax, (points.y[i] as number) * scale - ay];
      const t = Math.min(1, Math.max(0, (ex * dx + ey * dy) / (dx * dx + dy * dy || 1)));
      least = Math.min(least, Math.hypot(ex - t * dx, ey - t * dy));
    }
    most = Math.max(most, least);
  }
  return most;
}

test("a thinned curve is nowhere a tenth of a pixel off, and has few points", async () => {
  const n = 20_000;
  const truth = Uint8Array.from({ length: n }, (_, i) => Number((i * 7919) % 97 < 9));
  const scores = Float64Array.from(truth, (label, i) => Math.sin(i * 12.9898) + label * Math.cos(i * 78.233));
  const { fpr, tpr } = await rocCurve(truth, scores);
  const whole = withCorners({ x: fpr, y: tpr });
  const thin = thinned(whole, [420, 420]);
  assert.ok(thin.x.length < whole.x.length / 2, `${thin.x.length} of ${whole.x.length}`);
  assert.ok(farthest(whole, thin, 420) <= 0.1);
  assert.equal([thin.x[0], thin.x.at(-1)], [0, 1]);
});

test("a line of one point, of none, or of equal ones stays", () => {
  const line = (...x: number[]): Line => ({ x: Float64Array.from(x), y: Float64Array.from(x) });
  assert.is(thinned(line(), [1, 1]).x.length, 0);
  assert.equal([...thinned(line(2), [1, 1]).x], [2]);
  assert.equal([...thinned(line(2, 2, 2), [1, 1]).x], [2, 2]);
  assert.is(withCorners(line()).x.length, 0);
});

test.run();
