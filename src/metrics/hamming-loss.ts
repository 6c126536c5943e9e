import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readLabelPair } from "./targets.js";

/**
 * Fraction of labels that are wrong, as scikit-learn's hamming_loss; of one label a row, what zeroOneLoss is.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function hammingLoss(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions("hammingLoss", options, ["sampleWeight"]);
  const { truth, predicted, weights } = await readLabelPair("hammingLoss", yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => (truth[i] === predicted[i] ? 0 : 1));
}
