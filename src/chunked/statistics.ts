import { invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { fold, operation, type Node } from "./node.js";
import { Reduction, type Step } from "./reduction.js";
import type { ConsumerKind } from "./requests.js";

/** Which numbers of a matrix are reduced to one: null all of them, 0 those of each column, 1 those of each row. */
export type Axis = 0 | 1 | null;

export interface AxisOptions {
  /** Default null: one number for the whole matrix. */
  readonly axis?: Axis | undefined;
}

/** Options of variance and std. */
export interface DeviationOptions extends AxisOptions {
  /** The divisor is n - ddof. Default 0. */
  readonly ddof?: number | undefined;
}

/** A reduction to one number (axis null) or to one a column (axis 0), or a matrix of one column (axis 1). */
export type Reduced = Reduction<number> | Reduction<Float64Array> | Node;

/** Whether NaN makes a result NaN, or is left out. */
export type NaNRule = "propagate" | "omit";

export function checkAxis(options: AxisOptions, where: string, known: readonly string[] = ["axis"]): Axis {
  if (typeof options !== "object" || options === null) {
    throw invalidArgument(`${where}: expected options such as { axis: 0 }, got ${show(options)}`);
  }
  Object.keys(options).forEach((key) => refuseUnknown(where, key, known, "option"));
  const { axis = null } = options;
  if (axis !== null && axis !== 0 && axis !== 1) {
    throw invalidArgument(
      `${where}: axis must be 0 (of each column), 1 (of each row) or null (of all), got ${show(axis)}`,
    );
  }
  return axis;
}

/** An axis of what there is of all values and of each column, but not of each row. */
export function columnsAxis(axis: Axis, where: string): 0 | null {
  if (axis !== 1) return axis;
  throw invalidArgument(`${where}: axis must be 0 (of each column) or null (of all), got 1`);
}

/** One pass with a native reduction, and what is made of its numbers. */
export function single<T>(
  node: Node,
  name: string,
  consumer: ConsumerKind,
  finish: (numbers: readonly Float64Array[]) => T,
): Reduction<T> {
  return new Reduction(name, node.rows, (): Step<T> => ({
    requests: [{ node, consumer }],
    then: ([numbers]) => finish(numbers as readonly Float64Array[]),
  }));
}

const at = (values: Float64Array | undefined, j: number): number => values?.[j] as number;

const isNaNOf = (node: Node): Node => operation("isNaN", [node]);
const isValueOf = (node: Node): Node => operation("equal", [node, node]);

/** For axis null and 0: a number for each column from its native numbers, and how columns are added up. */
function byColumn(
  node: Node,
  axis: 0 | null,
  name: string,
  consumer: ConsumerKind,
  ofColumns: (numbers: readonly Float64Array[]) => Float64Array,
  ofAll: (numbers: readonly Float64Array[]) => number,
): Reduction<number> | Reduction<Float64Array> {
  return axis === 0 ? single(node, name, consumer, ofColumns) : single(node, name, consumer, ofAll);
}

/** Sum of all values (Neumaier's compensated sum: columns are added in order). */
function total(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}

/** The sums of columns, NaN where a NaN was and is not to be left out. */
function sums([sum, count]: readonly Float64Array[], rows: number, rule: NaNRule): Float64Array {
  return (sum as Float64Array).map((value, j) => (rule === "propagate" && at(count, j) < rows ? NaN : value));
}

export function sum(node: Node, axis: Axis, rule: NaNRule, name: string): Reduced {
  if (axis === 1) return fold("add", rule === "omit" ? operation("fillNaN", [node, 0]) : node);
  const columns = (numbers: readonly Float64Array[]): Float64Array => sums(numbers, node.rows, rule);
  return byColumn(node, axis, name, { kind: "sum" }, columns, (numbers) => total(columns(numbers)));
}

/** The number of values that are not NaN. */
export function count(node: Node, axis: Axis, name: string): Reduced {
  if (axis === 1) return fold("add", isValueOf(node));
  return byColumn(
    node,
    axis,
    name,
    { kind: "sum" },
    (n) => n[1] as Float64Array,
    (n) => total(n[1] as Float64Array),
  );
}

export function mean(node: Node, axis: Axis, rule: NaNRule, name: string): Reduced {
  if (axis === 1) return rowMean(node, rule);
  const divided = (value: number, n: number): number => value / n; // 0 / 0 is NaN: the mean of nothing
  return byColumn(
    node,
    axis,
    name,
    { kind: "sum" },
    (numbers) => sums(numbers, node.rows, rule).map((value, j) => divided(value, at(numbers[1], j))),
    (numbers) => divided(total(sums(numbers, node.rows, rule)), total(numbers[1] as Float64Array)),
  );
}

function rowMean(node: Node, rule: NaNRule): Node {
  if (rule === "propagate") return operation("divide", [fold("add", node), node.cols]);
  return operation("divide", [fold("add", operation("fillNaN", [node, 0])), fold("add", isValueOf(node))]);
}

interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly m2: number;
}

