import { RowMask } from "../data/row-mask.js";

/** Rows to learn from and rows to test on. */
export interface Fold {
  readonly train: RowMask;
  readonly test: RowMask;
}

/** The rows [first, first + count) of a table. */
export function rangeMask(first: number, count: number, rows: number): RowMask {
  const bits = new Uint8Array(Math.ceil(rows / 8));
  for (let i = first; i < first + count; i++) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return new RowMask(bits, rows);
}

/** The rows that `has` says, of a table of so many rows. */
export function maskWhere(rows: number, has: (row: number) => boolean): RowMask {
  const bits = new Uint8Array(Math.ceil(rows / 8));
  for (let i = 0; i < rows; i++) if (has(i)) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return new RowMask(bits, rows);
}

/** The rows that a mask does not have. */
export function otherRows(mask: RowMask): RowMask {
  return maskWhere(mask.nRows, (row) => !mask.has(row));
}

/** The rows named. */
export function maskOf(rows: number, indices: ArrayLike<number>): RowMask {
  const bits = new Uint8Array(Math.ceil(rows / 8));
  for (let k = 0; k < indices.length; k++) {
    const i = indices[k] as number;
    bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  }
  return new RowMask(bits, rows);
}
