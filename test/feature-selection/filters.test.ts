import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  fClassif,
  fRegression,
  fromArrow,
  fromBuffer,
  GridSearchCV,
  LogisticRegression,
  makePipeline,
  Matrix,
  SelectFpr,
  SelectKBest,
  SelectPercentile,
  StandardScaler,
  VarianceThreshold,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";
import { errorOf } from "../contract/estimators.js";

/** n rows: a feature that is far from 0 and shifts with the class, noise, and a constant that has no binary form. */
function problem(n: number): { X: Matrix<Float64Array>; y: number[] } {
  const data = new Float64Array(n * 3);
  const y = Array.from({ length: n }, (_, i) => (i * 7) % 3);
  for (let i = 0; i < n; i++) {
    const noise = ((i * 7919) % 1000) / 1000;
    data.set([1e9 + noise + 0.2 * (y[i] as number), ((i * 104729) % 997) / 997, 0.1], 3 * i);
  }
  return { X: new Matrix(data, [n, 3]), y };
}

test("scores are the same bits for any chunking, threads and a lazy frame", async () => {
  const { X, y } = problem(5000);
  const columns = Object.fromEntries(["a", "b", "c"].map((name, j) => [name, X.column(j)]));
  const tables = [X, rechunked(X, 7), rechunked(X, 1024), await fromArrow(tableFromArrays(columns))];
  for (const score of [fClassif, fRegression]) {
    const [first, ...others] = await Promise.all(tables.map((table) => score(table, y)));
    const plain = (s = first): number[][] => [Array.from(s?.scores ?? []), Array.from(s?.pvalues ?? [])];
    for (const other of others) assert.equal(plain(other), plain());
  }
});

test("features far from 0 lose no digits, constants are seen as such", async () => {
  const { X, y } = problem(3000);
  const near = new Matrix(
    X.data.map((v, k) => (k % 3 === 0 ? v - 1e9 : v)),
    X.shape,
  );
  const [far, expected] = [await fClassif(X, y), await fClassif(near, y)];
  assert.ok(Math.abs((far.scores[0] as number) / (expected.scores[0] as number) - 1) < 1e-6);
  assert.ok(Number.isNaN(far.scores[2]) && Number.isNaN(far.pvalues[2]));
  const regression = await fRegression(X, y);
  assert.equal([regression.scores[2], regression.pvalues[2]], [0, 1]);
});

test("classes that lie apart without any spread have an infinite F", async () => {
  const { scores, pvalues } = await fClassif([[0.1], [0.1], [0.3], [0.3], [0.3]], ["a", "a", "b", "b", "b"]);
  assert.equal([scores[0], pvalues[0]], [Infinity, 0]);
});

test("names, masks, indices and the way back", async () => {
  const table = tableFromArrays({ a: [0, 1, 2, 3], b: [5, 5, 5, 5], c: [1, 0, 1, 0] });
  const selector = await new VarianceThreshold().fit(table);
  assert.equal(selector.getSupport(), [true, false, true]);
  assert.equal(selector.getSupport({ indices: true }), [0, 2]);
  assert.equal(selector.getFeatureNamesOut(), ["a", "c"]);
  const Z = await selector.transform(table);
  assert.equal(Z.toArray(), [[0, 1], [1, 0], [2, 1], [3, 0]]); // prettier-ignore
  assert.equal((await selector.inverseTransform(Z)).toArray()[2], [2, 0, 1]);
  assert.match(
    (await errorOf(() => selector.inverseTransform([[1, 2, 3]]))).message,
    /3 features, but 2 were selected/,
  );
});

test("a sparse table stays one, there and back", async () => {
  const X = CsrMatrix.fromTriplets([0, 1, 1, 2], [1, 0, 3, 3], [5, 2, 7, 1], [3, 4]);
  const selector = await new VarianceThreshold().fit(X);
  const Z = (await selector.transform(X)) as unknown as CsrMatrix;
  assert.instance(Z, CsrMatrix);
  const dense = [[0, 5, 0], [2, 0, 7], [0, 0, 1]]; // prettier-ignore
  assert.equal(Z.toDense().toArray(), dense);
  const back = (await selector.inverseTransform(Z as never)) as unknown as CsrMatrix;
  assert.equal(back.toDense().toArray(), X.toDense().toArray());
  assert.instance(await selector.transform([[1, 2, 3, 4]]), Matrix);
});

