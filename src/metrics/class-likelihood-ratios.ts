import { invalidArgument, invalidData, show, warnUndefinedMetric } from "../base/errors.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { checkOptions, type WeightedOptions } from "./options.js";

/** How much a prediction changes the odds of the positive class. */
export interface LikelihoodRatios {
  /** LR+: recall / false positive rate; the odds of a row predicted positive, over those before. Greater is better. */
  readonly positive: number;
  /** LR-: false negative rate / specificity; the odds of a row predicted negative. Smaller is better. */
  readonly negative: number;
}

/** Options of classLikelihoodRatios. */
export interface LikelihoodRatioOptions extends WeightedOptions {
  /** The two classes, the positive one last. Default: both, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  /** The values where a divisor is 0: `positive` at least 1, `negative` in 0 … 1. Default: NaN. 1 for both. */
  readonly replaceUndefinedBy?: number | LikelihoodRatios | undefined;
}

/**
 * Positive and negative likelihood ratio of a binary classification, which do not depend on how rare positives are, as
 * scikit-learn's class_likelihood_ratios.
 *
 * @throws TreelineError ERR_INVALID_DATA unless there are two classes, ERR_INVALID_ARGUMENT
 */
export async function classLikelihoodRatios(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: LikelihoodRatioOptions = {},
): Promise<LikelihoodRatios> {
  const where = "classLikelihoodRatios";
  checkOptions(where, options, ["labels", "sampleWeight", "replaceUndefinedBy"]);
  const { labels, sampleWeight, replaceUndefinedBy = NaN } = options;
  const instead =
    typeof replaceUndefinedBy === "number"
      ? { positive: replaceUndefinedBy, negative: replaceUndefinedBy }
      : replaceUndefinedBy;
  if (instead.positive < 1 || instead.negative < 0 || instead.negative > 1) {
    throw invalidArgument(
      `${where}: replaceUndefinedBy must be NaN, 1, or { positive: 1 or more, negative: 0 … 1 }, got ${show(replaceUndefinedBy)}`,
    );
  }
  const counts = await confusionMatrix(yTrue, yPred, { labels, sampleWeight });
  if (counts.rows !== 2) throw invalidData(`${where}: two classes are needed, got ${counts.rows}`);
  const [tn, fp, fn, tp] = counts.data as unknown as readonly [number, number, number, number];
  const [positives, negatives] = [tp + fn, tn + fp];
  const ratio = (top: number, bottom: number, name: keyof LikelihoodRatios): number => {
    if (bottom !== 0) return (top * negatives) / (bottom * positives);
    warnUndefinedMetric(`${where}: the ${name} ratio is not defined (${instead[name]})`);
    return instead[name];
  };
  if (positives === 0) warnUndefinedMetric(`${where}: yTrue has no positive label: the ratios are not defined`);
  return { positive: ratio(tp, fp, "positive"), negative: ratio(fn, tn, "negative") };
}
