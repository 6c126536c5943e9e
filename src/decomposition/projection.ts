import { effectiveNJobs } from "../base/config.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { FeatureLabels, FloatArray } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** (x - shift) weights + offset; weights are nFeatures × offset.length, row-major. */
export interface AffineProjection {
  readonly weights: Float64Array;
  readonly shift: Float64Array;
  readonly offset: Float64Array;
}

/** Projects every row of X: float32 for a Matrix of float32, else float64. */
export async function projectRows<T extends FloatArray>(
  X: MatrixLike,
  source: RowSource,
  where: string,
  { weights, shift, offset }: AffineProjection,
  options?: RunOptions,
): Promise<Matrix<T>> {
  const narrow = X instanceof Matrix && X.data instanceof Float32Array;
  const type = (narrow ? Float32Array : Float64Array) as unknown as new (length: number) => T;
  return runJob(effectiveNJobs(), options, async (job) => {
    const map = addon().createProjectionMap(labelsOf(where, source), weights, shift, offset);
    const { rows, values } = await mapRows(source, map, offset.length, type, job, options?.signal, where);
    return new Matrix<T>(values, [rows, offset.length]);
  });
}

/** What native messages call a table. */
export function labelsOf(where: string, source: RowSource): FeatureLabels {
  return { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
}

/** Columns as rows: a (rows × cols) to cols × rows. */
export function transposed(a: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[j * rows + i] = a[i * cols + j] as number;
  return out;
}

/**
 * Turns each row of `components` (width numbers) so that its entry of largest absolute value is positive, in place:
 * scikit-learn's svd_flip with u_based_decision=False.
 */
export function flipSigns(components: Float64Array, width: number): void {
  for (let at = 0; at < components.length; at += width) {
    const row = components.subarray(at, at + width);
    let largest = 0;
    for (const value of row) if (Math.abs(value) > Math.abs(largest)) largest = value;
    if (largest < 0) for (let j = 0; j < width; j++) row[j] = -(row[j] as number);
  }
}

/** `pca0`, `pca1`, …: names of columns that are no feature's. */
export function componentNames(className: string, count: number): string[] {
  return Array.from({ length: count }, (_, k) => `${className.toLowerCase()}${k}`);
}
