import { invalidData } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/**
 * Mean of squared differences of ln(1 + y), for targets that grow by factors, as scikit-learn's mean_squared_log_error.
 *
 * @throws TreelineError ERR_INVALID_DATA for values of -1 or less, ERR_INVALID_ARGUMENT
 */
export function meanSquaredLogError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  return squaredLog("meanSquaredLogError", yTrue, yPred, options);
}

/**
 * Square root of the mean squared logarithmic error, as scikit-learn's root_mean_squared_log_error.
 *
 * @throws TreelineError ERR_INVALID_DATA for values of -1 or less, ERR_INVALID_ARGUMENT
 */
export async function rootMeanSquaredLogError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  return Math.sqrt(await squaredLog("rootMeanSquaredLogError", yTrue, yPred, options));
}

async function squaredLog(
  where: string,
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions,
): Promise<number> {
  checkOptions(where, options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  for (const [name, values] of Object.entries({ yTrue: truth, yPred: predicted })) {
    const low = values.findIndex((value) => value <= -1);
    if (low >= 0) throw invalidData(`${where}: ${name} must be above -1, got ${values[low]} in row ${low}`);
  }
  return weightedMean(
    truth.length,
    weights,
    (i) => (Math.log1p(truth[i] as number) - Math.log1p(predicted[i] as number)) ** 2,
  );
}
