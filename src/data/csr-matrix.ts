import { inspect, type InspectOptions } from "node:util";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { htmlBundle, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import type { FloatArray } from "../native/addon.js";
import { Matrix } from "./matrix.js";

/** Where every row begins: Int32Array, or Float64Array for more than 2^31 - 1 entries. */
export type RowPointers = Int32Array | Float64Array;

/** The entries of one row of a CsrMatrix, columns ascending: views, not copies. */
export interface SparseRow {
  readonly indices: Int32Array;
  readonly values: FloatArray;
}

/**
 * A sparse matrix in compressed rows, as scipy's csr_array: row i has the values data[indptr[i]] … data[indptr[i + 1] - 1] in
 * the columns `indices` says; what is not there is 0. The arrays are not copied.
 *
 * Every estimator takes one as X. Linear models and LinearSVC learn and predict from its entries alone where at most one cell in
 * 16 is stored: a pass costs what there are entries. Trees, forests and boosting learn from its entries, however many. All others
 * read it in chunks of dense rows of about 4 MB, never whole, so that memory is small, but a pass costs what it costs on the
 * dense table.
 *
 * @example
 * const X = CsrMatrix.fromTriplets([0, 0, 2], [1, 3, 0], [5, 1, 2], [3, 4]); // 3 rows, 4 columns, 3 entries
 */
export class CsrMatrix<T extends FloatArray = FloatArray> {
  readonly data: T;
  readonly indices: Int32Array;
  readonly indptr: RowPointers;
  /** [number of rows, number of columns]. */
  readonly shape: readonly [number, number];

  /**
   * @throws TreelineError ERR_INVALID_ARGUMENT for arrays of other types or lengths, ERR_INVALID_DATA for pointers that go
   * back and columns that are out of range, out of order or given twice.
   */
  constructor(data: T, indices: Int32Array, indptr: RowPointers, shape: readonly [number, number]) {
    const [rows, cols] = shape;
    if (!isCount(rows) || !isCount(cols)) {
      throw invalidArgument(`CsrMatrix: shape must be two non-negative integers, got [${rows}, ${cols}]`);
    }
    if (!(data instanceof Float64Array || data instanceof Float32Array)) {
      throw invalidArgument(`CsrMatrix: data must be a Float32Array or Float64Array, got ${show(data)}`);
    }
    if (!(indices instanceof Int32Array) || indices.length !== data.length) {
      throw invalidArgument(
        `CsrMatrix: indices must be an Int32Array as long as data (${data.length}), got ${show(indices)}`,
      );
    }
    if (!(indptr instanceof Int32Array || indptr instanceof Float64Array) || indptr.length !== rows + 1) {
      throw invalidArgument(
        `CsrMatrix: indptr must be an Int32Array or Float64Array of rows + 1 = ${rows + 1} places, got ${show(indptr)}`,
      );
    }
    checkRows(indices, indptr, rows, cols);
    this.data = data;
    this.indices = indices;
    this.indptr = indptr;
    this.shape = [rows, cols];
  }

  /**
   * From entries in any order: values[k] in row rows[k], column cols[k]. Values of one place are added up.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  static fromTriplets(
    rows: ArrayLike<number>,
    cols: ArrayLike<number>,
    values: ArrayLike<number>,
    shape: readonly [number, number],
  ): CsrMatrix<Float64Array> {
    const [nRows, nCols] = shape;
    if (rows.length !== values.length || cols.length !== values.length) {
      throw invalidArgument(
        `CsrMatrix.fromTriplets: rows (${rows.length}), cols (${cols.length}) and values (${values.length}) differ in length`,
      );
    }
    const starts = new Float64Array(nRows + 1);
    for (let k = 0; k < values.length; k++) {
      const [i, j] = [rows[k] as number, cols[k] as number];
      if (!isIndex(i, nRows) || !isIndex(j, nCols)) {
        throw invalidData(
          `CsrMatrix.fromTriplets: entry ${k} at [${i}, ${j}] is outside of shape [${nRows}, ${nCols}]`,
        );
      }
      starts[i + 1] = (starts[i + 1] as number) + 1;
    }
    for (let i = 0; i < nRows; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
    const order = new Float64Array(values.length);
    const next = starts.slice();
    for (let k = 0; k < values.length; k++) {
      const i = rows[k] as number;
      order[next[i] as number] = k;
      next[i] = (next[i] as number) + 1;
    }
    return gathered(order, starts, cols, values, shape);
  }

  /** From a dense table: zeros are left out, NaN is kept. @throws TreelineError ERR_INVALID_DATA */
  static fromDense(table: Matrix | readonly (readonly number[] | FloatArray)[]): CsrMatrix<Float64Array> {
    const matrix = table instanceof Matrix ? table : Matrix.from(table);
    const [rows, cols] = matrix.shape;
    const data: number[] = [];
    const indices: number[] = [];
    const indptr = new Float64Array(rows + 1);
    for (let i = 0; i < rows; i++) {
      const row = matrix.row(i);
      for (let j = 0; j < cols; j++) {
        if (row[j] === 0) continue;
        data.push(row[j] as number);
        indices.push(j);
      }
      indptr[i + 1] = data.length;
    }
    return new CsrMatrix(Float64Array.from(data), Int32Array.from(indices), narrowed(indptr), [rows, cols]);
  }

  get rows(): number {
    return this.shape[0];
  }

  get cols(): number {
    return this.shape[1];
  }

  /** Number of entries that are stored. */
  get nnz(): number {
    return this.data.length;
  }

  /** Element (i, j). @throws TreelineError ERR_INVALID_ARGUMENT outside of the shape. */
  at(i: number, j: number): number {
    if (!isIndex(j, this.cols)) {
      throw invalidArgument(`CsrMatrix: column must be in 0 … ${this.cols - 1}, got ${show(j)}`);
    }
    const { indices, values } = this.row(i);
    const k = indices.indexOf(j);
    return k < 0 ? 0 : (values[k] as number);
  }

  /** The entries of row i. @throws TreelineError ERR_INVALID_ARGUMENT outside of the shape. */
  row(i: number): SparseRow {
    if (!isIndex(i, this.rows)) {
      throw invalidArgument(`CsrMatrix: row must be in 0 … ${this.rows - 1}, got ${show(i)}`);
    }
    const [begin, end] = [this.indptr[i] as number, this.indptr[i + 1] as number];
    return { indices: this.indices.subarray(begin, end), values: this.data.subarray(begin, end) };
  }

  /** The rows named, in that order: a copy. @throws TreelineError ERR_INVALID_ARGUMENT outside of the shape. */
  takeRows(rows: ArrayLike<number>): CsrMatrix<T> {
    const indptr = new Float64Array(rows.length + 1);
    for (let k = 0; k < rows.length; k++) {
      indptr[k + 1] = (indptr[k] as number) + this.row(rows[k] as number).values.length;
    }
    const nnz = indptr[rows.length] as number;
    const data = new (this.data.constructor as new (n: number) => T)(nnz);
    const indices = new Int32Array(nnz);
    for (let k = 0; k < rows.length; k++) {
      const row = this.row(rows[k] as number);
      data.set(row.values, indptr[k]);
      indices.set(row.indices, indptr[k]);
    }
    return new CsrMatrix(data, indices, narrowed(indptr), [rows.length, this.cols]);
  }

  /** Rows [begin, end), as Array's slice: negative numbers count from the end. The entries are views, not copies. */
  slice(begin = 0, end = this.rows): CsrMatrix<T> {
    const from = clamped(begin, this.rows);
    const to = Math.max(from, clamped(end, this.rows));
    const start = this.indptr[from] as number;
    const stop = this.indptr[to] as number;
    const indptr = this.indptr.slice(from, to + 1).map((place) => place - start);
    return new CsrMatrix(this.data.subarray(start, stop) as T, this.indices.subarray(start, stop), indptr, [
      to - from,
      this.cols,
    ]);
  }

  /** The whole table, dense and row-major: rows × cols numbers. */
  toDense(): Matrix<Float64Array> {
    const [rows, cols] = this.shape;
    const out = new Float64Array(rows * cols);
    for (let i = 0; i < rows; i++) writeDense(this, i, out, i * cols);
    return new Matrix(out, [rows, cols]);
  }

  /** For notebooks: its first rows, dense. */
  [JUPYTER_DISPLAY](): MimeBundle {
    const first = this.slice(0, Math.min(this.rows, 10)).toDense();
    return htmlBundle(`${first.toHTML()}<p>the first of: ${inspect(this)}</p>`, inspect(this));
  }

  [inspect.custom](_depth: number, _options: InspectOptions): string {
    const share = this.rows * this.cols > 0 ? (100 * this.nnz) / (this.rows * this.cols) : 0;
    return `CsrMatrix ${this.rows} × ${this.cols} (${this.nnz} entries, ${Number(share.toPrecision(2))} %)`;
  }
}

/** Writes the entries of a row over zeros. */
export function writeDense({ data, indices, indptr }: CsrMatrix, row: number, out: Float64Array, at: number): void {
  const end = indptr[row + 1] as number;
  for (let k = indptr[row] as number; k < end; k++) out[at + (indices[k] as number)] = data[k] as number;
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function isIndex(i: number, size: number): boolean {
  return Number.isInteger(i) && i >= 0 && i < size;
}

function clamped(place: number, rows: number): number {
  return Math.max(0, Math.min(rows, place < 0 ? rows + place : place));
}

function narrowed(indptr: Float64Array): RowPointers {
  return (indptr[indptr.length - 1] as number) < 2 ** 31 ? Int32Array.from(indptr) : indptr;
}

function checkRows(indices: Int32Array, indptr: RowPointers, rows: number, cols: number): void {
  if (indptr[0] !== 0 || indptr[rows] !== indices.length) {
    throw invalidData(
      `CsrMatrix: indptr must begin with 0 and end with the number of entries, ${indices.length}; got ${indptr[0]} and ${indptr[rows]}`,
    );
  }
  for (let i = 0; i < rows; i++) {
    const [begin, end] = [indptr[i] as number, indptr[i + 1] as number];
    if (!(end >= begin) || end > indices.length || !Number.isInteger(end)) {
      throw invalidData(`CsrMatrix: indptr must not go back, got ${begin}, then ${end}, for row ${i}`);
    }
    let before = -1;
    for (let k = begin; k < end; k++) {
      const j = indices[k] as number;
      if (j < 0 || j >= cols) throw invalidData(`CsrMatrix: row ${i} has column ${j}, but there are ${cols} columns`);
      if (j <= before) {
        throw invalidData(
          `CsrMatrix: the columns of row ${i} must ascend, got ${j} after ${before}: fromTriplets takes any order`,
        );
      }
      before = j;
    }
  }
}

/** Entries by row (`order`, `starts`), sorted by column within a row, those of one place added up. */
function gathered(
  order: Float64Array,
  starts: Float64Array,
  cols: ArrayLike<number>,
  values: ArrayLike<number>,
  shape: readonly [number, number],
): CsrMatrix<Float64Array> {
  const data = new Float64Array(order.length);
  const indices = new Int32Array(order.length);
  const indptr = new Float64Array(shape[0] + 1);
  let n = 0;
  for (let i = 0; i < shape[0]; i++) {
    const first = n;
    const entries = order.subarray(starts[i], starts[i + 1]);
    entries.sort((a, b) => (cols[a] as number) - (cols[b] as number) || a - b);
    for (const k of entries) {
      const j = cols[k] as number;
      if (n > first && indices[n - 1] === j) {
        data[n - 1] = (data[n - 1] as number) + (values[k] as number);
        continue;
      }
      indices[n] = j;
      data[n++] = values[k] as number;
    }
    indptr[i + 1] = n;
  }
  return new CsrMatrix(data.slice(0, n), indices.slice(0, n), narrowed(indptr), shape);
}
