import { weightedMean } from "../metrics/sum.js";

/** D²: 1 - deviance(y, predicted) / deviance(y, mean of y), a Tweedie deviance of a power. */
export function d2Tweedie(
  y: Float64Array,
  predicted: Float64Array,
  weights: Float64Array | undefined,
  power: number,
): number {
  const mean = weightedMean(y.length, weights, (i) => y[i] as number);
  const own = weightedMean(y.length, weights, (i) => halfDeviance(y[i] as number, predicted[i] as number, power));
  const none = weightedMean(y.length, weights, (i) => halfDeviance(y[i] as number, mean, power));
  return 1 - own / none;
}

/** Half the unit deviance of y given its mean (scikit-learn's mean_tweedie_deviance, halved). */
function halfDeviance(y: number, mean: number, power: number): number {
  if (power === 0) return (y - mean) ** 2 / 2;
  if (power === 1) return (y > 0 ? y * Math.log(y / mean) : 0) - y + mean;
  if (power === 2) return Math.log(mean / y) + y / mean - 1;
  const own = Math.max(y, 0) ** (2 - power) / ((1 - power) * (2 - power));
  return own - (y * mean ** (1 - power)) / (1 - power) + mean ** (2 - power) / (2 - power);
}
