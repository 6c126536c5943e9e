import type { RowSource } from "../data/row-source.js";
import type { Chunk } from "../native/addon.js";

/** Rows [start, end) of a chunk, without a copy. */
export function sliceChunk(chunk: Chunk, start: number, end: number): Chunk {
  const part = { rows: end - start, firstRow: chunk.firstRow + start };
  if (chunk.columns === undefined) return { ...chunk, ...part, offset: chunk.offset + start * chunk.rowStride };
  const columns = chunk.columns.map((column) => ({
    ...column,
    offset: (column.offset ?? 0) + start * (column.stride ?? 1),
    ...(column.validity === undefined ? {} : { validityOffset: (column.validityOffset ?? 0) + start }),
  }));
  return { ...part, columns };
}

/** Rows of a table, by a pass over it where it does not know. */
export async function countRows(source: RowSource, signal?: AbortSignal): Promise<number> {
  if (source.nRows !== undefined) return source.nRows;
  let rows = 0;
  for await (const chunk of source.chunks(signal)) rows += chunk.rows;
  return rows;
}

/**
 * Sizes of consecutive batches of n rows: `size` rows each, the last with up to `least` - 1 more, so that none is shorter
 * than `least` (scikit-learn's gen_batches).
 */
export function batchSizes(n: number, size: number, least: number): number[] {
  const sizes: number[] = [];
  let start = 0;
  for (let k = 0; k < Math.floor(n / size); k++) {
    if (start + size + least > n) continue;
    sizes.push(size);
    start += size;
  }
  if (start < n) sizes.push(n - start);
  return sizes;
}

/**
 * Reads a table batch by batch: `take` gets each batch's pieces in order and is told when a batch is whole. The memory of
 * a piece is its chunk's.
 */
export async function forEachBatch(
  source: RowSource,
  sizes: readonly number[],
  take: (piece: Chunk, isLast: boolean) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let batch = 0;
  let missing = sizes[0] ?? 0;
  for await (const chunk of source.chunks(signal)) {
    for (let start = 0; start < chunk.rows;) {
      signal?.throwIfAborted();
      const count = Math.min(missing, chunk.rows - start);
      missing -= count;
      await take(sliceChunk(chunk, start, start + count), missing === 0);
      start += count;
      if (missing === 0) missing = sizes[++batch] ?? Infinity;
    }
  }
}
