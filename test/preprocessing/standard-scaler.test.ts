import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, StandardScaler, fromBuffer, withConfig } from "../../src/index.js";

const rows = [
  [1, 10, 5],
  [2, NaN, 5],
  [4, 30, 5],
];

test("learns mean and standard deviation, leaving NaN out, as scikit-learn does", async () => {
  const scaler = await new StandardScaler().fit(rows);
  assert.equal(Array.from(scaler.mean_), [7 / 3, 20, 5]);
  assert.ok(Math.abs((scaler.var_[0] as number) - 14 / 9) < 1e-15);
  assert.equal(Array.from(scaler.scale_.subarray(1)), [10, 1]);
});

test("transforms to zero mean and unit variance; constant columns become 0 and NaN stays NaN", async () => {
  const Z = await new StandardScaler().fitTransform(rows);
  assert.equal(Z.shape, [3, 3]);
  assert.equal(Array.from(Z.column(2)), [0, 0, 0]);
  assert.ok(Number.isNaN(Z.at(1, 1)));
});

test("gives the same bits for any number of threads", async () => {
  const X = new Matrix(
    Float64Array.from({ length: 70_001 * 3 }, (_, i) => Math.sin(i) * 1e3),
    [70_001, 3],
  );
  const results = await Promise.all(
    [1, 2, 3, 4].map((nJobs) => withConfig({ nJobs }, async () => (await new StandardScaler().fit(X)).var_)),
  );
  for (const variance of results) assert.equal(variance, results[0]);
});

test("comes back from its bytes with the same transform", async () => {
  const scaler = await new StandardScaler({ withMean: false }).fit(rows);
  const copy = fromBuffer<StandardScaler>(scaler.toBuffer());
  assert.equal(copy.getParams(), scaler.getParams());
  const [before, after] = [await scaler.transform(rows), await copy.transform(rows)];
  assert.ok(before.data.every((value, i) => Object.is(value, after.data[i])));
});

test.run();
