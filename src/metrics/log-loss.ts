import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { checkOptions } from "./options.js";
import { readProbabilities, type ProbabilityOptions, type ProbabilityTable } from "./probabilities.js";
import type { ScoreLike } from "./scores.js";
import { weightedMean } from "./sum.js";

/** Options of logLoss. */
export interface LogLossOptions extends ProbabilityOptions {
  /** Return the mean over rows; false: the sum. Default true. */
  readonly normalize?: boolean | undefined;
}

/**
 * Log loss (cross-entropy): mean of -ln of the probability given to the true class, as scikit-learn's log_loss.
 * Probabilities are clipped to [eps, 1 - eps], eps that of the array's type. `yProba`: one column a class in sorted order,
 * or the probability of the greater of two classes.
 *
 * @example await logLoss([0, 1, 1], [0.1, 0.8, 0.6]);
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function logLoss(yTrue: VectorLike, yProba: ScoreLike, options: LogLossOptions = {}): Promise<number> {
  checkOptions("logLoss", options, ["normalize", "sampleWeight", "labels"]);
  return lossOf(await readProbabilities("logLoss", yTrue, yProba, options), options.normalize ?? true);
}

/**
 * Fraction of log loss explained: 1 - logLoss / logLoss of always predicting the class frequencies; 1 is best; as
 * scikit-learn's d2_log_loss_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function d2LogLossScore(
  yTrue: VectorLike,
  yProba: ScoreLike,
  options: ProbabilityOptions = {},
): Promise<number> {
  checkOptions("d2LogLossScore", options, ["sampleWeight", "labels"]);
  const table = await readProbabilities("d2LogLossScore", yTrue, yProba, options);
  const { codes, nClasses, weights } = table;
  if (codes.length < 2) {
    warnUndefinedMetric("d2LogLossScore: not defined for less than two rows (NaN)");
    return NaN;
  }
  const frequency = new Float64Array(nClasses);
  codes.forEach((code, i) => (frequency[code] = (frequency[code] as number) + (weights?.[i] ?? 1)));
  const total = frequency.reduce((sum, w) => sum + w, 0);
  const values = Float64Array.from(table.values, (_, cell) => (frequency[cell % nClasses] as number) / total);
  return 1 - lossOf(table, false) / lossOf({ ...table, values }, false);
}

function lossOf({ codes, values, nClasses, weights, epsilon }: ProbabilityTable, normalize: boolean): number {
  return weightedMean(
    codes.length,
    weights,
    (i) => {
      const p = values[i * nClasses + (codes[i] as number)] as number;
      return -Math.log(Math.min(Math.max(p, epsilon), 1 - epsilon));
    },
    normalize,
  );
}
