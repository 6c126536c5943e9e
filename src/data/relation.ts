import { invalidArgument, invalidData, show } from "../base/errors.js";
import { nearest } from "../base/params.js";
import { describeQuery, identifier, newTableName, ownTable, queryRows, type Engine } from "./duckdb.js";
import type { RowMask } from "./row-mask.js";

/** What a column holds, whatever DuckDB's type. */
export type FieldKind = "number" | "boolean" | "category" | "string" | "time" | "other";

/** A column of a Frame. */
export interface Field {
  readonly name: string;
  /** DuckDB's name of the type: "DOUBLE", "VARCHAR", "ENUM", … */
  readonly type: string;
  readonly kind: FieldKind;
  readonly categories: readonly string[] | undefined;
}

/** A query over an engine, its columns known. Immutable but for what passes over it learn. */
export class Relation {
  readonly engine: Engine;
  /** A SELECT without a final semicolon. */
  readonly sql: string;
  readonly fields: readonly Field[];
  /** Objects that hold tables the query reads: they live as long as it does. */
  readonly holds: readonly object[];
  /** Rows, known after the first whole pass. */
  nRows: number | undefined;

  private constructor(engine: Engine, sql: string, fields: readonly Field[], holds: readonly object[]) {
    this.engine = engine;
    this.sql = sql;
    this.fields = fields;
    this.holds = holds;
  }

  /** Lets DuckDB check a query and name its columns; nothing is read. */
  static async of(engine: Engine, sql: string, where: string, holds: readonly object[] = []): Promise<Relation> {
    const columns = await describeQuery(engine, sql, where);
    if (columns.length === 0) throw invalidArgument(`${where}: the query gives no columns`);
    const fields = columns.map((column) => ({ ...column, kind: kindOf(column.type) }));
    return new Relation(engine, sql, fields, holds);
  }

  /** A table of ours that goes away with the relation. */
  static async ofTable(engine: Engine, table: string, where: string): Promise<Relation> {
    const holder = {};
    ownTable(holder, engine, table);
    const relation = await Relation.of(engine, `SELECT * FROM ${table}`, where, [holder]);
    relation.nRows = await countRows(relation, where);
    return relation;
  }
}

export async function countRows(relation: Relation, where: string, signal?: AbortSignal): Promise<number> {
  if (relation.nRows === undefined) {
    const [row] = await queryRows(relation.engine, `SELECT count(*) AS n FROM (${relation.sql}\n)`, where, signal);
    relation.nRows = Number(row?.["n"]);
  }
  return relation.nRows;
}

const NUMBERS =
  /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/;

function kindOf(type: string): FieldKind {
  if (NUMBERS.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  if (type === "ENUM") return "category";
  if (type === "VARCHAR") return "string";
  if (type === "DATE" || type.startsWith("TIMESTAMP")) return "time";
  return "other";
}

/** Whether a column is made of floats: it may hold NaN, which counts as missing. */
export function isFloat(field: Field): boolean {
  return field.type === "DOUBLE" || field.type === "FLOAT";
}

/** The field of that name; an error names the nearest. */
export function fieldNamed(fields: readonly Field[], name: string, where: string): Field {
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const names = fields.map((candidate) => candidate.name);
    throw invalidArgument(`${where}: no column ${show(name)}${nearest(name, names)}`);
  }
  return field;
}

/** The type under which a column's features are read: FLOAT where that is exact. */
export function featureType(field: Field): "FLOAT" | "DOUBLE" {
  return /^(BOOLEAN|FLOAT|U?TINYINT|U?SMALLINT)$/.test(field.type) ? "FLOAT" : "DOUBLE";
}

/** The SQL of a column as a feature: a float, codes for categories. */
export function featureSql(field: Field): string {
  const name = identifier(field.name);
  if (field.type === featureType(field)) return name;
  return `CAST(${field.kind === "category" ? `enum_code(${name})` : name} AS ${featureType(field)})`;
}

/** Refuses columns that cannot be features, and says what to do. */
export function checkFeatures(fields: readonly Field[], where: string): void {
  for (const field of fields) {
    if (field.kind === "number" || field.kind === "boolean" || field.kind === "category") continue;
    throw invalidData(`${where}: column ${show(field.name)} holds ${field.type}: ${advice(field)}`);
  }
}

function advice(field: Field): string {
  const name = JSON.stringify(field.name);
  if (field.kind === "string") {
    return (
      `drop it, make it a column of categories (await frame.categorize(${name})), ` +
      `or derive numbers from it (await frame.withColumns({ … }))`
    );
  }
  if (field.kind === "time") {
    return `derive numbers from it, for example await frame.withColumns({ hour: ${show(`hour(${identifier(field.name)})`)} }), or drop it`;
  }
  return "features must be numbers, booleans or categories; derive numbers from it, or drop it";
}

const maskTables = new WeakMap<RowMask, Map<Engine, Promise<MaskTable>>>();

/** A mask as a DuckDB table of one boolean column, for SQL on a part of a table. */
export interface MaskTable {
  readonly table: string;
}

/** The table of a mask, made on first use. */
export async function maskTable(mask: RowMask, engine: Engine): Promise<MaskTable> {
  const perEngine = maskTables.get(mask) ?? new Map<Engine, Promise<MaskTable>>();
  maskTables.set(mask, perEngine);
  let made = perEngine.get(engine);
  if (made === undefined) perEngine.set(engine, (made = makeMaskTable(mask, engine)));
  return made;
}

async function makeMaskTable(mask: RowMask, engine: Engine): Promise<MaskTable> {
  const { DuckDBDataChunk, UTINYINT } = engine.duckdb;
  const holder: MaskTable = { table: newTableName() };
  const connection = await engine.instance.connect();
  try {
    await connection.run(`CREATE TABLE ${holder.table} (keep UTINYINT)`);
    ownTable(holder, engine, holder.table);
    const appender = await connection.createAppender(holder.table);
    for (let begin = 0; begin < mask.nRows; begin += 2048) {
      const rows = Math.min(2048, mask.nRows - begin);
      const chunk = DuckDBDataChunk.create([UTINYINT], rows);
      const vector = chunk.getColumnVector(0) as unknown as { items: Uint8Array; flush(): void };
      for (let i = 0; i < rows; i++) vector.items[i] = mask.has(begin + i) ? 1 : 0;
      vector.flush();
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  } finally {
    connection.disconnectSync();
  }
  return holder;
}
