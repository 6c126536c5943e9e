import { setImmediate } from "node:timers/promises";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { ColumnArray } from "../native/addon.js";
import { isArrowVector, type ArrowVector } from "./arrow.js";
import { arrowColumnValues } from "./arrow-vector.js";
import { isResizable } from "./row-source.js";

/** A class label. */
export type Label = number | string | boolean | bigint;

/** Labels as predictions and classes_ give them: numbers as Float64Array, anything else as a plain array. */
export type LabelArray = Float64Array | string[] | boolean[] | bigint[];

/** Values of one column in memory; null and undefined are missing. */
export type ColumnValues = readonly (Label | null | undefined)[] | ColumnArray;

/** A column that can be read in row order, any number of times: what a Frame's column is. */
export interface ColumnSource {
  readonly name: string;
  /** Batches of values, in row order. */
  values(signal?: AbortSignal): AsyncIterable<ColumnValues>;
}

/** Everything y may be: an array, a typed array, an Arrow Vector, a Frame's column. */
export type VectorLike = ColumnValues | ArrowVector | ColumnSource;

/** All values of y in memory. `where` starts the error message, for example "LogisticRegression.fit: y". */
export async function readColumn(y: VectorLike, where: string, signal?: AbortSignal): Promise<ColumnValues> {
  if (Array.isArray(y)) return y as ColumnValues;
  if (ArrayBuffer.isView(y) && !(y instanceof DataView)) {
    if (isResizable(y))
      throw invalidArgument(`${where} in a resizable ArrayBuffer is refused: copy it with slice() first`);
    return y;
  }
  if (isArrowVector(y)) return arrowColumnValues(y, where);
  if (!isColumnSource(y)) {
    throw invalidArgument(
      `${where} must be an array, a typed array, an Arrow vector or a Frame column, got ${show(y)}`,
    );
  }
  const batches: ColumnValues[] = [];
  for await (const batch of y.values(signal)) batches.push(batch);
  return concatenate(batches);
}

function isColumnSource(y: unknown): y is ColumnSource {
  return typeof y === "object" && y !== null && typeof (y as ColumnSource).values === "function";
}

function concatenate(batches: readonly ColumnValues[]): ColumnValues {
  const first = batches[0];
  if (first === undefined) return [];
  if (batches.length === 1) return first;
  const type = first.constructor;
  if (Array.isArray(first) || batches.some((batch) => batch.constructor !== type)) {
    const all = batches.flatMap((batch) => Array.from<Label | null | undefined>(batch));
    return all.some((value) => typeof value === "bigint") ? all.map(asInteger) : all;
  }
  const out = new (type as new (n: number) => Float64Array)(batches.reduce((sum, batch) => sum + batch.length, 0));
  let at = 0;
  for (const batch of batches as Float64Array[]) {
    out.set(batch, at);
    at += batch.length;
  }
  return out;
}

/** A 64-bit integer that came as a number, as a bigint again; NaN as null. */
function asInteger(value: Label | null | undefined): Label | null | undefined {
  if (typeof value !== "number") return value;
  return Number.isInteger(value) ? BigInt(value) : null;
}

/**
 * y of a regression: finite numbers.
 *
 * @throws TreelineError ERR_INVALID_DATA for strings, NaN, infinities, or a length other than `rows`.
 */
export async function readTarget(y: VectorLike, where: string, signal?: AbortSignal): Promise<Float64Array> {
  const values = await readColumn(requireY(y, where), where, signal);
  const out = new Float64Array(values.length);
  for (let begin = 0; begin < values.length; begin += TURN_ROWS) {
    if (begin > 0) await takeBreak(signal);
    readNumbers(values, begin, Math.min(values.length, begin + TURN_ROWS), out, where);
  }
  return out;
}

