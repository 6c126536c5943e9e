import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ElasticNet,
  ElasticNetCV,
  Lasso,
  LassoCV,
  LinearRegression,
  Matrix,
  Ridge,
  RidgeCV,
  TreelineError,
  loadDiabetes,
  withConfig,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";

/** Numbers that look random and are the same everywhere, in (-0.5, 0.5). */
function noise(i: number): number {
  const x = Math.sin(i * 12.9898 + 1) * 43758.5453;
  return x - Math.floor(x) - 0.5;
}

function table(rows: number, cols: number): { X: Matrix<Float64Array>; y: Float64Array } {
  const X = new Matrix(
    Float64Array.from({ length: rows * cols }, (_, i) => noise(i)),
    [rows, cols],
  );
  const y = Float64Array.from({ length: rows }, (_, i) =>
    X.row(i).reduce((sum, x, j) => sum + (j % 3 === 0 ? x * (1 + (j % 5)) : 0), 2 + 0.1 * noise(i + 0.5)),
  );
  return { X, y };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [actual[i]!, expected[i]!];
    assert.ok(Math.abs(a - b) <= tolerance * Math.max(Math.abs(b), 1e-300), `${i}: ${a}, expected ${b}`);
  }
}

async function refusal(call: () => Promise<unknown>): Promise<TreelineError> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, TreelineError);
    return error as TreelineError;
  }
  throw new Error("expected a rejection");
}

test("columns of scales from 1e-12 to 1e12 keep their digits", async () => {
  const scales = [1e-12, 1, 1e6, 1e12];
  const { X } = table(500, 4);
  const truth = [3, -2, 0.5, 7];
  const y = Array.from({ length: 500 }, (_, i) => X.row(i).reduce((sum, x, j) => sum + x * truth[j]!, 1));
  const scaled = Matrix.from(X.toArray().map((row) => row.map((x, j) => x * scales[j]!)));
  const model = await new LinearRegression().fit(scaled, y);
  near(
    model.coef_ as Float64Array,
    truth.map((c, j) => c / scales[j]!),
    1e-10,
  );
  assert.is(model.rank_, 4);
});

test("columns that differ in the ninth digit are told apart", async () => {
  const { X } = table(400, 2);
  const rows = X.toArray().map(([a, b]) => [a!, a! + 1e-9 * b!]);
  const y = X.toArray().map(([a, b]) => 5 * a! + 3e-9 * b!);
  const model = await new LinearRegression().fit(rows, y);
  near(model.coef_ as Float64Array, [2, 3], 1e-4);
  assert.is(model.rank_, 2);
});

test("equal columns share their coefficient, and count once", async () => {
  const { X, y } = table(300, 3);
  const twice = X.toArray().map((row) => [...row, row[0]!]);
  const [model, plain] = [await new LinearRegression().fit(twice, y), await new LinearRegression().fit(X, y)];
  const [a, b] = [model.coef_ as Float64Array, plain.coef_ as Float64Array];
  near([a[0]! * 2, a[1]!, a[2]!, a[3]! * 2], [b[0]!, b[1]!, b[2]!, b[0]!], 1e-9);
  assert.is(model.rank_, 3);
  assert.is(model.singular_.length, 4);
});

test("several targets are as many regressions", async () => {
  const { X, y } = table(300, 5);
  const other = Float64Array.from(y, (value, i) => 3 - value * value + noise(i + 7));
  const both = Matrix.from(Array.from(y, (value, i) => [value, other[i]!]));
  for (const make of [
    () => new LinearRegression(),
    () => new Ridge({ alpha: 2 }),
    () => new LinearRegression({ positive: true }),
  ]) {
    const [together, first, second] = [make(), make(), make()];
    await together.fit(X, both);
    await first.fit(X, y);
    await second.fit(X, other);
    const coef = together.coef_ as Matrix;
    assert.equal(coef.shape, [2, 5]);
    near(coef.data, [...(first.coef_ as Float64Array), ...(second.coef_ as Float64Array)], 1e-9);
    const predicted = (await together.predict(X)) as Matrix;
    near(predicted.column(1), (await second.predict(X)) as Float64Array, 1e-9);
    assert.ok(
      Math.abs((await together.score(X, both)) - ((await first.score(X, y)) + (await second.score(X, other))) / 2) <
        1e-12,
    );
    assert.equal((together.predictSync(X) as Matrix).data, predicted.data);
  }
});

