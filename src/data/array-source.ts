import { invalidArgument, invalidData } from "../base/errors.js";
import type { Chunk, FloatArray } from "../native/addon.js";
import { type Matrix, writeRow } from "./matrix.js";
import { chunkRowsFor, isResizable, type RowSource } from "./row-source.js";

/** Reads a Matrix in row chunks, without a copy of its own. */
export class MatrixSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames = undefined;
  readonly categories = undefined;
  readonly #matrix: Matrix;

  constructor(matrix: Matrix, where: string) {
    if (isResizable(matrix.data)) {
      throw invalidArgument(
        `${where}: a matrix over a resizable ArrayBuffer is refused: copy it with data.slice() first`,
      );
    }
    this.#matrix = matrix;
    this.nFeatures = matrix.cols;
    this.nRows = matrix.rows;
  }

  *chunks(): Iterable<Chunk> {
    const { data, order } = this.#matrix;
    const [rows, cols] = this.#matrix.shape;
    const step = chunkRowsFor(cols);
    const [rowStride, colStride] = order === "row" ? [cols, 1] : [1, rows];
    for (let firstRow = 0; firstRow < rows; firstRow += step) {
      if (data.length !== rows * cols) throw invalidData("X: its ArrayBuffer was transferred away during the call");
      const count = Math.min(step, rows - firstRow);
      yield { rows: count, firstRow, values: data, offset: firstRow * rowStride, cols, rowStride, colStride };
    }
  }
}

/** Reads number[][] in row chunks; rows are checked as they are read. */
export class RowsSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames = undefined;
  readonly categories = undefined;
  readonly #rows: readonly (readonly number[] | FloatArray)[];
  readonly #where: string;

  constructor(rows: readonly (readonly number[] | FloatArray)[], where: string) {
    this.#rows = rows;
    this.#where = where;
    this.nRows = rows.length;
    this.nFeatures = rows[0]?.length ?? 0;
  }

  *chunks(): Iterable<Chunk> {
    const cols = this.nFeatures;
    const step = chunkRowsFor(cols);
    for (let firstRow = 0; firstRow < this.nRows; firstRow += step) {
      const rows = Math.min(step, this.nRows - firstRow);
      const values = new Float64Array(rows * cols);
      for (let i = 0; i < rows; i++) {
        writeRow(this.#rows[firstRow + i] as readonly number[], firstRow + i, cols, values, i * cols, this.#where);
      }
      yield { rows, firstRow, values, offset: 0, cols, rowStride: cols, colStride: 1 };
    }
  }
}
