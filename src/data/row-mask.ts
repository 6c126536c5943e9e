/** Which rows of a table belong to a part of it: one bit a row. */
export class RowMask {
  /** Bit i, least significant first: row i belongs to the part. */
  readonly bits: Uint8Array;
  /** Rows of the whole table. */
  readonly nRows: number;
  /** Rows of the part. */
  readonly count: number;

  constructor(bits: Uint8Array, nRows: number) {
    this.bits = bits;
    this.nRows = nRows;
    let count = 0;
    for (let i = 0; i < nRows; i++) count += ((bits[i >> 3] as number) >> (i & 7)) & 1;
    this.count = count;
  }

  has(row: number): boolean {
    return (((this.bits[row >>> 3] as number) >> (row & 7)) & 1) === 1;
  }

  /** Of the rows [begin, begin + rows): those of the part, counted from `begin`, into `out`; returns how many. */
  select(begin: number, rows: number, out: Int32Array): number {
    let n = 0;
    for (let i = 0; i < rows; i++) if (this.has(begin + i)) out[n++] = i;
    return n;
  }

  /** Indices of the part's rows. */
  indices(): Int32Array {
    const out = new Int32Array(this.count);
    this.select(0, this.nRows, out);
    return out;
  }

  /** The mask of a part of this part: bit k of `inner` is about this part's k-th row. */
  compose(inner: RowMask): RowMask {
    const bits = new Uint8Array(this.bits.length);
    let k = 0;
    for (let i = 0; i < this.nRows; i++) {
      if (this.has(i) && inner.has(k++)) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
    }
    return new RowMask(bits, this.nRows);
  }
}