/** Moments of two groups together (Chan, Golub, LeVeque 1979). */
function merged(a: Moments, b: Moments): Moments {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  const n = a.count + b.count;
  const delta = b.mean - a.mean;
  return {
    count: n,
    mean: a.mean + delta * (b.count / n),
    m2: a.m2 + b.m2 + delta * delta * ((a.count * b.count) / n),
  };
}

export function variance(node: Node, axis: Axis, ddof: number, rule: NaNRule, name: string): Reduced {
  if (axis === 1) return rowVariance(node, ddof, rule);
  const columns = ([counts, means, squares]: readonly Float64Array[]): Moments[] =>
    Array.from(counts as Float64Array, (n, j) => ({ count: n, mean: at(means, j), m2: at(squares, j) }));
  const ofMoments = (moments: Moments, n: number): number => {
    const divisor = moments.count - ddof;
    if (rule === "propagate" && moments.count < n) return NaN;
    return divisor > 0 ? moments.m2 / divisor : NaN;
  };
  return byColumn(
    node,
    axis,
    name,
    { kind: "moments" },
    (numbers) => Float64Array.from(columns(numbers), (moments) => ofMoments(moments, node.rows)),
    (numbers) => ofMoments(columns(numbers).reduce(merged, { count: 0, mean: 0, m2: 0 }), node.rows * node.cols),
  );
}

function rowVariance(node: Node, ddof: number, rule: NaNRule): Node {
  const square = operation("square", [operation("subtract", [node, rowMean(node, rule)])]);
  const counts = rule === "omit" ? fold("add", isValueOf(node)) : undefined;
  const squares = fold("add", rule === "omit" ? operation("fillNaN", [square, 0]) : square);
  if (counts === undefined) return operation("divide", [squares, node.cols > ddof ? node.cols - ddof : NaN]);
  const divisor = operation("subtract", [counts, ddof]);
  return operation("where", [operation("greater", [divisor, 0]), operation("divide", [squares, divisor]), NaN]);
}

/** Applies a square root to a reduction's result. */
export function root(reduced: Reduced, name: string): Reduced {
  if (!(reduced instanceof Reduction)) return operation("sqrt", [reduced]);
  return mapped(reduced as Reduction<number | Float64Array>, name, (value) =>
    typeof value === "number" ? Math.sqrt(value) : value.map(Math.sqrt),
  ) as Reduced;
}

/** A reduction of which something else is made. */
export function mapped<A, B>(reduction: Reduction<A>, name: string, map: (value: A) => B): Reduction<B> {
  const follow = (step: Step<A>): Step<B> => ({
    requests: step.requests,
    then: (answers) => {
      const next = step.then(answers);
      return isFurther(next) ? follow(next) : map(next);
    },
  });
  return new Reduction(name, reduction.rows, () => follow(reduction.start()));
}

function isFurther<T>(next: T | Step<T>): next is Step<T> {
  return typeof next === "object" && next !== null && "requests" in next;
}

/** Whether each column (all) has a value that is not 0; NaN is not 0. */
export function any(node: Node, axis: Axis, name: string): Reduced {
  if (axis === 1) return fold("or", node);
  return truth(operation("notEqual", [node, 0]), axis, name, (found) => found > 0);
}

/** Whether no value is 0. */
export function all(node: Node, axis: Axis, name: string): Reduced {
  if (axis === 1) return fold("and", node);
  return truth(operation("not", [node]), axis, name, (zeros) => zeros === 0);
}

function truth(node: Node, axis: 0 | null, name: string, holds: (count: number) => boolean): Reduced {
  const one = (value: number): number => (holds(value) ? 1 : 0);
  return byColumn(
    node,
    axis,
    name,
    { kind: "sum" },
    ([found]) => (found as Float64Array).map(one),
    ([found]) => one(total(found as Float64Array)),
  );
}

/** A number as true or false, for any and all. */
export function asBoolean(reduced: Reduced, name: string): Reduction<boolean> | Reduction<Uint8Array> | Node {
  if (!(reduced instanceof Reduction)) return reduced;
  return mapped(reduced as Reduction<number | Float64Array>, name, (value) =>
    typeof value === "number" ? value === 1 : Uint8Array.from(value),
  ) as Reduction<boolean> | Reduction<Uint8Array>;
}

