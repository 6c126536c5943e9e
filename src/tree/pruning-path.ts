import type { ForestArrays } from "../native/addon.js";
import { addon } from "../native/load.js";

/** The subtrees of minimal cost-complexity pruning. */
export interface PruningPath {
  /** Effective alphas of the subtrees, from 0 (the whole tree) up: values of ccpAlpha that give them. */
  readonly ccpAlphas: Float64Array;
  /** Total impurity of the leaves of each. */
  readonly impurities: Float64Array;
}

/** The path of one tree. */
export function pruningPathOf(forest: ForestArrays, nFeatures: number): PruningPath {
  return addon().pruningPath(forest, nFeatures);
}
