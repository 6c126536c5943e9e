import type { DuckDBAppender, DuckDBConnection, DuckDBType } from "@duckdb/node-api";
import { open } from "node:fs/promises";
import { TreelineError, invalidArgument, invalidData, show } from "../base/errors.js";
import type { ColumnArray } from "../native/addon.js";
import {
  arrowBatches,
  ArrowTypeId,
  isArrowRecordBatch,
  isArrowTable,
  isHalfFloat,
  isPlainNumeric,
  isStringType,
  isValid,
  validityOf,
  valueTypeOf,
  type ArrowData,
  type ArrowField,
  type ArrowRecordBatch,
  type ArrowTable,
  type ArrowType,
  type ArrowVector,
} from "./arrow.js";
import { loadArrow } from "./arrow-table.js";
import { fromDuckDb, identifier, literal, newTableName, openEngine, type Engine } from "./duckdb.js";
import { Frame } from "./frame.js";
import { Relation } from "./relation.js";
import type { Label } from "./vector.js";

/** Values of a column of a batch; null, undefined and NaN are missing. */
export type BatchValues = ColumnArray | readonly (Label | Date | null | undefined)[];

/** A piece of a table: columns of equal length by name, or Arrow data. */
export type Batch = Readonly<Record<string, BatchValues>> | ArrowRecordBatch | ArrowTable;

/** Options of fromBatches. */
export interface FromBatchesOptions {
  /** SQL types of columns by name; others follow from the first batch. */
  readonly types?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A frame of an Arrow table. Its columns are copied into DuckDB (in memory up to memoryLimit, beyond it on disk); X itself
 * may be an Arrow table without this. Dictionary columns of strings are categories.
 *
 * @throws TreelineError ERR_INVALID_DATA for a column that is neither number, boolean, string nor time.
 */
export async function fromArrow(table: ArrowTable | ArrowRecordBatch): Promise<Frame> {
  if (!isArrowTable(table) && !isArrowRecordBatch(table)) {
    throw invalidArgument(`fromArrow: expected an Arrow Table or RecordBatch, got ${show(table)}`);
  }
  const types = Object.fromEntries(
    table.schema.fields.map(({ name, type }, j) => [
      String(name),
      categoriesOf(arrowBatches(table), type, j) ?? arrowSqlType(type, String(name), "fromArrow"),
    ]),
  );
  return load([table], types, "fromArrow", undefined);
}

/**
 * A frame of batches that come one after another: from a database cursor, a message queue, a generator. They are read once
 * and kept by DuckDB, in memory up to memoryLimit, beyond it on disk; so the frame can be read any number of times.
 *
 * @example const frame = await fromBatches(cursorOf("SELECT …")); // yields { amount: Float64Array, kind: string[] }
 * @throws TreelineError ERR_INVALID_DATA when batches do not fit together.
 */
export async function fromBatches(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  options: FromBatchesOptions = {},
): Promise<Frame> {
  return load(batches, options.types ?? {}, "fromBatches", options.signal);
}

/**
 * A frame of an Arrow IPC file or stream ("Feather"), uncompressed. It is read once, batch by batch, and kept by DuckDB.
 *
 * @throws TreelineError ERR_IO when it cannot be read, ERR_NATIVE without apache-arrow.
 */
export async function scanArrow(path: string): Promise<Frame> {
  const { RecordBatchReader } = await loadArrow("scanArrow");
  const cannotRead = (cause: unknown): TreelineError => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new TreelineError("ERR_IO", `scanArrow: cannot read ${show(path)}: ${reason}`, { cause });
  };
  const file = await open(path).catch((error: unknown) => {
    throw cannotRead(error);
  });
  try {
    const reader = await RecordBatchReader.from(file.createReadStream());
    return await load(reader as unknown as AsyncIterable<ArrowRecordBatch>, {}, "scanArrow", undefined);
  } catch (error) {
    throw error instanceof TreelineError ? error : cannotRead(error);
  } finally {
    await file.close();
  }
}

/** Something that puts rows [from, from + count) of a column into a DuckDB vector. */
type Fill = (vector: WritableVector, from: number, count: number) => void;

