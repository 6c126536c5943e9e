import { invalidArgument } from "../base/errors.js";
import type { Chunk, SparseChunk } from "../native/addon.js";
import { writeDense, type CsrMatrix } from "./csr-matrix.js";
import { isResizable, type RowSource, type SparseRowSource } from "./row-source.js";

/** Bytes of a chunk of dense rows. */
const CHUNK_BYTES = 4_194_304;
/** Bytes of an entry: its value and its column. */
const ENTRY_BYTES = 12;
/** Entries are read as such where they are at most one cell in so many: an entry costs what some ten cells of a tile do. */
const CELLS_PER_ENTRY = 16;

/**
 * Reads a CsrMatrix in chunks of dense rows, of which one is in memory at a time, and as its entries where those are few.
 */
export class CsrSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames = undefined;
  readonly categories = undefined;
  readonly #matrix: CsrMatrix;

  constructor(matrix: CsrMatrix, where: string) {
    if ([matrix.data, matrix.indices, matrix.indptr].some(isResizable)) {
      throw invalidArgument(`${where}: a matrix over a resizable ArrayBuffer is refused: copy it with slice() first`);
    }
    this.#matrix = matrix;
    this.nFeatures = matrix.cols;
    this.nRows = matrix.rows;
  }

  /** What a model gets depends on the matrix alone. */
  get sparse(): SparseRowSource | undefined {
    const { nnz, rows, cols } = this.#matrix;
    return nnz * CELLS_PER_ENTRY <= rows * cols ? { chunks: () => this.#sparseChunks() } : undefined;
  }

  get entries(): SparseRowSource {
    return { chunks: () => this.#sparseChunks() };
  }

  *#sparseChunks(): Iterable<SparseChunk> {
    const { data, indices, indptr, rows: nRows, cols } = this.#matrix;
    let firstRow = 0;
    while (firstRow < nRows) {
      const most = (indptr[firstRow] as number) + CHUNK_BYTES / ENTRY_BYTES;
      let end = firstRow + 1;
      while (end < nRows && end - firstRow < 65_536 && (indptr[end + 1] as number) <= most) end++;
      yield { rows: end - firstRow, firstRow, cols, data, indices, indptr };
      firstRow = end;
    }
  }

  *chunks(): Iterable<Chunk> {
    const matrix = this.#matrix;
    const [nRows, cols] = matrix.shape;
    const step = Math.max(1, Math.min(65_536, Math.floor(CHUNK_BYTES / (8 * Math.max(1, cols)))));
    const values = new Float64Array(Math.min(step, nRows) * cols);
    for (let firstRow = 0; firstRow < nRows; firstRow += step) {
      const rows = Math.min(step, nRows - firstRow);
      values.fill(0);
      for (let i = 0; i < rows; i++) writeDense(matrix, firstRow + i, values, i * cols);
      yield { rows, firstRow, values, offset: 0, cols, rowStride: cols, colStride: 1 };
    }
  }
}
