import { invalidData } from "../base/errors.js";
import type { RowSource } from "../data/row-source.js";

/** Number of rows of a table; one pass over those that do not know it. */
export async function countRows(source: RowSource, signal: AbortSignal | undefined): Promise<number> {
  signal?.throwIfAborted();
  if (source.nRows !== undefined) return source.nRows;
  let rows = 0;
  for await (const chunk of source.chunks(signal)) {
    signal?.throwIfAborted();
    rows += chunk.rows;
  }
  return rows;
}

/** Throws unless X and y have the same number of rows, at least 1. */
export function checkRows(where: string, rows: number, targets: number): void {
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
}
