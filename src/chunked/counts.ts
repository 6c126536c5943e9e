import { memoryLimitBytes } from "../base/config.js";
import { TreelineError, invalidArgument, invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { Node } from "./node.js";
import { Reduction, type Step } from "./reduction.js";
import type { Request } from "./requests.js";
import { checkAxis, columnsAxis } from "./statistics.js";

/** Options of histogram. */
export interface HistogramOptions {
  /** How many bins of equal width (default 10), or their edges in order. */
  readonly bins?: number | readonly number[] | Float64Array | undefined;
  /** Least and greatest edge of bins of equal width; values outside are left out. Default: of the values, which takes a pass more. */
  readonly range?: readonly [number, number] | undefined;
  /** null (default): of all values; 0: of each column, with the same edges. */
  readonly axis?: 0 | null | undefined;
}

/** What histogram gives. */
export interface Histogram {
  /** How many values each bin holds; of columns: a matrix of columns × bins. */
  readonly counts: Float64Array | Matrix;
  /** Edges of the bins, one more than bins. A bin holds its lower edge, the last one its upper edge too. */
  readonly edges: Float64Array;
}

/** What unique gives. */
export interface UniqueValues {
  /** The different values in ascending order; a NaN comes last, once. */
  readonly values: Float64Array;
  /** How often each occurs. */
  readonly counts: Float64Array;
}

export function histogram(node: Node, options: HistogramOptions, where: string): Reduction<Histogram> {
  const axis = columnsAxis(checkAxis(options, where, ["axis", "bins", "range"]), where);
  const { bins = 10, range } = options;
  if (typeof bins === "number") {
    if (!Number.isInteger(bins) || bins < 1) {
      throw invalidArgument(`${where}: bins must be a positive integer or edges in order, got ${show(bins)}`);
    }
    if (range !== undefined) return counted(node, axis, equalEdges(checkRange(range, where), bins), where);
    return new Reduction(where, node.rows, () => ({
      requests: [{ node, consumer: { kind: "extremes" } }],
      then: ([extremes]) => countStep(node, axis, equalEdges(valueRange(extremes as Float64Array[], where), bins)),
    }));
  }
  const edges = Float64Array.from(bins);
  if (edges.length < 2 || edges.some((edge, k) => !(edge >= (edges[k - 1] ?? -Infinity)))) {
    throw invalidArgument(`${where}: edges must be two numbers or more in ascending order, got ${show(bins)}`);
  }
  return counted(node, axis, edges, where);
}

function counted(node: Node, axis: 0 | null, edges: Float64Array, where: string): Reduction<Histogram> {
  return new Reduction(where, node.rows, () => countStep(node, axis, edges));
}

function countStep(node: Node, axis: 0 | null, edges: Float64Array): Step<Histogram> {
  const { groups, nGroups } = grouped(node, axis);
  return {
    requests: [{ node, consumer: { kind: "histogram", groups, nGroups, edges } }],
    then: ([numbers]) => {
      const counts = numbers?.[0] as Float64Array;
      return { counts: axis === 0 ? new Matrix(counts, [node.cols, edges.length - 1]) : counts, edges };
    },
  };
}

function grouped(node: Node, axis: 0 | null): { groups: Int32Array; nGroups: number } {
  const groups = Int32Array.from({ length: node.cols }, (_, j) => (axis === 0 ? j : 0));
  return { groups, nGroups: axis === 0 ? node.cols : Math.min(1, node.cols) };
}

/** Edges of bins of equal width, as numpy.linspace makes them. */
function equalEdges([low, high]: readonly [number, number], bins: number): Float64Array {
  const step = (high - low) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, k) => (k === bins ? high : k * step + low));
}

function checkRange([low, high]: readonly [number, number], where: string): readonly [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw invalidArgument(`${where}: range must be two finite numbers, the lower one first, got ${low} and ${high}`);
  }
  return widened(low, high);
}

/** Of one value only: half a unit to each side, as numpy.histogram. */
function widened(low: number, high: number): readonly [number, number] {
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** The range of the values of all columns, from "extremes". */
function valueRange(extremes: readonly Float64Array[], where: string): readonly [number, number] {
  const [least, leastRow, greatest] = extremes as [Float64Array, Float64Array, Float64Array];
  let [low, high] = [Infinity, -Infinity];
  leastRow.forEach((row, j) => {
    if (row < 0) return;
    low = Math.min(low, least[j] as number);
    high = Math.max(high, greatest[j] as number);
  });
  if (low > high) return [0, 1];
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw invalidData(`${where}: the values reach from ${low} to ${high}: give a finite range: { range: [low, high] }`);
  }
  return widened(low, high);
}

