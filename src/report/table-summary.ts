import { Frame } from "../data/frame.js";
import { columnKinds, tableColumn, tableRows, tableShape, type TableLike } from "../data/table-columns.js";

/** What the report says of a table. */
export interface TableSummary {
  readonly rows: number;
  readonly nColumns: number;
  /** The columns; of very many the first 200. */
  readonly columns: readonly ColumnFacts[];
}

/** Columns that are looked at one by one: each may be a pass over the data. */
const MOST_COLUMNS = 200;

/** One column. What it does not have is undefined. */
export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly missing: number;
  readonly mean?: number | undefined;
  readonly std?: number | undefined;
  readonly min?: number | undefined;
  readonly median?: number | undefined;
  readonly max?: number | undefined;
  /** Number of different values, of columns that are not numbers. */
  readonly unique?: number | undefined;
  /** The most frequent value. */
  readonly top?: string | undefined;
}

/** Counts, moments and medians of every column; of a Frame by a query, of others column by column. */
export async function summariseTable(
  X: TableLike,
  featureNames: readonly string[] | undefined,
  signal: AbortSignal | undefined,
): Promise<TableSummary> {
  if (X instanceof Frame) return ofFrame(X, signal);
  const where = "report: X";
  const shape = tableShape(X, where);
  const kinds = columnKinds(X, where);
  const names = featureNames ?? shape.featureNames;
  const columns: ColumnFacts[] = [];
  for (let j = 0; j < Math.min(MOST_COLUMNS, shape.nFeatures); j++) {
    signal?.throwIfAborted();
    const values = (await tableColumn(X, j, where, signal)) as ArrayLike<unknown>;
    const name = names?.[j] ?? `x${j}`;
    const type = kinds[j] ?? "number";
    columns.push({ name, type, ...(type === "number" ? ofNumbers(values) : ofOthers(values)) });
  }
  return { rows: await tableRows(X, where, signal), nColumns: shape.nFeatures, columns };
}

async function ofFrame(frame: Frame, signal: AbortSignal | undefined): Promise<TableSummary> {
  const found = await frame.select(...frame.columns.slice(0, MOST_COLUMNS)).describe({ signal });
  const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
  const columns = found.map((one) => ({
    name: one.column,
    type: one.type.length > 24 ? `${one.type.slice(0, 23)}…` : one.type,
    missing: one.nulls,
    mean: number(one.mean),
    std: number(one.std),
    min: number(one.min),
    median: number(one.median),
    max: number(one.max),
    unique: one.unique,
    top: one.top === undefined || one.top === null ? undefined : String(one.top),
  }));
  const [first] = found;
  return { rows: first === undefined ? 0 : first.count + first.nulls, nColumns: frame.columns.length, columns };
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));
}

function ofNumbers(values: ArrayLike<unknown>): Omit<ColumnFacts, "name" | "type"> {
  const there = Float64Array.from(
    Array.prototype.filter.call(values, (value) => !isMissing(value)) as number[],
    Number,
  );
  const missing = values.length - there.length;
  if (there.length === 0) return { missing };
  there.sort();
  const n = there.length;
  const mean = there.reduce((sum, x) => sum + x, 0) / n;
  const squares = there.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const middle = (there[(n - 1) >> 1] as number) / 2 + (there[n >> 1] as number) / 2;
  return {
    missing,
    mean,
    std: n > 1 ? Math.sqrt(squares / (n - 1)) : undefined,
    min: there[0],
    median: middle,
    max: there[n - 1],
  };
}

function ofOthers(values: ArrayLike<unknown>): Omit<ColumnFacts, "name" | "type"> {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const value of Array.from(values)) {
    if (isMissing(value)) missing++;
    else counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  let [top, most] = [undefined as string | undefined, 0];
  for (const [value, count] of counts) if (count > most) [top, most] = [value, count];
  return { missing, unique: counts.size, top };
}