/** Rows [begin, end) as finite numbers. */
function readNumbers(values: ColumnValues, begin: number, end: number, out: Float64Array, where: string): void {
  for (let i = begin; i < end; i++) {
    const value = values[i];
    const x =
      typeof value === "number" ? value : typeof value === "bigint" || typeof value === "boolean" ? Number(value) : NaN;
    if (x - x !== 0) throw invalidData(`${where} must be finite numbers, got ${show(value)} in row ${i}`);
    out[i] = x;
  }
}

/** Class labels as codes 0 … nClasses - 1, indices into the sorted classes. */
export interface EncodedLabels {
  readonly classes: LabelArray;
  readonly codes: Int32Array;
}

const SMALL_LABELS = 1024;
/** Rows of a loop that hold the event loop for a few milliseconds. */
const TURN_ROWS = 0x40000;

/** Whether a loop over rows should let the event loop have its turn before row i: every few milliseconds. */
export function isBreak(i: number): boolean {
  return i % TURN_ROWS === TURN_ROWS - 1;
}

/** `body` for the rows [begin, end) of a table, a piece at a time, with the event loop's turns in between. */
export async function inTurns(
  rows: number,
  signal: AbortSignal | undefined,
  body: (begin: number, end: number) => void,
): Promise<void> {
  for (let begin = 0; begin < rows; begin += TURN_ROWS) {
    if (begin > 0) await takeBreak(signal);
    body(begin, Math.min(rows, begin + TURN_ROWS));
  }
}

/** The event loop's turn. */
export async function takeBreak(signal?: AbortSignal): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/**
 * y of a classification, encoded. Numbers sort by value, strings by UTF-16 code units, false before true. 64-bit integers
 * that are safe integers become numbers.
 *
 * @throws TreelineError ERR_INVALID_DATA for missing or continuous values or mixed types.
 */
export async function encodeLabels(y: VectorLike, where: string, signal?: AbortSignal): Promise<EncodedLabels> {
  const values = safeIntegers(await readColumn(requireY(y, where), where, signal));
  const seen: SeenLabels = { index: new Map(), known: new Int32Array(SMALL_LABELS).fill(-1), type: undefined };
  const codes = new Int32Array(values.length);
  for (let begin = 0; begin < values.length; begin += TURN_ROWS) {
    if (begin > 0) await takeBreak(signal);
    encodeRows(values, begin, Math.min(values.length, begin + TURN_ROWS), seen, codes, where);
  }
  const labels = [...seen.index.keys()];
  refuseContinuous(labels, values.length, where);
  const order = labels.map((_, k) => k).sort((a, b) => compareLabels(labels[a] as Label, labels[b] as Label));
  const rank = new Int32Array(labels.length);
  order.forEach((k, position) => (rank[k] = position));
  if (order.some((k, position) => k !== position)) {
    for (let i = 0; i < codes.length; i++) codes[i] = rank[codes[i] as number] as number;
  }
  return { classes: labelArray(order.map((k) => labels[k] as Label)), codes };
}

/** What encodeRows knows from earlier rows. */
interface SeenLabels {
  /** Codes in the order labels were first seen. */
  readonly index: Map<Label, number>;
  /** The same for 0, 1, 2, …, else -1: most labels are such, and skip the Map. */
  readonly known: Int32Array;
  type: string | undefined;
}

/** Codes of rows [begin, end). A loop of its own, without a break in it: the compiler makes 1 ns a row of it. */
function encodeRows(
  values: ColumnValues,
  begin: number,
  end: number,
  seen: SeenLabels,
  codes: Int32Array,
  where: string,
): void {
  const { known } = seen;
  for (let i = begin; i < end; i++) {
    const value = values[i];
    if (typeof value === "number" && value >= 0 && value < SMALL_LABELS) {
      const small = value | 0;
      if (small === value && (known[small] as number) >= 0) {
        codes[i] = known[small] as number;
        continue;
      }
    }
    codes[i] = codeOf(value, i, seen, where);
  }
}

