import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/**
 * Mean of squared errors, in squared units of y, as scikit-learn's mean_squared_error.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function meanSquaredError(yTrue: VectorLike, yPred: VectorLike, options: WeightedOptions = {}): Promise<number> {
  return squared("meanSquaredError", yTrue, yPred, options);
}

/**
 * Square root of the mean squared error, in units of y, as scikit-learn's root_mean_squared_error.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function rootMeanSquaredError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  return Math.sqrt(await squared("rootMeanSquaredError", yTrue, yPred, options));
}

async function squared(where: string, yTrue: VectorLike, yPred: VectorLike, options: WeightedOptions): Promise<number> {
  checkOptions(where, options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => ((truth[i] as number) - (predicted[i] as number)) ** 2);
}
