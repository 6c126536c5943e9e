import { invalidArgument } from "../base/errors.js";
import type { Chunk } from "../native/addon.js";
import { writeDense, type CsrMatrix } from "./csr-matrix.js";
import { isResizable, type RowSource } from "./row-source.js";

/** Bytes of a chunk of dense rows. */
const CHUNK_BYTES = 4_194_304;

/** Reads a CsrMatrix in chunks of dense rows: one chunk is in memory at a time. */
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
