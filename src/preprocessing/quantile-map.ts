import { normalQuantile } from "../datasets/portable-math.js";
import { countBelow, countUpTo } from "./ascending.js";
import { normalCdf } from "./normal-cdf.js";

// What QuantileTransformer makes of single values (scikit-learn's _transform_col).

/** How near to 0 and 1 a share counts as the bound, where the normal distribution is infinite. */
const BOUNDS = 1e-7;
const LOWEST = normalQuantile(BOUNDS - Number.EPSILON);
const HIGHEST = normalQuantile(1 - (BOUNDS - Number.EPSILON));

/** On the line through (x0, y0) and (x1, y1). */
function onLine(x: number, x0: number, y0: number, x1: number, y1: number): number {
  return ((y1 - y0) / (x1 - x0)) * (x - x0) + y0;
}

/** The share of values up to x: between the quantiles around it, in the middle of those equal to it. */
function shareOf(x: number, quantiles: Float64Array, references: Float64Array): number {
  const last = quantiles.length - 1;
  const below = countUpTo(quantiles, x) - 1; // the last that is no greater
  const above = countBelow(quantiles, x); // the first that is no less
  const r = (k: number): number => references[Math.min(last, Math.max(0, k))] as number;
  if (below < 0 || above > last) return below < 0 ? r(0) : r(last);
  if (above <= below) return 0.5 * (r(below) + r(above));
  const [low, high] = [quantiles[below] as number, quantiles[above] as number];
  // The mean of both directions, as scikit-learn's: equal up to rounding.
  return 0.5 * (onLine(x, low, r(below), high, r(above)) - onLine(-x, -high, -r(above), -low, -r(below)));
}

/** Where x, a value or NaN, goes. */
export function toDistribution(
  x: number,
  quantiles: Float64Array,
  references: Float64Array,
  isNormal: boolean,
): number {
  const low = quantiles[0] as number;
  const high = quantiles[quantiles.length - 1] as number;
  if (Number.isNaN(x) || Number.isNaN(low)) return NaN;
  if (!isNormal) return x === low ? 0 : x === high ? 1 : shareOf(x, quantiles, references);
  if (x - BOUNDS < low) return LOWEST;
  if (x + BOUNDS > high) return HIGHEST;
  return Math.min(HIGHEST, Math.max(LOWEST, normalQuantile(shareOf(x, quantiles, references))));
}

/** Where z came from. */
export function fromDistribution(
  z: number,
  quantiles: Float64Array,
  references: Float64Array,
  isNormal: boolean,
): number {
  if (Number.isNaN(z)) return NaN;
  const share = isNormal ? normalCdf(z) : z;
  const margin = isNormal ? BOUNDS : 0;
  const last = quantiles.length - 1;
  if (share - margin < 0 || share === 0 || last === 0) return quantiles[0] as number;
  if (share + margin > 1 || share >= 1) return quantiles[last] as number;
  const below = countUpTo(references, share) - 1;
  const [r0, r1] = [references[below] as number, references[below + 1] as number];
  const [q0, q1] = [quantiles[below] as number, quantiles[below + 1] as number];
  return share === r0 ? q0 : onLine(share, r0, q0, r1, q1);
}
