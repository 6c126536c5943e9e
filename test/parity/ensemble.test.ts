import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  Matrix,
  accuracyScore,
  loadBreastCancer,
  loadDiabetes,
  loadDigits,
  loadIris,
  loadWine,
  logLoss,
  r2Score,
} from "../../src/index.js";
import { BoostingForest } from "../../src/ensemble/boosting-predict.js";
import { addon } from "../../src/native/load.js";

interface TreeColumns {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly missingLeft: boolean[];
  readonly count: number[];
  readonly value: number[];
}

interface Parity {
  readonly sklearn: string;
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly trees: readonly {
    readonly params: {
      readonly min_samples_leaf: number;
      readonly max_leaf_nodes: number | null;
      readonly max_depth?: number;
      readonly max_bins?: number;
      readonly l2_regularization?: number;
    };
    readonly X: readonly (readonly (number | null)[])[];
    readonly y: readonly number[];
    readonly trees: readonly TreeColumns[];
  }[];
}

const parity = JSON.parse(readFileSync(new URL("ensemble.json", import.meta.url), "utf8")) as Parity;
const LOADERS = {
  iris: loadIris,
  breastCancer: loadBreastCancer,
  wine: loadWine,
  digits: loadDigits,
  diabetes: loadDiabetes,
} as const;

/** Three rows of four to train on, every fourth to test on. */
function halves(X: Matrix, y: ArrayLike<number>): [Matrix, number[], Matrix, number[]] {
  const pick = (isTest: boolean): [Matrix, number[]] => {
    const rows = Array.from({ length: X.rows }, (_, i) => i).filter((i) => (i % 4 === 0) === isTest);
    return [Matrix.from(rows.map((i) => Array.from(X.row(i)))), rows.map((i) => y[i] as number)];
  };
  return [...pick(false), ...pick(true)];
}

for (const [name, expected] of Object.entries(parity.scores)) {
  test(`on ${name} the test score is scikit-learn's`, async () => {
    const { data, target } = await LOADERS[name as keyof typeof LOADERS]();
    const [X, y, XTest, yTest] = halves(data, target as ArrayLike<number>);
    const params = { maxIter: 50, earlyStopping: false, randomState: 0 };
    if (expected["r2"] !== undefined) {
      const model = await new HistGradientBoostingRegressor(params).fit(X, y);
      const score = await r2Score(yTest, await model.predict(XTest));
      assert.ok(Math.abs(score - expected["r2"]) < 0.03, `R² ${score}, scikit-learn ${expected["r2"]}`);
      return;
    }
    const model = await new HistGradientBoostingClassifier(params).fit(X, y);
    const accuracy = await accuracyScore(yTest, await model.predict(XTest));
    const loss = await logLoss(yTest, await model.predictProba(XTest));
    const [theirAccuracy, theirLoss] = [expected["accuracy"] as number, expected["logLoss"] as number];
    assert.ok(Math.abs(accuracy - theirAccuracy) < 0.03, `accuracy ${accuracy}, scikit-learn ${theirAccuracy}`);
    assert.ok(Math.abs(loss - theirLoss) < 0.05, `log loss ${loss}, scikit-learn ${theirLoss}`);
  });
}

/** A tree as nested text, so that the numbering of nodes does not matter. */
function shape(tree: { [K in keyof TreeColumns]: ArrayLike<number | boolean> }, node = 0): string {
  const at = (column: keyof TreeColumns): number => Number(tree[column][node]);
  if (at("feature") < 0 || at("left") <= 0) return `leaf of ${at("count")}`;
  const threshold = Number.isFinite(at("threshold")) ? at("threshold") : 0;
  const split = `x${at("feature")} <= ${threshold}${at("missingLeft") ? " or missing" : ""}`;
  return `(${split} ? ${shape(tree, at("left"))} : ${shape(tree, at("right"))})`;
}

function leafValues(tree: { [K in keyof TreeColumns]: ArrayLike<number | boolean> }, node = 0): number[] {
  if (Number(tree.feature[node]) < 0) return [Number(tree.value[node])];
  return [Number(tree.left[node]), Number(tree.right[node])].flatMap((child) => leafValues(tree, child));
}

parity.trees.forEach(({ params, X, y, trees }) => {
  test(`with ${JSON.stringify(params)} the trees are scikit-learn's`, async () => {
    const rows = X.map((row) => row.map((value) => value ?? NaN));
    const model = await new HistGradientBoostingRegressor({
      maxIter: 4,
      learningRate: 0.5,
      earlyStopping: false,
      randomState: 0,
      minSamplesLeaf: params.min_samples_leaf,
      maxLeafNodes: params.max_leaf_nodes,
      maxDepth: params.max_depth ?? null,
      maxBins: params.max_bins ?? 255,
      l2Regularization: params.l2_regularization ?? 0,
    }).fit(rows, y);
    const { forest } = model.saveState() as unknown as { forest: Uint8Array };
    const { model: handle } = BoostingForest.fromBytes(forest, "squaredError");
    trees.forEach((expected, t) => {
      const ours = addon().boostingNodes(handle, t);
      assert.is(shape(ours), shape(expected), `tree ${t}`);
      const values = leafValues(ours);
      leafValues(expected).forEach((value, i) => {
        const tolerance = t === 0 ? 1e-6 : 1e-2; // the first tree's gradients are exact in both, later ones are rounded
        assert.ok(Math.abs((values[i] as number) - value) < tolerance, `tree ${t}: ${values[i]}, expected ${value}`);
      });
    });
  });
});

test.run();
