import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingRegressor, Matrix } from "../../src/index.js";
import { BoostingForest } from "../../src/ensemble/boosting-predict.js";
import { addon } from "../../src/native/load.js";

// With a bin a value, one boosted tree at learning rate 1 is scikit-learn's DecisionTreeRegressor, which tries every cut.

interface Tree {
  readonly params: { max_leaf_nodes?: number; max_depth?: number; min_samples_leaf: number };
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly count: readonly number[];
  readonly value: readonly number[];
}
interface Parity {
  readonly rows: number;
  readonly checksum: number;
  readonly y: readonly number[];
  readonly trees: readonly Tree[];
}
const parity = JSON.parse(readFileSync(new URL("./ensemble_bins.json", import.meta.url), "utf8")) as Parity;

const COLUMNS = [
  [7919, 13, 4099],
  [104_729, 7, 8209],
  [1_299_709, 3, 16_411],
] as const;
const X = Array.from({ length: parity.rows }, (_, i) => COLUMNS.map(([a, b, m]) => ((i * a + b) % m) / 64));
const y = Float64Array.from(parity.y);

test("the table is the one that scikit-learn saw", () => {
  const sum = X.flat().reduce((a, b) => a + b);
  assert.is(sum, parity.checksum);
});

for (const expected of parity.trees) {
  const { params } = expected;
  test(`with ${JSON.stringify(params)} and a bin a value a tree is scikit-learn's decision tree`, async () => {
    const model = await new HistGradientBoostingRegressor({
      maxIter: 1,
      learningRate: 1,
      earlyStopping: false,
      maxBins: 65_535,
      minSamplesLeaf: params.min_samples_leaf,
      maxLeafNodes: params.max_leaf_nodes ?? null,
      maxDepth: params.max_depth ?? null,
    }).fit(Matrix.from(X), y);
    const { forest } = model.saveState() as unknown as { forest: Uint8Array };
    const { model: handle } = BoostingForest.fromBytes(forest, "squaredError");
    const ours = addon().boostingNodes(handle, 0);
    const baseline = addon().boostingModel(handle).baseline[0] as number;
    /** Both trees side by side: the same features and rows, thresholds between the same two values of the column. */
    const compare = (a: number, b: number): void => {
      const feature = expected.feature[b] as number;
      assert.is(ours.feature[a], feature);
      assert.is(ours.count[a], expected.count[b]);
      if (feature < 0) {
        assert.ok(Math.abs((ours.value[a] as number) + baseline - (expected.value[b] as number)) < 1e-6);
        return;
      }
      const [low, high] = [ours.threshold[a] as number, expected.threshold[b] as number].sort((s, t) => s - t) as [
        number,
        number,
      ];
      const rows = X.filter((row) => reaches(row, b));
      const between = rows.filter((row) => (row[feature] as number) > low && (row[feature] as number) <= high);
      assert.is(between.length, 0);
      compare(ours.left[a] as number, expected.left[b] as number);
      compare(ours.right[a] as number, expected.right[b] as number);
    };
    const reaches = (row: readonly number[], node: number): boolean => {
      let at = 0;
      while (at !== node && (expected.feature[at] as number) >= 0) {
        const left = (row[expected.feature[at] as number] as number) <= (expected.threshold[at] as number);
        at = (left ? expected.left : expected.right)[at] as number;
      }
      return at === node;
    };
    compare(0, 0);
    assert.is(ours.feature.length, expected.feature.length);
  });
}

test.run();
