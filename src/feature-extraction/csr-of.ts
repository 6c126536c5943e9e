import { invalidData } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { isBreak, takeBreak } from "../data/vector.js";

/**
 * Any table of numbers as a CsrMatrix: itself where it is one. Float32 stays float32.
 *
 * @throws TreelineError ERR_INVALID_DATA for no columns, and for NaN and infinities, by their place.
 */
export async function csrOf(X: MatrixLike, where: string, signal: AbortSignal | undefined): Promise<CsrMatrix> {
  signal?.throwIfAborted();
  const table = X instanceof CsrMatrix ? X : await sparse(X, where, signal);
  if (table.cols === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  for (let i = 0, k = 0; i < table.rows; i++) {
    for (const end = table.indptr[i + 1] as number; k < end; k++) {
      if (isBreak(k)) await takeBreak(signal);
      if (Number.isFinite(table.data[k])) continue;
      throw invalidData(
        `${where}: X contains ${table.data[k]} in row ${i}, column ${table.indices[k]}: all values must be finite`,
      );
    }
  }
  return table;
}

async function sparse(X: MatrixLike, where: string, signal: AbortSignal | undefined): Promise<CsrMatrix> {
  const source = rowSourceOf(X, `${where}: X`);
  const cols = source.nFeatures;
  if (cols === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  const dtype = X instanceof Matrix && X.data instanceof Float32Array ? "float32" : "float64";
  const parts: CsrMatrix[] = [];
  for await (const chunk of (await ChunkedMatrix.from(source, { dtype, signal })).chunks(signal)) {
    if (chunk.columns !== undefined) continue; // a chunked matrix gives rows
    await takeBreak(signal);
    const { values, offset, rowStride, colStride, rows } = chunk;
    const dense = new Float64Array(rows * cols);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++) dense[i * cols + j] = values[offset + i * rowStride + j * colStride] as number;
    }
    parts.push(CsrMatrix.fromDense(new Matrix(dense, [rows, cols])));
  }
  return below(parts, cols, dtype);
}

/** Tables one below another. */
function below(parts: readonly CsrMatrix[], cols: number, dtype: "float32" | "float64"): CsrMatrix {
  const nnz = parts.reduce((sum, part) => sum + part.nnz, 0);
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const data = dtype === "float32" ? new Float32Array(nnz) : new Float64Array(nnz);
  const indices = new Int32Array(nnz);
  const indptr = nnz < 2 ** 31 ? new Int32Array(rows + 1) : new Float64Array(rows + 1);
  let [row, at] = [0, 0];
  for (const part of parts) {
    data.set(part.data, at);
    indices.set(part.indices, at);
    for (let i = 1; i <= part.rows; i++) indptr[row + i] = at + (part.indptr[i] as number);
    row += part.rows;
    at += part.nnz;
  }
  return new CsrMatrix(data, indices, indptr, [rows, cols]);
}
