import type { Cell, Frame, Label, LabelArray } from "../index.js";
import { checkColumns, known, openTable, quoted, tableName, type TableOptions } from "./open-table.js";
import type { Terminal } from "./terminal.js";

export type Task = "classification" | "regression";

/** What names the target and the features. */
export interface ProblemOptions extends TableOptions {
  readonly target: string;
  /** Columns to leave out. */
  readonly drop?: readonly string[];
}

/** A table to learn from. */
export interface Problem {
  /** The features: numbers, booleans, and texts as categories. */
  readonly X: Frame;
  readonly y: LabelArray;
  /** The task that the target's values suggest. */
  readonly task: Task;
  /** The labels in order, of targets that may be classes. */
  readonly classes: readonly Label[];
}

/** Whole numbers of more different values than this are a quantity. */
const MOST_CLASSES = 20;

/**
 * Reads the target and makes the other columns features: texts become categories; columns without any value are left out.
 *
 * @throws Error for columns that are not there or cannot be features, and for a target with missing values.
 */
export async function readProblem(path: string, options: ProblemOptions, terminal: Terminal): Promise<Problem> {
  const { target, drop = [] } = options;
  const { signal } = terminal;
  const frame = await openTable(path, options, signal);
  checkColumns(frame, [target, ...drop], path);
  const out = new Set([target, ...drop]);
  const features = frame.columns.filter((name) => !out.has(name));
  if (features.length === 0) throw new Error(`${tableName(path)} has no column besides ${[...out].join(", ")}`);
  refuseOthers(frame.select(...features), path);
  const y = await targetOf(frame, target, path, signal);
  const { X, empty } = await withCategories(frame.select(...features));
  if (empty.length > 0) terminal.tell(`Left out, without any value: ${empty.join(", ")}`);
  return { X: X.drop(...empty), ...y };
}

/** Columns that no model takes, before anything is read. */
function refuseOthers(X: Frame, path: string): void {
  const odd = X.schema.find(({ type }) => !isNumber(type) && !isText(type));
  if (odd === undefined) return;
  throw new Error(
    `${tableName(path)}: column ${JSON.stringify(odd.name)} holds ${odd.type}, which no model learns from: leave it out ` +
      `with --drop ${JSON.stringify(odd.name)}`,
  );
}

export function isNumber(type: string): boolean {
  return /^(BOOLEAN|FLOAT|DOUBLE|DECIMAL.*|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?)$/.test(type);
}

export function isText(type: string): boolean {
  return type === "VARCHAR" || type === "ENUM";
}

/** Texts as categories, and the columns of texts that hold no value at all. */
export async function withCategories(frame: Frame): Promise<{ X: Frame; empty: string[] }> {
  const texts = frame.schema.filter(({ type }) => type === "VARCHAR").map(({ name }) => name);
  const X = texts.length === 0 ? frame : await frame.categorize(...texts);
  return { X, empty: X.schema.filter(({ type }) => type === "VARCHAR").map(({ name }) => name) };
}

async function targetOf(
  frame: Frame,
  target: string,
  path: string,
  signal: AbortSignal,
): Promise<Pick<Problem, "y" | "task" | "classes">> {
  const rows = await frame.countRows({ signal });
  if (rows === 0) throw new Error(`${tableName(path)} has no rows`);
  await refuseMissing(frame, target, path, signal);
  const few = await fewValues(frame.select(target), signal);
  const y = (await frame.column(target).toArray({ signal })) as LabelArray;
  return { y, task: few === undefined ? "regression" : "classification", classes: few ?? [] };
}

/** @throws Error for a target with missing values, with the condition that leaves them out. */
export async function refuseMissing(frame: Frame, target: string, path: string, signal: AbortSignal): Promise<void> {
  const column = frame.select(target);
  const missing = (await column.isNull({ signal }))[target] ?? 0;
  if (missing === 0) return;
  throw new Error(
    `${tableName(path)}: the target ${JSON.stringify(target)} is missing in ${missing} of ${await frame.countRows()} rows: leave ` +
      `them out with --where '${known(column.schema[0] as { name: string; type: string })} IS NOT NULL'`,
  );
}

/** The values in order, if they may be classes: texts, booleans, a few whole numbers. */
async function fewValues(column: Frame, signal: AbortSignal): Promise<Label[] | undefined> {
  const { name, type } = column.schema[0] as { name: string; type: string };
  if (!isText(type) && type !== "BOOLEAN") {
    if (!isNumber(type)) return undefined;
    const x = quoted(name);
    const facts = await column.sql(
      `SELECT count(DISTINCT ${x}) AS distinct_values, bool_and(CAST(${x} AS DOUBLE) = floor(${x})) AS whole FROM self`,
    );
    const [row = {}] = await facts.head(1, { signal });
    if (row["whole"] !== true || Number(row["distinct_values"]) > MOST_CLASSES) return undefined;
  }
  const values = [...(await column.valueCounts(name, { signal })).keys()];
  return values.sort(inOrder) as Label[];
}

/** Numbers by value, texts by code units, false before true. */
function inOrder(a: Cell, b: Cell): number {
  return (a as number) < (b as number) ? -1 : 1;
}
