import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  HuberRegressor,
  LinearRegression,
  LogisticRegression,
  Matrix,
  PoissonRegressor,
  QuantileRegressor,
  Ridge,
  RidgeClassifier,
  TweedieRegressor,
  fromBuffer,
} from "../../src/index.js";
import { CsrSource } from "../../src/data/csr-source.js";
import { errorOf } from "../contract/estimators.js";
import { learned, near, numbers, problem, type Linear } from "./sparse-problem.js";

const { X, score } = problem(1500, 120, 3);
const labels = (n: number): number[] => [...score].map((s) => Math.max(0, Math.min(n - 1, Math.floor(s + n / 2))));
const exact = { tol: 1e-9, maxIter: 2000 };
const CASES: readonly [string, () => Linear, number[]][] = [
  ["logistic regression", () => new LogisticRegression({ ...exact }), labels(2)],
  ["no intercept", () => new LogisticRegression({ ...exact, fitIntercept: false }), labels(2)],
  ["Newton's method", () => new LogisticRegression({ ...exact, solver: "newton-cholesky" }), labels(2)],
  ["three classes", () => new LogisticRegression({ ...exact, C: 5 }), labels(3)],
  ["L1", () => new LogisticRegression({ ...exact, l1Ratio: 1 }), labels(2)],
  ["elastic net of three classes", () => new LogisticRegression({ ...exact, l1Ratio: 0.5 }), labels(3)],
  ["Poisson", () => new PoissonRegressor({ ...exact, alpha: 0.01 }), labels(4)],
  ["identity link", () => new TweedieRegressor({ ...exact, power: 0, alpha: 0.01 }), [...score]],
  ["Huber", () => new HuberRegressor({ ...exact, alpha: 0.01 }), [...score]],
  ["a quantile", () => new QuantileRegressor({ quantile: 0.4, alpha: 0.001 }), [...score]],
  [
    "a quantile through 0",
    () => new QuantileRegressor({ quantile: 0.3, alpha: 0.00137, fitIntercept: false }),
    [...score],
  ],
];

test("the table of these tests is read as its entries", () => {
  assert.ok(new CsrSource(X, "X").sparse);
  assert.ok(X.data.includes(0));
  assert.not(new CsrSource(CsrMatrix.fromDense([[1, 2, 3]]), "X").sparse);
});

for (const [name, make, y] of CASES) {
  test(`a fit of sparse rows ends where that of dense ones does, and predicts the same: ${name}`, async () => {
    const dense = make();
    await dense.fit(X.toDense(), y);
    const sparse = make();
    await sparse.fit(X, y);
    near(learned(sparse), learned(dense), 1e-5);
    assert.is(numbers(sparse.coef_)[0], 0); // the column that is never there
    assert.equal(await sparse.predict(X), await sparse.predict(X.toDense()));
    const weight = y.map((_, i) => i % 3);
    await dense.fit(X.toDense(), y, { sampleWeight: weight });
    await sparse.fit(X, y, { sampleWeight: weight });
    near(learned(sparse), learned(dense), 1e-5);
  });
}

const broad = problem(250, 1100, 4);
const tall = problem(1050, 1001, 12);
for (const [name, table] of [
  ["more columns than entries", broad],
  ["more rows than columns", tall],
] as const) {
  test(`least squares of sparse rows end where those of dense ones do: ${name}`, async () => {
    const y = [...table.score];
    const dense = table.X.toDense();
    const sampleWeight = y.map((_, i) => i % 3);
    for (const fitIntercept of table === broad ? [true, false] : [true]) {
      const ridge = new Ridge({ alpha: 0.5, fitIntercept });
      await ridge.fit(dense, y, { sampleWeight });
      const expected = learned(ridge);
      await ridge.fit(table.X, y, { sampleWeight });
      near(learned(ridge), expected, 1e-9);
      assert.equal(await ridge.predict(table.X), await ridge.predict(dense));
    }
    if (table === tall) return;
    const targets = new Matrix(Float64Array.from([...y, ...y.map((value) => 3 - value)]), [y.length, 2], "column");
    const two = await new Ridge({ alpha: [0.5, 2] }).fit(table.X, targets);
    near(learned(two), learned(await new Ridge({ alpha: [0.5, 2] }).fit(dense, targets)), 1e-9);
    const positive = y.map((value) => value > 0);
    const classifier = await new RidgeClassifier().fit(table.X, positive);
    near(learned(classifier), learned(await new RidgeClassifier().fit(dense, positive)), 1e-9);
  });
}

