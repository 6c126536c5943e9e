import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  corr,
  cov,
  eigh,
  gram,
  lstsq,
  Matrix,
  matmul,
  qr,
  solve,
  svd,
  svdRandomized,
  withConfig,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

function table(rows: number, cols: number, seed = 1, offset = 0): Matrix<Float64Array> {
  const next = random(seed);
  return new Matrix(
    Float64Array.from({ length: rows * cols }, () => next() - 0.5 + offset),
    [rows, cols],
  );
}

/** a b, naively. */
function times(a: Matrix, b: Matrix): Matrix<Float64Array> {
  const data = Float64Array.from({ length: a.rows * b.cols }, (_, at) => {
    const [i, j] = [Math.floor(at / b.cols), at % b.cols];
    return Array.from(a.row(i)).reduce((sum, x, k) => sum + x * b.at(k, j), 0);
  });
  return new Matrix(data, [a.rows, b.cols]);
}

function turned(a: Matrix): Matrix {
  return new Matrix(a.order === "row" ? a.data : Matrix.from(a.toArray()).data, [a.cols, a.rows], "column");
}

function identity(n: number): Matrix<Float64Array> {
  return new Matrix(
    Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0)),
    [n, n],
  );
}

function near(a: Matrix, b: Matrix, tolerance: number): void {
  assert.equal(a.shape, b.shape);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) {
      assert.ok(Math.abs(a.at(i, j) - b.at(i, j)) <= tolerance, `${i}, ${j}: ${a.at(i, j)}, ${b.at(i, j)}`);
    }
  }
}

test("matmul in float32: its naive twin, any order and precision of X and B, the same bits for any threads", async () => {
  const [X, B] = [table(301, 40), table(40, 7, 2)];
  const narrow = new Matrix(Float32Array.from(X.data), X.shape);
  const product = await matmul(X, B, { dtype: "float32" });
  assert.instance(product.data, Float32Array);
  near(product, times(X, B), 1e-5);
  for (const same of [narrow, turned(turned(X)), Matrix.from(X.toArray())]) {
    const again = await withConfig({ nJobs: 3 }, () => matmul(same, B.toArray(), { dtype: "float32" }));
    assert.equal(again.data, product.data);
  }
  const infinite = await matmul(Matrix.from([[Infinity, 1]]), [[1], [1]], { dtype: "float32" });
  assert.equal(infinite.toArray(), [[Infinity]]);
  assert.equal(
    (await matmul(new Matrix(new Float32Array(0), [0, 3]), table(3, 2), { dtype: "float32" })).shape,
    [0, 2],
  );
  const wrong = await errorOf(() => matmul(X, [[1]], { dtype: "float32" }));
  assert.match(wrong.message, /X has 40 columns, but B has 1 rows/);
  const rows = X.toArray() as unknown as Matrix;
  assert.match((await errorOf(() => matmul(rows, B, { dtype: "float32" }))).message, /X must be a Matrix for dtype/);
});

test("matmul, gram, cov and corr are their naive twins", async () => {
  const X = table(1500, 6);
  const B = table(6, 4, 2);
  near(await matmul(X, B), times(X, B), 1e-14);
  near(await matmul(X, B.toArray()), times(X, B), 1e-14);
  near(await gram(X), times(turned(X), X), 1e-11);
  const shifted = new Matrix(
    X.data.map((x, at) => x + 1e6 * (at % 6)),
    X.shape,
  );
  const covariance = await cov(X);
  near(await cov(shifted), covariance, 1e-9);
  const mean = Array.from({ length: 6 }, (_, j) => X.column(j).reduce((sum, x) => sum + x, 0) / 1500);
  const centred = new Matrix(
    X.data.map((x, at) => x - (mean[at % 6] as number)),
    X.shape,
  );
  near(
    covariance,
    new Matrix(
      times(turned(centred), centred).data.map((x) => x / 1499),
      [6, 6],
    ),
    1e-14,
  );
  near(
    await cov(X, { ddof: 0 }),
    new Matrix(
      covariance.data.map((x) => (x * 1499) / 1500),
      [6, 6],
    ),
    1e-15,
  );
  const correlation = await corr(X);
  assert.ok(
    Math.abs(correlation.at(1, 2) - covariance.at(1, 2) / Math.sqrt(covariance.at(1, 1) * covariance.at(2, 2))) < 1e-14,
  );
  assert.is(correlation.at(3, 3), 1);
  const flat = await corr([
    [1, 2],
    [1, 3],
  ]);
  assert.ok(Number.isNaN(flat.at(0, 1)) && flat.at(1, 1) === 1);
});

test("qr: Q is orthonormal however nearly columns depend, Q R is X", async () => {
  for (const closeness of [1, 1e-7, 1e-12]) {
    const X = table(2100, 5);
    for (let i = 0; i < 2100; i++) X.data[i * 5 + 4] = X.at(i, 0) + closeness * X.at(i, 4);
    const { Q, R } = await qr(X);
    near(times(turned(Q as Matrix), Q as Matrix), identity(5), 1e-13);
    near(times(Q as Matrix, R), X, 1e-13);
    for (let i = 0; i < 5; i++) for (let j = 0; j < i; j++) assert.is(R.at(i, j), 0);
    assert.is((await qr(X, { mode: "r" })).Q, undefined);
  }
  const twice = table(20, 2)
    .toArray()
    .map(([a, b]) => [a, b, a] as number[]);
  assert.match((await errorOf(() => qr(twice))).message, /column 2 of X depends on those before it/);
  assert.equal((await qr([[3, 4, 5]], { mode: "r" })).R.shape, [1, 3]);
});

