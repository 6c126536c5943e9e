import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  loadDiabetes,
  logLoss,
} from "../../src/index.js";
import {
  checkTree,
  ours,
  treesOf,
  withNaN,
  type Params,
  type Rows,
  type TreeColumns,
} from "../fixtures/sklearn-trees.js";

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
