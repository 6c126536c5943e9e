import { invalidArgument, show } from "../base/errors.js";
import type { FloatArray, NumericArray } from "../native/addon.js";
import {
  arrowBatches,
  isArrowRecordBatch,
  isArrowTable,
  isArrowVector,
  type ArrowRecordBatch,
  type ArrowTable,
  type ArrowVector,
} from "./arrow.js";
import { takeRows, takeValues } from "./arrow-take.js";
import { Frame, type ReadOptions } from "./frame.js";
import { FrameColumn } from "./frame-column.js";
import { CsrMatrix } from "./csr-matrix.js";
import { Matrix } from "./matrix.js";
import { MaskedRows } from "./masked-rows.js";
import type { RowMask } from "./row-mask.js";
import type { RowSource } from "./row-source.js";

/** A table that gives a part of its rows without being read: a ChunkedMatrix. */
export interface RowsByMask {
  countRows(options?: ReadOptions): Promise<number>;
  withMask(mask: RowMask): object;
}

function isRowsByMask(data: unknown): data is RowsByMask {
  return typeof data === "object" && data !== null && "countRows" in data && "withMask" in data;
}

/** What can be split by rows: tables, and columns of them. */
export type Splittable =
  | Matrix
  | CsrMatrix
  | Frame
  | FrameColumn
  | RowsByMask
  | RowSource
  | ArrowTable
  | ArrowRecordBatch
  | ArrowVector
  | readonly unknown[]
  | NumericArray
  | BigInt64Array
  | BigUint64Array;

/** A table of another kind, which is read in chunks. */
function isOtherSource(data: unknown): data is RowSource {
  return typeof data === "object" && data !== null && typeof (data as RowSource).chunks === "function";
}

async function countedRows(source: RowSource, signal: AbortSignal | undefined): Promise<number> {
  if (source.nRows !== undefined) return source.nRows;
  let rows = 0;
  for await (const chunk of source.chunks(signal)) rows += chunk.rows;
  return rows;
}

/** Number of rows; a Frame may have to be counted, a table of unknown length read. */
export async function rowsOf(data: Splittable, where: string, options: ReadOptions): Promise<number> {
  if (data instanceof Matrix || data instanceof CsrMatrix) return data.rows;
  if (data instanceof Frame || isRowsByMask(data)) return data.countRows(options);
  if (data instanceof FrameColumn) return data.frame.countRows(options);
  if (isOtherSource(data)) return countedRows(data, options.signal);
  if (isArrowTable(data) || isArrowRecordBatch(data)) return data.numRows;
  if (isArrowVector(data) || Array.isArray(data)) return data.length;
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return data.length;
  throw invalidArgument(
    `${where}: expected arrays, typed arrays, a Matrix, CsrMatrix or ChunkedMatrix, Arrow tables or vectors, Frames or Frame columns, got ${show(data)}`,
  );
}

/** The rows of the mask, in row order, in the container the data came in. Frames are not read. */
export function rowsByMask(data: Splittable, mask: RowMask, indices: Int32Array): Splittable {
  if (data instanceof Frame) return data.withMask(mask);
  if (isRowsByMask(data)) return data.withMask(mask) as Splittable;
  if (data instanceof FrameColumn) return new FrameColumn(data.frame.withMask(mask), data.name);
  if (isOtherSource(data)) return new MaskedRows(data, mask);
  return rowsAt(data, indices);
}

/** Rows of data in memory: their numbers, ascending; a number that comes several times gives its row as often. */
export function rowsAt(data: Splittable, indices: Int32Array): Splittable {
  if (data instanceof Matrix) return matrixRows(data, indices);
  if (data instanceof CsrMatrix) return data.takeRows(indices);
  if (isArrowTable(data)) return new (data.constructor as ArrowConstructor<ArrowTable>)(batchRows(data, indices));
  if (isArrowRecordBatch(data)) return takeRows(data, indices);
  if (isArrowVector(data)) return takeValues(data, indices);
  if (Array.isArray(data)) return Array.from(indices, (i) => data[i] as unknown);
  const values = data as Float64Array;
  const out = new (values.constructor as new (n: number) => Float64Array)(indices.length);
  for (let k = 0; k < indices.length; k++) out[k] = values[indices[k] as number] as number;
  return out;
}

type ArrowConstructor<T> = new (batches: readonly ArrowRecordBatch[]) => T;

/** The wanted rows of every batch: a table keeps its batches. */
function batchRows(table: ArrowTable, indices: Int32Array): ArrowRecordBatch[] {
  let first = 0;
  let k = 0;
  return arrowBatches(table).map((batch) => {
    const from = k;
    const end = first + batch.numRows;
    while (k < indices.length && (indices[k] as number) < end) k++;
    const local = indices.slice(from, k).map((i) => i - first);
    first = end;
    return takeRows(batch, local);
  });
}

function matrixRows(matrix: Matrix, indices: Int32Array): Matrix {
  const { data, order, rows, cols } = matrix;
  const count = indices.length;
  const out: FloatArray = new (data.constructor as new (n: number) => FloatArray)(count * cols);
  if (order === "row") {
    indices.forEach((i, k) => out.set(data.subarray(i * cols, (i + 1) * cols), k * cols));
  } else {
    for (let j = 0; j < cols; j++) {
      for (let k = 0; k < count; k++) out[j * count + k] = data[j * rows + (indices[k] as number)] as number;
    }
  }
  return new Matrix(out, [count, cols], order);
}
