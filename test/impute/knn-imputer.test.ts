import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromBuffer, KNNImputer, withConfig } from "../../src/index.js";

test("donors are the nearest rows that have the value; of equally near ones the first", async () => {
  const X = [
    [0, 10],
    [1, NaN],
    [2, 20],
    [9, 90],
    [NaN, 90],
  ];
  const one = await new KNNImputer({ nNeighbors: 1 }).fitTransform(X);
  assert.equal(one.toArray(), [
    [0, 10],
    [1, 10],
    [2, 20],
    [9, 90],
    [9, 90],
  ]);
  const two = await new KNNImputer({ nNeighbors: 2 }).fitTransform(X);
  assert.is(two.at(1, 1), 15);
});

test("rows that share no column are no donors: the mean stands; columns of no value are dropped or 0", async () => {
  const X = [
    [1, NaN, NaN],
    [NaN, 4, NaN],
    [NaN, 8, NaN],
  ];
  assert.equal((await new KNNImputer().fitTransform(X)).toArray(), [
    [1, 6],
    [1, 4],
    [1, 8],
  ]);
  const kept = await new KNNImputer({ keepEmptyFeatures: true, addIndicator: true }).fitTransform(X);
  assert.equal(kept.toArray(), [
    [1, 6, 0, 0, 1, 1],
    [1, 4, 0, 1, 0, 1],
    [1, 8, 0, 1, 0, 1],
  ]);
});

test("another value may stand for a missing one; names; saved with its rows", async () => {
  const X = [
    [1, 5],
    [2, -1],
    [8, 9],
  ];
  const imputer = await new KNNImputer({ missingValues: -1, nNeighbors: 1, addIndicator: true }).fit(X);
  assert.equal((await imputer.transform([[7, -1]])).toArray(), [[7, 9, 1]]);
  assert.equal(imputer.getFeatureNamesOut(), ["x0", "x1", "missingindicator_x1"]);
  const loaded = fromBuffer(imputer.toBuffer()) as KNNImputer;
  assert.equal((await loaded.transform([[1, -1]])).toArray(), [[1, 5, 1]]);
});

test("infinite values and too many rows are refused", async () => {
  const code = async (work: () => Promise<unknown>): Promise<unknown> =>
    work().then(
      () => "none",
      (error: unknown) => (error as { code: unknown }).code,
    );
  assert.is(await code(() => new KNNImputer().fit([[1], [Infinity]])), "ERR_INVALID_DATA");
  const imputer = await new KNNImputer().fit([[1], [2]]);
  assert.is(await code(() => imputer.transform([[-Infinity]])), "ERR_INVALID_DATA");
  const many = Array.from({ length: 500 }, () => [1, 2]);
  assert.is(
    await code(() => withConfig({ memoryLimit: 10_000 }, () => new KNNImputer().fit(many))),
    "ERR_MEMORY_LIMIT",
  );
});

test.run();
