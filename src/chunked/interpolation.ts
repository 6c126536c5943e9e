/** Where between two neighbouring values a quantile lies, as numpy.quantile's `method`. */
export type Interpolation =
  | "linear"
  | "lower"
  | "higher"
  | "midpoint"
  | "nearest"
  | "invertedCdf"
  | "averagedInvertedCdf"
  | "closestObservation"
  | "interpolatedInvertedCdf"
  | "hazen"
  | "weibull"
  | "medianUnbiased"
  | "normalUnbiased";

/** Those that quantiles of rows have too (native/matrix/row_quantiles.h). */
export type RowInterpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

export const ROW_INTERPOLATIONS: readonly RowInterpolation[] = ["linear", "lower", "higher", "midpoint", "nearest"];

/** alpha and beta of the continuous ones (Hyndman and Fan 1996, numpy's _compute_virtual_index). */
const PLOTTING: Partial<Record<Interpolation, readonly [alpha: number, beta: number]>> = {
  interpolatedInvertedCdf: [0, 1],
  hazen: [0.5, 0.5],
  weibull: [0, 0],
  medianUnbiased: [1 / 3, 1 / 3],
  normalUnbiased: [3 / 8, 3 / 8],
};

export const INTERPOLATIONS: readonly Interpolation[] = [
  ...ROW_INTERPOLATIONS,
  "invertedCdf",
  "averagedInvertedCdf",
  "closestObservation",
  ...(Object.keys(PLOTTING) as Interpolation[]),
];

/** Two of n ordered values, and how far from the first to the second. */
export interface Position {
  readonly lower: number;
  readonly upper: number;
  readonly share: number;
}

/** Which of n ordered values quantile q lies between. */
export function position(q: number, n: number, interpolation: Interpolation): Position {
  const at = q * (n - 1);
  const [floor, ceil] = [Math.floor(at), Math.ceil(at)];
  switch (interpolation) {
    case "lower":
      return { lower: floor, upper: floor, share: 0 };
    case "higher":
      return { lower: ceil, upper: ceil, share: 0 };
    case "nearest":
      return one(at - floor === 0.5 ? floor + (floor % 2) : Math.round(at), n);
    case "midpoint":
      return { lower: floor, upper: ceil, share: 0.5 };
    case "linear":
      return { lower: floor, upper: Math.min(floor + 1, n - 1), share: at - floor };
    case "invertedCdf":
      return one(Math.ceil(n * q - 1), n);
    case "averagedInvertedCdf":
      return around(n * q - 1, n, (share) => (share === 0 ? 0.5 : 1));
    case "closestObservation": {
      const place = n * q - 1 - 0.5;
      const below = Math.floor(place);
      return one(place === below && Math.abs(below % 2) === 1 ? below : below + 1, n);
    }
    default: {
      const [alpha, beta] = PLOTTING[interpolation] as readonly [number, number];
      return around(n * q + (alpha + q * (1 - alpha - beta)) - 1, n, (share) => share);
    }
  }
}

function one(place: number, n: number): Position {
  const within = Math.min(n - 1, Math.max(0, place));
  return { lower: within, upper: within, share: 0 };
}

/** The values around a place that may lie before the first or behind the last. */
function around(place: number, n: number, shareOf: (fraction: number) => number): Position {
  if (place < 0 || place >= n - 1) return one(place < 0 ? 0 : n - 1, n);
  const lower = Math.floor(place);
  return { lower, upper: lower + 1, share: shareOf(place - lower) };
}

/** a + share (b - a) with NumPy's rounding (numpy.lib._function_base_impl._lerp). */
export function between(a: number, b: number, share: number): number {
  if (a === b || share === 0) return a;
  return share >= 0.5 ? b - (b - a) * (1 - share) : a + (b - a) * share;
}
