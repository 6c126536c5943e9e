import { randomInt } from "node:crypto";
import { inspect } from "node:util";
import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { htmlBundle, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import type { Chunk, FloatArray } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { toArrowTable, toArrowTables } from "./arrow-table.js";
import type { BatchColumn, Cell } from "./cell.js";
import type { CollectedTable } from "./collected-table.js";
import type { ColumnSummary } from "./column-summary.js";
import { identifier, keepAlive, literal, newTableName, queryRows } from "./duckdb.js";
import { FrameColumn } from "./frame-column.js";
import { frameHtml } from "./frame-html.js";
import { readColumns, readFeatures, type ReadPlan } from "./frame-reader.js";
import { countMissing, countValues, summarise, type FrameQuery } from "./frame-summary.js";
import { valuesOf } from "./frame-values.js";
import { Matrix } from "./matrix.js";
import { refuseTooLarge } from "./memory-budget.js";
import { checkFeatures, countRows, fieldNamed, maskTable, Relation, type Field } from "./relation.js";
import { RowMask } from "./row-mask.js";
import type { RowSource } from "./row-source.js";

/** A column's name and DuckDB's name of its type. */
export interface ColumnSchema {
  readonly name: string;
  readonly type: string;
}

/** A row of a Frame as an object. */
export type Row = Record<string, Cell>;

/** What a read can take. */
export interface ReadOptions {
  /** Aborts the read; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** How many rows `sample` takes, and which. */
export interface SampleOptions extends ReadOptions {
  /** Number of rows. Give either n or frac. */
  readonly n?: number | undefined;
  /** Share of the rows, 0 … 1. */
  readonly frac?: number | undefined;
  /** Seed; undefined or null: other rows each time. */
  readonly randomState?: number | null | undefined;
}

/**
 * A lazy, immutable table: Dask DataFrame's place, with DuckDB doing the work. Nothing is loaded until something is asked
 * of it, and then only the columns needed, piece by piece. A Frame of numbers, booleans and categories is an X for every
 * estimator; NULL is a missing value. Rows keep their order, the same in every pass.
 *
 * Made by scanCsv, scanParquet, scanArrow, fromArrow and fromBatches.
 *
 * @example
 * const frame = await scanCsv("creditcard.csv");
 * const X = frame.drop("Class"), y = frame.column("Class");
 */
export class Frame implements RowSource {
  readonly #relation: Relation;
  readonly #fields: readonly Field[];
  readonly #mask: RowMask | undefined;

  /** @internal */
  constructor(relation: Relation, fields: readonly Field[] = relation.fields, mask?: RowMask) {
    this.#relation = relation;
    this.#fields = fields;
    this.#mask = mask;
  }

  /** Names of the columns. */
  get columns(): string[] {
    return this.#fields.map((field) => field.name);
  }

  /** Names and types of the columns. */
  get schema(): ColumnSchema[] {
    return this.#fields.map(({ name, type }) => ({ name, type }));
  }

  get nFeatures(): number {
    return this.#fields.length;
  }

  /** Number of rows; undefined until it is known: after the first whole pass or countRows. */
  get nRows(): number | undefined {
    return this.#mask?.count ?? this.#relation.nRows;
  }

  get featureNames(): readonly string[] {
    return this.columns;
  }

  get categories(): readonly (readonly string[] | undefined)[] | undefined {
    const categories = this.#fields.map((field) => field.categories);
    return categories.some((names) => names !== undefined) ? categories : undefined;
  }

  /** Throws, in words that start with `where`, for a column that cannot be a feature. */
  check(where: string): void {
    checkFeatures(this.#fields, where);
  }

  /** The rows as features, a few megabytes at a time, for estimators. Use batches() to read a frame. */
  chunks(signal?: AbortSignal): AsyncIterable<Chunk> {
    checkFeatures(this.#fields, "Frame");
    return readFeatures(this.#plan(), "Frame", signal);
  }

  /** The first rows, as objects. Default 5. */
  async head(n = 5, options: ReadOptions = {}): Promise<Row[]> {
    if (!Number.isInteger(n) || n < 0)
      throw invalidArgument(`Frame.head: n must be a non-negative integer, got ${show(n)}`);
    const rows: Row[] = [];
    if (n === 0) return rows;
    for await (const columns of readColumns({ ...this.#plan(), limit: n }, "Frame.head", options.signal)) {
      const values = columns.map(valuesOf);
      for (let i = 0; i < (columns[0]?.length ?? 0); i++) {
        rows.push(Object.fromEntries(this.#fields.map(({ name }, j) => [name, missingAsNull(values[j]?.[i] ?? null)])));
      }
    }
    return rows;
  }

  /** The number of rows; counted once. */
  async countRows(options: ReadOptions = {}): Promise<number> {
    return this.#mask?.count ?? countRows(this.#relation, "Frame.countRows", options.signal);
  }

  /**
   * For every column: how many values there are and how many are missing; of numbers mean, standard deviation (divisor
   * n - 1), minimum, quartiles and maximum; of texts and categories the number of different ones and the most frequent.
   * As pandas' describe, a line a column. NaN counts as missing. Try console.table on it.
   *
   * Quartiles are exact and need the column in DuckDB's memory; `approximate: true` takes constant memory.
   */
  async describe(options: ReadOptions & { readonly approximate?: boolean } = {}): Promise<ColumnSummary[]> {
    return summarise(await this.#query("Frame.describe"), options);
  }

  /** How often each value of a column occurs, most frequent first; missing values only with { dropna: false }. */
  async valueCounts(
    column: string,
    options: ReadOptions & { readonly dropna?: boolean } = {},
  ): Promise<Map<Cell, number>> {
    const field = fieldNamed(this.#fields, column, "Frame.valueCounts");
    return countValues(await this.#query("Frame.valueCounts"), field, options);
  }

  /** The number of missing values (NULL or NaN) of every column: pandas' isnull().sum(). */
  async isNull(options: ReadOptions = {}): Promise<Record<string, number>> {
    return countMissing(await this.#query("Frame.isNull"), options);
  }

  /** The frame without some columns. @throws TreelineError ERR_INVALID_ARGUMENT for a column that is not there. */
  drop(...columns: string[]): Frame {
    const names = new Set(columns.map((name) => fieldNamed(this.#fields, name, "Frame.drop").name));
    return this.#withFields(
      this.#fields.filter((field) => !names.has(field.name)),
      "Frame.drop",
    );
  }

  /** The frame with these columns only, in this order. @throws TreelineError ERR_INVALID_ARGUMENT */
  select(...columns: string[]): Frame {
    const twice = columns.find((name, j) => columns.indexOf(name) !== j);
    if (twice !== undefined) throw invalidArgument(`Frame.select: column ${show(twice)} is named twice`);
    return this.#withFields(
      columns.map((name) => fieldNamed(this.#fields, name, "Frame.select")),
      "Frame.select",
    );
  }

  /** One column: what y may be. @throws TreelineError ERR_INVALID_ARGUMENT for a column that is not there. */
  column(name: string): FrameColumn {
    return new FrameColumn(this.#withFields([fieldNamed(this.#fields, name, "Frame.column")], "Frame.column"), name);
  }

  /**
   * The rows for which an SQL condition holds.
   *
   * @example const large = await frame.filter("Amount > 1000 AND Class = 1");
   * @throws TreelineError ERR_INVALID_ARGUMENT when DuckDB does not understand the condition.
   */
  async filter(condition: string): Promise<Frame> {
    const { sql, holds } = await this.#select();
    return this.#derive(`SELECT * FROM (${sql}\n) WHERE (${condition}\n)`, "Frame.filter", holds);
  }

  /**
   * The frame with columns computed by SQL expressions of the present ones; a column of that name is replaced.
   *
   * @example const timed = await frame.withColumns({ hour: "(Time // 3600) % 24", logAmount: "ln(1 + Amount)" });
   * @throws TreelineError ERR_INVALID_ARGUMENT when DuckDB does not understand an expression.
   */
  async withColumns(expressions: Readonly<Record<string, string>>): Promise<Frame> {
    const { sql, holds } = await this.#select();
    const names = new Set(this.columns);
    const given = Object.entries(expressions).map(([name, text]) => ({
      name,
      sql: `(${text}\n) AS ${identifier(name)}`,
    }));
    if (given.length === 0) return this;
    const replaced = given.filter(({ name }) => names.has(name)).map((column) => column.sql);
    const added = given.filter(({ name }) => !names.has(name)).map((column) => column.sql);
    const all = replaced.length > 0 ? `* REPLACE (${replaced.join(", ")})` : "*";
    return this.#derive(`SELECT ${[all, ...added].join(", ")} FROM (${sql}\n)`, "Frame.withColumns", holds);
  }

  /** Groups rows by columns; `agg` says what to compute of each group. */
  groupBy(...columns: string[]): GroupBy {
    const keys = columns.map((name) => identifier(fieldNamed(this.#fields, name, "Frame.groupBy").name));
    return new GroupBy(async (expressions) => {
      const { sql, holds } = await this.#select();
      const values = Object.entries(expressions).map(([name, text]) => `(${text}\n) AS ${identifier(name)}`);
      const grouping = keys.length > 0 ? ` GROUP BY ${keys.join(", ")} ORDER BY ${keys.join(", ")}` : "";
      return this.#derive(
        `SELECT ${[...keys, ...values].join(", ")} FROM (${sql}\n)${grouping}`,
        "Frame.groupBy",
        holds,
      );
    });
  }

  /**
   * Any SELECT over this frame, which it calls `self`. Rows come in the order the query gives: after GROUP BY, DISTINCT or
   * JOIN add ORDER BY, or passes may differ in it.
   *
   * @example const fraud = await frame.sql("SELECT Class, avg(Amount) AS amount FROM self GROUP BY Class ORDER BY Class");
   * @throws TreelineError ERR_INVALID_ARGUMENT when DuckDB does not understand the query.
   */
  async sql(query: string): Promise<Frame> {
    const { sql, holds } = await this.#select();
    const body = query.replace(/;\s*$/, "");
    return this.#derive(`WITH self AS NOT MATERIALIZED (${sql}\n) SELECT * FROM (${body}\n)`, "Frame.sql", holds);
  }

  /**
   * A random part of the rows, in row order: exactly n of them, or round(frac × rows). The same for the same randomState,
   * whatever the number of threads. Nothing is copied: one bit a row says which belong.
   */
  async sample(options: SampleOptions): Promise<Frame> {
    Object.keys(options).forEach((key) => refuseUnknown("Frame.sample", key, ["n", "frac", "randomState", "signal"]));
    const rows = await this.countRows(options);
    const { n, frac, randomState } = options;
    if ((n === undefined) === (frac === undefined)) throw invalidArgument("Frame.sample: give either n or frac");
    const count = n ?? Math.round((frac as number) * rows);
    if (!Number.isInteger(count) || count < 0 || count > rows) {
      throw invalidArgument(`Frame.sample: expected up to ${rows} rows (frac up to 1), got ${show(n ?? frac)}`);
    }
    const seed = randomState ?? randomInt(2 ** 47);
    const counts = [Float64Array.of(count), Float64Array.of(0)] as const;
    const { test } = await runJob(effectiveNJobs(), options, (job) =>
      addon().splitRows(rows, seed, undefined, ...counts, job),
    );
    return this.withMask(new RowMask(test, rows));
  }

  /**
   * Text columns as categories: their values become codes 0 … k - 1 in sorted order, kept in the column's type. Takes one
   * pass over the columns. Do it before splitting, so that both parts share the codes. Default: all text columns.
   */
  async categorize(...columns: string[]): Promise<Frame> {
    const where = "Frame.categorize";
    const wanted = columns.length > 0 ? columns.map((name) => fieldNamed(this.#fields, name, where)) : this.#fields;
    const texts = wanted.filter((field) => field.kind === "string");
    const { sql, holds } = await this.#select();
    const replaced: string[] = [];
    for (const { name } of texts) {
      const column = identifier(name);
      const values = await queryRows(
        this.#relation.engine,
        `SELECT DISTINCT ${column} AS v FROM (${sql}\n) WHERE ${column} IS NOT NULL ORDER BY v`,
        where,
      );
      if (values.length === 0) continue;
      const names = values.map((row) => literal(String(row["v"])));
      replaced.push(`CAST(${column} AS ENUM(${names.join(", ")})) AS ${column}`);
    }
    if (replaced.length === 0) return this;
    return this.#derive(`SELECT * REPLACE (${replaced.join(", ")}) FROM (${sql}\n)`, where, holds);
  }

  /** Runs the query once and keeps its result in DuckDB: in memory up to memoryLimit, beyond it on disk. */
  async persist(): Promise<Frame> {
    const { sql } = await this.#select();
    const { engine } = this.#relation;
    const table = newTableName();
    await queryRows(engine, `CREATE TABLE ${table} AS ${sql}`, "Frame.persist");
    keepAlive(this);
    return new Frame(await Relation.ofTable(engine, table, "Frame.persist"));
  }

  /**
   * The rows in batches of a few megabytes, each an object of columns. Numbers are typed arrays with NaN for missing values;
   * other columns arrays with null. Leaving the loop ends the read.
   *
   * @example for await (const { Amount } of frame.batches()) console.log(Amount); // a Float64Array
   */
  async *batches(options: ReadOptions = {}): AsyncGenerator<Record<string, BatchColumn>, void, undefined> {
    for await (const columns of readColumns(this.#plan(), "Frame.batches", options.signal)) {
      yield Object.fromEntries(columns.map((column) => [column.field.name, valuesOf(column)]));
    }
    keepAlive(this);
  }

  /**
   * All of it as an Arrow Table; categories are Dictionary columns.
   *
   * @throws TreelineError ERR_MEMORY_LIMIT when it is larger than memoryLimit.
   */
  async collect(options: ReadOptions = {}): Promise<CollectedTable> {
    const table = await toArrowTable(readColumns(this.#plan(), "Frame.collect", options.signal), this.#fields);
    keepAlive(this);
    return table;
  }

  /** The rows in Arrow tables of a few megabytes. @internal */
  async *arrowTables(where: string, signal?: AbortSignal): AsyncGenerator<CollectedTable, void, undefined> {
    yield* toArrowTables(readColumns(this.#plan(), where, signal), this.#fields, where);
    keepAlive(this);
  }

  /**
   * All of it as a column-major Matrix; missing values are NaN, booleans 0 and 1, categories their codes.
   *
   * @throws TreelineError ERR_MEMORY_LIMIT when it is larger than memoryLimit, ERR_INVALID_DATA for a column that is no
   * feature.
   */
  async toMatrix(options: ReadOptions & { readonly dtype?: "float32" | "float64" } = {}): Promise<Matrix> {
    const where = "Frame.toMatrix";
    const { dtype = "float64" } = options;
    if (dtype !== "float32" && dtype !== "float64") {
      throw invalidArgument(`${where}: dtype must be "float32" or "float64", got ${show(dtype)}`);
    }
    checkFeatures(this.#fields, where);
    const rows = await this.countRows(options);
    const bytes = rows * this.nFeatures * (dtype === "float64" ? 8 : 4);
    refuseTooLarge(bytes, where);
    const data: FloatArray = new (dtype === "float64" ? Float64Array : Float32Array)(rows * this.nFeatures);
    for await (const chunk of readFeatures(this.#plan(), where, options.signal)) {
      chunk.columns.forEach((column, j) =>
        data.set((column.values as FloatArray).subarray(0, chunk.rows), j * rows + chunk.firstRow),
      );
    }
    keepAlive(this);
    return new Matrix(data, [rows, this.nFeatures], "column");
  }

  /** Writes the frame to a Parquet file (zstd), replacing one that is there. @throws TreelineError ERR_IO */
  async writeParquet(path: string, options: ReadOptions = {}): Promise<void> {
    const { sql } = await this.#select();
    const statement = `COPY (${sql}\n) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`;
    await queryRows(this.#relation.engine, statement, "Frame.writeParquet", options.signal);
    keepAlive(this);
  }

  /** The part of the rows whose bits are set. @internal */
  withMask(mask: RowMask): Frame {
    return new Frame(this.#relation, this.#fields, this.#mask?.compose(mask) ?? mask);
  }

  /** Reads one column's values in batches. @internal */
  async *readColumn(signal?: AbortSignal): AsyncGenerator<BatchColumn, void, undefined> {
    for await (const [column] of readColumns(this.#plan(), "Frame.column", signal)) {
      if (column !== undefined) yield valuesOf(column);
    }
    keepAlive(this);
  }

  /** The first rows as an HTML table, for notebooks. */
  async toHTML(n = 10, options: ReadOptions = {}): Promise<string> {
    return frameHtml(this.#fields, await this.head(n, options), this.nRows);
  }

  /** For notebooks. */
  async [JUPYTER_DISPLAY](): Promise<MimeBundle> {
    return htmlBundle(await this.toHTML(), inspect(this));
  }

  [inspect.custom](): string {
    const rows = this.nRows === undefined ? "rows not counted yet" : `${this.nRows} rows`;
    const width = Math.min(40, Math.max(...this.#fields.map(({ name }) => name.length)));
    const lines = this.#fields.slice(0, 40).map(({ name, type, categories }) => {
      const values = categories === undefined ? "" : ` of ${categories.length}`;
      return `  ${name.padEnd(width)}  ${type}${values}`;
    });
    const more = this.#fields.length > 40 ? [`  … and ${this.#fields.length - 40} more`] : [];
    return [`Frame, ${rows} × ${this.#fields.length} columns`, ...lines, ...more].join("\n");
  }

  #plan(): ReadPlan {
    return { relation: this.#relation, fields: this.#fields, mask: this.#mask };
  }

  #withFields(fields: readonly Field[], where: string): Frame {
    if (fields.length === 0) throw invalidArgument(`${where}: no column would be left`);
    return new Frame(this.#relation, fields, this.#mask);
  }

  /** The frame as a SELECT, and what must live as long as queries over it. */
  async #select(): Promise<{ sql: string; holds: readonly object[] }> {
    const { engine, sql, holds } = this.#relation;
    const columns = this.#fields.map((field) => `t.${identifier(field.name)}`).join(", ");
    if (this.#mask === undefined) return { sql: `SELECT ${columns} FROM (${sql}\n) AS t`, holds };
    const mask = await maskTable(this.#mask, engine);
    return {
      sql: `SELECT ${columns} FROM (${sql}\n) AS t POSITIONAL JOIN ${mask.table} AS m WHERE m.keep = 1`,
      holds: [...holds, mask],
    };
  }

  async #derive(sql: string, where: string, holds: readonly object[]): Promise<Frame> {
    return new Frame(await Relation.of(this.#relation.engine, sql, where, holds));
  }

  async #query(where: string): Promise<FrameQuery> {
    const { sql, holds } = await this.#select();
    return { engine: this.#relation.engine, sql, holds, fields: this.#fields, plan: this.#plan(), where };
  }
}

/** Rows grouped by columns: `agg` gives a frame of one row a group, in the order of the keys. */
export class GroupBy {
  readonly #aggregate: (expressions: Readonly<Record<string, string>>) => Promise<Frame>;

  /** @internal */
  constructor(aggregate: (expressions: Readonly<Record<string, string>>) => Promise<Frame>) {
    this.#aggregate = aggregate;
  }

  /**
   * What to compute of each group, as SQL aggregates.
   *
   * @example const byClass = await frame.groupBy("Class").agg({ n: "count(*)", amount: "avg(Amount)" });
   * @throws TreelineError ERR_INVALID_ARGUMENT when DuckDB does not understand an expression.
   */
  async agg(expressions: Readonly<Record<string, string>>): Promise<Frame> {
    if (Object.keys(expressions).length === 0) throw invalidArgument("GroupBy.agg: name at least one aggregate");
    return this.#aggregate(expressions);
  }
}

function missingAsNull(value: Cell): Cell {
  return typeof value === "number" && Number.isNaN(value) ? null : value;
}
