import { invalidArgument } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { pour } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { dense, labelsOf, reading, rowsTimes } from "./table.js";

/**
 * X B: nSamples × B.cols. X may be larger than memory, the result is held. Sums are those of docs/decisions/0032: the same
 * bits for any nJobs, chunks and instruction set.
 *
 * @example const scores = await matmul(X, weights);
 * @throws TreelineError ERR_INVALID_ARGUMENT where shapes do not fit, ERR_INVALID_DATA for values that are not finite.
 */
export async function matmul(
  X: MatrixLike,
  B: Matrix | readonly (readonly number[])[],
  options?: RunOptions,
): Promise<Matrix<Float64Array>> {
  const weights = dense(B, "matmul: B");
  return reading("matmul", X, options, async (table) => {
    if (table.source.nFeatures !== weights.rows) {
      throw invalidArgument(
        `matmul: X has ${table.source.nFeatures} columns, but B has ${weights.rows} rows: they must be as many`,
      );
    }
    return rowsTimes(table, weights);
  });
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
