import { readFileSync } from "node:fs";
import { test } from "uvu";
import { HistGradientBoostingClassifier, HistGradientBoostingRegressor } from "../../src/index.js";
import {
  checkTree,
  ours,
  treesOf,
  withNaN,
  type Params,
  type Rows,
  type TreeColumns,
} from "../fixtures/sklearn-trees.js";

// scikit-learn's first trees where gradients and hessians are exact: made by make_first_trees.py.

interface Case {
  readonly params: Params;
  readonly X: Rows;
  readonly y: number[];
  readonly weights?: number[];
  readonly trees: readonly TreeColumns[];
}

const parity = JSON.parse(readFileSync(new URL("first_trees.json", import.meta.url), "utf8")) as Record<
  "classes" | "weighted",
  readonly Case[]
>;
const SHAPE = { maxIter: 1, learningRate: 0.5, maxLeafNodes: 15 } as const;

for (const { params, X, y, trees } of parity.classes) {
  const many = trees.length > 1 ? `${trees.length} balanced classes` : "two balanced classes";
  test(`of ${many} with ${JSON.stringify(params)} the first trees are scikit-learn's`, async () => {
    const model = await new HistGradientBoostingClassifier({ ...ours(params), ...SHAPE }).fit(withNaN(X), y);
    const found = treesOf(model);
    trees.forEach((expected, k) => checkTree(found[k] as TreeColumns, expected, 1e-6, `tree ${k}`));
  });
}

for (const { params, X, y, weights, trees } of parity.weighted) {
  test(`with whole weights and ${JSON.stringify(params)} the first tree is scikit-learn's`, async () => {
    const model = new HistGradientBoostingRegressor({ ...ours(params), ...SHAPE });
    await model.fit(withNaN(X), y, { sampleWeight: weights });
    checkTree(treesOf(model)[0] as TreeColumns, trees[0] as TreeColumns, 1e-5, "the tree");
  });
}

test.run();
