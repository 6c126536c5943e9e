import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/**
 * Mean of absolute errors, in units of y, as scikit-learn's mean_absolute_error.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function meanAbsoluteError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions("meanAbsoluteError", options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readNumberPair("meanAbsoluteError", yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => Math.abs((truth[i] as number) - (predicted[i] as number)));
}
