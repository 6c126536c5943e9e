import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fromBatches, type BatchValues } from "../index.js";

/** Columns of equal length by name. */
export type Columns = ReadonlyMap<string, BatchValues>;

/** Rows that are written at once. */
const ROWS = 8192;

/** The table as CSV, some thousand rows at a time, the names first. */
export async function* csvOf(blocks: AsyncIterable<Columns>): AsyncGenerator<string, void, undefined> {
  let isFirst = true;
  for await (const columns of blocks) {
    if (isFirst) yield `${[...columns.keys()].map(csvCell).join(",")}\n`;
    isFirst = false;
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
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) return "";
  const text = value instanceof Date ? value.toISOString() : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Writes the table to a CSV or Parquet file as its blocks come; the file is replaced at once: nobody sees half of it.
 *
 * @param types SQL types of columns in Parquet; those of others follow from the first block.
 */
export async function writeTable(
  path: string,
  blocks: AsyncIterable<Columns>,
  types: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const temporary = join(dirname(path), `.${randomUUID()}-${basename(path)}`);
  try {
    if (/\.(parquet|pq)$/i.test(path)) {
      const frame = await fromBatches(batchesOf(blocks, types), { types, signal });
      await frame.writeParquet(temporary, { signal });
    } else await writeCsv(temporary, blocks, signal);
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The blocks with null for whole numbers that are missing. */
async function* batchesOf(
  blocks: AsyncIterable<Columns>,
  types: Readonly<Record<string, string>>,
): AsyncGenerator<Record<string, BatchValues>, void, undefined> {
  const cells = (name: string, values: BatchValues): BatchValues =>
    types[name]?.includes("INT") === true
      ? Array.from(values as ArrayLike<number>, (value) => (Number.isNaN(value) ? null : value))
      : values;
  for await (const columns of blocks) {
    yield Object.fromEntries([...columns].map(([name, values]) => [name, cells(name, values)]));
  }
}

async function writeCsv(path: string, blocks: AsyncIterable<Columns>, signal: AbortSignal): Promise<void> {
  const file = await open(path, "wx");
  try {
    for await (const text of csvOf(blocks)) {
      signal.throwIfAborted();
      await file.writeFile(text);
    }
  } finally {
    await file.close();
  }
}