function codeOf(value: Label | null | undefined, row: number, seen: SeenLabels, where: string): number {
  const label = toLabel(value, row, where);
  seen.type ??= typeof label;
  if (typeof label !== seen.type) {
    throw invalidData(`${where} must hold labels of one type, got ${seen.type}s and a ${typeof label} (row ${row})`);
  }
  let code = seen.index.get(label);
  if (code === undefined) seen.index.set(label, (code = seen.index.size));
  if (typeof label === "number" && label >= 0 && label < SMALL_LABELS) seen.known[label] = code; // fractions fall away
  return code;
}

/** The labels of codes. */
export function decodeLabels(classes: LabelArray, codes: ArrayLike<number>): LabelArray {
  const labels = classes instanceof Float64Array ? new Float64Array(codes.length) : new Array<Label>(codes.length);
  for (let i = 0; i < codes.length; i++) labels[i] = classes[codes[i] as number] as never; // ten times as fast as from()
  return labels as LabelArray;
}

/** Sorted order of labels of one type. */
export function compareLabels(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Labels in the container predictions use. */
export function labelArray(labels: readonly Label[]): LabelArray {
  return typeof (labels[0] ?? 0) === "number" ? Float64Array.from(labels as number[]) : (labels as string[]);
}

/**
 * Sample weights: non-negative, finite, one per row, not all zero. Undefined stays undefined.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function readSampleWeight(
  sampleWeight: VectorLike | undefined,
  rows: number,
  where: string,
): Promise<Float64Array | undefined> {
  if (sampleWeight === undefined) return undefined;
  const weights = await readTarget(sampleWeight, `${where}: sampleWeight`);
  if (weights.length !== rows) {
    throw invalidData(`${where}: sampleWeight has ${weights.length} values, but X has ${rows} rows`);
  }
  const negative = weights.findIndex((w) => w < 0);
  if (negative >= 0) {
    throw invalidData(`${where}: sampleWeight must not be negative, got ${weights[negative]} in row ${negative}`);
  }
  if (!weights.some((w) => w > 0)) throw invalidData(`${where}: all values of sampleWeight are zero`);
  return weights;
}

function requireY(y: VectorLike, where: string): VectorLike {
  if (y === undefined || y === null) throw invalidArgument(`${where} is missing: this estimator learns from X and y`);
  return y;
}

/** 64-bit integers as numbers, if all of them are safe integers; else as they are. */
export function safeIntegers(values: ColumnValues): ColumnValues {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    const numbers = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const x = Number(values[i]);
      if (!Number.isSafeInteger(x)) return values;
      numbers[i] = x;
    }
    return numbers;
  }
  if (ArrayBuffer.isView(values) || !values.some((value) => typeof value === "bigint")) return values;
  const unsafe = values.some((value) => typeof value === "bigint" && !Number.isSafeInteger(Number(value)));
  return unsafe ? values : values.map((value) => (typeof value === "bigint" ? Number(value) : value));
}

function toLabel(value: Label | null | undefined, row: number, where: string): Label {
  if (value === null || value === undefined || (typeof value === "number" && Number.isNaN(value))) {
    throw invalidData(`${where} has a missing label in row ${row}: drop such rows first`);
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw invalidData(`${where} must be finite, got ${value} in row ${row}`);
  }
  if (!["number", "string", "boolean", "bigint"].includes(typeof value)) {
    throw invalidData(`${where} must hold numbers, strings or booleans, got ${show(value)} in row ${row}`);
  }
  return value;
}

/** Fractions are a regression target by mistake, as scikit-learn's "Unknown label type: continuous". */
function refuseContinuous(labels: readonly Label[], rows: number, where: string): void {
  const fraction = labels.find((label) => typeof label === "number" && !Number.isInteger(label));
  if (fraction !== undefined && rows > 0) {
    throw invalidData(
      `${where}: Unknown label type: continuous (for example ${show(fraction)}). A classifier needs discrete classes; use a regressor, or strings for labels`,
    );
  }
}
