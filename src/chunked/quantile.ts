import { invalidArgument, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { addon } from "../native/load.js";
import type { Node } from "./node.js";
import { Reduction, type Step } from "./reduction.js";
import type { Request } from "./requests.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { mappedMatrix } from "./mapped-matrix.js";
import {
  between,
  INTERPOLATIONS,
  position,
  ROW_INTERPOLATIONS,
  type Interpolation,
  type RowInterpolation,
} from "./interpolation.js";
import { checkAxis, type Axis, type NaNRule } from "./statistics.js";

/** Options of quantile and median. */
export interface QuantileOptions {
  /** null (default): of all values; 0: of each column; 1: of each row, another lazy matrix of a column for each q. */
  readonly axis?: 0 | 1 | null | undefined;
  /**
   * "exact" (default): the very numbers, in one pass over the data and one or two more over the few values near each quantile.
   * "sketch": one pass; each number is within 1/128 of its size of the exact one.
   */
  readonly method?: "exact" | "sketch" | undefined;
  /** Default "linear". Quantiles of rows: "linear", "lower", "higher", "midpoint" or "nearest". */
  readonly interpolation?: Interpolation | undefined;
}

/** Values that a pass may collect around the quantiles, of all of them together. */
const MOST_COLLECTED = 1 << 20;
/** With so many quantiles a group of values is rather sorted as a whole, where all of them may be collected. */
const MANY = 16;

/** Quantiles of a matrix: for each q, of each group (a column, or all of them). */
export function quantiles(
  node: Node,
  q: number | readonly number[],
  options: QuantileOptions,
  rule: NaNRule,
  where: string,
): Reduction<Float64Array[]> {
  const { axis, method, interpolation, wanted } = checkQuantiles(q, options, where);
  const search = new Search(node, axis === 0 ? 0 : null, wanted, interpolation, rule);
  return new Reduction(where, node.rows, () => search.start(method === "sketch"));
}

/** Quantiles of each row: rows × q, exact. */
export function rowQuantiles(
  X: ChunkedMatrix,
  q: number | readonly number[],
  options: QuantileOptions,
  rule: NaNRule,
  where: string,
): ChunkedMatrix {
  const { interpolation, wanted } = checkQuantiles(q, options, where);
  if (!isOfRows(interpolation)) {
    throw invalidArgument(
      `${where}: of rows, interpolation must be one of ${ROW_INTERPOLATIONS.join(", ")}, got ${show(interpolation)}`,
    );
  }
  if (X.cols === 0) throw invalidArgument(`${where}: a matrix of 0 columns has no quantiles of rows`);
  const map = addon().createRowQuantileMap(X.cols, Float64Array.from(wanted), interpolation, rule === "omit");
  return mappedMatrix(X, map, wanted.length, `quantiles ${wanted.join(", ")} of each row`);
}

function isOfRows(interpolation: Interpolation): interpolation is RowInterpolation {
  return (ROW_INTERPOLATIONS as readonly Interpolation[]).includes(interpolation);
}

interface Wanted {
  readonly axis: Axis;
  readonly method: "exact" | "sketch";
  readonly interpolation: Interpolation;
  readonly wanted: readonly number[];
}

function checkQuantiles(q: number | readonly number[], options: QuantileOptions, where: string): Wanted {
  const axis = checkAxis(options, where, ["axis", "method", "interpolation"]);
  const { method = "exact", interpolation = "linear" } = options;
  if (method !== "exact" && method !== "sketch") {
    throw invalidArgument(`${where}: method must be "exact" or "sketch", got ${show(method)}`);
  }
  if (!INTERPOLATIONS.includes(interpolation)) {
    throw invalidArgument(
      `${where}: interpolation must be one of ${INTERPOLATIONS.join(", ")}, got ${show(interpolation)}`,
    );
  }
  const wanted = typeof q === "number" ? [q] : Array.from(q);
  const wrong = wanted.find((share) => !(share >= 0 && share <= 1));
  if (wrong !== undefined) throw invalidArgument(`${where}: q must be in 0 … 1, got ${show(wrong)}`);
  return { axis, method, interpolation, wanted };
}

/** For quantile(): one number or several of all values, or a number for each column, or a matrix of q × columns. */
export function shaped(
  values: readonly Float64Array[],
  q: number | readonly number[],
  axis: 0 | null,
): number | Float64Array | Matrix {
  if (axis === null) {
    return typeof q === "number" ? (values[0]?.[0] as number) : Float64Array.from(values, (row) => row[0] as number);
  }
  if (typeof q === "number") return values[0] as Float64Array;
  const cols = values[0]?.length ?? 0;
  return new Matrix(Float64Array.from(values.flatMap((row) => Array.from(row))), [values.length, cols]);
}

/** A value that is sought: the one of this rank among a group's values that are not NaN. */
interface Target {
  readonly group: number;
  readonly rank: number;
  /** Where it is known to lie: low <= value <= high, the `rank - below`-th of `count` values there. */
  low: number;
  high: number;
  below: number;
  count: number;
}

/** Finds order statistics by counting values in bins of ever smaller ranges, then sorting the few that are left. */
class Search {
  readonly #node: Node;
  readonly #groups: number;
  readonly #axis: 0 | null;
  readonly #q: readonly number[];
  readonly #interpolation: Interpolation;
  readonly #rule: NaNRule;

  constructor(node: Node, axis: 0 | null, q: readonly number[], interpolation: Interpolation, rule: NaNRule) {
    this.#node = node;
    this.#axis = axis;
    this.#groups = axis === 0 ? node.cols : 1;
    this.#q = q;
    this.#interpolation = interpolation;
    this.#rule = rule;
  }

  start(sketch: boolean): Step<Float64Array[]> {
    const ranges = Array.from({ length: this.#groups }, (_, group) => ({ group, low: -Infinity, high: Infinity }));
    const { rows, cols } = this.#node;
    if (!sketch && this.#q.length >= MANY && rows * cols <= MOST_COLLECTED) return this.#sorted(ranges);
    return {
      requests: [this.#request("bins", ranges)],
      then: ([numbers]) => {
        const [offsets, , , counts] = numbers as readonly Float64Array[];
        const sizes = ranges.map((_, group) => sum(counts, offsets, group));
        const targets = this.#targets(sizes);
        targets.forEach((target) => narrow(target, numbers as readonly Float64Array[], target.group));
        if (sketch) targets.forEach(estimate);
        return this.#next(targets, sizes);
      },
    };
  }

  /** All values in order, in one pass. */
  #sorted(ranges: readonly { group: number; low: number; high: number }[]): Step<Float64Array[]> {
    return {
      requests: [this.#request("collect", ranges)],
      then: ([numbers]) => {
        const [offsets] = numbers as readonly [Float64Array];
        const sizes = ranges.map((_, group) => (offsets[group + 1] as number) - (offsets[group] as number));
        const targets = this.#targets(sizes);
        targets.forEach((target) => pick(target, numbers as readonly Float64Array[], target.group));
        return this.#result(targets, sizes);
      },
    };
  }

  /** The next pass for targets that are not yet known; or the result. */
  #next(targets: readonly Target[], sizes: readonly number[]): Float64Array[] | Step<Float64Array[]> {
    const open = targets.filter((target) => target.low !== target.high);
    if (open.length === 0) return this.#result(targets, sizes);
    const ranges = distinctRanges(open);
    const places = new Map([...ranges.keys()].map((key, at) => [key, at]));
    const distinct = [...ranges.values()];
    const total = distinct.reduce((all, range) => all + range.count, 0);
    const kind = total <= MOST_COLLECTED ? "collect" : "bins";
    return {
      requests: [this.#request(kind, distinct)],
      then: ([numbers]) => {
        for (const target of open) {
          const at = places.get(rangeKey(target)) as number;
          if (kind === "bins") narrow(target, numbers as readonly Float64Array[], at);
          else pick(target, numbers as readonly Float64Array[], at);
        }
        return this.#next(targets, sizes);
      },
    };
  }

  #request(kind: "bins" | "collect", ranges: readonly { group: number; low: number; high: number }[]): Request {
    const all = Array.from({ length: this.#node.cols }, (_, j) => j);
    const columns = ranges.flatMap((range) => (this.#axis === 0 ? [range.group] : all));
    const groups = ranges.flatMap((_, g) => (this.#axis === 0 ? [g] : all.map(() => g)));
    return {
      node: this.#node,
      columns,
      consumer: {
        kind,
        groups: Int32Array.from(groups),
        low: Float64Array.from(ranges, (range) => range.low),
        high: Float64Array.from(ranges, (range) => range.high),
      },
    };
  }

  /** The two values each quantile lies between. */
  #targets(sizes: readonly number[]): Target[] {
    return this.#q.flatMap((q) =>
      sizes.flatMap((size, group) => {
        const { lower, upper } = position(q, size, this.#interpolation);
        const target = (rank: number): Target => ({ group, rank, low: NaN, high: Infinity, below: 0, count: size });
        return size === 0 ? [] : [target(lower), target(upper)];
      }),
    );
  }

  #result(targets: readonly Target[], sizes: readonly number[]): Float64Array[] {
    const perGroup = (this.#axis === 0 ? 1 : this.#node.cols) * this.#node.rows;
    let at = 0;
    return this.#q.map((q) =>
      Float64Array.from(sizes, (size) => {
        if (size === 0) return NaN;
        const [lower, upper] = [targets[at++] as Target, targets[at++] as Target];
        if (this.#rule === "propagate" && size < perGroup) return NaN;
        return between(lower.low, upper.low, position(q, size, this.#interpolation).share);
      }),
    );
  }
}

function sum(values: Float64Array | undefined, offsets: Float64Array | undefined, group: number): number {
  let total = 0;
  for (let i = offsets?.[group] as number; i < (offsets?.[group + 1] as number); i++) total += values?.[i] as number;
  return total;
}

/** Finds the bin that holds the target. */
function narrow(target: Target, [offsets, least, greatest, count]: readonly Float64Array[], group: number): void {
  for (let i = offsets?.[group] as number; i < (offsets?.[group + 1] as number); i++) {
    const size = count?.[i] as number;
    if (target.rank < target.below + size) {
      target.low = least?.[i] as number;
      target.high = greatest?.[i] as number;
      target.count = size;
      return;
    }
    target.below += size;
  }
}

/** Takes the target from the values of its range, in order. */
function pick(target: Target, [offsets, values]: readonly Float64Array[], group: number): void {
  const value = values?.[(offsets?.[group] as number) + target.rank - target.below] as number;
  target.low = value;
  target.high = value;
}

/** A number between a bin's least and greatest value, by the target's place among its values. */
function estimate(target: Target): void {
  const share = target.count > 1 ? (target.rank - target.below) / (target.count - 1) : 0;
  target.low = between(target.low, target.high, share);
  target.high = target.low;
}

function rangeKey({ group, low, high }: Target): string {
  return `${group},${low},${high}`;
}

/** The ranges of targets, each once: copies, so that they stay as they are while targets narrow. */
function distinctRanges(targets: readonly Target[]): Map<string, Target> {
  const ranges = new Map<string, Target>();
  for (const target of targets) {
    const key = rangeKey(target);
    if (!ranges.has(key)) ranges.set(key, { ...target });
  }
  return ranges;
}
