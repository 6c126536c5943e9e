import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readLabelPair } from "./targets.js";

/** Options of accuracyScore and zeroOneLoss. */
export interface AccuracyOptions extends WeightedOptions {
  /** Return a fraction; false: the (weighted) number of rows. Default true. */
  readonly normalize?: boolean | undefined;
}

/**
 * Fraction of rows predicted right, as scikit-learn's accuracy_score.
 *
 * @example await accuracyScore(["a", "b", "b"], ["a", "b", "a"]); // 0.666…
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function accuracyScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: AccuracyOptions = {},
): Promise<number> {
  checkOptions("accuracyScore", options, ["normalize", "sampleWeight"]);
  const { truth, predicted, weights } = await readLabelPair("accuracyScore", yTrue, yPred, options.sampleWeight);
  return weightedMean(truth.length, weights, (i) => (truth[i] === predicted[i] ? 1 : 0), options.normalize ?? true);
}
