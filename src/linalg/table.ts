import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { ChunkColumn, DenseChunk, FeatureLabels, JobOptions } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** A table that an operation reads, and the job it does it in. */
export interface Reading {
  readonly source: RowSource;
  readonly where: string;
  readonly job: JobOptions;
  readonly signal: AbortSignal | undefined;
}

/** Runs an operation on a table of at least one row and column. */
export async function reading<T>(
  where: string,
  X: MatrixLike,
  options: RunOptions | undefined,
  body: (reading: Reading) => Promise<T>,
): Promise<T> {
  const source = rowSourceOf(X, `${where}: X`);
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (source.nRows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  return runJob(effectiveNJobs(), options, (job) => body({ source, where, job, signal: options?.signal }));
}

/** What native messages call a table. */
export function labelsOf({ source, where }: Reading): FeatureLabels {
  return { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
}

/** R of the table (TSQR): height × cols. */
export async function factorOf(table: Reading): Promise<{ rows: number; R: Matrix<Float64Array> }> {
  const sink = addon().createTsqrSink(labelsOf(table), false, undefined);
  await pour(table.source, sink, table.job, table.signal);
  const { rows, height, cols, values } = await addon().tsqrResult(sink, table.job);
  if (rows === 0) throw invalidData(`${table.where}: X has 0 rows; at least 1 is needed`);
  return { rows, R: new Matrix(values, [height, cols]) };
}

/** Every row of the table times `weights`. */
export async function rowsTimes(table: Reading, weights: Matrix<Float64Array>): Promise<Matrix<Float64Array>> {
  const { source, job, signal } = table;
  const zeros = new Float64Array(weights.rows);
  const map = addon().createProjectionMap(labelsOf(table), weights.data, zeros, new Float64Array(weights.cols));
  const { rows, values } = await mapRows(source, map, weights.cols, Float64Array, job, signal, table.where);
  return new Matrix(values, [rows, weights.cols]);
}

/** A small matrix as row-major float64: itself where it is that. */
export function dense(a: Matrix | readonly (readonly number[])[], where: string): Matrix<Float64Array> {
  const matrix = a instanceof Matrix ? a : Matrix.from(a);
  const at = matrix.data.findIndex((x) => !Number.isFinite(x));
  if (at >= 0) throw invalidData(`${where} must be finite numbers, got ${show(matrix.data[at])}`);
  if (matrix.order === "row" && matrix.data instanceof Float64Array) return matrix as Matrix<Float64Array>;
  return Matrix.from(matrix.toArray());
}

/** The same, refused unless it is square. */
export function square(a: Matrix | readonly (readonly number[])[], where: string): Matrix<Float64Array> {
  const matrix = dense(a, where);
  if (matrix.rows === matrix.cols && matrix.rows > 0) return matrix;
  throw invalidArgument(`${where} must be square, got ${matrix.rows} × ${matrix.cols}`);
}

/** Rows as columns. */
export function transposeOf(a: Matrix<Float64Array>): Matrix<Float64Array> {
  const out = new Float64Array(a.data.length);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) out[j * a.rows + i] = a.data[i * a.cols + j] as number;
  }
  return new Matrix(out, [a.cols, a.rows]);
}

/** A table with the columns of `right`, a row for each of its rows, behind its own. */
export function beside(source: RowSource, right: Matrix<Float64Array>, where: string): RowSource {
  const d = source.nFeatures;
  return {
    nFeatures: d + right.cols,
    nRows: source.nRows,
    featureNames: source.featureNames?.concat(Array.from({ length: right.cols }, (_, k) => `Y ${k}`)),
    categories: undefined,
    async *chunks(signal) {
      for await (const chunk of source.chunks(signal)) {
        if (chunk.firstRow + chunk.rows > right.rows) {
          throw invalidData(`${where}: X has more rows than Y, which has ${right.rows}`);
        }
        const own = chunk.columns ?? columnsOf(chunk, d);
        const more = Array.from({ length: right.cols }, (_, k) => ({
          values: right.data,
          offset: chunk.firstRow * right.cols + k,
          stride: right.cols,
        }));
        yield { rows: chunk.rows, firstRow: chunk.firstRow, columns: [...own, ...more] };
      }
    },
  };
}

function columnsOf(chunk: DenseChunk, count: number): ChunkColumn[] {
  const { values, offset, rowStride, colStride } = chunk;
  return Array.from({ length: count }, (_, j) => ({ values, offset: offset + j * colStride, stride: rowStride }));
}
