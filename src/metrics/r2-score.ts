import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/** Options of r2Score. */
export interface R2Options extends WeightedOptions {
  /** Constant yTrue: 1 for a perfect prediction, else 0, instead of NaN and -Infinity. Default true. */
  readonly forceFinite?: boolean | undefined;
}

/**
 * Coefficient of determination: the fraction of variance explained; 1 is best, a constant guess of the mean scores 0; as
 * scikit-learn's r2_score. NaN and an UndefinedMetricWarning for less than two rows.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function r2Score(yTrue: VectorLike, yPred: VectorLike, options: R2Options = {}): Promise<number> {
  checkOptions("r2Score", options, ["sampleWeight", "forceFinite"]);
  const { truth, predicted, weights } = await readNumberPair("r2Score", yTrue, yPred, options.sampleWeight);
  const n = truth.length;
  if (n < 2) {
    warnUndefinedMetric("r2Score: not defined for less than two rows (NaN)");
    return NaN;
  }
  const mean = weightedMean(n, weights, (i) => truth[i] as number);
  const residual = weightedMean(n, weights, (i) => ((truth[i] as number) - (predicted[i] as number)) ** 2, false);
  const variation = weightedMean(n, weights, (i) => ((truth[i] as number) - mean) ** 2, false);
  return fractionExplained(residual, variation, options.forceFinite ?? true);
}

/** 1 - left / all; of nothing to explain 1 where nothing is left, else 0, instead of NaN and -Infinity. */
export function fractionExplained(left: number, all: number, forceFinite: boolean): number {
  if (all === 0 && forceFinite) return left === 0 ? 1 : 0;
  return 1 - left / all;
}
