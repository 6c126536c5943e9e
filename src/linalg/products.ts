import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { pour } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { dense, labelsOf, reading, rowsTimes } from "./table.js";

/** Options of matmul. */
export interface MatmulOptions extends RunOptions {
  /**
   * "float64" (default), or "float32": X and B are rounded to float32 and multiplied in it, twice as fast and with seven
   * digits. X is a Matrix then; values that are not finite go through, as in NumPy.
   */
  readonly dtype?: "float64" | "float32";
}

/**
 * X B: nSamples × B.cols. X may be larger than memory, the result is held. Sums are those of docs/decisions/0032: the same
 * bits for any nJobs, chunks and instruction set.
 *
 * @example const scores = await matmul(X, [[0.5, 1], [0, 2], [1, 0]]); // X: n × 3, scores: n × 2
 * @throws TreelineError ERR_INVALID_ARGUMENT where shapes do not fit, ERR_INVALID_DATA for values that are not finite.
 */
export async function matmul(
  X: Matrix,
  B: Matrix | readonly (readonly number[])[],
  options: MatmulOptions & { readonly dtype: "float32" },
): Promise<Matrix<Float32Array>>;
export async function matmul(
  X: MatrixLike,
  B: Matrix | readonly (readonly number[])[],
  options?: RunOptions & { readonly dtype?: "float64" },
): Promise<Matrix<Float64Array>>;
export async function matmul(
  X: MatrixLike,
  B: Matrix | readonly (readonly number[])[],
  { dtype = "float64", ...options }: MatmulOptions = {},
): Promise<Matrix> {
  if (dtype !== "float64" && dtype !== "float32") {
    throw invalidArgument(`matmul: dtype must be "float64" or "float32", got ${show(dtype)}`);
  }
  if (dtype === "float32") return narrowProduct(X, B instanceof Matrix ? B : Matrix.from(B), options);
  const weights = dense(B, "matmul: B");
  return reading("matmul", X, options, async (table) => {
    checkInner(table.source.nFeatures, weights.rows);
    return rowsTimes(table, weights);
  });
}

function checkInner(columns: number, rows: number): void {
  if (columns === rows) return;
  throw invalidArgument(`matmul: X has ${columns} columns, but B has ${rows} rows: they must be as many`);
}

async function narrowProduct(X: MatrixLike, B: Matrix, options: RunOptions): Promise<Matrix<Float32Array>> {
  if (!(X instanceof Matrix)) {
    throw invalidArgument(
      `matmul: X must be a Matrix for dtype "float32", got ${show(X)}: its product is formed in memory`,
    );
  }
  checkInner(X.cols, B.rows);
  const [a, b] = [narrowed(X), narrowed(B)];
  return runJob(effectiveNJobs(), options, async (job) => {
    const product = await addon().multiply(a, b, X.rows, X.cols, B.cols, job);
    return new Matrix(product, [X.rows, B.cols]);
  });
}

/** The numbers row by row, as float32: themselves where they are that. */
function narrowed({ data, order, rows, cols }: Matrix): Float32Array {
  if (order === "row") return data instanceof Float32Array ? data : Float32Array.from(data);
  return Float32Array.from({ length: rows * cols }, (_, k) => data[(k % cols) * rows + Math.floor(k / cols)] as number);
}

/** XᵀX: nFeatures × nFeatures, in one pass over X. @throws TreelineError ERR_INVALID_DATA */
export async function gram(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
  return reading("gram", X, options, async (table) => {
    const sink = addon().createGramSink(labelsOf(table), false);
    await pour(table.source, sink, table.job, table.signal);
    const { products } = await addon().gramResult(sink, table.job);
    return new Matrix(products, [table.source.nFeatures, table.source.nFeatures]);
  });
}

/** Options of cov. */
export interface CovOptions extends RunOptions {
  /** Taken off the number of rows that the sums are divided by. Default 1. */
  readonly ddof?: number;
}

/**
 * The covariance matrix of the columns (numpy.cov with rowvar=False), in one pass; a mean far from zero costs no digits.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function cov(X: MatrixLike, options: CovOptions = {}): Promise<Matrix<Float64Array>> {
  return reading("cov", X, options, async (table) => {
    const sink = addon().createGramSink(labelsOf(table), true);
    await pour(table.source, sink, table.job, table.signal);
    const { covariance } = await addon().gramCovariance(sink, options.ddof ?? 1, table.job);
    return new Matrix(covariance, [table.source.nFeatures, table.source.nFeatures]);
  });
}

/**
 * The correlation matrix of the columns (numpy.corrcoef with rowvar=False); NaN for a constant column.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function corr(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
  const covariance = await cov(X, { ...options, ddof: 0 });
  const n = covariance.rows;
  const deviation = Float64Array.from({ length: n }, (_, j) => Math.sqrt(covariance.at(j, j)));
  const data = covariance.data.map((value, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const scale = (deviation[i] as number) * (deviation[j] as number);
    if (scale === 0) return NaN;
    return i === j ? 1 : Math.max(-1, Math.min(1, value / scale));
  });
  return new Matrix(data, [n, n]);
}
