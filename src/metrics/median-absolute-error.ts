import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { readNumberPair } from "./targets.js";
import { weightedQuantile } from "./weighted-quantile.js";

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
  return weightedQuantile(
    truth.map((y, i) => Math.abs(y - (predicted[i] as number))),
    weights,
    0.5,
  );
}
