import { DecisionTreeRegression } from "ml-cart";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingRegressor, loadDiabetes } from "../../src/index.js";

// One tree at learning rate 1 is a regression tree. ml-cart grows them by another algorithm (every split of every column
// tried on raw values), written by other people: an oracle for ours where a column has fewer distinct values than bins.

const PARAMS = { maxIter: 1, learningRate: 1, minSamplesLeaf: 1, maxLeafNodes: null, earlyStopping: false } as const;

/** A table of few distinct values with a target that no two rows share. */
function table(rows: number, seed: number): { X: number[][]; y: number[] } {
  const noise = (i: number): number => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return x - Math.floor(x);
  };
  const X = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: 4 }, (_, j) => Math.floor(noise(4 * i + j) * (10 + 30 * j))),
  );
  const y = X.map(
    ([a = 0, b = 0, c = 0, d = 0], i) => 3 * a - 0.5 * b + (c > 35 ? 12 : 0) + 0.02 * d * a + noise(9999 + i),
  );
  return { X, y };
}

for (const depth of [1, 2, 3, 4]) {
  for (const seed of [1, 2, 3]) {
    test(`one boosted tree of depth ${depth} is ml-cart's regression tree (table ${seed})`, async () => {
      const { X, y } = table(160, seed);
      const oracle = new DecisionTreeRegression({ gainFunction: "regression", maxDepth: depth, minNumSamples: 1 });
      oracle.train(X, y);
      const ours = await new HistGradientBoostingRegressor({ ...PARAMS, maxDepth: depth }).fit(X, y);
      const theirs = oracle.predict(X);
      const predicted = await ours.predict(X);
      const worst = Math.max(...theirs.map((value, i) => Math.abs(value - (predicted[i] as number))));
      assert.ok(worst < 1e-2, `largest difference ${worst}`);
    });
  }
}

test("on the diabetes data a shallow tree predicts what ml-cart's does", async () => {
  const { data, target } = await loadDiabetes();
  const X = data.toArray();
  const oracle = new DecisionTreeRegression({ gainFunction: "regression", maxDepth: 2, minNumSamples: 1 });
  oracle.train(X, Array.from(target));
  const ours = await new HistGradientBoostingRegressor({ ...PARAMS, maxDepth: 2 }).fit(X, target);
  const predicted = await ours.predict(X);
  const worst = Math.max(...oracle.predict(X).map((value, i) => Math.abs(value - (predicted[i] as number))));
  assert.ok(worst < 0.5, `largest difference ${worst}`);
});

test.run();
