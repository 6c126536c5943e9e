import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  type HistGradientBoostingRegressorParams,
} from "../../src/index.js";

// A weight of k is k equal rows. Where gradients are exact in 16 bits the trees are the very same; elsewhere gradients are
// rounded up or down by row, so that a row and its copies differ by less than a unit. minSamplesLeaf counts rows, as
// scikit-learn does, so it is 1 here.

const FEW = [0, 1, 2, 3, 5, 8];
const rows = Array.from({ length: 200 }, (_, i) => i);
const pick = (i: number, j: number): number => FEW[(i * 7 + ((i * i) % 11) * j + 3 * j) % FEW.length] as number;
const X = rows.map((i) => [pick(i, 1), pick(i, 2), i % 13 === 0 ? NaN : pick(i, 3)]);
const weights = rows.map((i) => (i * 5) % 4);
const repeat = <T>(values: readonly T[]): T[] => values.flatMap((v, i) => Array<T>(weights[i] as number).fill(v));
/** Features of more distinct values than bins: the bins are quantiles. */
const fine = X.map((row, i) => row.map((x, j) => x + ((i * (j + 17)) % 101) / 128));

const y = X.map(([a = 0, b = 0], i) => Math.round(2 * a - b + ((i * 29) % 7)));

const EXACT: readonly Partial<HistGradientBoostingRegressorParams>[] = [
  { loss: "absoluteError" },
  { loss: "absoluteError", maxBins: 4, l2Regularization: 1, maxLeafNodes: 6 },
  { loss: "quantile", quantile: 0.25 },
  { loss: "absoluteError", monotonicCst: [1, 0, -1], minGainToSplit: 0.5 },
];

for (const params of EXACT) {
  for (const [name, table] of [
    ["few", X],
    ["many", fine],
  ] as const) {
    test(`${JSON.stringify(params)}, ${name} distinct values: whole weights give the trees of repeated rows, bit for bit`, async () => {
      const make = (): HistGradientBoostingRegressor =>
        new HistGradientBoostingRegressor({ maxIter: 12, minSamplesLeaf: 1, learningRate: 0.5, ...params });
      const weighted = await make().fit(table, y, { sampleWeight: weights });
      const repeated = await make().fit(repeat(table), repeat(y));
      assert.equal(await weighted.predict(table), await repeated.predict(table));
      const splits = (model: HistGradientBoostingRegressor): unknown[] =>
        Array.from({ length: 12 }, (_, tree) =>
          model.treeNodes(tree).map(({ feature, threshold, left, value }) => [feature, threshold, left, value]),
        );
      assert.equal(splits(weighted), splits(repeated));
    });
  }
}

test("the first tree of the log loss is exact where the classes weigh the same", async () => {
  // Gradients are ±1/2 times the weight, hessians 1/4 of it.
  const sorted = rows.toSorted((a, b) => (y[a] as number) - (y[b] as number));
  const half = new Set(sorted.slice(100));
  const labels = rows.map((i) => Number(half.has(i)));
  const make = (): HistGradientBoostingClassifier =>
    new HistGradientBoostingClassifier({ maxIter: 1, minSamplesLeaf: 1, learningRate: 1 });
  const weighted = await make().fit(X, labels, { sampleWeight: rows.map(() => 3) });
  const repeated = await make().fit([...X, ...X, ...X], [...labels, ...labels, ...labels]);
  assert.equal((await weighted.predictProba(X)).data, (await repeated.predictProba(X)).data);
});

test("other gradients are rounded by row: predictions agree within the rounding", async () => {
  const make = (): HistGradientBoostingRegressor =>
    new HistGradientBoostingRegressor({ maxIter: 30, minSamplesLeaf: 1 });
  const weighted = await (await make().fit(X, y, { sampleWeight: weights })).predict(X);
  const repeated = await (await make().fit(repeat(X), repeat(y))).predict(X);
  weighted.forEach((value, i) => assert.ok(Math.abs(value - (repeated[i] as number)) < 2e-2));
});

test("minSamplesLeaf counts rows, whatever they weigh, as scikit-learn's does", async () => {
  const params = { maxIter: 1, minSamplesLeaf: 60, loss: "absoluteError" } as const;
  const weighted = await new HistGradientBoostingRegressor(params).fit(X, y, { sampleWeight: X.map(() => 9) });
  const leaves = weighted.treeNodes(0).filter(({ feature }) => feature === undefined || feature < 0);
  assert.ok(leaves.length > 1);
  assert.ok(leaves.every(({ count }) => count >= 60 && count <= 140));
});

test.run();
