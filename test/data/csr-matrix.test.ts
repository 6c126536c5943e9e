import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  HistGradientBoostingClassifier,
  LinearSVC,
  LogisticRegression,
  Matrix,
  MultinomialNB,
  SGDClassifier,
  StandardScaler,
  type MatrixLike,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";

const dense = [
  [0, 5, 0, 1],
  [0, 0, 0, 0],
  [2, 0, 0, 0],
];
const csr = CsrMatrix.fromDense(dense);

test("a dense table becomes sparse and dense again", () => {
  assert.equal([...csr.indptr], [0, 2, 2, 3]);
  assert.equal([...csr.indices], [1, 3, 0]);
  assert.equal([...csr.data], [5, 1, 2]);
  assert.equal(csr.toDense().toArray(), dense);
  assert.is(csr.nnz, 3);
  assert.is(csr.at(0, 3), 1);
  assert.is(csr.at(1, 3), 0);
  assert.equal(csr.row(0), { indices: Int32Array.of(1, 3), values: Float64Array.of(5, 1) });
  assert.is(inspect(csr), "CsrMatrix 3 × 4 (3 entries, 25 %)");
  assert.equal(
    CsrMatrix.fromDense(new Matrix(Float64Array.of(0, 1, 2, 0), [2, 2], "column"))
      .toDense()
      .toArray(),
    [
      [0, 2],
      [1, 0],
    ],
  );
});

test("triplets come in any order; those of one place add up", () => {
  const made = CsrMatrix.fromTriplets([2, 0, 0, 0], [0, 3, 1, 3], [2, 0.25, 5, 0.75], [3, 4]);
  assert.equal(made.toDense().toArray(), dense);
  assert.is(made.nnz, 3);
  assert.is(CsrMatrix.fromTriplets([], [], [], [0, 0]).nnz, 0);
});

test("rows are sliced as arrays are", () => {
  assert.equal(csr.slice(1).toDense().toArray(), dense.slice(1));
  assert.equal(csr.slice(-1).toDense().toArray(), dense.slice(-1));
  assert.equal(csr.slice(0, -2).toDense().toArray(), dense.slice(0, -2));
  assert.equal(csr.slice(2, 1).shape, [0, 4]);
  assert.is(csr.slice(2).data.buffer, csr.data.buffer);
});

const make = (data: number[], indices: number[], indptr: number[], shape: [number, number]) => (): CsrMatrix =>
  new CsrMatrix(Float64Array.from(data), Int32Array.from(indices), Int32Array.from(indptr), shape);
const WRONG: [string, () => unknown, RegExp][] = [
  ["a column out of range", make([1], [4], [0, 1], [1, 4]), /row 0 has column 4, but there are 4 columns/],
  ["a negative column", make([1], [-1], [0, 1], [1, 4]), /row 0 has column -1/],
  ["columns out of order", make([1, 2], [2, 1], [0, 2], [1, 4]), /must ascend, got 1 after 2: fromTriplets/],
  ["a column twice", make([1, 2], [2, 2], [0, 2], [1, 4]), /must ascend, got 2 after 2/],
  ["pointers that go back", make([1, 2], [0, 1], [0, 2, 1, 2], [3, 4]), /must not go back, got 2, then 1, for row 1/],
  ["pointers that end early", make([1, 2], [0, 1], [0, 1], [1, 4]), /end with the number of entries, 2; got 0 and 1/],
  ["too few pointers", make([1], [0], [0, 1], [2, 4]), /rows \+ 1 = 3 places/],
  ["too few indices", make([1, 2], [0], [0, 2], [1, 4]), /as long as data \(2\)/],
  ["a shape of fractions", make([], [], [0], [0.5, 4]), /two non-negative integers/],
  ["an entry outside", () => CsrMatrix.fromTriplets([3], [0], [1], [3, 4]), /entry 0 at \[3, 0\] is outside of shape/],
  ["triplets of unequal length", () => CsrMatrix.fromTriplets([0, 1], [0], [1], [3, 4]), /differ in length/],
  ["a row beyond", () => csr.row(3), /row must be in 0 … 2, got 3/],
  ["a column beyond", () => csr.at(0, 4), /column must be in 0 … 3, got 4/],
];
for (const [what, call, message] of WRONG) {
  test(`${what} is refused`, async () => assert.match((await errorOf(call)).message, message));
}

/** Mostly zeros: 3000 rows, so that there is more than one chunk of the wide one. */
function problem(cols: number): { X: number[][]; y: number[] } {
  const next = random(4);
  const X = Array.from({ length: 3000 }, () =>
    Array.from({ length: cols }, () => (next() < 0.1 ? Math.floor(next() * 4) + 1 : 0)),
  );
  return { X, y: X.map((row) => ((row[0] as number) + (row[1] as number) > (row[2] as number) ? 1 : 0)) };
}

for (const cols of [5, 400]) {
  test(`every estimator learns and says of ${cols} sparse columns what it does of dense ones, bit for bit`, async () => {
    const { X, y } = problem(cols);
    const sparse = CsrMatrix.fromDense(X);
    const models = [
      () => new LogisticRegression({ maxIter: 5 }),
      () => new SGDClassifier({ randomState: 0, maxIter: 3, tol: null }),
      () => new MultinomialNB(),
      () => new LinearSVC({ tol: 0.1 }),
      ...(cols < 100 ? [() => new HistGradientBoostingClassifier({ maxIter: 3, randomState: 0 })] : []),
    ];
    process.removeAllListeners("warning");
    for (const model of models) {
      const [a, b] = [await model().fit(X, y), await model().fit(sparse, y)];
      assert.is(JSON.stringify(b), JSON.stringify(a));
      assert.equal(await a.predict(sparse as MatrixLike), await a.predict(X));
    }
    const scaler = await new StandardScaler({ withMean: false }).fit(sparse);
    assert.equal((await scaler.transform(sparse)).data, (await scaler.transform(X)).data);
  });
}

test("a sparse matrix whose memory may shrink is refused, one with NaN is refused by its place", async () => {
  const nan = CsrMatrix.fromTriplets([1], [2], [NaN], [4, 3]);
  const error = await errorOf(() => new LogisticRegression().fit(nan, [0, 1, 0, 1]));
  assert.match(error.message, /NaN in row 1, column 2/);
});

test.run();
