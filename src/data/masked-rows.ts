import type { Chunk, ChunkColumn, ColumnChunk, DenseChunk } from "../native/addon.js";
import type { RowMask } from "./row-mask.js";
import type { RowSource } from "./row-source.js";

/** The rows of a table whose bits are set in a mask, in row order: a part of it, cut out of every chunk that is read. */
export class MaskedRows implements RowSource {
  readonly #source: RowSource;
  readonly #mask: RowMask;

  constructor(source: RowSource, mask: RowMask) {
    this.#source = source;
    this.#mask = mask;
  }

  get nFeatures(): number {
    return this.#source.nFeatures;
  }

  get nRows(): number {
    return this.#mask.count;
  }

  get featureNames(): readonly string[] | undefined {
    return this.#source.featureNames;
  }

  get categories(): RowSource["categories"] {
    return this.#source.categories;
  }

  check(where: string): void {
    this.#source.check?.(where);
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    let begin = 0;
    let firstRow = 0;
    for await (const chunk of this.#source.chunks(signal)) {
      const places = new Int32Array(chunk.rows);
      const rows = this.#mask.select(begin, chunk.rows, places);
      begin += chunk.rows;
      if (rows === 0) continue;
      const kept = places.subarray(0, rows);
      yield rowsOfChunk(chunk, kept, firstRow);
      firstRow += rows;
    }
  }
}

/** Some rows of a chunk, in the order given, any of them several times: a chunk of their own. */
export function rowsOfChunk(chunk: Chunk, rows: Int32Array, firstRow: number): Chunk {
  return chunk.columns === undefined ? denseRows(chunk, rows, firstRow) : columnRows(chunk, rows, firstRow);
}

type Values = DenseChunk["values"];

function arrayLike(values: Values, length: number): Values {
  return new (values.constructor as new (n: number) => Values)(length);
}

function denseRows(
  { values, offset, cols, rowStride, colStride }: DenseChunk,
  rows: Int32Array,
  firstRow: number,
): Chunk {
  const out = arrayLike(values, rows.length * cols);
  rows.forEach((row, k) => {
    const at = offset + row * rowStride;
    if (colStride === 1) out.set(values.subarray(at, at + cols) as never, k * cols);
    else for (let j = 0; j < cols; j++) out[k * cols + j] = values[at + j * colStride] as number;
  });
  return { rows: rows.length, firstRow, values: out, offset: 0, cols, rowStride: cols, colStride: 1 };
}

function columnRows({ columns }: ColumnChunk, rows: Int32Array, firstRow: number): Chunk {
  return { rows: rows.length, firstRow, columns: columns.map((column) => rowsOfColumn(column, rows)) };
}

function bit(bits: Uint8Array, place: number): number {
  return ((bits[place >> 3] as number) >> (place & 7)) & 1;
}

/** Bits of some rows, packed anew. */
function packed(bits: Uint8Array, offset: number, rows: Int32Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(rows.length / 8));
  rows.forEach((row, k) => (out[k >> 3] = (out[k >> 3] as number) | (bit(bits, offset + row) << (k & 7))));
  return out;
}

function rowsOfColumn(column: ChunkColumn, rows: Int32Array): ChunkColumn {
  const { values, offset = 0, stride = 1, bits, validity, validityOffset = 0 } = column;
  const there = validity === undefined ? {} : { validity: packed(validity, validityOffset, rows) };
  if (bits === true) return { values: packed(values as Uint8Array, offset, rows), bits, ...there };
  const out = arrayLike(values as Values, rows.length);
  rows.forEach((row, k) => (out[k] = values[offset + row * stride] as number));
  return { values: out, ...there };
}
