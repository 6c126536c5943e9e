import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { brierOf, readBrier, type BrierOptions } from "./brier-score-loss.js";
import { checkOptions } from "./options.js";
import type { ScoreLike } from "./scores.js";

/**
 * Fraction of the Brier score explained (Brier skill score): 1 - score / score of always predicting the class frequencies;
 * 1 is best; as scikit-learn's d2_brier_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function d2BrierScore(
  yTrue: VectorLike,
  yProba: ScoreLike,
  options: Omit<BrierOptions, "scaleByHalf"> = {},
): Promise<number> {
  const where = "d2BrierScore";
  checkOptions(where, options, ["sampleWeight", "posLabel", "labels"]);
  const table = await readBrier(where, yTrue, yProba, options);
  const { codes, nClasses, weights } = table;
  if (codes.length < 2) {
    warnUndefinedMetric(`${where}: not defined for less than two rows (NaN)`);
    return NaN;
  }
  const frequency = new Float64Array(nClasses);
  codes.forEach((code, i) => (frequency[code] = (frequency[code] as number) + (weights?.[i] ?? 1)));
  const total = frequency.reduce((sum, weight) => sum + weight, 0);
  const values = Float64Array.from(table.values, (_, cell) => (frequency[cell % nClasses] as number) / total);
  return 1 - brierOf(table) / brierOf({ ...table, values });
}
