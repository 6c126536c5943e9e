import { effectiveNJobs } from "../base/config.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { identifier, keepAlive, queryRows, type Engine } from "./duckdb.js";
import { readFeatures, type ReadPlan } from "./frame-reader.js";
import type { Cell } from "./cell.js";
import type { ColumnSummary } from "./column-summary.js";
import { isFloat, type Field } from "./relation.js";
import { pour } from "./row-source.js";

/** A frame as a SELECT, for questions about it. */
export interface FrameQuery {
  readonly engine: Engine;
  readonly sql: string;
  /** Owners of tables the query reads. */
  readonly holds: readonly object[];
  readonly fields: readonly Field[];
  readonly plan: ReadPlan;
  readonly where: string;
}

/** A column with NaN as NULL: both are missing. */
function valueOrNull(field: Field): string {
  const name = identifier(field.name);
  return isFloat(field) ? `nullif(${name}, 'NaN'::${field.type})` : name;
}

/** SELECT what FROM the frame, then `tail`. */
async function ask(
  frame: FrameQuery,
  what: string,
  tail: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown>[]> {
  const rows = await queryRows(frame.engine, `SELECT ${what} FROM (${frame.sql}\n)${tail}`, frame.where, signal);
  keepAlive(frame.holds);
  return rows;
}

/** Counts of missing values by column. */
export async function countMissing(
  frame: FrameQuery,
  options: { signal?: AbortSignal | undefined },
): Promise<Record<string, number>> {
  const counts = frame.fields.map((field, j) => `count(*) - count(${valueOrNull(field)}) AS c${j}`).join(", ");
  const [row] = await ask(frame, counts, "", options.signal);
  return Object.fromEntries(frame.fields.map(({ name }, j) => [name, Number(row?.[`c${j}`])]));
}

/** Counts of a column's values, most frequent first. */
export async function countValues(
  frame: FrameQuery,
  field: Field,
  options: { signal?: AbortSignal | undefined; dropna?: boolean },
  limit?: number,
): Promise<Map<Cell, number>> {
  const value = valueOrNull(field);
  const text = field.kind === "other" ? `CAST(${value} AS VARCHAR)` : value;
  const kept = options.dropna === false ? "" : ` WHERE ${value} IS NOT NULL`;
  const top = limit === undefined ? "" : ` LIMIT ${limit}`;
  const tail = `${kept} GROUP BY 1 ORDER BY n DESC, v NULLS LAST${top}`;
  const rows = await ask(frame, `${text} AS v, count(*) AS n`, tail, options.signal);
  return new Map(rows.map((row) => [cellOf(row["v"], field), Number(row["n"])]));
}

function cellOf(value: unknown, { kind }: Field): Cell {
  if (value === null || value === undefined) return null;
  if (kind !== "number") return value as Cell;
  if (typeof value !== "bigint") return Number(value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A summary of every column. Means and deviations are the numerically stable ones of a pass in row order. */
export async function summarise(
  frame: FrameQuery,
  options: { signal?: AbortSignal | undefined; approximate?: boolean },
): Promise<ColumnSummary[]> {
  const aggregates = frame.fields.flatMap(statistics(options.approximate)).join(", ");
  const [row = {}] = await ask(frame, aggregates, "", options.signal);
  const numeric = frame.fields.filter(isNumeric);
  const moments = numeric.length > 0 ? await momentsOf(frame, numeric, options.signal) : undefined;
  const out: ColumnSummary[] = [];
  for (const [j, field] of frame.fields.entries()) {
    const count = Number(row[`n${j}`]);
    const base = { column: field.name, type: field.type, count, nulls: Number(row[`t${j}`]) - count };
    if (isNumeric(field)) out.push({ ...base, ...numbersOf(row, j, count, moments, numeric.indexOf(field)) });
    else if (field.kind === "time") out.push({ ...base, min: dateOf(row[`a${j}`]), max: dateOf(row[`b${j}`]) });
    else {
      const [first] = await countValues(frame, field, options, 1);
      out.push({ ...base, unique: Number(row[`u${j}`]), top: first?.[0] ?? null, topCount: first?.[1] ?? 0 });
    }
  }
  return out;
}

function isNumeric({ kind }: Field): boolean {
  return kind === "number" || kind === "boolean";
}

/** The aggregates asked of a column; their names end in its index. */
function statistics(approximate = false): (field: Field, j: number) => string[] {
  return (field, j) => {
    const value = valueOrNull(field);
    const counts = [`count(*) AS t${j}`, `count(${value}) AS n${j}`];
    if (isNumeric(field)) {
      const x = `CAST(${value} AS DOUBLE)`;
      const quantiles = approximate ? "approx_quantile" : "quantile_cont";
      return [...counts, `min(${x}) AS a${j}`, `max(${x}) AS b${j}`, `${quantiles}(${x}, [0.25, 0.5, 0.75]) AS q${j}`];
    }
    if (field.kind === "time") {
      const ms = `epoch_ms(${field.type === "DATE" ? `CAST(${value} AS TIMESTAMP)` : value})`;
      return [...counts, `min(${ms}) AS a${j}`, `max(${ms}) AS b${j}`];
    }
    return [...counts, `count(DISTINCT ${field.kind === "other" ? `CAST(${value} AS VARCHAR)` : value}) AS u${j}`];
  };
}

interface ColumnMoments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

async function momentsOf(frame: FrameQuery, fields: readonly Field[], signal?: AbortSignal): Promise<ColumnMoments> {
  return runJob(effectiveNJobs(), { signal }, async (job) => {
    const sink = addon().createMomentsSink(fields.length);
    const source = {
      nFeatures: fields.length,
      nRows: undefined,
      featureNames: undefined,
      categories: undefined,
      chunks: () => readFeatures({ ...frame.plan, fields }, frame.where, signal),
    };
    await pour(source, sink, job, signal);
    return addon().momentsResult(sink);
  });
}

function numbersOf(
  row: Record<string, unknown>,
  j: number,
  count: number,
  moments: ColumnMoments | undefined,
  k: number,
): Partial<ColumnSummary> {
  const quartiles = (row[`q${j}`] ?? []) as readonly (number | null)[];
  const number = (value: unknown): number => (value === null || value === undefined ? NaN : Number(value));
  const variance = moments?.variance[k] ?? NaN;
  return {
    mean: count > 0 ? (moments?.mean[k] ?? NaN) : NaN,
    std: count > 1 ? Math.sqrt((variance * count) / (count - 1)) : NaN,
    min: number(row[`a${j}`]),
    q25: number(quartiles[0]),
    median: number(quartiles[1]),
    q75: number(quartiles[2]),
    max: number(row[`b${j}`]),
  };
}

function dateOf(ms: unknown): Date | null {
  return ms === null || ms === undefined ? null : new Date(Number(ms));
}
