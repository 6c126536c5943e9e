import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { FloatArray } from "../native/addon.js";

/**
 * Values of a feature to try: all that are there, if there are few, else `resolution` evenly spaced ones between two
 * quantiles, as scikit-learn's grid (quantiles as scipy's mquantiles).
 */
export function quantileGrid(
  column: FloatArray,
  resolution: number,
  percentiles: readonly [number, number],
  where: string,
): Float64Array {
  const [low, high] = percentiles;
  if (!(low >= 0 && low < high && high <= 1)) {
    throw invalidArgument(`${where}: percentiles must be two shares, 0 ≤ low < high ≤ 1, got ${show(percentiles)}`);
  }
  if (!Number.isInteger(resolution) || resolution < 2) {
    throw invalidArgument(`${where}: gridResolution must be an integer of at least 2, got ${show(resolution)}`);
  }
  const sorted = Float64Array.from(column)
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (sorted.length === 0) throw invalidData(`${where}: all values of the feature are missing`);
  const unique = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  if (unique.length <= resolution) return unique;
  const [from, to] = [quantile(sorted, low), quantile(sorted, high)];
  if (!(from < to)) {
    throw invalidArgument(
      `${where}: percentiles are too close: both are ${from}; choose others, or a finer gridResolution`,
    );
  }
  const step = (to - from) / (resolution - 1);
  return Float64Array.from({ length: resolution }, (_, i) => (i === resolution - 1 ? to : from + i * step));
}

/** scipy.stats.mstats.mquantiles with its defaults alphap = betap = 0.4, of ascending values. */
function quantile(sorted: Float64Array, p: number): number {
  const n = sorted.length;
  const place = n * p + 0.4 + 0.2 * p;
  const k = Math.floor(Math.min(Math.max(place, 1), n - 1));
  const rest = Math.min(Math.max(place - k, 0), 1);
  return (1 - rest) * (sorted[k - 1] as number) + rest * (sorted[k] as number);
}
