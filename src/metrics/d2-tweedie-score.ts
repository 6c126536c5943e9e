import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { TweedieOptions } from "./mean-tweedie-deviance.js";
import { checkOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair, type NumberPair } from "./targets.js";
import { checkTweedie, unitDeviance } from "./tweedie-deviance.js";

/**
 * Fraction of Tweedie deviance explained: 1 - deviance / deviance of always predicting the mean; 1 is best; as
 * scikit-learn's d2_tweedie_score.
 *
 * @throws TreelineError ERR_INVALID_DATA for values outside of the distribution's range, ERR_INVALID_ARGUMENT
 */
export async function d2TweedieScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: TweedieOptions = {},
): Promise<number> {
  const where = "d2TweedieScore";
  checkOptions(where, options, ["sampleWeight", "power"]);
  const { power = 0 } = options;
  const pair = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  if (pair.truth.length < 2) {
    warnUndefinedMetric(`${where}: not defined for less than two rows (NaN)`);
    return NaN;
  }
  checkTweedie(where, pair, power);
  return d2Tweedie(pair, power);
}

/** The same of numbers in memory that were checked. */
export function d2Tweedie({ truth, predicted, weights }: NumberPair, power: number): number {
  const n = truth.length;
  const mean = weightedMean(n, weights, (i) => truth[i] as number);
  const own = weightedMean(n, weights, (i) => unitDeviance(truth[i] as number, predicted[i] as number, power));
  return 1 - own / weightedMean(n, weights, (i) => unitDeviance(truth[i] as number, mean, power));
}
