import { TreelineError } from "../base/errors.js";
import { MatrixSource } from "./array-source.js";
import { Matrix } from "./matrix.js";
import type { RowSource } from "./row-source.js";
import type { ColumnValues } from "./vector.js";
import type { Chunk } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";

/** Consecutive rows of a table, in memory, as a table of their own. */
export interface TableBlock {
  /** Place of its first row in the whole table. */
  readonly firstRow: number;
  readonly rows: number;
  readonly source: RowSource;
}

/** A matrix with the names and categories of the table it was cut from. */
class BlockSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames: RowSource["featureNames"];
  readonly categories: RowSource["categories"];
  readonly #matrix: Matrix;

  constructor(matrix: Matrix, table: RowSource) {
    this.#matrix = matrix;
    this.nFeatures = matrix.cols;
    this.nRows = matrix.rows;
    this.featureNames = table.featureNames;
    this.categories = table.categories;
  }

  chunks(): Iterable<Chunk> {
    return new MatrixSource(this.#matrix, "X").chunks();
  }
}

/**
 * Cuts a table into blocks of `size` rows, the last one shorter, in row order, however the table comes in chunks: one block
 * is in memory at a time, besides those the caller keeps.
 */
export async function* tableBlocks(
  table: RowSource,
  size: number,
  signal?: AbortSignal,
): AsyncGenerator<TableBlock, void, undefined> {
  const cols = table.nFeatures;
  let values = new Float64Array(0);
  let filled = 0;
  let firstRow = 0;
  const finish = (): TableBlock => {
    const data = filled * cols === values.length ? values : values.slice(0, filled * cols);
    const block = { firstRow, rows: filled, source: new BlockSource(new Matrix(data, [filled, cols]), table) };
    firstRow += filled;
    filled = 0;
    return block;
  };
  for await (const chunk of table.chunks(signal)) {
    for (let begin = 0; begin < chunk.rows;) {
      signal?.throwIfAborted();
      const left = (table.nRows ?? Infinity) - firstRow;
      if (filled === 0) values = new Float64Array(Math.min(size, Math.max(left, chunk.rows - begin)) * cols);
      const count = Math.min(size - filled, chunk.rows - begin);
      if ((filled + count) * cols > values.length) values = grown(values, (filled + count) * cols, size * cols);
      await copyRows(partOf(chunk, begin, count), cols, values, filled * cols, signal);
      filled += count;
      begin += count;
      if (filled === size) yield finish();
    }
  }
  if (filled > 0) yield finish();
}

function grown(values: Float64Array<ArrayBuffer>, needed: number, most: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.min(most, Math.max(needed, 2 * values.length)));
  larger.set(values);
  return larger;
}

/** Rows [begin, begin + rows) of a chunk. */
function partOf(chunk: Chunk, begin: number, rows: number): Chunk {
  if (begin === 0 && rows === chunk.rows) return chunk;
  const firstRow = chunk.firstRow + begin;
  if (chunk.columns === undefined) return { ...chunk, rows, firstRow, offset: chunk.offset + begin * chunk.rowStride };
  const columns = chunk.columns.map((column) => ({
    ...column,
    offset: (column.offset ?? 0) + begin * (column.stride ?? 1),
    ...(column.validity === undefined ? {} : { validityOffset: (column.validityOffset ?? 0) + begin }),
  }));
  return { rows, firstRow, columns };
}

/** Writes a chunk's rows, row-major, as float64 from `offset`: the identity as a map, off this thread. */
async function copyRows(
  chunk: Chunk,
  cols: number,
  out: Float64Array,
  offset: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (cols === 0) return;
  const identity = addon().createAffineMap(new Float64Array(cols), new Float64Array(cols).fill(1), false);
  const block = addon().stageBlock(chunk);
  await runJob(1, signal ? { signal } : undefined, (job) => addon().mapBlock(identity, block, out, offset, job));
}

/** The values of y, or the weights, that belong to a block. */
export function valuesOf<T extends ColumnValues>(
  values: T,
  { firstRow, rows }: Pick<TableBlock, "firstRow" | "rows">,
): T {
  return values.slice(firstRow, firstRow + rows) as T;
}

/** What `work` resolves to; an error about the data that counts rows from the block's first says so. */
export async function inBlock<T>({ firstRow }: { readonly firstRow: number }, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (firstRow === 0 || !(error instanceof TreelineError) || !/\brow \d/.test(error.message)) throw error;
    throw new TreelineError(error.code, `${error.message} (rows counted from row ${firstRow} of the table)`, {
      cause: error,
    });
  }
}
