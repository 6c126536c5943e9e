import { effectiveNJobs } from "../base/config.js";
import { invalidData } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { mapRows } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, type LabelArray, type VectorLike } from "../data/vector.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Rows in memory and the cluster of each. */
export interface ClusteredRows {
  readonly rows: Matrix<Float64Array>;
  readonly codes: Int32Array;
  readonly classes: LabelArray;
  /** Rows of each cluster. */
  readonly sizes: Float64Array;
}

/**
 * Reads what scores of a clustering without known classes take.
 *
 * @throws TreelineError ERR_INVALID_DATA for values that are not finite, or fewer than 2 or more than rows - 1 clusters;
 * ERR_MEMORY_LIMIT where the rows do not fit.
 */
export async function readClusteredRows(
  where: string,
  X: MatrixLike,
  labels: VectorLike,
  { signal }: RunOptions = {},
): Promise<ClusteredRows> {
  const source = rowSourceOf(X, `${where}: X`);
  const { classes, codes } = await encodeLabels(labels, `${where}: labels`, signal);
  const { nFeatures } = source;
  refuseTooLarge(8 * codes.length * nFeatures, `${where}: X`);
  const copy = addon().createAffineMap(new Float64Array(nFeatures), new Float64Array(nFeatures).fill(1), false);
  const { rows, values } = await runJob(effectiveNJobs(), { signal }, (job) =>
    mapRows(source, copy, nFeatures, Float64Array, job, signal),
  );
  if (rows !== codes.length) throw invalidData(`${where}: X has ${rows} rows, but labels has ${codes.length}`);
  if (classes.length < 2 || classes.length >= rows) {
    throw invalidData(`${where}: there must be 2 to rows - 1 clusters, got ${classes.length} of ${rows} rows`);
  }
  const odd = values.findIndex((value) => value - value !== 0);
  if (odd >= 0)
    throw invalidData(`${where}: X must be finite, got ${values[odd]} in row ${Math.floor(odd / nFeatures)}`);
  const sizes = new Float64Array(classes.length);
  for (const code of codes) sizes[code] = (sizes[code] as number) + 1;
  return { rows: new Matrix(values, [rows, nFeatures]), codes, classes, sizes };
}

/** The mean of the rows of each cluster, nClusters × nFeatures, row-major. */
export function centroidsOf({ rows, codes, sizes }: ClusteredRows): Float64Array {
  const d = rows.cols;
  const sums = new Float64Array(sizes.length * d);
  for (let i = 0; i < rows.rows; i++) {
    const at = (codes[i] as number) * d;
    for (let j = 0; j < d; j++) sums[at + j] = (sums[at + j] as number) + (rows.data[i * d + j] as number);
  }
  return sums.map((sum, cell) => sum / (sizes[Math.floor(cell / d)] as number));
}

/** Squared distance of row i of one table from row k of another. */
export function squaredDistance(a: Float64Array, i: number, b: Float64Array, k: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += ((a[i * d + j] as number) - (b[k * d + j] as number)) ** 2;
  return sum;
}
