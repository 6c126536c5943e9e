import { isArrowRecordBatch, isArrowTable, isArrowVector, type ArrowTable } from "./arrow.js";
import { documentBatches, holdsTexts, isDocuments, isStream, type Documents, type InputLike } from "./documents.js";
import { Frame } from "./frame.js";
import { rowSourceOf, type MatrixLike } from "./row-source-of.js";
import { tableBlocks } from "./table-blocks.js";

/** Consecutive rows of what an estimator takes. */
export interface InputBlock {
  /** Place of its first row in the whole. */
  readonly firstRow: number;
  readonly rows: number;
  readonly X: InputLike;
}

/** Rows that can be cut without a copy: arrays, Arrow tables and batches. */
interface Sliceable {
  slice(begin: number, end: number): InputLike;
}

/**
 * Cuts X into blocks of `size` rows, the last one shorter, in row order, however it is stored: numbers as tableBlocks does,
 * documents as arrays of strings, tables with strings as Arrow tables or rows. One block is in memory at a time, besides those
 * the caller keeps.
 *
 * @param where what error messages start with, for example "ParallelPostFit.predict: X".
 */
export async function* inputBlocks(
  X: InputLike,
  size: number,
  where: string,
  signal?: AbortSignal,
): AsyncGenerator<InputBlock, void, undefined> {
  if (!holdsTexts(X, where)) {
    const source = rowSourceOf(X as MatrixLike, where, { categories: true });
    for await (const { firstRow, rows, source: X } of tableBlocks(source, size, signal)) yield { firstRow, rows, X };
    return;
  }
  let firstRow = 0;
  let left: Sliceable[] = []; // less than a block, joined when it becomes one
  let leftRows = 0;
  const block = (part: Sliceable, begin: number, end: number): InputBlock => {
    firstRow += end - begin;
    return { firstRow: firstRow - (end - begin), rows: end - begin, X: part.slice(begin, end) };
  };
  for await (const part of parts(X, where, signal)) {
    left.push(part);
    leftRows += lengthOf(part);
    if (leftRows < size) continue;
    const whole = joined(left);
    const rows = leftRows;
    let begin = 0;
    for (; rows - begin >= size; begin += size) {
      signal?.throwIfAborted();
      yield block(whole, begin, begin + size);
    }
    left = begin === rows ? [] : [whole.slice(begin, rows) as unknown as Sliceable];
    leftRows = rows - begin;
  }
  if (leftRows > 0) yield block(joined(left), 0, leftRows);
}

/** How many rows X has, where that is known without reading it. */
export function knownRows(X: InputLike, where: string): number | undefined {
  if (Array.isArray(X) || isArrowVector(X)) return X.length;
  if (isArrowTable(X) || isArrowRecordBatch(X)) return X.numRows;
  if (X instanceof Frame) return X.nRows;
  return isDocuments(X) || isStream(X) ? undefined : rowSourceOf(X as MatrixLike, where, { categories: true }).nRows;
}

/** X piece by piece: of one kind, however many. */
async function* parts(
  X: InputLike,
  where: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Sliceable, void, undefined> {
  if (isDocuments(X) || isStream(X)) {
    for await (const batch of documentBatches(X as Documents, where, signal)) yield batch as unknown as Sliceable;
  } else if (X instanceof Frame) {
    for await (const table of X.arrowTables(where, signal)) yield table as unknown as Sliceable;
  } else yield X as unknown as Sliceable;
}

function lengthOf(part: Sliceable): number {
  return Array.isArray(part) ? part.length : (part as unknown as ArrowTable).numRows;
}

/** Pieces as one: arrays, or Arrow tables. */
function joined([first, ...others]: readonly Sliceable[]): Sliceable {
  if (others.length === 0) return first as Sliceable;
  return (first as unknown as { concat(...others: unknown[]): Sliceable }).concat(...others);
}
