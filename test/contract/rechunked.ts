import type { Matrix } from "../../src/index.js";
import type { RowSource } from "../../src/data/row-source.js";

/** A matrix read `size` rows at a time; `before` is called with the first row of every chunk before it is given. */
export function rechunked(
  matrix: Matrix,
  size: number,
  before: (firstRow: number) => void = () => undefined,
): RowSource {
  const [rows, cols] = matrix.shape;
  return {
    nFeatures: cols,
    nRows: rows,
    featureNames: undefined,
    categories: undefined,
    *chunks() {
      for (let firstRow = 0; firstRow < rows; firstRow += size) {
        before(firstRow);
        const count = Math.min(size, rows - firstRow);
        const values = matrix.data.slice(firstRow * cols, (firstRow + count) * cols);
        yield { rows: count, firstRow, values, offset: 0, cols, rowStride: cols, colStride: 1 };
      }
    },
  };
}
