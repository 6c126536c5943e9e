import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type * as DuckDbModule from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import { effectiveNJobs, memoryLimitBytes, spillDirectory } from "../base/config.js";
import { TreelineError, type ErrorCode } from "../base/errors.js";

/** DuckDB's own module, of the optional dependency. */
export type DuckDb = typeof DuckDbModule;

/** The database of one set of settings: frames made under the same settings share it. */
export interface Engine {
  readonly duckdb: DuckDb;
  readonly instance: DuckDBInstance;
}

const engines = new Map<string, Promise<Engine>>();

/**
 * The database for the settings in force here: memoryLimit, nJobs and spillDirectory. DuckDB is loaded on first use.
 *
 * @throws TreelineError ERR_NATIVE when @duckdb/node-api is not installed.
 */
export async function openEngine(where: string): Promise<Engine> {
  const settings = settingsNow();
  const directory = spillDirectory();
  const key = JSON.stringify([settings, directory]);
  let engine = engines.get(key);
  if (engine === undefined) {
    engine = createEngine(settings, directory, where);
    engines.set(key, engine);
    engine.catch(() => engines.delete(key));
  }
  return engine;
}

function settingsNow(): Record<string, string> {
  const limit = memoryLimitBytes();
  return {
    threads: String(effectiveNJobs()),
    ...(limit === undefined ? {} : { memory_limit: `${Math.max(1, Math.floor(limit / 1024))}KiB` }),
  };
}

async function createEngine(settings: Record<string, string>, directory: string, where: string): Promise<Engine> {
  const duckdb = await loadDuckDb(where);
  const folder = join(directory, `treeline-${process.pid}-${randomBytes(6).toString("hex")}`);
  removeAtExit(folder);
  const instance = await duckdb.DuckDBInstance.create(":memory:", {
    ...settings,
    temp_directory: folder, // made when something is spilled
    preserve_insertion_order: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  return { duckdb, instance };
}

const temporaryFolders: string[] = [];

function removeAtExit(folder: string): void {
  if (temporaryFolders.length === 0) {
    process.once("exit", () => temporaryFolders.forEach((path) => rmSync(path, { recursive: true, force: true })));
  }
  temporaryFolders.push(folder);
}

async function loadDuckDb(where: string): Promise<DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new TreelineError(
      "ERR_NATIVE",
      `${where} needs DuckDB, an optional dependency that is not installed or has no binary for this platform: ` +
        "npm install @duckdb/node-api",
      { cause },
    );
  }
}

/** Runs `body` on a connection of its own; an abort interrupts the query that runs on it. */
async function withConnection<T>(
  engine: Engine,
  where: string,
  signal: AbortSignal | undefined,
  body: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const connection = await engine.instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const result = await body(connection);
    signal?.throwIfAborted();
    return result;
  } catch (error) {
    throw signal?.aborted ? signal.reason : fromDuckDb(error, where);
  } finally {
    signal?.removeEventListener("abort", interrupt);
    connection.disconnectSync();
  }
}

/** Rows of a small result, as objects; 64-bit integers as bigint. */
export async function queryRows(
  engine: Engine,
  sql: string,
  where: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>[]> {
  return withConnection(engine, where, signal, async (connection) => {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjectsJS();
  });
}

/** A column of a query's result: its name and DuckDB's name of its type. */
export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  /** Names of the values of an ENUM. */
  readonly categories: readonly string[] | undefined;
}

/** The columns a query would give; nothing is read. Errors in the SQL are found here. */
export async function describeQuery(engine: Engine, sql: string, where: string): Promise<ResultColumn[]> {
  return withConnection(engine, where, undefined, async (connection) => {
    const prepared = await connection.prepare(sql);
    try {
      return Array.from({ length: prepared.columnCount }, (_, j) => {
        const type = prepared.columnType(j);
        const categories = (type as { values?: unknown }).values as readonly string[] | undefined;
        const isEnum = prepared.columnTypeId(j) === engine.duckdb.DuckDBTypeId.ENUM;
        return {
          name: prepared.columnName(j),
          type: isEnum ? "ENUM" : String(type),
          categories: isEnum ? categories : undefined,
        };
      });
    } finally {
      prepared.destroySync();
    }
  });
}