/** Bytes of a different value while it is counted: it may be in two runs. */
const BYTES_A_VALUE = 32;

function uniqueRequest(node: Node, axis: 0 | null): Request {
  const { groups, nGroups } = grouped(node, axis);
  const most = Math.floor(Math.min((memoryLimitBytes() ?? Infinity) / BYTES_A_VALUE, 2 ** 31));
  return { node, consumer: { kind: "unique", groups, nGroups, most } };
}

/** The different values of all columns, or of each. */
export function unique(node: Node, axis: 0 | null, where: string): Reduction<UniqueValues | UniqueValues[]> {
  return new Reduction(where, node.rows, () => ({
    requests: [uniqueRequest(node, axis)],
    then: ([numbers]) => {
      const cells = axis === 0 ? node.rows : node.rows * node.cols;
      const found = groupsOf(numbers as readonly Float64Array[]).map((group) => withMissing(group, cells));
      const nothing: UniqueValues = { values: new Float64Array(0), counts: new Float64Array(0) };
      return axis === 0 ? found : (found[0] ?? nothing);
    },
  }));
}

/** The values of each group, from where it begins, values and counts of all of them. */
function groupsOf([begins, values, counts]: readonly Float64Array[]): UniqueValues[] {
  return Array.from({ length: (begins as Float64Array).length - 1 }, (_, g) => ({
    values: (values as Float64Array).slice(begins?.[g], begins?.[g + 1]),
    counts: (counts as Float64Array).slice(begins?.[g], begins?.[g + 1]),
  }));
}

/** With NaN, where some of so many cells are not counted. */
function withMissing({ values, counts }: UniqueValues, cells: number): UniqueValues {
  const missing = cells - counts.reduce((all, count) => all + count, 0);
  return missing === 0 ? { values, counts } : { values: appended(values, NaN), counts: appended(counts, missing) };
}

function appended(values: Float64Array, last: number): Float64Array {
  const all = new Float64Array(values.length + 1);
  all.set(values);
  all[values.length] = last;
  return all;
}

/** Counts of 0, 1, 2, … in the one column, or in each: columns × counts. */
export function bincount(
  node: Node,
  axis: 0 | null,
  minLength: number,
  where: string,
): Reduction<Float64Array | Matrix<Float64Array>> {
  if (axis === null && node.cols !== 1) {
    throw invalidArgument(
      `${where}: counts one column, got ${node.cols}: count each with { axis: 0 }, or select one: X.select(0).bincount()`,
    );
  }
  if (!Number.isInteger(minLength) || minLength < 0) {
    throw invalidArgument(`${where}: minLength must be a non-negative integer, got ${show(minLength)}`);
  }
  return new Reduction(where, node.rows, () => ({
    requests: [uniqueRequest(node, 0)],
    then: ([numbers]) => {
      const columns = groupsOf(numbers as readonly Float64Array[]);
      const length = Math.max(minLength, ...columns.map((column) => lengthOf(column, node.rows, where)));
      refuseLong(length * columns.length, length, where);
      const result = new Float64Array(columns.length * length);
      columns.forEach(({ values, counts }, j) =>
        values.forEach((value, i) => (result[j * length + value] = counts[i] as number)),
      );
      return axis === 0 ? new Matrix(result, [columns.length, length]) : result;
    },
  }));
}

/** One more than the greatest value. */
function lengthOf({ values, counts }: UniqueValues, rows: number, where: string): number {
  const wrong = values.find((value) => !Number.isInteger(value) || value < 0);
  if (wrong !== undefined) throw invalidData(`${where}: expected non-negative integers, got ${wrong}`);
  const total = counts.reduce((all, count) => all + count, 0);
  if (total < rows) throw invalidData(`${where}: expected non-negative integers, got NaN in ${rows - total} rows`);
  return (values.at(-1) ?? -1) + 1;
}

function refuseLong(numbers: number, length: number, where: string): void {
  if (8 * numbers <= Math.min(memoryLimitBytes() ?? Infinity, 2 ** 33)) return;
  throw new TreelineError(
    "ERR_MEMORY_LIMIT",
    `${where}: the greatest value is ${length - 1}, and ${length} counts do not fit in memory: use unique(), which counts only values that occur`,
  );
}