interface WritableVector {
  readonly items: ColumnArray;
  setItem(row: number, value: unknown): void;
  flush(): void;
}

/** A column of one batch, ready to be written. */
interface Column {
  readonly name: string;
  readonly length: number;
  /** Undefined: nothing but nulls, any type will do. */
  readonly type: string | undefined;
  fillAs(type: string, engine: Engine): Fill;
}

async function load(
  batches: AsyncIterable<Batch> | Iterable<Batch>,
  types: Readonly<Record<string, string>>,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Frame> {
  const engine = await openEngine(where);
  const connection = await engine.instance.connect();
  const table = newTableName();
  let writer: TableWriter | undefined;
  try {
    for await (const batch of batches) {
      signal?.throwIfAborted();
      for (const columns of columnsOf(batch, where)) {
        writer ??= await TableWriter.create(engine, connection, table, columns, types, where);
        writer.append(columns);
      }
    }
    if (writer === undefined) throw invalidData(`${where}: there is no batch, so no columns are known`);
    writer.close();
  } catch (error) {
    await connection.run(`DROP TABLE IF EXISTS ${table}`);
    throw fromDuckDb(error, where);
  } finally {
    connection.disconnectSync();
  }
  return new Frame(await Relation.ofTable(engine, table, where));
}

/** Writes batches of columns to a table, 2,048 rows at a time. */
class TableWriter {
  readonly #engine: Engine;
  readonly #appender: DuckDBAppender;
  readonly #names: readonly string[];
  readonly #sqlTypes: readonly string[];
  readonly #types: readonly DuckDBType[];
  readonly #where: string;

  private constructor(
    engine: Engine,
    appender: DuckDBAppender,
    names: readonly string[],
    types: readonly string[],
    where: string,
  ) {
    this.#engine = engine;
    this.#appender = appender;
    this.#names = names;
    this.#sqlTypes = types;
    this.#types = names.map((_, j) => appender.columnType(j));
    this.#where = where;
  }

  static async create(
    engine: Engine,
    connection: DuckDBConnection,
    table: string,
    columns: readonly Column[],
    types: Readonly<Record<string, string>>,
    where: string,
  ): Promise<TableWriter> {
    if (columns.length === 0) throw invalidData(`${where}: a batch without columns`);
    const names = columns.map((column) => column.name);
    const unknown = Object.keys(types).find((name) => !names.includes(name));
    if (unknown !== undefined) throw invalidArgument(`${where}: types: there is no column ${show(unknown)}`);
    const sqlTypes = columns.map(({ name, type }) => types[name] ?? type ?? "DOUBLE");
    const definitions = names.map((name, j) => `${identifier(name)} ${sqlTypes[j]}`);
    await connection.run(`CREATE TABLE ${table} (${definitions.join(", ")})`);
    return new TableWriter(engine, await connection.createAppender(table), names, sqlTypes, where);
  }

  append(columns: readonly Column[]): void {
    const rows = columns[0]?.length ?? 0;
    const fills = this.#names.map((name, j) => {
      const column = columns[j]?.name === name ? columns[j] : columns.find((candidate) => candidate.name === name);
      if (column === undefined || columns.length !== this.#names.length) {
        const names = columns.map((candidate) => candidate.name);
        throw invalidData(
          `${this.#where}: a batch has the columns ${names.join(", ")}, the first had ${this.#names.join(", ")}`,
        );
      }
      if (column.length !== rows) {
        throw invalidData(
          `${this.#where}: column ${show(name)} has ${column.length} values in a batch of ${rows} rows`,
        );
      }
      return column.fillAs(this.#sqlTypes[j] as string, this.#engine);
    });
    for (let from = 0; from < rows; from += 2048) {
      const count = Math.min(2048, rows - from);
      const chunk = this.#engine.duckdb.DuckDBDataChunk.create(this.#types, count);
      fills.forEach((fill, j) => {
        const vector = chunk.getColumnVector(j) as unknown as WritableVector;
        this.#fill(fill, vector, from, count, j);
        vector.flush();
      });
      this.#appender.appendDataChunk(chunk);
    }
  }

  close(): void {
    this.#appender.closeSync();
  }

  #fill(fill: Fill, vector: WritableVector, from: number, count: number, j: number): void {
    try {
      fill(vector, from, count);
    } catch (cause) {
      if (cause instanceof TreelineError) throw cause;
      const [name, type] = [this.#names[j], this.#sqlTypes[j]];
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TreelineError(
        "ERR_INVALID_DATA",
        `${this.#where}: column ${show(name)} is ${type}, and a batch does not fit: ${reason}. Give its type: types: { ${show(name)}: "VARCHAR" }`,
        { cause },
      );
    }
  }
}