test("missing values: a constant with some is dropped, a feature without any value too", async () => {
  const X = [[0.1, NaN, 1], [NaN, NaN, 2], [0.1, NaN, NaN]]; // prettier-ignore
  const selector = await new VarianceThreshold().fit(X);
  assert.equal(selector.getSupport(), [false, false, true]);
  assert.equal(Array.from(selector.variances_), [0, NaN, 0.25]);
  const error = await errorOf(() => new VarianceThreshold({ threshold: 3 }).fit(X));
  assert.match(error.message, /no feature in X meets the variance threshold 3.00000/);
  assert.is((error as { code?: string }).code, "ERR_INVALID_DATA");
});

test("nothing selected: a table without columns", async () => {
  const X = [[0, 1], [1, 0], [0, 1], [1, 1]]; // prettier-ignore
  const Z = await new SelectKBest({ k: 0 }).fitTransform(X, [0, 1, 0, 1]);
  assert.equal(Z.shape, [4, 0]);
});

test("a function of one's own, asynchronous, with and without p-values", async () => {
  const X = [[0, 1, 4], [1, 0, 4], [0, 1, 5]]; // prettier-ignore
  const means = async (table: number[][]) =>
    Promise.resolve([0, 1, 2].map((j) => table.reduce((s, r) => s + (r[j] ?? 0), 0)));
  const selector = await new SelectKBest({ scoreFunc: means, k: 1 }).fit(X);
  assert.equal(selector.getSupport(), [false, false, true]);
  assert.is(selector.pvalues_, null);
  assert.match((await errorOf(() => new SelectFpr({ scoreFunc: means }).fit(X))).message, /gives no p-values/);
  const odd = await errorOf(() => new SelectKBest({ scoreFunc: () => [1, 2] }).fit(X));
  assert.match(odd.message, /SelectKBest.fit: scoreFunc must give 3 scores, one a feature/);
  const given = new SelectKBest({ scoreFunc: () => ({ scores: [3, 1, 2], pvalues: [0.1, 0.2, 0.3] }), k: 2 });
  assert.equal((await given.fit(X)).getSupport(), [true, false, true]);
});

test("what suits no score function is refused in words", async () => {
  const X = [[1, -1], [2, 3], [4, 5]]; // prettier-ignore
  const y = [0, 1, 1];
  assert.match((await errorOf(() => new SelectKBest({ scoreFunc: "chi2", k: 1 }).fit(X, y))).message, /negative|-1/);
  assert.match((await errorOf(() => new SelectKBest({ k: 1 }).fit(X, [1, 1, 1]))).message, /1 class; at least 2/);
  assert.match((await errorOf(() => new SelectKBest({ k: 1 }).fit(X, [0.5, 1, 2]))).message, /continuous/);
});

test("in a pipeline, a search over k, and saved", async () => {
  const { X, y } = problem(300);
  const pipeline = makePipeline(new StandardScaler(), new SelectKBest({ k: 1 }), new LogisticRegression());
  const search = new GridSearchCV({ estimator: pipeline, paramGrid: { selectKBest__k: [1, 2, "all"] }, cv: 3 });
  await search.fit(X, y);
  const back = fromBuffer<GridSearchCV>(search.toBuffer());
  assert.equal(await back.predict(X), await search.predict(X));
  const selector = await new SelectPercentile({ percentile: 40 }).fit(X, y);
  const loaded = fromBuffer<SelectPercentile>(selector.toBuffer());
  assert.equal(Array.from(loaded.scores_), Array.from(selector.scores_));
  assert.equal(loaded.getSupport(), selector.getSupport());
});

test.run();
