import type { VectorLike } from "../data/vector.js";
import type { AccuracyOptions } from "./accuracy-score.js";
import { checkOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readLabelPair } from "./targets.js";

/**
 * Fraction of rows predicted wrong, as scikit-learn's zero_one_loss.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function zeroOneLoss(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: AccuracyOptions = {},
): Promise<number> {
  checkOptions("zeroOneLoss", options, ["normalize", "sampleWeight"]);
  const { truth, predicted, weights } = await readLabelPair("zeroOneLoss", yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => (truth[i] === predicted[i] ? 0 : 1), options.normalize ?? true);
}
