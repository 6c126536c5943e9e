import type { Matrix } from "../data/matrix.js";

/** A data set in memory. */
export interface Bunch {
  /** nSamples × nFeatures, row-major. */
  readonly data: Matrix<Float64Array>;
  /** Class codes 0 … nClasses - 1, or the value to predict; one a row. */
  readonly target: Float64Array;
  /** Names of the classes, by code; empty for a regression. */
  readonly targetNames: readonly string[];
  readonly featureNames: readonly string[];
  /** What the data is, where it comes from and what to cite. */
  readonly DESCR: string;
}

/** Options of the loaders. */
export interface LoadOptions {
  /** Give [data, target] instead of a Bunch. Default false. */
  readonly returnXy?: boolean;
}

/** X and y: nSamples × nFeatures, and one target a row. */
export type XyPair = [X: Matrix<Float64Array>, y: Float64Array];
