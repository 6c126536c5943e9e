import type { VectorLike } from "../data/vector.js";
import { checkOptions } from "./options.js";
import { fractionExplained, type R2Options } from "./r2-score.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";

/**
 * Fraction of the variance explained: R² of predictions freed of their mean error; 1 is best; as scikit-learn's
 * explained_variance_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function explainedVarianceScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: R2Options = {},
): Promise<number> {
  const where = "explainedVarianceScore";
  checkOptions(where, options, ["sampleWeight", "forceFinite"]);
  const { truth, predicted, weights } = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  const errors = truth.map((y, i) => y - (predicted[i] as number));
  return fractionExplained(varianceOf(errors, weights), varianceOf(truth, weights), options.forceFinite ?? true);
}

function varianceOf(values: Float64Array, weights: Float64Array | undefined): number {
  const mean = weightedMean(values.length, weights, (i) => values[i] as number);
  return weightedMean(values.length, weights, (i) => ((values[i] as number) - mean) ** 2);
}