/** Fields of the native "extremes". */
const LEAST = { value: 0, row: 1 } as const;
const GREATEST = { value: 2, row: 3 } as const;
const NAN_ROW = 4;
const COUNT = 5;

export type Side = "min" | "max";

export function extreme(node: Node, axis: Axis, side: Side, rule: NaNRule, name: string): Reduced {
  checkNotEmpty(node, axis, name);
  if (axis === 1) return rowExtreme(node, side, rule);
  const columns = (numbers: readonly Float64Array[]): Float64Array => {
    const field = side === "min" ? LEAST.value : GREATEST.value;
    return (numbers[field] as Float64Array).map((value, j) => {
      const valid = at(numbers[COUNT], j);
      return valid === 0 || (rule === "propagate" && valid < node.rows) ? NaN : value;
    });
  };
  const better = side === "min" ? (a: number, b: number) => b < a : (a: number, b: number) => b > a;
  const ofAll = (values: Float64Array): number =>
    values.reduce((best, value) => {
      if (rule === "propagate")
        return Number.isNaN(best) ? best : Number.isNaN(value) || better(best, value) ? value : best;
      return Number.isNaN(best) || better(best, value) ? value : best;
    });
  return byColumn(node, axis, name, { kind: "extremes" }, columns, (numbers) => ofAll(columns(numbers)));
}

function rowExtreme(node: Node, side: Side, rule: NaNRule): Node {
  const name = side === "min" ? "minimum" : "maximum";
  if (rule === "propagate") return fold(name, node);
  const extremes = fold(name, operation("fillNaN", [node, side === "min" ? Infinity : -Infinity]));
  return operation("where", [fold("and", isNaNOf(node)), NaN, extremes]);
}

export function argExtreme(node: Node, axis: Axis, side: Side, rule: NaNRule, name: string): Reduced {
  checkNotEmpty(node, axis, name);
  if (axis === 1) {
    const filled = rule === "omit" ? operation("fillNaN", [node, side === "min" ? Infinity : -Infinity]) : node;
    return fold(side === "min" ? "argmin" : "argmax", filled);
  }
  const fields = side === "min" ? LEAST : GREATEST;
  const columns = (numbers: readonly Float64Array[]): Float64Array =>
    (numbers[fields.row] as Float64Array).map((row, j) => {
      if (rule === "propagate" && at(numbers[NAN_ROW], j) >= 0) return at(numbers[NAN_ROW], j);
      if (row < 0) throw invalidData(`${name}: column ${j} holds nothing but NaN`);
      return row;
    });
  return byColumn(node, axis, name, { kind: "extremes" }, columns, (numbers) =>
    flatIndex(numbers, node, side, rule, name),
  );
}

/** The row-major index of the extreme of all values: the first one of several. */
function flatIndex(numbers: readonly Float64Array[], node: Node, side: Side, rule: NaNRule, name: string): number {
  const fields = side === "min" ? LEAST : GREATEST;
  let best = { value: NaN, index: -1 };
  let firstNaN = Infinity;
  for (let j = 0; j < node.cols; j++) {
    const nanRow = at(numbers[NAN_ROW], j);
    if (nanRow >= 0) firstNaN = Math.min(firstNaN, nanRow * node.cols + j);
    const row = at(numbers[fields.row], j);
    if (row < 0) continue;
    const value = at(numbers[fields.value], j);
    const index = row * node.cols + j;
    const isBetter = side === "min" ? value < best.value : value > best.value;
    if (best.index < 0 || isBetter || (value === best.value && index < best.index)) best = { value, index };
  }
  if (rule === "propagate" && firstNaN < Infinity) return firstNaN;
  if (best.index < 0) throw invalidData(`${name}: there is nothing but NaN`);
  return best.index;
}

function checkNotEmpty(node: Node, axis: Axis, name: string): void {
  const empty = axis === null ? node.rows * node.cols === 0 : axis === 0 ? node.rows === 0 : node.cols === 0;
  if (empty) throw invalidData(`${name}: a matrix of ${node.rows} × ${node.cols} has no such value`);
}

/** Norms of columns, rows, or of all values as one vector: 2 (Euclidean, Frobenius), 1 or Infinity. */
export function norm(node: Node, axis: Axis, ord: number, name: string): Reduced {
  if (ord === 2) return root(sum(operation("square", [node]), axis, "propagate", name), name);
  const size = operation("abs", [node]);
  if (ord === 1) return sum(size, axis, "propagate", name);
  if (ord === Infinity) return extreme(size, axis, "max", "propagate", name);
  throw invalidArgument(`${name}: ord must be 1, 2 or Infinity, got ${show(ord)}`);
}
