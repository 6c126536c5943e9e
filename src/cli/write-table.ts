import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fromBatches, type BatchValues } from "../index.js";

/** Columns of equal length by name. */
export type Columns = ReadonlyMap<string, BatchValues>;

/** Rows that are written at once. */
const ROWS = 8192;

/** The table as CSV, some thousand rows at a time, the names first. */
export function* csvOf(columns: Columns): Generator<string, void, undefined> {
  yield `${[...columns.keys()].map(csvCell).join(",")}\n`;
  const values = [...columns.values()];
  const rows = values[0]?.length ?? 0;
  for (let begin = 0; begin < rows; begin += ROWS) {
    let text = "";
    for (let i = begin; i < Math.min(rows, begin + ROWS); i++) {
      text += `${values.map((column) => csvCell(column[i])).join(",")}\n`;
    }
    yield text;
  }
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) return "";
  const text = value instanceof Date ? value.toISOString() : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes the table to a CSV or Parquet file, which is replaced at once: nobody sees half of it. */
export async function writeTable(path: string, columns: Columns, signal: AbortSignal): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}-${basename(path)}`);
  try {
    if (/\.(parquet|pq)$/i.test(path)) {
      const frame = await fromBatches([Object.fromEntries(columns)], { signal });
      await frame.writeParquet(temporary, { signal });
    } else await writeCsv(temporary, columns, signal);
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeCsv(path: string, columns: Columns, signal: AbortSignal): Promise<void> {
  const file = await open(path, "wx");
  try {
    for (const text of csvOf(columns)) {
      signal.throwIfAborted();
      await file.writeFile(text);
    }
  } finally {
    await file.close();
  }
}
