import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  loadDiabetes,
  logLoss,
} from "../../src/index.js";
import { BoostingForest } from "../../src/ensemble/boosting-predict.js";
import type { HistGradientBoostingRegressorParams } from "../../src/index.js";
import { addon } from "../../src/native/load.js";

/** scikit-learn's nodes. */
interface TreeColumns {
  readonly feature: number[];
  readonly threshold: number[];
  readonly left: number[];
  readonly right: number[];
  readonly missingLeft: boolean[];
  readonly count: number[];
  readonly value: number[];
  /** The categories that go left. */
  readonly categories: (number[] | null)[];
}

interface Params {
  readonly categorical_features?: number[];
  readonly monotonic_cst?: number[];
  readonly interaction_cst?: "pairwise" | "no_interactions" | number[][];
  readonly min_samples_leaf?: number;
  readonly max_depth?: number;
  readonly l2_regularization?: number;
}

type Rows = readonly (readonly (number | null)[])[];

interface Parity {
  readonly trees: readonly {
    readonly params: Params;
    readonly X: Rows;
    readonly y: number[];
    readonly trees: readonly TreeColumns[];
  }[];
  readonly diabetes: { readonly monotonic: number[]; readonly y: number[]; readonly tree: TreeColumns };
  readonly classes: {
    readonly X: Rows;
    readonly labels: number[];
    readonly results: readonly { readonly params: Params; readonly logLoss: number }[];
  };
}

const parity = JSON.parse(readFileSync(new URL("ensemble_splits.json", import.meta.url), "utf8")) as Parity;

function ours(params: Params): Partial<HistGradientBoostingRegressorParams> {
  const { interaction_cst: interactions } = params;
  return {
    categoricalFeatures: params.categorical_features ?? null,
    monotonicCst: params.monotonic_cst ?? null,
    interactionCst: interactions === "no_interactions" ? "noInteractions" : (interactions ?? null),
    minSamplesLeaf: params.min_samples_leaf ?? 20,
    maxDepth: params.max_depth ?? null,
    l2Regularization: params.l2_regularization ?? 0,
    earlyStopping: false,
    randomState: 0,
  };
}

const withNaN = (X: Rows): number[][] => X.map((row) => row.map((value) => value ?? NaN));

/** Our trees in scikit-learn's columns. */
function treesOf(model: HistGradientBoostingRegressor): TreeColumns[] {
  const { forest } = model.saveState() as unknown as { forest: Uint8Array };
  const { model: handle, info } = BoostingForest.fromBytes(forest, "squaredError");
  return Array.from({ length: info.nIterations }, (_, t) => {
    const nodes = addon().boostingNodes(handle, t);
    const categories = Array.from(nodes.set, (set, i) => {
      if (set < 0) return null;
      const codes = Array.from(info.categories[nodes.feature[i] as number] as Float64Array);
      return codes.filter((_, bin) => (((nodes.sets[32 * set + (bin >> 3)] as number) >> (bin & 7)) & 1) === 1);
    });
    return {
      feature: Array.from(nodes.feature),
      threshold: Array.from(nodes.threshold),
      left: Array.from(nodes.left),
      right: Array.from(nodes.right),
      missingLeft: Array.from(nodes.missingLeft, Boolean),
      count: Array.from(nodes.count),
      value: Array.from(nodes.value),
      categories,
    };
  });
}

/** A tree as nested text, so that the numbering of nodes does not matter. */
function shape(tree: TreeColumns, node = 0): string {
  const feature = tree.feature[node] as number;
  if (feature < 0) return `leaf of ${tree.count[node]}`;
  const categories = tree.categories[node];
  const threshold = Number.isFinite(tree.threshold[node]) ? tree.threshold[node] : 0;
  const test = categories ? `in {${categories.join(" ")}}` : `<= ${threshold}`;
  const missing = tree.missingLeft[node] ? " or missing" : "";
  const [left, right] = [tree.left[node] as number, tree.right[node] as number];
  return `(x${feature} ${test}${missing} ? ${shape(tree, left)} : ${shape(tree, right)})`;
}

function leafValues(tree: TreeColumns, node = 0): number[] {
  if ((tree.feature[node] as number) < 0) return [tree.value[node] as number];
  return [tree.left[node] as number, tree.right[node] as number].flatMap((child) => leafValues(tree, child));
}

function checkTree(found: TreeColumns, expected: TreeColumns, tolerance: number, what: string): void {
  assert.is(shape(found), shape(expected), what);
  const values = leafValues(found);
  leafValues(expected).forEach((value, i) => {
    const difference = Math.abs((values[i] as number) - value);
    assert.ok(difference <= tolerance, `${what}: ${values[i]}, expected ${value}`);
  });
}

for (const { params, X, y, trees } of parity.trees) {
  test(`with ${JSON.stringify(params)} the trees are scikit-learn's`, async () => {
    const model = await new HistGradientBoostingRegressor({
      ...ours(params),
      maxIter: 3,
      learningRate: 0.5,
      maxLeafNodes: 15,
    }).fit(withNaN(X), y);
    const found = treesOf(model);
    trees.forEach((expected, t) => {
      const tolerance = t === 0 ? 1e-5 : 0.05; // the first tree's gradients are exact in both, later ones are rounded
      checkTree(found[t] as TreeColumns, expected, tolerance, `tree ${t}`);
    });
  });
}

test("on the diabetes data, with sex as categories and rising features, the tree is scikit-learn's", async () => {
  const { data } = await loadDiabetes();
  const order = [1, 0, 2, 3, 4, 5, 6, 7, 8, 9];
  const X = data.toArray().map((row) => order.map((j) => row[j] as number));
  const codes = [...new Set(X.map((row) => row[0] as number))].sort((a, b) => a - b);
  X.forEach((row) => (row[0] = codes.indexOf(row[0] as number)));
  const { monotonic, y, tree } = parity.diabetes;
  const model = await new HistGradientBoostingRegressor({
    maxIter: 1,
    learningRate: 1,
    earlyStopping: false,
    categoricalFeatures: [0],
    monotonicCst: monotonic,
  }).fit(X, y);
  // Our features are scaled, so thresholds differ: the same rows must be on the same sides.
  const [found] = treesOf(model) as [TreeColumns];
  const blind = ({ threshold, ...rest }: TreeColumns): TreeColumns => ({ ...rest, threshold: threshold.map(() => 0) });
  checkTree(blind(found), blind(tree), 1e-4, "tree");
});

for (const { params, logLoss: theirs } of parity.classes.results) {
  test(`with ${JSON.stringify(params)} a classifier scores as scikit-learn's`, async () => {
    const X = withNaN(parity.classes.X);
    const { labels } = parity.classes;
    const half = <T>(list: readonly T[], odd: number): T[] => list.filter((_, i) => i % 2 === odd);
    const { loss, ...rest } = { ...ours(params), loss: "logLoss" as const };
    const model = await new HistGradientBoostingClassifier({ ...rest, loss, maxIter: 40 }).fit(
      half(X, 0),
      half(labels, 0),
    );
    const score = await logLoss(half(labels, 1), await model.predictProba(half(X, 1)));
    assert.ok(Math.abs(score - theirs) < 0.02, `log loss ${score}, scikit-learn ${theirs}`);
  });
}

test.run();
