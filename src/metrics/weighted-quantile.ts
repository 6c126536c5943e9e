import { thresholdCurve } from "./threshold-curve.js";

/**
 * The (weighted) quantile of a share `alpha` of the rows, 0 … 1: the least value with as much weight up to it; the mean of
 * it and the next one where the weight is just reached (scikit-learn's _weighted_percentile with average).
 */
export async function weightedQuantile(
  values: Float64Array,
  weights: Float64Array | undefined,
  alpha: number,
): Promise<number> {
  // Cumulated weights over values in rising order: the sort of the curves, on negated values.
  const negated = values.map((value) => -value);
  const all = new Uint8Array(values.length).fill(1);
  const { thresholds, truePositives: cumulated } = await thresholdCurve(all, negated, weights);
  const last = thresholds.length - 1;
  const goal = Math.max(((alpha * 100) / 100) * (cumulated[last] as number), Number.MIN_VALUE);
  const reached = cumulated.findIndex((weight) => weight >= goal);
  const k = reached < 0 ? last : reached;
  if ((cumulated[k] as number) - goal > Number.EPSILON) return -(thresholds[k] as number);
  const next = cumulated.findIndex((weight) => weight > (cumulated[k] as number));
  return -((thresholds[k] as number) + (thresholds[next < 0 ? k : next] as number)) / 2;
}
