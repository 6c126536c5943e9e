import type { VectorLike } from "../data/vector.js";
import { checkOptions } from "./options.js";
import type { ScoreLike } from "./scores.js";
import { binaryCurve, type CurveOptions } from "./threshold-curve.js";

/** Weights of rows by truth and prediction, an entry for each threshold. */
export interface ThresholdCounts {
  readonly trueNegatives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly falseNegatives: Float64Array;
  readonly truePositives: Float64Array;
  /** Falling: rows with scores >= thresholds[k] count as positive. */
  readonly thresholds: Float64Array;
}

/**
 * The four numbers of the binary confusion matrix for every threshold on the scores, in one sort, as scikit-learn's
 * confusion_matrix_at_thresholds: what the price of a threshold is computed from.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function confusionMatrixAtThresholds(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: Omit<CurveOptions, "dropIntermediate"> = {},
): Promise<ThresholdCounts> {
  const where = "confusionMatrixAtThresholds";
  checkOptions(where, options, ["posLabel", "sampleWeight"]);
  const { thresholds, truePositives, falsePositives } = await binaryCurve(where, yTrue, yScore, options);
  const rest = (counts: Float64Array): Float64Array => {
    const total = counts[counts.length - 1] as number;
    return counts.map((count) => total - count);
  };
  const [trueNegatives, falseNegatives] = [rest(falsePositives), rest(truePositives)];
  return { trueNegatives, falsePositives, falseNegatives, truePositives, thresholds };
}
