import { treeSpecs } from "../tree/tree-params.js";
import { treeCount } from "../tree/fitted-trees.js";
import type { TreesFitted } from "../tree/trees-fitted.js";
import { addon } from "../native/load.js";
import type { ForestParams } from "./forest-params.js";

/** The parameters of a forest that are those of its trees. */
export function treeParamsOf<C>({ criterion, ...params }: Readonly<ForestParams> & { readonly criterion: C }): object {
  const own = Object.keys(treeSpecs(null)).map((name) => [name, params[name as keyof typeof params]]);
  return { criterion, ...(Object.fromEntries(own) as object) };
}

/** The rows that each tree drew. */
export function drawnRows({ forest, rows, drawWeights, sampling }: TreesFitted): Int32Array[] {
  return Array.from({ length: treeCount(forest) }, (_, tree) =>
    sampling.bootstrap
      ? addon().forestDraws(rows, drawWeights, sampling, tree)
      : Int32Array.from({ length: rows }, (_, row) => row),
  );
}
