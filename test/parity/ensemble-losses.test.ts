import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingRegressor,
  loadDiabetes,
  type HistGradientBoostingRegressorParams,
} from "../../src/index.js";
import { BoostingForest } from "../../src/ensemble/boosting-predict.js";
import { addon } from "../../src/native/load.js";

interface Parity {
  readonly predictions: Readonly<Record<string, readonly number[]>>;
  readonly weightedAbsoluteError: readonly number[];
  readonly medianTrees: {
    readonly X: readonly (readonly (number | null)[])[];
    readonly y: readonly number[];
    readonly baseline: number;
    readonly trees: readonly Readonly<Record<ColumnName, readonly number[]>>[];
  };
}

const parity = JSON.parse(readFileSync(new URL("ensemble_losses.json", import.meta.url), "utf8")) as Parity;

type Params = Partial<HistGradientBoostingRegressorParams>;
type PointLoss = (prediction: number, y: number) => number;

const pinball =
  (q: number): PointLoss =>
  (p, y) =>
    y > p ? q * (y - p) : (1 - q) * (p - y);
const huber: PointLoss = (p, y) => (Math.abs(p - y) <= 20 ? (p - y) ** 2 / 2 : 20 * (Math.abs(p - y) - 10));
const fair: PointLoss = (p, y) => 30 * Math.abs(p - y) - 900 * Math.log(1 + Math.abs(p - y) / 30);
const entropy: PointLoss = (p, y) => -(y / 350) * Math.log(p / 350) - (1 - y / 350) * Math.log(1 - p / 350);

/** Our parameters, what is measured of the predictions, and the scale of y. */
const CASES: Readonly<Record<string, readonly [Params, PointLoss, number?]>> = {
  absoluteError: [{ loss: "absoluteError" }, (p, y) => Math.abs(p - y)],
  "quantile 0.2": [{ loss: "quantile", quantile: 0.2 }, pinball(0.2)],
  "quantile 0.9": [{ loss: "quantile", quantile: 0.9 }, pinball(0.9)],
  poisson: [{ loss: "poisson" }, (p, y) => p - y * Math.log(p)],
  gamma: [{ loss: "gamma" }, (p, y) => Math.log(p) + y / p],
  "huber 20": [{ loss: "huber", huberDelta: 20 }, huber],
  "fair 30": [{ loss: "fair", fairC: 30 }, fair],
  mape: [{ loss: "mape" }, (p, y) => Math.abs(p - y) / Math.max(1, y)],
  "tweedie 1.3": [{ loss: "tweedie", variancePower: 1.3 }, (p, y) => p ** 0.7 / 0.7 + (y * p ** -0.3) / 0.3],
  crossEntropy: [{ loss: "crossEntropy" }, entropy, 350],
};

const { data, target } = await loadDiabetes();
const rows = Array.from({ length: data.rows }, (_, i) => i);
const pick = (isTest: boolean): { X: number[][]; y: number[] } => {
  const chosen = rows.filter((i) => (i % 4 === 0) === isTest);
  return { X: chosen.map((i) => Array.from(data.row(i))), y: chosen.map((i) => Number(target[i])) };
};
const train = pick(false);
const held = pick(true);

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

for (const [name, [params, loss, scale = 1]] of Object.entries(CASES)) {
  test(`with loss ${name} the test loss is the peer's`, async () => {
    const model = new HistGradientBoostingRegressor({ maxIter: 50, earlyStopping: false, ...params });
    await model.fit(
      train.X,
      train.y.map((value) => value / scale),
    );
    const ours = Array.from(await model.predict(held.X), (value) => value * scale);
    const theirs = parity.predictions[name] as readonly number[];
    const [a, b] = [ours, theirs].map((p) => mean(p.map((value, i) => loss(value, held.y[i] as number))));
    const constant = mean(held.y.map((y) => loss(mean(train.y), y)));
    // Of what there is to gain over a constant, and both lose something to noise.
    assert.ok(Math.abs((a as number) - (b as number)) < 0.03 * Math.abs(constant), `${a}, the peer's ${b}`);
    const apart = mean(ours.map((value, i) => Math.abs(value - (theirs[i] as number))));
    assert.ok(apart < 11, `predictions are ${apart} apart, on a scale of 25 … 346`);
  });
}

test("Poisson predictions are scikit-learn's", async () => {
  const model = await new HistGradientBoostingRegressor({ loss: "poisson", maxIter: 50, earlyStopping: false }).fit(
    train.X,
    train.y,
  );
  const predicted = await model.predict(held.X);
  (parity.predictions["poisson"] as readonly number[]).forEach((theirs, i) => {
    assert.ok(Math.abs((predicted[i] as number) - theirs) < 0.02 * theirs, `row ${i}: ${predicted[i]}, ${theirs}`);
  });
});

test("weights count in medians as they do in scikit-learn's", async () => {
  const model = await new HistGradientBoostingRegressor({
    loss: "absoluteError",
    maxIter: 50,
    earlyStopping: false,
  }).fit(train.X, train.y, { sampleWeight: train.y.map((_, i) => i % 4) });
  const ours = await model.predict(held.X);
  const error = (p: ArrayLike<number>): number => mean(Array.from(p, (v, i) => Math.abs(v - (held.y[i] as number))));
  assert.ok(Math.abs(error(ours) - error(parity.weightedAbsoluteError)) < 2);
});

test("trees of medians are scikit-learn's, to the last bit", async () => {
  const { X, y, baseline, trees } = parity.medianTrees;
  const params = { maxIter: 4, learningRate: 0.5, earlyStopping: false, minSamplesLeaf: 5, maxLeafNodes: 8 } as const;
  const model = await new HistGradientBoostingRegressor({ ...params, loss: "absoluteError" }).fit(
    X.map((row) => row.map((value) => value ?? NaN)),
    y,
  );
  const { forest } = model.saveState() as unknown as { forest: Uint8Array };
  const { model: handle, info } = BoostingForest.fromBytes(forest, "absoluteError");
  assert.is(info.baseline[0], baseline);
  trees.forEach((expected, t) => assert.equal(leaves(addon().boostingNodes(handle, t)), leaves(expected), `tree ${t}`));
});

type ColumnName = "left" | "right" | "feature" | "value" | "count";
type Columns = Readonly<Record<ColumnName, ArrayLike<number>>>;

/** Value and rows of the leaves, from left to right. */
function leaves(tree: Columns, node = 0): [number, number][] {
  const left = tree.left[node] as number;
  if ((tree.feature[node] as number) < 0) return [[tree.value[node] as number, tree.count[node] as number]];
  return [left, tree.right[node] as number].flatMap((child) => leaves(tree, child));
}

test.run();