test("targets of uneven rows, other widths or no numbers are refused", async () => {
  const X = [[1], [2], [3]];
  for (const [y, message] of [
    [[[1], [2, 3], [4]], /y has 2 values in row 1, but 1 in row 0/],
    [[[1], [NaN], [4]], /y must be finite numbers, got NaN in row 1, column 0/],
    [[[], [], []], /y has 0 columns/],
    [[[1], [2]], /X has 3 rows, but y has 2 values/],
  ] as [number[][], RegExp][]) {
    const error = await refusal(() => new Ridge().fit(X, y));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, message);
  }
  const error = await refusal(() => new Ridge({ alpha: [1, 2] }).fit(X, [1, 2, 3]));
  assert.is(error.message, "Ridge: alpha has 2 values, but y has 1 columns");
});

test("wide tables: the same bits for any nJobs and chunks, the same model as with one column less", async () => {
  const { X, y } = table(2300, 170);
  const fit = (nJobs: number, source: Parameters<Ridge["fit"]>[0]): Promise<Ridge> =>
    withConfig({ nJobs }, () => new Ridge().fit(source, y));
  const one = await fit(1, X);
  assert.equal(await fit(3, rechunked(X, 700)).then((model) => model.coef_), one.coef_);
  const narrow = Matrix.from(X.toArray().map((row) => row.slice(0, 150)));
  const padded = Matrix.from(X.toArray().map((row) => [...row.slice(0, 150), ...new Array<number>(20).fill(1)]));
  const [a, b] = [await new Ridge().fit(narrow, y), await new Ridge().fit(padded, y)];
  near((b.coef_ as Float64Array).subarray(0, 150), a.coef_ as Float64Array, 1e-9);
});

test("a lasso of far more columns than rows finds the few that matter, at a duality gap that says so", async () => {
  const rows = 60;
  const X = new Matrix(
    Float64Array.from({ length: rows * 1600 }, (_, i) => noise(i)),
    [rows, 1600],
  );
  const y = Float64Array.from({ length: rows }, (_, i) => 9 * X.at(i, 3) - 6 * X.at(i, 700));
  const model = await new Lasso({ alpha: 0.05, tol: 1e-8 }).fit(X, y);
  assert.ok(model.sparseCoef_.indices.includes(3) && model.sparseCoef_.indices.includes(700));
  assert.ok(model.sparseCoef_.indices.length < 30);
  assert.ok(model.dualGap_ >= 0 && model.dualGap_ < 1e-6);
  // The same problem by products of columns: the first 1500 of them.
  const narrow = Matrix.from(X.toArray().map((row) => row.slice(0, 800)));
  const rest = Matrix.from(X.toArray().map((row) => row.map((x, j) => (j < 800 ? x : 0))));
  const [a, b] = [
    await new Lasso({ alpha: 0.05, tol: 1e-12, maxIter: 10_000 }).fit(narrow, y),
    await new Lasso({ alpha: 0.05, tol: 1e-12, maxIter: 10_000 }).fit(rest, y),
  ];
  a.coef_.forEach((c, j) => assert.ok(Math.abs(c - b.coef_[j]!) < 1e-7));
  const cv = await new LassoCV({ alphas: 5, cv: 3, tol: 1e-3 }).fit(X, y);
  assert.equal(cv.msePath_.shape, [5, 3]);
});

test("a penalty above the largest leaves only the intercept", async () => {
  const { X, y } = table(200, 6);
  const model = await new Lasso({ alpha: 100 }).fit(X, y);
  assert.ok(model.coef_.every((c) => c === 0));
  const mean = y.reduce((sum, value) => sum + value, 0) / 200;
  assert.ok(Math.abs(model.intercept_ - mean) < 1e-12);
  assert.equal([...model.sparseCoef_.indices], []);
});