test("linear regression of sparse rows has the coefficients of least norm, and says what it does not know", async () => {
  const y = [...broad.score];
  const dense = await new LinearRegression().fit(broad.X.toDense(), y);
  const sparse = await new LinearRegression().fit(broad.X, y);
  near(learned(sparse), learned(dense), 1e-6);
  assert.ok(dense.rank_ < 250);
  const error = await errorOf(() => sparse.rank_);
  assert.match(error.message, /rank_ is not known: a sparse X of more than 1000 columns is solved by iteration/);
  const [one, four] = [await new Ridge({ nJobs: 1 }).fit(broad.X, y), await new Ridge({ nJobs: 4 }).fit(broad.X, y)];
  assert.equal(learned(one), learned(four));
  assert.equal(learned(fromBuffer<LinearRegression>(sparse.toBuffer())), learned(sparse));
});

test("threads and the type of the entries change no bit", async () => {
  const single = new CsrMatrix(Float32Array.from(X.data), X.indices, Float64Array.from(X.indptr), X.shape);
  const bits = async (l1Ratio: number, nJobs: number, table: CsrMatrix): Promise<number[]> =>
    learned(await new LogisticRegression({ l1Ratio, nJobs }).fit(table, labels(3)));
  for (const l1Ratio of [0, 1]) {
    const one = await bits(l1Ratio, 1, X);
    for (const nJobs of [2, 3, 4]) assert.equal(await bits(l1Ratio, nJobs, X), one);
    assert.equal(await bits(l1Ratio, 2, single), one);
  }
});

test("probabilities and decisions of sparse rows are those of dense ones, bit for bit, at once too", async () => {
  const model = await new LogisticRegression().fit(X, labels(3));
  const dense = X.toDense();
  assert.equal(await model.predictProba(X), await model.predictProba(dense));
  assert.equal(await model.predictLogProba(X), await model.predictLogProba(dense));
  assert.equal(await model.decisionFunction(X), await model.decisionFunction(dense));
  assert.equal(model.predictProbaSync(X), model.predictProbaSync(dense));
  assert.equal(model.predictSync(X.slice(0, 3)), model.predictSync(dense.toArray().slice(0, 3)));
});

test("memory grows by what is stored, not by what is not: 20,000 × 50,000", async () => {
  const wide = problem(20_000, 50_000, 50);
  const y = [...wide.score].map((s) => (s > 0 ? 1 : 0));
  const before = process.memoryUsage.rss();
  const model = await new LogisticRegression({ maxIter: 200, tol: 1e-3 }).fit(wide.X, y);
  await model.predict(wide.X);
  const grown = (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20;
  assert.ok(grown < 400, `grew by ${grown.toFixed(0)} MB; dense it is 8,000 MB`);
  assert.ok((await model.score(wide.X, y)) > 0.9);
});

test("a sparse fit can be aborted and leaves the model as it was", async () => {
  const wide = problem(20_000, 5_000, 20);
  const y = [...wide.score].map((s) => (s > 0 ? 1 : 0));
  const model = await new LogisticRegression().fit(X, labels(2));
  const before = learned(model);
  const control = new AbortController();
  model.setParams({ tol: 1e-12, maxIter: 100_000, C: 1e6 });
  const error = await errorOf(() =>
    model.fit(wide.X, y, { signal: control.signal, onProgress: () => control.abort() }),
  );
  assert.is(error.name, "AbortError");
  assert.equal(learned(model), before);
});

const NAN = new CsrMatrix(Float64Array.of(1, NaN), Int32Array.of(3, 5), Int32Array.of(0, 1, 2, 2, 2), [4, 90]);
test("a stored value that is not finite is refused by its place, in fit and in predict", async () => {
  const model = await new LogisticRegression().fit(X, labels(2));
  const errors = [
    await errorOf(() => new LogisticRegression().fit(NAN, [0, 1, 0, 1])),
    await errorOf(() => new PoissonRegressor().fit(NAN, [0, 1, 0, 1])),
    await errorOf(() =>
      model.predict(new CsrMatrix(Float64Array.of(Infinity), Int32Array.of(5), Int32Array.of(0, 1), [1, 120])),
    ),
  ];
  for (const error of errors) assert.is((error as { code?: string }).code, "ERR_INVALID_DATA");
  assert.match(errors[0]?.message ?? "", /LogisticRegression\.fit: X contains NaN in row 1, column 5/);
  assert.match(errors[2]?.message ?? "", /contains Infinity in row 0, column 5/);
});

test("a matrix whose arrays were changed after it was made is refused", async () => {
  const indices = Int32Array.of(3, 5, 7, 9);
  const table = new CsrMatrix(new Float64Array(4).fill(1), indices, Int32Array.of(0, 2, 2, 3, 4), [4, 90]);
  indices[1] = 1_000_000;
  const error = await errorOf(() => new LogisticRegression().fit(table, [0, 1, 0, 1]));
  assert.match(error.message, /the entries of row 0 are out of order or out of range/);
});

test.run();