/**
 * The result of a query, chunk by chunk (at most 2,048 rows each) as DuckDB makes it: nothing is collected. Leaving the
 * loop early stops the query.
 */
export async function* streamQuery(
  engine: Engine,
  sql: string,
  where: string,
  signal?: AbortSignal,
): AsyncGenerator<DuckDBDataChunk, void, undefined> {
  signal?.throwIfAborted();
  const connection = await engine.instance.connect();
  const interrupt = (): void => connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      signal?.throwIfAborted();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  } catch (error) {
    throw signal?.aborted ? signal.reason : fromDuckDb(error, where);
  } finally {
    signal?.removeEventListener("abort", interrupt);
    connection.interrupt();
    connection.disconnectSync();
  }
}

let tables = 0;

/** A name for a table of ours that no other has. */
export function newTableName(): string {
  return `treeline_${++tables}`;
}

const dropWhenCollected = new FinalizationRegistry<{ engine: Engine; table: string }>(({ engine, table }) => {
  queryRows(engine, `DROP TABLE IF EXISTS ${table}`, "Frame").catch(() => undefined); // memory only: nothing depends on it
});

/** Drops `table` once nothing holds `owner` any more. */
export function ownTable(owner: object, engine: Engine, table: string): void {
  dropWhenCollected.register(owner, { engine, table });
}

/** Keeps objects, and the tables they own, from being collected before this point. */
export function keepAlive(..._objects: readonly unknown[]): void {
  // A use is all it takes.
}

/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const CODES: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(IO|Permission|HTTP|Missing Extension) Error/i, "ERR_IO"],
  [/^Out of Memory Error/i, "ERR_MEMORY_LIMIT"],
  [/^(Binder|Parser|Catalog|Syntax|Invalid Type|Not implemented) Error/i, "ERR_INVALID_ARGUMENT"],
  [/^(Conversion|Invalid Input|Out of Range|Constraint|Mismatch Type|Serialization) Error/i, "ERR_INVALID_DATA"],
];

/** What DuckDB threw as a TreelineError that starts with `where`; anything else as it is. */
export function fromDuckDb(error: unknown, where: string): unknown {
  if (error instanceof TreelineError || !(error instanceof Error)) return error;
  const code = CODES.find(([pattern]) => pattern.test(error.message))?.[1];
  if (code === undefined && !/^[A-Z][A-Za-z ]* Error: /.test(error.message)) return error;
  return new TreelineError(code ?? "ERR_NATIVE", `${where}: ${explain(error.message)}`, { cause: error });
}

/** The part of DuckDB's message that a user of Treeline can act on. */
function explain(message: string): string {
  const text = message.replace(/^[A-Za-z ]+ Error: /, "");
  const badCell = /Error when converting column "(.*?)"\. (.*)/.exec(text);
  if (badCell !== null) {
    const line = /CSV Error on Line: (\d+)/.exec(text)?.[1];
    return (
      `line ${line}, column ${JSON.stringify(badCell[1])}: ${badCell[2]}. Give the column's type: ` +
      `types: { ${JSON.stringify(badCell[1])}: "VARCHAR" }, or what stands for a missing value: nullValues: ["", "NA"]`
    );
  }
  if (/^Out of Memory/i.test(message)) {
    const first = text.split("\n")[0] ?? "";
    return `${first} Raise memoryLimit (setConfig), or read fewer columns or rows`;
  }
  const [what = ""] = text.split(/\n\n|\nPossible (?:fixes|solutions):/);
  return what.replace(/\s*\n\s*/g, " ").trim();
}
