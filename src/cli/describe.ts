import type { Cell, Frame } from "../index.js";
import { checkColumns, known, openTable, tableName, type TableOptions } from "./open-table.js";
import type { Terminal } from "./terminal.js";
import { textTable } from "./text-table.js";

/** Options of `treeline describe`. */
export interface DescribeOptions extends TableOptions {
  readonly target?: string;
  /** Distinct counts and quartiles in constant memory. */
  readonly approximate?: boolean;
}

/** Values of a target that are counted one by one. */
const MOST_CLASSES = 100;

/** Tells what the columns of a table hold. */
export async function describe(path: string, options: DescribeOptions, terminal: Terminal): Promise<void> {
  const { target, approximate = false } = options;
  const { signal } = terminal;
  const frame = await openTable(path, options, signal);
  if (target !== undefined) checkColumns(frame, [target], path);
  const rows = await frame.countRows({ signal });
  const distinct = await distinctCounts(frame, approximate);
  const columns = (await frame.describe({ approximate, signal })).map((one) => ({
    column: one.column,
    type: one.type,
    missing: one.nulls,
    distinct: distinct[one.column] ?? NaN,
    min: one.min,
    mean: one.mean,
    median: one.median,
    max: one.max,
    std: one.std,
    top: one.top,
  }));
  const balance = target === undefined ? undefined : await balanceOf(frame, target, rows, signal);
  const text = [
    `${tableName(path)}: ${rows} rows, ${columns.length} columns`,
    textTable(
      ["column", "type", "missing", "distinct", "min", "mean", "median", "max", "std", "most frequent"],
      columns.map((one) => [...Object.values(one)]),
    ),
    ...(balance === undefined ? [] : [balanceText(balance)]),
  ];
  await terminal.result({ file: tableName(path), rows, columns, target: balance }, text.join("\n\n"));
}

/** How many different values each column has, missing ones not counted. */
async function distinctCounts(frame: Frame, approximate: boolean): Promise<Record<string, number>> {
  const counts = frame.schema.map((field, j) =>
    approximate ? `approx_count_distinct(${known(field)}) AS c${j}` : `count(DISTINCT ${known(field)}) AS c${j}`,
  );
  const [row = {}] = await (await frame.sql(`SELECT ${counts.join(", ")} FROM self`)).head(1);
  return Object.fromEntries(frame.columns.map((name, j) => [name, Number(row[`c${j}`])]));
}

/** The classes of a target. */
interface Balance {
  readonly column: string;
  readonly missing: number;
  /** Most frequent first; undefined where there are too many to be classes. */
  readonly classes: readonly { readonly label: Cell; readonly count: number; readonly share: number }[] | undefined;
}

async function balanceOf(frame: Frame, column: string, rows: number, signal: AbortSignal): Promise<Balance> {
  const counts = await frame.valueCounts(column, { signal });
  const there = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const classes = [...counts].map(([label, count]) => ({ label, count, share: count / there }));
  return { column, missing: rows - there, classes: counts.size > MOST_CLASSES ? undefined : classes };
}

function balanceText({ column, missing, classes }: Balance): string {
  const without = missing > 0 ? `, missing in ${missing} rows` : "";
  if (classes === undefined) return `Target ${column}${without}: more than ${MOST_CLASSES} values, one to regress on`;
  const rows = classes.map(({ label, count, share }) => [String(label), count, `${(100 * share).toPrecision(4)} %`]);
  return `Target ${column}${without}:\n${textTable(["class", "rows", "share"], rows)}`;
}