test("svd: U, S and Vt rebuild tall, wide and rank-deficient tables; U and V are orthonormal", async () => {
  for (const [rows, cols] of [
    [1300, 7],
    [5, 9],
    [8, 8],
  ] as const) {
    const X = table(rows, cols);
    const { U, S, Vt } = await svd(X);
    const k = Math.min(rows, cols);
    assert.is(S.length, k);
    near(times(turned(U as Matrix), U as Matrix), identity(k), 1e-12);
    near(times(Vt, turned(Vt)), identity(k), 1e-13);
    const scaled = new Matrix(
      (U as Matrix).data.map((u, at) => u * (S[at % k] as number)),
      [rows, k],
    );
    near(times(scaled, Vt), X, 1e-12);
  }
  const low = times(table(50, 2), table(2, 6, 3));
  const { U, S } = await svd(low);
  assert.equal((U as Matrix).shape, [50, 2]);
  assert.ok((S[2] as number) < 1e-13);
  assert.equal(
    (
      await svd([
        [0, 0],
        [0, 0],
      ])
    ).U?.shape,
    [2, 0],
  );
});

test("svdRandomized finds the leading part of svd", async () => {
  const X = times(
    table(900, 12),
    new Matrix(
      Float64Array.from({ length: 144 }, (_, at) => (at % 13 === 0 ? 2 ** -(at / 13) : 0)),
      [12, 12],
    ),
  );
  const exact = await svd(X, { computeU: false });
  const { U, S, Vt } = await svdRandomized(X, 4, { randomState: 0, nOversamples: 4 });
  S.forEach((s, i) => assert.ok(Math.abs(s / (exact.S[i] as number) - 1) < 1e-10));
  near(Vt, new Matrix(exact.Vt.data.slice(0, 48), [4, 12]), 1e-8);
  near(times(turned(U as Matrix), U as Matrix), identity(4), 1e-12);
  assert.match((await errorOf(() => svdRandomized(X, 13))).message, /integer in 1 … 12, got 13/);
});

test("eigh: ascending values, vectors as columns; the lower triangle is ignored", async () => {
  const half = table(30, 9);
  const A = times(turned(half), half);
  const garbled = new Matrix(
    A.data.map((a, at) => (Math.floor(at / 9) > at % 9 ? 99 : a)),
    [9, 9],
  );
  const { values, vectors } = await eigh(garbled);
  assert.equal(
    Array.from(values),
    Array.from(values).sort((a, b) => a - b),
  );
  near(times(turned(vectors), vectors), identity(9), 1e-13);
  near(
    times(A, vectors),
    new Matrix(
      vectors.data.map((v, at) => v * (values[at % 9] as number)),
      [9, 9],
    ),
    1e-12,
  );
});

test("lstsq and solve: exact, shortest where columns depend, refused where singular", async () => {
  const X = table(3000, 4, 4, 2);
  const x = table(4, 2, 5);
  const solved = await lstsq(X, times(X, x));
  near(solved.x, x, 1e-12);
  assert.is(solved.rank, 4);
  const twin = await lstsq(
    [
      [1, 1],
      [2, 2],
      [3, 3],
    ],
    [[2], [4], [6]],
  );
  near(twin.x, new Matrix(new Float64Array([1, 1]), [2, 1]), 1e-14);
  assert.is(twin.rank, 1);
  near((await lstsq([[3, 4]], [[5]])).x, new Matrix(new Float64Array([0.6, 0.8]), [2, 1]), 1e-14);
  const A = table(6, 6, 6);
  near(await solve(A, times(A, identity(6))), identity(6), 1e-11);
  assert.match(
    (
      await errorOf(() =>
        solve(
          [
            [1, 1],
            [1, 1],
          ],
          [[1], [1]],
        ),
      )
    ).message,
    /a is singular \(rank 1 of 2\)/,
  );
  assert.match((await errorOf(() => solve([[1, 1]], [[1]]))).message, /a must be square, got 1 × 2/);
  assert.match((await errorOf(() => lstsq([[1], [2]], [[1]]))).message, /more rows than Y, which has 1/);
  assert.match((await errorOf(() => lstsq([[1]], [[1], [2]]))).message, /X has 1 rows, but Y has 2/);
});

test("the same bits for any chunks and threads", async () => {
  const X = table(2600, 5);
  const Y = table(2600, 1, 9);
  const all = async (source: Matrix | ReturnType<typeof rechunked>): Promise<string> =>
    JSON.stringify([
      await gram(source),
      await cov(source),
      await qr(source),
      await svd(source),
      await lstsq(source, Y),
    ]);
  const expected = await all(X);
  for (const size of [13, 1500]) {
    for (const nJobs of [1, 3]) assert.is(await withConfig({ nJobs }, () => all(rechunked(X, size))), expected);
  }
});

test("shapes that do not fit, NaN and empty tables are refused in words", async () => {
  assert.match((await errorOf(() => matmul([[1, 2]], [[1]]))).message, /X has 2 columns, but B has 1 rows/);
  assert.match((await errorOf(() => gram([[1, NaN]]))).message, /gram: X contains NaN in row 0, column 1/);
  assert.match((await errorOf(() => svd([]))).message, /svd: X has 0 features/);
  assert.match((await errorOf(() => qr(new Matrix(new Float64Array(0), [0, 2])))).message, /qr: X has 0 rows/);
  assert.match(
    (await errorOf(() => matmul([[1]], [[Infinity]]))).message,
    /matmul: B must be finite numbers, got Infinity/,
  );
});

test.run();
