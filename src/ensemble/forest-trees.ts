import type { AnyEstimator } from "../base/estimator.js";
import { treeSpecs } from "../tree/tree-params.js";
import { treeAt, treeCount } from "../tree/fitted-trees.js";
import type { TreesFitted } from "../tree/trees-fitted.js";
import { addon } from "../native/load.js";
import type { ForestParams } from "./forest-params.js";

/** What tells forests apart: an estimator of one of their trees, and whether thresholds are drawn. */
export interface ForestKind<T> {
  readonly tree: new (params: object) => T;
  readonly randomSplits: boolean;
}

/** The trees of a forest as estimators of their own. */
export function treesOf<T extends AnyEstimator, C>(
  fitted: TreesFitted,
  { criterion, ...params }: Readonly<ForestParams> & { readonly criterion: C },
  Type: new (params: object) => T,
): T[] {
  const own = Object.keys(treeSpecs(null)).map((name) => [name, params[name as keyof typeof params]]);
  return Array.from({ length: treeCount(fitted.forest) }, (_, t) => {
    const tree = new Type({ criterion, ...(Object.fromEntries(own) as object) });
    tree.loadState({ ...fitted, forest: treeAt(fitted.forest, t), outOfBag: undefined } as never);
    return tree;
  });
}

/** The rows that each tree drew. */
export function drawnRows({ forest, rows, drawWeights, sampling }: TreesFitted): Int32Array[] {
  return Array.from({ length: treeCount(forest) }, (_, tree) =>
    sampling.bootstrap
      ? addon().forestDraws(rows, drawWeights, sampling, tree)
      : Int32Array.from({ length: rows }, (_, row) => row),
  );
}
