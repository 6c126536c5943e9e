import { invalidArgument, show, warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { fractionExplained } from "./r2-score.js";
import { weightedMean } from "./sum.js";
import { readNumberPair, type NumberPair } from "./targets.js";
import { weightedQuantile } from "./weighted-quantile.js";

/** Options of meanPinballLoss and d2PinballScore. */
export interface PinballOptions extends WeightedOptions {
  /** The quantile that predictions aim at, 0 … 1. Default 0.5: the median. */
  readonly alpha?: number | undefined;
}

/**
 * Mean pinball loss of predicted quantiles: errors weigh alpha where the prediction is too low, 1 - alpha where it is too
 * high; in units of y; as scikit-learn's mean_pinball_loss.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function meanPinballLoss(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PinballOptions = {},
): Promise<number> {
  const where = "meanPinballLoss";
  checkOptions(where, options, ["sampleWeight", "alpha"]);
  const alpha = checkAlpha(where, options.alpha);
  return pinball(await readNumberPair(where, yTrue, yPred, options.sampleWeight), alpha);
}

/**
 * Fraction of pinball loss explained: 1 - loss / loss of always predicting the quantile of yTrue; 1 is best; as
 * scikit-learn's d2_pinball_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function d2PinballScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PinballOptions = {},
): Promise<number> {
  checkOptions("d2PinballScore", options, ["sampleWeight", "alpha"]);
  return d2("d2PinballScore", yTrue, yPred, options);
}

/**
 * Fraction of absolute error explained, against always predicting the median of yTrue, as scikit-learn's
 * d2_absolute_error_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function d2AbsoluteErrorScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions("d2AbsoluteErrorScore", options, ["sampleWeight"]);
  return d2("d2AbsoluteErrorScore", yTrue, yPred, options);
}

async function d2(where: string, yTrue: VectorLike, yPred: VectorLike, options: PinballOptions): Promise<number> {
  const alpha = checkAlpha(where, options.alpha);
  const pair = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  if (pair.truth.length < 2) {
    warnUndefinedMetric(`${where}: not defined for less than two rows (NaN)`);
    return NaN;
  }
  const quantile = await weightedQuantile(pair.truth, pair.weights, alpha);
  const constant = new Float64Array(pair.truth.length).fill(quantile);
  return fractionExplained(pinball(pair, alpha), pinball({ ...pair, predicted: constant }, alpha), true);
}

function checkAlpha(where: string, alpha = 0.5): number {
  if (alpha >= 0 && alpha <= 1) return alpha;
  throw invalidArgument(`${where}: alpha must be a number from 0 to 1, got ${show(alpha)}`);
}

function pinball({ truth, predicted, weights }: NumberPair, alpha: number): number {
  return weightedMean(truth.length, weights, (i) => {
    const error = (truth[i] as number) - (predicted[i] as number);
    return error >= 0 ? alpha * error : (alpha - 1) * error;
  });
}
