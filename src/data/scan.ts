import { fileURLToPath } from "node:url";
import { TreelineError, invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { literal, openEngine, queryRows, type Engine } from "./duckdb.js";
import { Frame } from "./frame.js";
import { countRows, Relation } from "./relation.js";

/** Files to scan: a path, a glob such as "data/*.csv", a file: URL, or a list of these. */
export type Paths = string | URL | readonly (string | URL)[];

/** How a CSV file is written; what is left out is detected from the file's beginning. */
export interface CsvOptions {
  /** Character between values, for example ";". */
  readonly delimiter?: string;
  /** Whether the first line holds the names of the columns. */
  readonly header?: boolean;
  readonly quote?: string;
  readonly escape?: string;
  /** Character that starts a comment line. */
  readonly comment?: string;
  /** Lines to leave out at the top. */
  readonly skip?: number;
  /** Texts that stand for a missing value. Default [""]. */
  readonly nullValues?: readonly string[];
  /** SQL types of columns by name: { id: "BIGINT", zip: "VARCHAR" }. Others are detected. */
  readonly types?: Readonly<Record<string, string>>;
  /** Rows that types are detected from; -1: all. Default 20,480. */
  readonly sampleSize?: number;
}

/**
 * A lazy frame over CSV files, plain or gzipped. Columns and types are learnt from the beginning of the first file; no
 * data is loaded. All numbers are read as DOUBLE, JavaScript's number: a column of integers that holds a fraction further
 * down stays exact. Integers beyond 2^53 need types: { id: "BIGINT" }.
 *
 * @example const frame = await scanCsv("creditcard.csv");
 * @throws TreelineError ERR_IO when no file is found, ERR_INVALID_DATA for an empty file, ERR_INVALID_ARGUMENT for an
 * unknown option or type, ERR_NATIVE without @duckdb/node-api.
 */
export async function scanCsv(paths: Paths, options: CsvOptions = {}): Promise<Frame> {
  const where = "scanCsv";
  const known = ["delimiter", "header", "quote", "escape", "comment", "skip", "nullValues", "types", "sampleSize"];
  Object.keys(options).forEach((key) => refuseUnknown(where, key, known));
  const files = pathList(paths, where);
  const engine = await openEngine(where);
  const dialect = await sniff(engine, await firstFile(engine, files, where), options);
  const names = dialect.columns.map((column) => column.name);
  for (const name of Object.keys(options.types ?? {})) {
    if (!names.includes(name)) throw invalidArgument(`${where}: types: the file has no column ${show(name)}`);
  }
  const columns = dialect.columns.map(
    ({ name, type }) => `${literal(name)}: ${literal(options.types?.[name] ?? type)}`,
  );
  const sql = `SELECT * FROM read_csv(${list(files)}, auto_detect=false, columns={${columns.join(", ")}}, ${dialect.settings})`;
  return new Frame(await Relation.of(engine, sql, where));
}

interface Dialect {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Arguments of read_csv. */
  readonly settings: string;
}

/** Detects dialect and types from the beginning of a file: once, so that every pass reads alike and at full speed. */
async function sniff(engine: Engine, file: string, options: CsvOptions): Promise<Dialect> {
  const where = `scanCsv ${show(file)}`;
  const given = [
    ...setting("delim", options.delimiter),
    ...setting("header", options.header),
    ...setting("quote", options.quote),
    ...setting("escape", options.escape),
    ...setting("comment", options.comment),
    ...setting("skip", options.skip),
    ...setting("sample_size", options.sampleSize),
    ...(options.nullValues === undefined ? [] : [`nullstr=${list(options.nullValues)}`]),
  ];
  const [found] = await queryRows(engine, `FROM sniff_csv(${[literal(file), ...given].join(", ")})`, where);
  if (found === undefined) throw invalidData(`${where}: cannot make out columns`);
  const text = (key: string): string => (found[key] === "(empty)" ? "" : String(found[key] ?? ""));
  const columns = found["Columns"] as { name: string; type: string }[];
  if (found["HasHeader"] !== true && columns.length === 1 && options.header === undefined)
    await refuseEmpty(engine, file, where);
  const settings = [
    ...setting("delim", text("Delimiter")),
    ...setting("quote", text("Quote")),
    ...setting("escape", text("Escape")),
    ...setting("comment", text("Comment")),
    ...setting("skip", Number(found["SkipRows"])),
    ...setting("header", found["HasHeader"] === true),
    ...(found["DateFormat"] ? setting("dateformat", text("DateFormat")) : []),
    ...(found["TimestampFormat"] ? setting("timestampformat", text("TimestampFormat")) : []),
    ...(options.nullValues === undefined ? [] : [`nullstr=${list(options.nullValues)}`]),
  ];
  return { columns: columns.map(({ name, type }) => ({ name, type: safeType(type) })), settings: settings.join(", ") };
}

/** Integers become DOUBLE: DuckDB would round a fraction that comes after the rows it looked at. */
function safeType(type: string): string {
  return /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/.test(type) ? "DOUBLE" : type;
}

async function refuseEmpty(engine: Engine, file: string, where: string): Promise<void> {
  const rows = await queryRows(engine, `SELECT 1 FROM read_text(${literal(file)}) WHERE size > 0`, where);
  if (rows.length === 0) throw invalidData(`${where}: the file is empty`);
}

function setting(name: string, value: string | number | boolean | undefined): string[] {
  if (value === undefined) return [];
  return [`${name}=${typeof value === "string" ? literal(value) : String(value)}`];
}

/** Options of scanParquet. */
export interface ParquetOptions {
  /** Match columns of several files by name, missing ones NULL; else by position. Default false. */
  readonly unionByName?: boolean;
  /** Take columns from folder names such as year=2024. Default false. */
  readonly hivePartitioning?: boolean;
}

/**
 * A lazy frame over Parquet files. The number of rows is known from the files' footers.
 *
 * @example const frame = await scanParquet("data/*.parquet");
 * @throws TreelineError ERR_IO when no file is found or it is no Parquet file, ERR_NATIVE without @duckdb/node-api.
 */
export async function scanParquet(paths: Paths, options: ParquetOptions = {}): Promise<Frame> {
  const where = "scanParquet";
  Object.keys(options).forEach((key) => refuseUnknown(where, key, ["unionByName", "hivePartitioning"]));
  const files = pathList(paths, where);
  const engine = await openEngine(where);
  const settings = [
    list(files),
    ...setting("union_by_name", options.unionByName),
    `hive_partitioning=${options.hivePartitioning ?? false}`,
  ];
  const relation = await Relation.of(engine, `SELECT * FROM read_parquet(${settings.join(", ")})`, where);
  await countRows(relation, where); // from the footers
  return new Frame(relation);
}

/** The files as an SQL list. */
function list(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}

function pathList(paths: Paths, where: string): string[] {
  const given = typeof paths === "string" || paths instanceof URL ? [paths] : paths;
  if (!Array.isArray(given) || given.length === 0) {
    throw invalidArgument(`${where}: expected a path, a glob, a file: URL or a list of these, got ${show(paths)}`);
  }
  return given.map((path: unknown) => {
    if (path instanceof URL) return fileURLToPath(path);
    if (typeof path === "string" && path !== "") return path;
    throw invalidArgument(`${where}: a path must be a string or a file: URL, got ${show(path)}`);
  });
}

async function firstFile(engine: Engine, files: readonly string[], where: string): Promise<string> {
  const [row] = await queryRows(
    engine,
    `SELECT file FROM glob(${literal(files[0] as string)}) ORDER BY file LIMIT 1`,
    where,
  );
  if (row === undefined) throw new TreelineError("ERR_IO", `${where}: no file ${show(files[0])}`);
  return String(row["file"]);
}
