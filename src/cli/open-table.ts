import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { access, open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { nearest } from "../base/params.js";
import { spillDirectory } from "../base/config.js";
import { scanArrow, scanCsv, scanParquet, type Frame } from "../index.js";

/** How a FILE is read. */
export interface TableOptions {
  /** Texts of a CSV that stand for a missing value, besides the empty one. */
  readonly null?: readonly string[];
  /** Only rows for which this SQL condition holds. */
  readonly where?: string;
}

/**
 * A file as a lazy Frame: CSV (plain or gzipped, "-" is stdin), Parquet or Arrow by its ending.
 *
 * @param texts columns of a CSV that hold texts, whatever they look like.
 * @throws TreelineError ERR_IO where it cannot be read
 */
export async function openTable(
  path: string,
  { null: nulls = [], where }: TableOptions,
  signal: AbortSignal,
  texts: readonly string[] = [],
): Promise<Frame> {
  const file = path === "-" ? await spoolStdin(signal) : path;
  if (!/[*?[\]]/.test(file)) {
    await access(file).catch((cause: unknown) => {
      throw new Error(`cannot read ${path}: there is no such file, or no right to read it`, { cause });
    });
  }
  const frame = await scan(file, ["", ...nulls], texts);
  return where === undefined ? frame : frame.filter(where);
}

async function scan(file: string, nullValues: readonly string[], texts: readonly string[]): Promise<Frame> {
  if (/\.(parquet|pq)$/i.test(file)) return scanParquet(file);
  if (/\.(arrow|feather|ipc)$/i.test(file)) return scanArrow(file);
  const frame = await scanCsv(file, { nullValues });
  const odd = frame.schema.filter(({ name, type }) => texts.includes(name) && type !== "VARCHAR");
  if (odd.length === 0) return frame;
  return scanCsv(file, { nullValues, types: Object.fromEntries(odd.map(({ name }) => [name, "VARCHAR"])) });
}

/** stdin in a file, since a table is read several times; the file goes with the process. */
async function spoolStdin(signal: AbortSignal): Promise<string> {
  const path = join(spillDirectory(), `treeline-stdin-${randomUUID()}.csv`);
  const file = await open(path, "wx");
  process.once("exit", () => rmSync(path, { force: true }));
  await pipeline(process.stdin, file.createWriteStream(), { signal });
  return path;
}

/** The name of the table for people. */
export function tableName(path: string): string {
  return path === "-" ? "stdin" : path;
}

/** @throws Error for a column that is not there, naming the nearest. */
export function checkColumns(frame: Frame, names: readonly string[], path: string): void {
  const missing = names.find((name) => !frame.columns.includes(name));
  if (missing === undefined) return;
  throw new Error(`${tableName(path)} has no column ${JSON.stringify(missing)}${nearest(missing, frame.columns)}`);
}

/** A column's name in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A column's value in SQL, NaN as NULL. */
export function known({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === "DOUBLE" || type === "FLOAT" ? `nullif(${quoted(name)}, 'NaN'::${type})` : quoted(name);
}
