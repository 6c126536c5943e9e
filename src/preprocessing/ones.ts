import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { isBreak, takeBreak } from "../data/vector.js";

/** A CsrMatrix of ones. @param columns of each row as many columns that hold a 1, in order; -1: none. */
export async function sparseOnes(
  columns: Int32Array,
  rows: number,
  cols: number,
  signal: AbortSignal | undefined,
): Promise<CsrMatrix<Float64Array>> {
  const nFeatures = rows === 0 ? 0 : columns.length / rows;
  const indptr = columns.length < 2 ** 31 ? new Int32Array(rows + 1) : new Float64Array(rows + 1);
  const indices = new Int32Array(columns.length);
  let n = 0;
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak(signal);
    for (let j = 0; j < nFeatures; j++) {
      const column = columns[i * nFeatures + j] as number;
      if (column >= 0) indices[n++] = column;
    }
    indptr[i + 1] = n;
  }
  return new CsrMatrix(new Float64Array(n).fill(1), indices.slice(0, n), indptr, [rows, cols]);
}

/** The same as a Matrix. */
export async function denseOnes(
  columns: Int32Array,
  rows: number,
  cols: number,
  signal: AbortSignal | undefined,
): Promise<Matrix<Float64Array>> {
  const nFeatures = rows === 0 ? 0 : columns.length / rows;
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak(signal);
    for (let j = 0; j < nFeatures; j++) {
      const column = columns[i * nFeatures + j] as number;
      if (column >= 0) data[i * cols + column] = 1;
    }
  }
  return new Matrix(data, [rows, cols]);
}
