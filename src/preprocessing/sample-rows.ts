import { randomUniform } from "../base/random.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { DrawnRows } from "../data/drawn-table.js";
import { RowMask } from "../data/row-mask.js";
import { isBreak, takeBreak } from "../data/vector.js";
import { countUpTo } from "./ascending.js";

// Samples of rows that quantiles are learned from, where there are more rows than `subsample`.

const [WITH_REPLACEMENT, WITHOUT_REPLACEMENT] = [0, 1];

/** `n` rows of X drawn with replacement, each in proportion to its weight: read in every pass, not copied. */
export async function drawnRows(
  X: ChunkedMatrix,
  n: number,
  weights: Float64Array | undefined,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<ChunkedMatrix> {
  const sums = weights === undefined ? undefined : await runningSums(weights, signal);
  const total = sums?.at(-1) ?? X.rows;
  const times = new Uint32Array(X.rows);
  for (let k = 0; k < n; k++) {
    if (isBreak(k)) await takeBreak(signal);
    const at = randomUniform(seed, WITH_REPLACEMENT, k) * total;
    const row = sums === undefined ? Math.floor(at) : Math.min(X.rows - 1, countUpTo(sums, at));
    times[row] = (times[row] as number) + 1;
  }
  return ChunkedMatrix.from(new DrawnRows(X, times), { dtype: X.dtype, signal });
}

/** `n` different rows of X (Knuth's algorithm S): read in every pass, not copied. */
export async function sampledRows(
  X: ChunkedMatrix,
  n: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<ChunkedMatrix> {
  const { rows } = X;
  const bits = new Uint8Array(Math.ceil(rows / 8));
  let wanted = n;
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak(signal);
    if (randomUniform(seed, WITHOUT_REPLACEMENT, i) * (rows - i) >= wanted) continue;
    bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
    wanted--;
  }
  return X.withMask(new RowMask(bits, rows));
}

async function runningSums(weights: Float64Array, signal: AbortSignal | undefined): Promise<Float64Array> {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    sum += weights[i] as number;
    sums[i] = sum;
  }
  return sums;
}
