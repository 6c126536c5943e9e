import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { mapRows } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { PairwiseKind } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { comparisonOf, type Rows } from "./pairwise-map.js";

/** Names of distances that pairwiseDistances knows. */
export type DistanceMetric = "euclidean" | "sqeuclidean" | "manhattan" | "cosine";

/** Options of rbfKernel and laplacianKernel. */
export interface KernelOptions extends RunOptions {
  /** How fast the similarity falls with the distance. Default null: 1 / nFeatures. */
  readonly gamma?: number | null;
}

const METRICS: readonly DistanceMetric[] = ["euclidean", "sqeuclidean", "manhattan", "cosine"];

/**
 * Euclidean distances of the rows of X from those of Y: nSamples × Y.rows (sklearn.metrics.pairwise.euclidean_distances).
 * Distances that are small beside the rows are computed from their differences: they lose no digits, and equal rows are at
 * distance 0. X may be larger than memory, the result is held; ChunkedMatrix.euclideanDistances does not hold it. The same
 * bits for any nJobs, chunks and instruction set.
 *
 * @param Y rows in memory, finite; undefined: X, which must then be a Matrix or an array of rows.
 * @param options squared: squared distances, default false; signal and onProgress.
 * @throws TreelineError ERR_INVALID_ARGUMENT for shapes that do not fit, ERR_INVALID_DATA for values that are not finite, ERR_MEMORY_LIMIT
 */
export function euclideanDistances(
  X: MatrixLike,
  Y?: Rows,
  { squared = false, ...options }: RunOptions & { readonly squared?: boolean } = {},
): Promise<Matrix<Float64Array>> {
  return compared("euclideanDistances", X, Y, squared ? "sqeuclidean" : "euclidean", null, options);
}

/**
 * Sums of the absolute differences of the rows of X and of Y, nSamples × Y.rows: see euclideanDistances
 * (sklearn.metrics.pairwise.manhattan_distances).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function manhattanDistances(X: MatrixLike, Y?: Rows, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
  return compared("manhattanDistances", X, Y, "manhattan", null, options);
}

/**
 * Cosines of the angles between the rows of X and of Y, nSamples × Y.rows, 0 for rows of zeros: see euclideanDistances
 * (sklearn.metrics.pairwise.cosine_similarity).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function cosineSimilarity(X: MatrixLike, Y?: Rows, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
  return compared("cosineSimilarity", X, Y, "cosineSimilarity", null, options);
}

/**
 * 1 - cosine of the angles between the rows of X and of Y, nSamples × Y.rows, 1 for rows of zeros: see euclideanDistances.
 * Small ones lose no digits (sklearn.metrics.pairwise.cosine_distances).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function cosineDistances(X: MatrixLike, Y?: Rows, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
  return compared("cosineDistances", X, Y, "cosine", null, options);
}

/**
 * exp(-gamma · squared Euclidean distance) for the rows of X and of Y, nSamples × Y.rows: see euclideanDistances
 * (sklearn.metrics.pairwise.rbf_kernel).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function rbfKernel(
  X: MatrixLike,
  Y?: Rows,
  { gamma = null, ...options }: KernelOptions = {},
): Promise<Matrix<Float64Array>> {
  return compared("rbfKernel", X, Y, "rbf", gamma, options);
}

/**
 * exp(-gamma · Manhattan distance) for the rows of X and of Y, nSamples × Y.rows: see euclideanDistances
 * (sklearn.metrics.pairwise.laplacian_kernel).
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function laplacianKernel(
  X: MatrixLike,
  Y?: Rows,
  { gamma = null, ...options }: KernelOptions = {},
): Promise<Matrix<Float64Array>> {
  return compared("laplacianKernel", X, Y, "laplacian", gamma, options);
}

/**
 * Distances by name, nSamples × Y.rows: see euclideanDistances (sklearn.metrics.pairwise_distances).
 *
 * @param options metric: "euclidean" (default), "sqeuclidean", "manhattan" or "cosine"; signal and onProgress.
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export function pairwiseDistances(
  X: MatrixLike,
  Y?: Rows,
  { metric = "euclidean", ...options }: RunOptions & { readonly metric?: DistanceMetric } = {},
): Promise<Matrix<Float64Array>> {
  if (!METRICS.includes(metric)) {
    throw invalidArgument(`pairwiseDistances: metric must be one of ${METRICS.join(", ")}, got ${show(metric)}`);
  }
  return compared("pairwiseDistances", X, Y, metric, null, options);
}

async function compared(
  where: string,
  X: MatrixLike,
  Y: Rows | undefined,
  kind: PairwiseKind,
  gamma: number | null,
  options: RunOptions,
): Promise<Matrix<Float64Array>> {
  const source = rowSourceOf(X, `${where}: X`);
  const { map, nOutputs } = comparisonOf(where, source, Y ?? itself(where, X), kind, gamma);
  return runJob(effectiveNJobs(), options, async (job) => {
    const { rows, values } = await mapRows(source, map, nOutputs, Float64Array, job, options.signal, where);
    return new Matrix(values, [rows, nOutputs]);
  });
}

/** X as the rows that it is compared with. */
function itself(where: string, X: MatrixLike): Rows {
  if (X instanceof Matrix) return X;
  if (Array.isArray(X)) return (X as readonly (readonly number[])[]).map((row) => Array.from(row));
  throw invalidArgument(`${where}: without Y, X must be a Matrix or an array of rows, got ${show(X)}: give Y`);
}
