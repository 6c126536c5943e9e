import type { DuckDBDataChunk } from "@duckdb/node-api";
import { invalidData } from "../base/errors.js";
import type { ColumnArray, ColumnChunk, FloatArray } from "../native/addon.js";
import { streamQuery, identifier } from "./duckdb.js";
import { featureSql, featureType, type Field, type Relation } from "./relation.js";
import { chunkRowsFor } from "./row-source.js";
import type { RowMask } from "./row-mask.js";

/** Which part of a relation to read. */
export interface ReadPlan {
  readonly relation: Relation;
  readonly fields: readonly Field[];
  readonly mask: RowMask | undefined;
  /** Stop after that many rows of the part. */
  readonly limit?: number;
}

/** What is used of DuckDB's vectors: numbers come as a typed array, a fresh copy for every chunk. */
interface DuckVector {
  readonly items: ColumnArray;
  readonly validity: { readonly data: BigUint64Array | null };
  getItem(row: number): unknown;
}

/** Rows of a DuckDB chunk that belong to the part: all of the first `count`, or those listed in `rows`. */
interface Selection {
  readonly chunk: DuckDBDataChunk;
  readonly count: number;
  readonly rows: Int32Array | undefined;
}

/** The chunks of a query with the rows of the part picked out, in row order. Learns the number of rows. */
async function* selections(
  plan: ReadPlan,
  sql: string,
  where: string,
  signal?: AbortSignal,
): AsyncGenerator<Selection> {
  const { relation, mask } = plan;
  const rows = mask && new Int32Array(2048);
  let seen = 0;
  let left = plan.limit ?? Infinity;
  for await (const chunk of streamQuery(relation.engine, sql, where, signal)) {
    const n = chunk.rowCount;
    if (mask !== undefined && seen + n > mask.nRows) throw changed(where, mask.nRows);
    const count = Math.min(left, mask && rows ? mask.select(seen, n, rows) : n);
    seen += n;
    left -= count;
    if (count > 0) yield { chunk, count, rows };
    if (left === 0) return;
  }
  if (plan.limit !== undefined && mask === undefined) return; // the query itself was limited
  if (mask !== undefined && seen !== mask.nRows) throw changed(where, mask.nRows);
  relation.nRows ??= seen;
}

function changed(where: string, nRows: number): Error {
  return invalidData(
    `${where}: the table no longer has the ${nRows} rows it had when it was split: did its file change?`,
  );
}

function selectSql(plan: ReadPlan, columnSql: (field: Field) => string): string {
  const limit = plan.limit !== undefined && plan.mask === undefined ? ` LIMIT ${plan.limit}` : "";
  return `SELECT ${plan.fields.map(columnSql).join(", ")} FROM (${plan.relation.sql}\n)${limit}`;
}

/** Copies rows [from, from + count) of a selection; types that differ are converted. */
function copyItems(
  items: ColumnArray,
  { rows }: Selection,
  from: number,
  count: number,
  out: ColumnArray,
  at: number,
): void {
  if (rows === undefined) {
    const part = from === 0 && count === items.length ? items : items.subarray(from, from + count);
    (out as Float64Array).set(part as Float64Array, at);
  } else {
    for (let i = 0; i < count; i++) out[at + i] = items[rows[from + i] as number] as number;
  }
}

/** Calls `each` for the nulls among rows [from, from + count) of a selection. */
function forEachNull(
  vector: DuckVector,
  { rows }: Selection,
  from: number,
  count: number,
  each: (i: number) => void,
): void {
  const words = vector.validity.data;
  if (words === null) return;
  const bits = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? from + i : (rows[from + i] as number);
    if ((((bits[row >> 3] as number) >> (row & 7)) & 1) === 0) each(i);
  }
}

/**
 * The part's rows as features, in chunks of a few megabytes. Every chunk lies in the same memory: it is copied (staged)
 * before the next is asked for.
 */
export async function* readFeatures(plan: ReadPlan, where: string, signal?: AbortSignal): AsyncGenerator<ColumnChunk> {
  const { fields } = plan;
  const step = chunkRowsFor(fields.length);
  const buffers: FloatArray[] = fields.map((field) =>
    featureType(field) === "FLOAT" ? new Float32Array(step) : new Float64Array(step),
  );
  const columns = buffers.map((values) => ({ values }));
  let filled = 0;
  let firstRow = 0;
  for await (const selection of selections(plan, selectSql(plan, featureSql), where, signal)) {
    for (let from = 0; from < selection.count;) {
      const count = Math.min(step - filled, selection.count - from);
      buffers.forEach((out, j) => {
        const vector = vectorOf(selection.chunk, j);
        copyItems(vector.items, selection, from, count, out, filled);
        forEachNull(vector, selection, from, count, (i) => (out[filled + i] = NaN));
      });
      filled += count;
      from += count;
      if (filled < step) continue;
      yield { rows: filled, firstRow, columns };
      firstRow += filled;
      filled = 0;
    }
  }
  if (filled > 0) yield { rows: filled, firstRow, columns };
}

