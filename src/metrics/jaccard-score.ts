import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { checkChoice, checkOptions } from "./options.js";
import {
  nanMean,
  selected,
  type FscoreAverage,
  type PrecisionRecallOptions,
} from "./precision-recall-fscore-support.js";
import { readLabelPair } from "./targets.js";

/** Options of jaccardScore: those of precisionScore; zeroDivision is "warn", 0 or 1. */
export type JaccardOptions = PrecisionRecallOptions;

/**
 * Jaccard index: of the rows that are positive or predicted so, the fraction that is both; of every class, or averaged; as
 * scikit-learn's jaccard_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function jaccardScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: JaccardOptions & { readonly average: null },
): Promise<Float64Array>;
export function jaccardScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: JaccardOptions & { readonly average?: Exclude<FscoreAverage, null> | undefined },
): Promise<number>;
export async function jaccardScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: JaccardOptions = {},
): Promise<number | Float64Array> {
  const where = "jaccardScore";
  checkOptions(where, options, ["average", "posLabel", "labels", "sampleWeight", "zeroDivision"]);
  const { average = "binary", zeroDivision = "warn" } = options;
  checkChoice(where, "average", average, ["binary", "micro", "macro", "weighted", null]);
  checkChoice(where, "zeroDivision", zeroDivision, ["warn", 0, 1]);
  const pair = await readLabelPair(where, yTrue, yPred, options.sampleWeight);
  const { right, actual, predicted } = selected(where, pair, { ...options, average });
  const either = actual.map((n, k) => n + (predicted[k] as number) - (right[k] as number));
  if (zeroDivision === "warn" && either.includes(0)) {
    warnUndefinedMetric(
      `${where}: not defined and set to 0 for a class with no true or predicted rows: say zeroDivision to choose the value`,
    );
  }
  const zero = zeroDivision === "warn" ? 0 : zeroDivision;
  const scores = right.map((tp, k) => (either[k] === 0 ? zero : tp / (either[k] as number)));
  if (average === null) return scores;
  return nanMean(scores, average === "weighted" ? actual : undefined);
}
