// Distances and similarities of rows: what does not depend on scikit-learn's numbers.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ChunkedMatrix, Matrix, withConfig } from "../../src/index.js";
import {
  cosineDistances,
  cosineSimilarity,
  euclideanDistances,
  manhattanDistances,
  pairwiseDistances,
  rbfKernel,
} from "../../src/metrics/index.js";

function table(rows: number, cols: number, offset = 0): Matrix<Float64Array> {
  return new Matrix(
    Float64Array.from({ length: rows * cols }, (_, i) => Math.sin(i * i + offset)),
    [rows, cols],
  );
}

test("the same bits for any chunks, threads and place in the table", async () => {
  const X = table(2100, 6);
  const Y = table(37, 6, 1);
  const expected = await withConfig({ nJobs: 1 }, () => rbfKernel(X, Y));
  const chunked = (await ChunkedMatrix.from(X)).rechunk(1024).rbfKernel(Y);
  assert.equal(chunked.shape, [2100, 37]);
  const found = await withConfig({ nJobs: 3 }, () => chunked.toMatrix());
  assert.equal(found.toArray(), expected.toArray());
  const one = await rbfKernel([Array.from(X.row(2050))], Y);
  assert.equal(one.toArray()[0], Array.from(expected.row(2050)));
});

test("equal rows are at distance 0 and near ones keep their digits, however far from the origin", async () => {
  const X = [
    [1e8, -3e8, 5],
    [1e8, -3e8, 5 + 1e-6],
  ];
  const distances = await euclideanDistances(X);
  assert.is(distances.at(0, 0), 0);
  assert.is(distances.at(1, 1), 0);
  assert.ok(Math.abs(distances.at(0, 1) - 1e-6) < 1e-14);
  const angle = 1e-9;
  const near = await cosineDistances([[1, 0]], [[Math.cos(angle), Math.sin(angle)]]);
  assert.ok(Math.abs(near.at(0, 0) / (angle ** 2 / 2) - 1) < 1e-6);
});

test("cosines: rows of zeros, rows whose squares overflow, orthogonal ones exactly", async () => {
  const X = [
    [0, 0],
    [1e200, 0],
    [0, 1e-200],
  ];
  assert.equal((await cosineSimilarity(X)).toArray(), [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  assert.equal((await cosineDistances(X)).toArray()[0], [1, 1, 1]);
});

test("float32 tables are compared in float64; X without rows gives no rows", async () => {
  const narrow = new Matrix(Float32Array.from([0.1, 0.2, 0.3, 0.4]), [2, 2]);
  const wide = Matrix.from(narrow.toArray());
  assert.equal((await manhattanDistances(narrow)).toArray(), (await manhattanDistances(wide)).toArray());
  assert.equal((await euclideanDistances(new Matrix(new Float64Array(0), [0, 2]), wide)).shape, [0, 2]);
});

test("pairwiseDistances takes the distance by name", async () => {
  const X = table(5, 3);
  for (const [metric, direct] of [
    ["euclidean", euclideanDistances],
    ["manhattan", manhattanDistances],
    ["cosine", cosineDistances],
  ] as const) {
    assert.equal((await pairwiseDistances(X, undefined, { metric })).toArray(), (await direct(X)).toArray());
  }
});

async function refusal(body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    return (error as Error).message;
  }
  return "not refused";
}

test("wrong shapes, values that are not finite and options that are none are refused in words", async () => {
  const X = table(4, 3);
  const chunked = await ChunkedMatrix.from(X);
  assert.match(await refusal(() => euclideanDistances(X, [[1, 2]])), /X has 3 columns, but Y has 2/);
  assert.match(await refusal(() => euclideanDistances(X, [])), /Y has 0 rows/);
  assert.match(await refusal(() => euclideanDistances(X, [[1, NaN, 2]])), /Y must be finite numbers, got NaN/);
  assert.match(await refusal(() => euclideanDistances([[1, Infinity]], [[1, 2]])), /row 0, column 1/);
  assert.match(await refusal(() => rbfKernel(X, X, { gamma: -1 })), /gamma must be a number of at least 0/);
  assert.match(await refusal(() => euclideanDistances(chunked)), /without Y, X must be a Matrix/);
  assert.match(await refusal(() => chunked.cosineSimilarity([[1]])), /ChunkedMatrix.cosineSimilarity: X has 3 columns/);
  const metric = "hamming" as "cosine";
  assert.match(await refusal(() => pairwiseDistances(X, X, { metric })), /metric must be one of euclidean/);
});

test.run();