/** One column of a batch as read: elements, and which of them are null. */
export interface RawColumn {
  readonly field: Field;
  /** Numbers in DuckDB's own type; 0 or 1 for booleans; codes for categories; milliseconds since 1970 for times. */
  readonly values: ColumnArray | undefined;
  /** The values of string columns. */
  readonly strings: (string | null)[] | undefined;
  /** One byte a row, 1: null. Undefined: no nulls. */
  readonly isNull: Uint8Array | undefined;
  readonly length: number;
}

/** The part's rows as they are, in batches that the caller may keep. */
export async function* readColumns(plan: ReadPlan, where: string, signal?: AbortSignal): AsyncGenerator<RawColumn[]> {
  const step = chunkRowsFor(plan.fields.length);
  let builders = plan.fields.map((field) => new ColumnBuilder(field, step));
  let filled = 0;
  for await (const selection of selections(
    plan,
    selectSql(plan, (field) => valueSql(field)),
    where,
    signal,
  )) {
    for (let from = 0; from < selection.count;) {
      const count = Math.min(step - filled, selection.count - from);
      builders.forEach((builder, j) => builder.append(vectorOf(selection.chunk, j), selection, from, count));
      filled += count;
      from += count;
      if (filled < step) continue;
      yield builders.map((builder) => builder.finish());
      builders = plan.fields.map((field) => new ColumnBuilder(field, step));
      filled = 0;
    }
  }
  if (filled > 0) yield builders.map((builder) => builder.finish());
}

function vectorOf(chunk: DuckDBDataChunk, j: number): DuckVector {
  return chunk.getColumnVector(j) as unknown as DuckVector;
}

/** The SQL of a column as a value: wide and decimal numbers as DOUBLE, times as milliseconds, the rest as text. */
function valueSql({ name, type, kind }: Field): string {
  const column = identifier(name);
  if (kind === "category" || kind === "string") return column;
  if (kind === "boolean") return `CAST(${column} AS UTINYINT)`;
  if (kind === "time") return `epoch_ms(${type === "DATE" ? `CAST(${column} AS TIMESTAMP)` : column})`;
  if (kind === "other") return `CAST(${column} AS VARCHAR)`;
  return /^(U?HUGEINT|DECIMAL.*)$/.test(type) ? `CAST(${column} AS DOUBLE)` : column;
}

type ArrayType = new (length: number) => ColumnArray;

const ARRAYS: Readonly<Record<string, ArrayType>> = {
  TINYINT: Int8Array,
  SMALLINT: Int16Array,
  INTEGER: Int32Array,
  BIGINT: BigInt64Array,
  UTINYINT: Uint8Array,
  USMALLINT: Uint16Array,
  UINTEGER: Uint32Array,
  UBIGINT: BigUint64Array,
  FLOAT: Float32Array,
};

function arrayTypeOf({ kind, type }: Field): ArrayType | undefined {
  if (kind === "string" || kind === "other") return undefined;
  if (kind === "boolean") return Uint8Array;
  if (kind === "category") return Int32Array;
  if (kind === "time") return BigInt64Array;
  return ARRAYS[type] ?? Float64Array;
}

/** Gathers one column of a batch. */
class ColumnBuilder {
  readonly #field: Field;
  readonly #capacity: number;
  readonly #values: ColumnArray | undefined;
  readonly #strings: (string | null)[] | undefined;
  #isNull: Uint8Array | undefined;
  #length = 0;

  constructor(field: Field, capacity: number) {
    const arrayType = arrayTypeOf(field);
    this.#field = field;
    this.#capacity = capacity;
    this.#values = arrayType && new arrayType(capacity);
    this.#strings = arrayType === undefined ? [] : undefined;
  }

  append(vector: DuckVector, selection: Selection, from: number, count: number): void {
    const at = this.#length;
    this.#length += count;
    if (this.#strings !== undefined) {
      for (let i = from; i < from + count; i++)
        this.#strings.push(vector.getItem(selection.rows?.[i] ?? i) as string | null);
    } else {
      copyItems(vector.items, selection, from, count, this.#values as ColumnArray, at);
    }
    forEachNull(vector, selection, from, count, (i) => {
      this.#isNull ??= new Uint8Array(this.#capacity);
      this.#isNull[at + i] = 1;
    });
  }

  finish(): RawColumn {
    const length = this.#length;
    return {
      field: this.#field,
      values: this.#values && (this.#values.length === length ? this.#values : this.#values.slice(0, length)),
      strings: this.#strings,
      isNull: this.#isNull?.subarray(0, length),
      length,
    };
  }
}
