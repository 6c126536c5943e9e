import type { RowMask } from "../data/row-mask.js";
import { inTurns } from "../data/vector.js";

// What a category's rows have as target on average, drawn towards the mean of all rows.
// Micci-Barreca: A preprocessing scheme for high-cardinality categorical attributes (2001); scikit-learn's TargetEncoder.

/** How many rows' worth the mean of all rows counts; "auto": by the variances within and between categories. */
export type Smooth = number | "auto";

/** Mean and variance of the targets of some rows. */
export interface TargetMoments {
  readonly mean: number;
  readonly variance: number;
}

/** Moments of the rows of a mask; undefined: of all rows. */
export async function momentsOf(
  y: Float64Array,
  mask: RowMask | undefined,
  signal: AbortSignal | undefined,
): Promise<TargetMoments> {
  let rows = 0;
  let sum = 0;
  await inTurns(y.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      if (mask !== undefined && !mask.has(i)) continue;
      rows++;
      sum += y[i] as number;
    }
  });
  const mean = sum / rows;
  let squares = 0;
  await inTurns(y.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      if (mask === undefined || mask.has(i)) squares += ((y[i] as number) - mean) ** 2;
    }
  });
  return { mean, variance: squares / rows };
}

/**
 * What stands for each category of a column.
 *
 * @param codes the category of every row, -1: none of them.
 * @param mask the rows to look at; undefined: all.
 * @returns nCategories numbers; the mean of all rows for a category without rows.
 */
export async function categoryMeans(
  codes: Int32Array,
  nCategories: number,
  y: Float64Array,
  smooth: Smooth,
  { mean, variance }: TargetMoments,
  mask: RowMask | undefined,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const counts = new Float64Array(nCategories);
  const sums = new Float64Array(nCategories);
  const each = (body: (code: number, target: number) => void): Promise<void> =>
    inTurns(codes.length, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const code = codes[i] as number;
        if (code >= 0 && (mask === undefined || mask.has(i))) body(code, y[i] as number);
      }
    });
  if (smooth !== "auto") {
    counts.fill(smooth);
    sums.fill(smooth * mean);
  }
  await each((code, target) => {
    counts[code] = (counts[code] as number) + 1;
    sums[code] = (sums[code] as number) + target;
  });
  const means = sums.map((sum, k) => sum / (counts[k] as number));
  if (smooth !== "auto") return means.map((of) => (Number.isNaN(of) ? mean : of));
  const within = new Float64Array(nCategories);
  await each((code, target) => {
    within[code] = (within[code] as number) + (target - (means[code] as number)) ** 2;
  });
  return means.map((of, k) => {
    const count = counts[k] as number;
    const between = variance * count;
    const share = between / (between + (within[k] as number) / count);
    return Number.isNaN(share) ? mean : share * of + (1 - share) * mean;
  });
}
