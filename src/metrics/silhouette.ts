import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { randomUniform, seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import { mapRows } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import { runJob, type RunOptions } from "../native/job.js";
import { readClusteredRows, type ClusteredRows } from "./clustered-rows.js";
import { checkChoice, checkOptions } from "./options.js";
import type { DistanceMetric } from "./pairwise.js";
import { comparisonOf } from "./pairwise-map.js";
import { Sum } from "./sum.js";

/** Options of silhouetteSamples. */
export interface SilhouetteOptions extends RunOptions {
  /** Default "euclidean". */
  readonly metric?: DistanceMetric | undefined;
}

/** Options of silhouetteScore. */
export interface SilhouetteScoreOptions extends SilhouetteOptions {
  /** Rows drawn at random, of which the score is that of. Default null: all. */
  readonly sampleSize?: number | null | undefined;
  /** Seed of the draw. */
  readonly randomState?: number | null | undefined;
}

/** Rows whose distances from so many others are in memory at a time. */
const TILE = 1024;

/**
 * Silhouette of every row, -1 … 1: (b - a) / max(a, b), where a is its mean distance from the other rows of its cluster
 * and b that from the rows of the nearest other cluster; 0 for a cluster of one row; as scikit-learn's silhouette_samples.
 * Takes time by the square of the rows; never holds more than a tile of the distances.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT, ERR_MEMORY_LIMIT where X does not fit into memory
 */
export async function silhouetteSamples(
  X: MatrixLike,
  labels: VectorLike,
  options: SilhouetteOptions = {},
): Promise<Float64Array> {
  const where = "silhouetteSamples";
  checkOptions(where, options, ["metric", "signal", "onProgress"]);
  return samplesOf(where, await readClusteredRows(where, X, labels, options), options);
}

/**
 * Mean silhouette of all rows, or of some drawn at random: see silhouetteSamples; as scikit-learn's silhouette_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT, ERR_MEMORY_LIMIT where X does not fit into memory
 */
export async function silhouetteScore(
  X: MatrixLike,
  labels: VectorLike,
  options: SilhouetteScoreOptions = {},
): Promise<number> {
  const where = "silhouetteScore";
  checkOptions(where, options, ["metric", "sampleSize", "randomState", "signal", "onProgress"]);
  const { sampleSize = null, randomState = null } = options;
  let clustered = await readClusteredRows(where, X, labels, options);
  if (sampleSize !== null) clustered = await drawn(where, clustered, sampleSize, randomState);
  const samples = await samplesOf(where, clustered, options);
  const sum = new Sum();
  for (const value of samples) sum.add(value);
  return sum.value / samples.length;
}

async function samplesOf(
  where: string,
  { rows, codes, sizes }: ClusteredRows,
  { metric = "euclidean", ...run }: SilhouetteOptions,
): Promise<Float64Array> {
  checkChoice(where, "metric", metric, ["euclidean", "sqeuclidean", "manhattan", "cosine"]);
  const [n] = rows.shape;
  const out = new Float64Array(n);
  await runJob(effectiveNJobs(), { signal: run.signal }, async (job) => {
    for (let begin = 0; begin < n; begin += TILE) {
      const some = tile(rows, begin);
      const source = rowSourceOf(some, where);
      const sums = new Float64Array(some.rows * sizes.length);
      for (let other = 0; other < n; other += TILE) {
        const { map, nOutputs } = comparisonOf(where, source, tile(rows, other), metric);
        const { values } = await mapRows(source, map, nOutputs, Float64Array, job, run.signal);
        addByCluster(values, nOutputs, codes.subarray(other, other + nOutputs), sizes.length, sums);
      }
      for (let i = 0; i < some.rows; i++) {
        out[begin + i] = silhouette(sums.subarray(i * sizes.length), codes[begin + i] as number, sizes);
      }
    }
  });
  return out;
}

function tile(rows: Matrix<Float64Array>, begin: number): Matrix<Float64Array> {
  const end = Math.min(rows.rows, begin + TILE);
  return new Matrix(rows.data.subarray(begin * rows.cols, end * rows.cols), [end - begin, rows.cols]);
}

/** Adds distances, rows × others, to the sums of the others' clusters. */
function addByCluster(
  distances: Float64Array,
  others: number,
  codes: Int32Array,
  nClusters: number,
  sums: Float64Array,
): void {
  for (let at = 0, row = 0; at < distances.length; at += others, row += nClusters) {
    for (let k = 0; k < others; k++) {
      const cell = row + (codes[k] as number);
      sums[cell] = (sums[cell] as number) + (distances[at + k] as number);
    }
  }
}

/** The silhouette of a row, given the sums of its distances from every cluster. */
function silhouette(sums: Float64Array, own: number, sizes: Float64Array): number {
  let nearest = Infinity;
  for (let k = 0; k < sizes.length; k++) {
    if (k !== own) nearest = Math.min(nearest, (sums[k] as number) / (sizes[k] as number));
  }
  const size = sizes[own] as number;
  if (size === 1) return 0;
  const within = (sums[own] as number) / (size - 1);
  const most = Math.max(within, nearest);
  return most === 0 ? 0 : (nearest - within) / most;
}

/** Some of the rows, drawn without replacement. */
async function drawn(
  where: string,
  { rows, codes, classes }: ClusteredRows,
  sampleSize: number,
  randomState: number | null,
): Promise<ClusteredRows> {
  if (!Number.isInteger(sampleSize) || sampleSize < 2 || sampleSize > rows.rows) {
    throw invalidArgument(`${where}: sampleSize must be an integer from 2 to ${rows.rows}, got ${show(sampleSize)}`);
  }
  const seed = seedOf(randomState);
  const keys = Float64Array.from({ length: rows.rows }, (_, i) => randomUniform(seed, 0, i));
  const order = Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  const chosen = order.subarray(0, sampleSize).sort();
  const data = new Float64Array(sampleSize * rows.cols);
  chosen.forEach((i, k) => data.set(rows.data.subarray(i * rows.cols, (i + 1) * rows.cols), k * rows.cols));
  const labels = Array.from(chosen, (i) => classes[codes[i] as number] as string);
  return readClusteredRows(where, new Matrix(data, [sampleSize, rows.cols]), labels);
}