function columnsOf(batch: Batch, where: string): Column[][] {
  if (isArrowTable(batch) || isArrowRecordBatch(batch)) {
    return arrowBatches(batch).map((part) => part.schema.fields.map((field, j) => arrowColumn(part, field, j, where)));
  }
  if (typeof batch !== "object" || batch === null || Array.isArray(batch) || ArrayBuffer.isView(batch)) {
    throw invalidData(`${where}: a batch must be an object of columns or an Arrow record batch, got ${show(batch)}`);
  }
  return [
    Object.entries(batch as Record<string, BatchValues>).map(([name, values]) => plainColumn(name, values, where)),
  ];
}

const SQL_TYPES: readonly (readonly [new (length: number) => ColumnArray, string])[] = [
  [Float64Array, "DOUBLE"],
  [Float32Array, "FLOAT"],
  [Int8Array, "TINYINT"],
  [Int16Array, "SMALLINT"],
  [Int32Array, "INTEGER"],
  [BigInt64Array, "BIGINT"],
  [Uint8Array, "UTINYINT"],
  [Uint8ClampedArray, "UTINYINT"],
  [Uint16Array, "USMALLINT"],
  [Uint32Array, "UINTEGER"],
  [BigUint64Array, "UBIGINT"],
];

function sqlTypeOfArray(values: ColumnArray): string {
  return SQL_TYPES.find(([type]) => values instanceof type)?.[1] ?? "DOUBLE";
}

function plainColumn(name: string, values: BatchValues, where: string): Column {
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    const type = sqlTypeOfArray(values);
    return { name, length: values.length, type, fillAs: (wanted, engine) => fillTyped(values, type, wanted, engine) };
  }
  if (!Array.isArray(values)) {
    throw invalidData(`${where}: column ${show(name)} must be an array or typed array, got ${show(values)}`);
  }
  const first: unknown = values.find((value) => value !== null && value !== undefined);
  const type = first === undefined ? undefined : sqlTypeOfValue(first, name, where);
  const get = (i: number): unknown => values[i] as unknown;
  return { name, length: values.length, type, fillAs: (wanted, engine) => fillValues(get, wanted, engine) };
}

function sqlTypeOfValue(value: unknown, name: string, where: string): string {
  if (value instanceof Date) return "TIMESTAMP_MS";
  switch (typeof value) {
    case "number":
      return "DOUBLE";
    case "boolean":
      return "BOOLEAN";
    case "bigint":
      return "BIGINT";
    case "string":
      return "VARCHAR";
    default:
      throw invalidData(
        `${where}: column ${show(name)} must hold numbers, strings, booleans or dates, got ${show(value)}`,
      );
  }
}

/** Copies elements where the types agree; else converts one by one. */
function fillTyped(values: ColumnArray, type: string, wanted: string, engine: Engine): Fill {
  if (wanted !== type) return fillValues((i) => values[i], wanted, engine);
  return (vector, from, count) => vector.items.set(values.subarray(from, from + count) as never);
}

/** Sets values one by one, converted to what DuckDB's vectors take. */
function fillValues(get: (i: number) => unknown, type: string, engine: Engine): Fill {
  const convert = converter(type, engine);
  return (vector, from, count) => {
    for (let i = 0; i < count; i++) {
      const value = get(from + i);
      vector.setItem(i, value === null || value === undefined ? null : convert(value));
    }
  };
}