test("elastic net without an L1 penalty is ridge regression", async () => {
  const { X, y } = table(200, 6);
  const net = await new ElasticNet({ alpha: 0.1, l1Ratio: 0, tol: 1e-14, maxIter: 10_000 }).fit(X, y);
  const ridge = await new Ridge({ alpha: 0.1 * 200 }).fit(X, y);
  near(net.coef_, ridge.coef_ as Float64Array, 1e-6);
});

test("warmStart goes on from the last coefficients", async () => {
  const { X, y } = table(200, 20);
  const model = new Lasso({ alpha: 0.001, tol: 1e-10, maxIter: 10_000, warmStart: true });
  await model.fit(X, y);
  const first = model.nIter_;
  await model.fit(X, y);
  assert.ok(model.nIter_ < first, `${first}, then ${model.nIter_}`);
});

test("RidgeCV's errors are those of leaving each row out", async () => {
  const { X, y } = table(25, 3);
  const alphas = [0.01, 1];
  const model = await new RidgeCV({ alphas, storeCvResults: true }).fit(X, y);
  const errors = model.cvResults_ as Matrix;
  assert.equal(errors.shape, [25, 2]);
  for (let i = 0; i < 25; i++) {
    const others = [...Array(25).keys()].filter((k) => k !== i);
    for (const [a, alpha] of alphas.entries()) {
      const left = await new Ridge({ alpha }).fit(
        others.map((k) => X.row(k)),
        others.map((k) => y[k]!),
      );
      const [guess] = left.predictSync([X.row(i)]) as Float64Array;
      near([errors.at(i, a)], [(y[i]! - guess!) ** 2], 1e-8);
    }
  }
});

test("folds may be given row by row", async () => {
  const { X, y } = table(90, 4);
  const cv = Array.from({ length: 90 }, (_, i) => Math.floor(i / 30));
  const given = await new ElasticNetCV({ cv, alphas: 7 }).fit(X, y);
  const counted = await new ElasticNetCV({ cv: 3, alphas: 7 }).fit(X, y);
  assert.equal(given.msePath_.data, counted.msePath_.data);
  for (const [bad, message] of [
    [cv.slice(1), /cv has 89 values, but X has 90 rows/],
    [cv.map(() => 0), /at least 2 folds/],
    [cv.map((fold) => 2 * fold), /all numbers from 0 on/],
    [cv.map((fold) => fold + 0.5), /fold numbers 0, 1, …, got 0.5 in row 0/],
  ] as [number[], RegExp][]) {
    assert.match((await refusal(() => new LassoCV({ cv: bad }).fit(X, y))).message, message);
  }
  assert.match((await refusal(() => new LassoCV({ cv: 9 }).fit([[1], [2]], [1, 2]))).message, /too few for 9 folds/);
});

test("an aborted fit leaves the model as it was", async () => {
  const { X, y } = table(3000, 30);
  for (const model of [new LinearRegression(), new RidgeCV(), new LassoCV(), new Ridge()]) {
    await model.fit(X, y);
    const before = model.coef_;
    const controller = new AbortController();
    const promise = model.fit(X, y, { signal: controller.signal });
    controller.abort(new Error("enough"));
    try {
      await promise;
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).message, "enough");
    }
    assert.equal(model.coef_, before);
  }
});

test("columns in a random order lead to the same minimum, the same seed to the same bits", async () => {
  const { data, target } = await loadDiabetes();
  const fit = async (params: object): Promise<Float64Array> =>
    (await new Lasso({ alpha: 0.1, tol: 1e-12, maxIter: 100_000, ...params }).fit(data, target)).coef_;
  const expected = await fit({});
  const random = await fit({ selection: "random", randomState: 1 });
  assert.equal(random, await fit({ selection: "random", randomState: 1, nJobs: 1 }));
  random.forEach((c, j) => assert.ok(Math.abs(c - expected[j]!) < 1e-5));
  const orders = new Set<number>();
  for (const randomState of [1, 2, 3, 4, 5]) {
    const model = new Lasso({ alpha: 0.01, tol: 1e-12, maxIter: 100_000, selection: "random", randomState });
    orders.add((await model.fit(data, target)).nIter_);
  }
  assert.ok(orders.size > 1, "other seeds, other orders");
});

test.run();
