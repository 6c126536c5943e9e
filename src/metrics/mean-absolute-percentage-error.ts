import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/**
 * Mean of absolute errors relative to |yTrue|, 1 for 100 %, as scikit-learn's mean_absolute_percentage_error. Where yTrue
 * is 0 the error is divided by 2⁻⁵², and the mean is huge.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function meanAbsolutePercentageError(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  const where = "meanAbsolutePercentageError";
  checkOptions(where, options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => {
    const y = truth[i] as number;
    return Math.abs((predicted[i] as number) - y) / Math.max(Math.abs(y), Number.EPSILON);
  });
}
