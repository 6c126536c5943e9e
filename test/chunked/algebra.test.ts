// Linear algebra of a ChunkedMatrix: the same numbers as of a Matrix, chunk by chunk.
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  corr,
  cov,
  gram,
  lstsq,
  Matrix,
  matmul,
  qr,
  svd,
  svdRandomized,
  withConfig,
} from "../../src/index.js";
import { bits, tables } from "./tables.js";

const X = await ChunkedMatrix.from(tables.X);
const Y = await ChunkedMatrix.from(tables.Y);
const B = new Matrix(
  Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
  [4, 3],
);

test("matmul is a lazy matrix: the numbers of treeline/linalg, and part of expressions", async () => {
  const expected = (await matmul(tables.X, B)).toArray();
  const product = X.rechunk(1000).matmul(B);
  assert.equal(product.shape, [2500, 3]);
  assert.equal((await product.toMatrix()).toArray(), expected);
  const shifted = await product.slice(7).add(1).select(2).toMatrix();
  assert.equal(
    shifted.toArray().flat(),
    expected.slice(7).map((row) => (row[2] as number) + 1),
  );
  assert.throws(() => X.matmul([[1]]), /2500 × 4 and 1 × 1/);
});

test("gram, cov, corr, qr, svd and lstsq are those of the Matrix, whatever the chunks and where they are kept", async () => {
  const kept = await withConfig({ memoryLimit: 1 }, () => X.rechunk(1024).persist());
  const target = tables.Y;
  for (const matrix of [X, kept, X.multiply(1)]) {
    assert.is(bits((await matrix.gram()).data), bits((await gram(tables.X)).data));
    assert.is(bits((await matrix.cov()).data), bits((await cov(tables.X)).data));
    assert.is(bits((await matrix.corr()).data), bits((await corr(tables.X)).data));
    assert.is(bits((await matrix.qr({ mode: "r" })).R.data), bits((await qr(tables.X, { mode: "r" })).R.data));
    assert.is(bits((await matrix.svd({ computeU: false })).S), bits((await svd(tables.X, { computeU: false })).S));
    const options = { computeU: false, randomState: 0 };
    assert.is(bits((await matrix.svdRandomized(2, options)).S), bits((await svdRandomized(tables.X, 2, options)).S));
    assert.is(bits((await matrix.lstsq(target)).x.data), bits((await lstsq(tables.X, target)).x.data));
  }
});

test("transposeMatmul is the product of the transposed matrix with another", async () => {
  const product = await X.transposeMatmul(Y.select(0, 2));
  assert.equal(product.shape, [4, 2]);
  for (let i = 0; i < 4; i++) {
    for (const [k, j] of [
      [0, 0],
      [1, 2],
    ] as const) {
      const sum = Array.from(tables.X.column(i)).reduce((all, x, row) => all + x * tables.Y.at(row, j), 0);
      assert.ok(Math.abs(product.at(i, k) - sum) <= 1e-9 * Math.abs(sum) + 1e-9);
    }
  }
});

test.run();
