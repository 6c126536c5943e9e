import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { readNumberPair } from "./targets.js";
import { thresholdCurve } from "./threshold-curve.js";

/**
 * Median of absolute errors, in units of y, robust against outliers, as scikit-learn's median_absolute_error. An even
 * number of rows: the mean of the two in the middle.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function medianAbsoluteError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions("medianAbsoluteError", options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readNumberPair("medianAbsoluteError", yTrue, yPred, options.sampleWeight);
  const errors = truth.map((y, i) => -Math.abs(y - (predicted[i] as number)));
  // Cumulated weights over errors in rising order: the sort of the curves, on negated errors.
  const all = new Uint8Array(errors.length).fill(1);
  const { thresholds, truePositives: cumulated } = await thresholdCurve(all, errors, weights);
  const half = (cumulated[cumulated.length - 1] as number) / 2;
  const k = cumulated.findIndex((weight) => weight >= half);
  const next = (cumulated[k] as number) - half > Number.EPSILON ? k : Math.min(k + 1, thresholds.length - 1);
  return -((thresholds[k] as number) + (thresholds[next] as number)) / 2;
}
