import type { FittedBase } from "../base/estimator.js";
import type { LabelArray } from "../data/vector.js";
import type { ForestArrays, ForestSampling } from "../native/addon.js";

/** What every fit of trees leaves. */
export interface TreesFitted extends FittedBase {
  readonly forest: ForestArrays;
  /** Features a split was searched in. */
  readonly maxFeatures: number;
  readonly sampling: ForestSampling;
  /** Rows of fit, and what a bootstrap drew them in proportion to. */
  readonly rows: number;
  readonly drawWeights: Float64Array | undefined;
  /** rows × nValues, where it was asked for. */
  readonly outOfBag: Float64Array | undefined;
  readonly outOfBagScore: number | undefined;
}

export interface ClassTreesFitted extends TreesFitted {
  readonly classes: LabelArray;
}

export interface RegressionTreesFitted extends TreesFitted {
  /** y was a table: predictions are a Matrix. */
  readonly isTable: boolean;
}
