import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  LogisticRegression,
  LogisticRegressionCV,
  TreelineError,
  accuracyScore,
  loadIris,
  makeScorer,
  type LogisticRegressionCVParams,
  type Matrix,
  type VectorLike,
} from "../../src/index.js";

const iris = await loadIris();
const X: Matrix = iris.data;
const y = Array.from(iris.target);

const fit = async (params: Partial<LogisticRegressionCVParams>): Promise<LogisticRegressionCV> =>
  new LogisticRegressionCV({ Cs: [0.1, 1], tol: 1e-6, maxIter: 500, ...params }).fit(X, y);

async function rejection(params: object): Promise<string> {
  try {
    await fit(params);
  } catch (error) {
    assert.instance(error, TreelineError);
    return (error as TreelineError).message;
  }
  throw new Error("expected a rejection");
}

test("folds given as numbers of folds, as the fold of every row and as splits are the same", async () => {
  // Stratified: of the 50 rows of every class the first 17 or 16 belong to the first fold.
  const folds = y.map((_, i) => Math.floor(((i % 50) * 3) / 50));
  const rows = y.map((_, i) => i);
  const splits = [0, 1, 2].map((fold) => [
    rows.filter((i) => folds[i] !== fold),
    rows.filter((i) => folds[i] === fold),
  ]);
  const expected = await fit({ cv: folds });
  const bySplits = await fit({ cv: splits as never });
  assert.equal(bySplits.scores_.data, expected.scores_.data);
  assert.equal(bySplits.coef_.data, expected.coef_.data);
  const byNumber = await fit({ cv: 3 });
  assert.is(byNumber.scores_.rows, 3);
  byNumber.scores_.data.forEach((score) => assert.ok(score > 0.8));
});

test("after the search the model is LogisticRegression's with the parameters found", async () => {
  const model = await fit({ l1Ratios: [0, 1], scoring: "negLogLoss", tol: 1e-10 });
  const { C_: C, l1Ratio_: l1Ratio } = model;
  const alone = await new LogisticRegression({ C, l1Ratio, tol: 1e-10, maxIter: 500 }).fit(X, y);
  alone.coef_.data.forEach((c, i) => assert.ok(Math.abs(c - model.coef_.data[i]!) < 1e-6));
  assert.is(model.nIterPaths_.data.length, 5 * 2 * 2);
  assert.equal(model.coefsPaths_.shape, [5 * 2 * 2 * 3, 5]);
  assert.equal(Array.from(model.Cs_), [0.1, 1]);
  assert.equal(Array.from(model.l1Ratios_), [0, 1]);
});

test("a scorer of one's own sees labels, and a fold may lack a class", async () => {
  const seen = new Set<unknown>();
  const scoring = makeScorer(async (yTrue: VectorLike, predicted: VectorLike) => {
    Array.from(yTrue as ArrayLike<number>).forEach((label) => seen.add(label));
    return accuracyScore(yTrue, predicted);
  });
  const model = await fit({
    scoring,
    cv: [[y.map((_, i) => i).filter((i) => i < 100 && i % 2 > 0), [0, 2, 4, 60, 140]]],
  });
  assert.equal([...seen].sort(), [0, 1, 2]);
  assert.ok(model.scores_.data.every((score) => score === 0.8));
});

test("progress counts the models and their scores", async () => {
  const seen: number[] = [];
  const model = new LogisticRegressionCV({ Cs: 3, cv: 2, nJobs: 1 });
  await model.fit(X, y, { onProgress: ({ done, total }) => void (assert.is(total, 12), seen.push(done)) });
  assert.is(seen.at(-1), 12);
});

for (const [name, params, message] of [
  ["folds that no class has the rows for", { cv: 51 }, /no class of y has the 51 rows that 51 folds need/],
  ["a row that is not there", { cv: [[[0, 1], [150]]] }, /names row 150 in split 0, but X has 150 rows/],
  ["a row on both sides", { cv: [[[0, 60], [60]]] }, /names row 60 to learn from and to test on in split 0/],
  ["a split of nothing", { cv: [[[0, 60], []]] }, /no row to test on in split 0/],
  ["splits that are none", { cv: [{}] }, /must hold pairs \[train, test\] of row numbers/],
  ["Cs of 0", { Cs: [0] }, /Cs must be a positive integer, or an array of positive numbers/],
  ["no ratios", { l1Ratios: [] }, /l1Ratios must be an array of numbers from 0 to 1/],
  ["an unknown scorer", { scoring: "r3" }, /scoring must be the name of a scorer, or a scorer/],
] as const) {
  test(`refuses ${name}`, async () => {
    assert.match(await rejection(params), message);
  });
}

test.run();
