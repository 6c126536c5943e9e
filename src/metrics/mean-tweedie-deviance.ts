import type { VectorLike } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { weightedMean } from "./sum.js";
import { readNumberPair } from "./targets.js";
import { checkTweedie, unitDeviance } from "./tweedie-deviance.js";

/** Options of meanTweedieDeviance and d2TweedieScore. */
export interface TweedieOptions extends WeightedOptions {
  /** 0: normal (squared error); 1: Poisson; 1 … 2: compound Poisson; 2: gamma; 3: inverse Gaussian. Default 0. */
  readonly power?: number | undefined;
}

/**
 * Mean Tweedie deviance, smaller is better, as scikit-learn's mean_tweedie_deviance.
 *
 * @throws TreelineError ERR_INVALID_DATA for values outside of the distribution's range, ERR_INVALID_ARGUMENT
 */
export function meanTweedieDeviance(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: TweedieOptions = {},
): Promise<number> {
  return deviance("meanTweedieDeviance", yTrue, yPred, options, ["sampleWeight", "power"]);
}

/**
 * Mean Poisson deviance, for counts: meanTweedieDeviance of power 1; as scikit-learn's mean_poisson_deviance.
 *
 * @throws TreelineError ERR_INVALID_DATA for negative yTrue or yPred that is not positive, ERR_INVALID_ARGUMENT
 */
export function meanPoissonDeviance(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  return deviance("meanPoissonDeviance", yTrue, yPred, { ...options, power: 1 }, ["sampleWeight", "power"]);
}

/**
 * Mean gamma deviance, for positive amounts: meanTweedieDeviance of power 2; as scikit-learn's mean_gamma_deviance.
 *
 * @throws TreelineError ERR_INVALID_DATA for values that are not positive, ERR_INVALID_ARGUMENT
 */
export function meanGammaDeviance(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  return deviance("meanGammaDeviance", yTrue, yPred, { ...options, power: 2 }, ["sampleWeight", "power"]);
}

async function deviance(
  where: string,
  yTrue: VectorLike,
  yPred: VectorLike,
  options: TweedieOptions,
  known: readonly string[],
): Promise<number> {
  checkOptions(where, options, known);
  const { power = 0 } = options;
  const pair = await readNumberPair(where, yTrue, yPred, options.sampleWeight);
  checkTweedie(where, pair, power);
  const { truth, predicted, weights } = pair;
  return weightedMean(truth.length, weights, (i) => unitDeviance(truth[i] as number, predicted[i] as number, power));
}
