import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  CsrMatrix,
  LinearRegression,
  makePipeline,
  Matrix,
  PolynomialFeatures,
  withConfig,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const next = random(9);
const rows = Array.from({ length: 3000 }, () => [next(), next() - 0.5, next() * 3]);

test("products are the same for any chunks, sparse or dense, and no more are made than there is memory for", async () => {
  const model = await new PolynomialFeatures({ degree: 3 }).fit(rows);
  const Z = (await model.transform(rows)) as Matrix;
  const chunked = (await model.transform(await ChunkedMatrix.from(rechunked(Matrix.from(rows), 100)))) as Matrix;
  assert.equal(Array.from(chunked.data), Array.from(Z.data));
  const sparse = (await model.transform(CsrMatrix.fromDense(rows))) as CsrMatrix;
  assert.equal(Array.from(sparse.toDense().data), Array.from(Z.data));
  const error = await errorOf(() => withConfig({ memoryLimit: 100_000 }, () => model.transform(rows)));
  assert.is(error.code, "ERR_MEMORY_LIMIT");
});

test("a sparse table of many columns gives products of stored values only", async () => {
  const cols = 20_000; // 200 million products of degree 2: as a dense row 1.6 GB
  const X = CsrMatrix.fromTriplets([0, 0, 1], [5, 19_999, 7], [2, 3, -1], [2, cols]);
  const model = await new PolynomialFeatures({ interactionOnly: true, includeBias: false }).fit(X);
  const Z = (await model.transform(X)) as CsrMatrix;
  assert.is(Z.cols, cols + (cols * (cols - 1)) / 2);
  assert.equal(Array.from(Z.data), [2, 3, 6, -1]);
  const before = 5 * cols - (5 * 6) / 2; // pairs that begin with columns 0 … 4
  assert.equal(Array.from(Z.row(0).indices), [5, 19_999, cols + before + 19_999 - 6]);
});

test("a pipeline with it learns a polynomial", async () => {
  const y = rows.map(([a, b, c]) => 1 + (a as number) * (b as number) - (c as number) ** 2);
  const model = makePipeline(new PolynomialFeatures(), new LinearRegression());
  await model.fit(rows, y);
  assert.ok((await model.score(rows, y)) > 1 - 1e-12);
});

test("what cannot be says why", async () => {
  const none = await errorOf(() => new PolynomialFeatures({ degree: 0, includeBias: false }).fit(rows));
  assert.match(none.message, /gives no column at all/);
  const wrong = await errorOf(() => new PolynomialFeatures({ degree: [3, 2] }).fit(rows));
  assert.match(wrong.message, /degree must be a non-negative integer, or two of them \[least, most\], got/);
  const wide = new Matrix(new Float64Array(5000), [1, 5000]);
  const many = await errorOf(() => new PolynomialFeatures({ degree: 5 }).fit(wide));
  assert.match(many.message, /more than there can be/);
});

test.run();