function converter(type: string, engine: Engine): (value: unknown) => unknown {
  if (type === "VARCHAR" || type.startsWith("ENUM")) return String;
  if (type === "BOOLEAN") {
    return (value) => {
      if (typeof value !== "boolean") throw new TypeError(`${show(value)} is no boolean`);
      return value;
    };
  }
  if (type === "BIGINT" || type === "UBIGINT") return (value) => BigInt(value as number | bigint);
  if (type === "TIMESTAMP_MS") {
    return (value) =>
      new engine.duckdb.DuckDBTimestampMillisecondsValue(
        BigInt(value instanceof Date ? value.getTime() : (value as number)),
      );
  }
  return (value) => {
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw new TypeError(`${show(value)} is no number`);
  };
}

function arrowSqlType(type: ArrowType, name: string, where: string): string {
  const value = valueTypeOf(type);
  const { Bool, Date, Timestamp, Null } = ArrowTypeId;
  if (isHalfFloat(value)) return "FLOAT";
  if (isPlainNumeric(value)) return numericSqlType(value);
  if (isStringType(value)) return "VARCHAR";
  if (value.typeId === Bool) return "BOOLEAN";
  if (value.typeId === Date || value.typeId === Timestamp) return "TIMESTAMP_MS";
  if (value.typeId === Null) return "DOUBLE";
  throw invalidData(
    `${where}: column ${show(name)} is ${String(type)}: cast it to numbers, strings, booleans or dates first`,
  );
}

function numericSqlType(type: ArrowType): string {
  const { bitWidth, isSigned, precision } = type as { bitWidth?: number; isSigned?: boolean; precision?: number };
  if (bitWidth === undefined) return precision === 1 ? "FLOAT" : "DOUBLE";
  const name = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" }[bitWidth] as string;
  return isSigned === false ? `U${name}` : name;
}

function arrowColumn(batch: ArrowRecordBatch, { name: key, type }: ArrowField, j: number, where: string): Column {
  const name = String(key);
  const data = batch.data.children[j] as ArrowData;
  const vector = batch.getChildAt(j) as ArrowVector | null;
  const sqlType = arrowSqlType(type, name, where);
  return {
    name,
    length: data.length,
    type: sqlType,
    fillAs(wanted, engine) {
      if (data.nullCount >= data.length) return fillValues(() => null, wanted, engine);
      const validity = validityOf(data);
      const values = data.values as ColumnArray;
      if (isPlainNumeric(type) && wanted === sqlType && data.nullCount === 0 && values.length >= data.length) {
        return fillTyped(values, sqlType, wanted, engine);
      }
      const read = arrowReader(data, vector);
      return fillValues((i) => (isValid(data, validity, i) ? read(i) : null), wanted, engine);
    },
  };
}

/** Reads row i of a chunk; `vector` is the chunk alone, its get() knows how to read every type. */
function arrowReader(data: ArrowData, vector: ArrowVector | null): (i: number) => unknown {
  const values = data.values as ColumnArray;
  if (data.dictionary !== undefined) {
    const dictionary = data.dictionary;
    const decoded = Array.from({ length: dictionary.length }, (_, k) => dictionary.get(k));
    return (i) => decoded[Number(values[i])];
  }
  if (isPlainNumeric(data.type)) return (i) => values[i];
  return (i) => vector?.get(i);
}

/** ENUM(…) of a Dictionary column of strings, over all chunks; undefined for other columns. */
function categoriesOf(batches: readonly ArrowRecordBatch[], type: ArrowType, j: number): string | undefined {
  if (type.typeId !== ArrowTypeId.Dictionary || !isStringType(valueTypeOf(type))) return undefined;
  const names = new Set<string>();
  const seen = new Set<ArrowVector>();
  for (const batch of batches) {
    const dictionary = batch.data.children[j]?.dictionary;
    if (dictionary === undefined || seen.has(dictionary)) continue;
    seen.add(dictionary);
    for (let k = 0; k < dictionary.length; k++) {
      const value = dictionary.get(k);
      if (value !== null && value !== undefined) names.add(String(value));
    }
  }
  return names.size === 0 ? "VARCHAR" : `ENUM(${[...names].map(literal).join(", ")})`;
}
