import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where } from "../chunked/elementwise.js";
import { linspace } from "./ascending.js";

// Bases of B-splines: de Boor, A Practical Guide to Splines (1978), chapter IX, as scipy.interpolate.BSpline evaluates them.

/** What becomes of values beyond the first and last base knot. */
export type Extrapolation = "error" | "constant" | "linear" | "continue" | "periodic";

/** Bases of columns, all of the same size. */
export interface SplinePlan {
  readonly degree: number;
  readonly extrapolation: Extrapolation;
  readonly includeBias: boolean;
  /** Of each column base knots with `degree` more on either side, ascending. */
  readonly knots: readonly Float64Array[];
}

/** Base knots with `degree` more on either side: as far apart as the first and last two; if periodic as at the other end. */
export function extendedKnots(base: Float64Array, degree: number, isPeriodic: boolean): Float64Array {
  const last = base.length - 1;
  const [low, high] = [base[0] as number, base[last] as number];
  if (isPeriodic) {
    const period = high - low;
    const before = base.subarray(last - degree, last).map((knot) => knot - period);
    return Float64Array.of(...before, ...base, ...base.subarray(1, degree + 1).map((knot) => knot + period));
  }
  const [first, final] = [(base[1] as number) - low, high - (base[last - 1] as number)];
  const before = degree === 0 ? [] : linspace(low - degree * first, low - first, degree);
  const after = degree === 0 ? [] : linspace(high + final, high + degree * final, degree);
  return Float64Array.of(...before, ...base, ...after);
}

/** Functions of each column. */
export function splineCount({ degree, extrapolation, knots: [of] }: SplinePlan): number {
  const all = (of as Float64Array).length - degree - 1;
  return extrapolation === "periodic" ? all - degree : all;
}

/** The first and last base knot. */
export function baseRange(knots: Float64Array, degree: number): [low: number, high: number] {
  return [knots[degree] as number, knots[knots.length - 1 - degree] as number];
}

/** The derivatives of all functions at the first or last base knot, from the inside. */
export function slopesAt(end: "low" | "high", knots: Float64Array, degree: number): Float64Array {
  const n = knots.length - degree - 1;
  if (degree === 0) return new Float64Array(n);
  const [low, high] = baseRange(knots, degree);
  const x = end === "low" ? low : high;
  let of = Float64Array.from({ length: n + degree }, (_, i) => (isActive(x, i, knots, degree) ? 1 : 0));
  const t = (i: number): number => knots[i] as number;
  const share = (i: number, q: number): number => (of[i] as number) / gap(t(i), t(i + q));
  for (let q = 1; q < degree; q++) {
    of = Float64Array.from(
      { length: n + degree - q },
      (_, i) => share(i, q) * (x - t(i)) + share(i + 1, q) * (t(i + 1 + q) - x),
    );
  }
  return Float64Array.from({ length: n }, (_, i) => degree * (share(i, degree) - share(i + 1, degree)));
}

/** Whether x lies between knots i and i + 1; beyond the base knots the first and last interval go on. */
function isActive(x: number, i: number, knots: Float64Array, degree: number): boolean {
  const [low, high] = interval(i, knots, degree);
  return x >= low && x < high;
}

function interval(i: number, knots: Float64Array, degree: number): [low: number, high: number] {
  const [first, last] = [degree, knots.length - degree - 2];
  if (i < first || i > last) return [NaN, NaN]; // nothing lies in it
  return [i === first ? -Infinity : (knots[i] as number), i === last ? Infinity : (knots[i + 1] as number)];
}

/** How far apart knots are; those at the same place give no share to anyone. */
function gap(low: number, high: number): number {
  return high > low ? high - low : Infinity;
}

/** The functions of every column of X, column by column; missing values are 0 in all. */
export function splines(X: ChunkedMatrix, plan: SplinePlan): ChunkedMatrix {
  const { degree, extrapolation, includeBias, knots } = plan;
  const n = (knots[0] as Float64Array).length - degree - 1;
  const given = X.astype("float64");
  const x = inRange(given, plan);
  /** A number for each of `count` functions of every column. */
  const row = (count: number, of: (knots: Float64Array, i: number) => number): Float64Array =>
    Float64Array.from({ length: knots.length * count }, (_, c) =>
      of(knots[Math.floor(c / count)] as Float64Array, c % count),
    );
  /** Of `from` columns a feature, those that `at` says. */
  const take = (table: ChunkedMatrix, from: number, count: number, at: (i: number) => number): ChunkedMatrix =>
    table.select(...Array.from(row(count, () => 0).keys(), (c) => Math.floor(c / count) * from + at(c % count)));
  const spread = (table: ChunkedMatrix, count: number): ChunkedMatrix => take(table, 1, count, () => 0);

  const first = spread(x, n + degree);
  let basis = first
    .greaterEqual(row(n + degree, (of, i) => interval(i, of, degree)[0]))
    .multiply(first.less(row(n + degree, (of, i) => interval(i, of, degree)[1])));
  for (let q = 1; q <= degree; q++) {
    const count = n + degree - q;
    const at = (i: number) => (of: Float64Array, k: number) => of[k + i] as number;
    const share = (k: number): ChunkedMatrix =>
      take(basis, count + 1, count, (i) => i + k).divide(
        row(count, (of, i) => gap(of[i + k] as number, of[i + k + q] as number)),
      );
    const here = spread(x, count);
    const rising = share(0).multiply(here.subtract(row(count, at(0))));
    basis = rising.add(share(1).multiply(here.negative().add(row(count, at(1 + q)))));
  }
  if (extrapolation === "linear") {
    const beyond = (end: "low" | "high", by: ChunkedMatrix): ChunkedMatrix =>
      spread(by, n).multiply(Float64Array.from(knots.flatMap((of) => Array.from(slopesAt(end, of, degree)))));
    const [low, high] = bounds(plan);
    basis = basis
      .add(beyond("low", given.subtract(low).minimum(0)))
      .add(beyond("high", given.subtract(high).maximum(0)));
  }
  let width = n;
  if (extrapolation === "periodic") {
    width = splineCount(plan); // the last `degree` functions are the first ones of the next period
    const next = take(basis, n, width, (i) => (i < degree ? i + width : i)).multiply(
      row(width, (_, i) => (i < degree ? 1 : 0)),
    );
    basis = take(basis, n, width, (i) => i).add(next);
  }
  const known = where(spread(given, width).isNaN(), 0, basis);
  return includeBias ? known : take(known, width, width - 1, (i) => i);
}

function bounds({ knots, degree }: SplinePlan): [low: Float64Array, high: Float64Array] {
  const ranges = knots.map((of) => baseRange(of, degree));
  return [Float64Array.from(ranges, ([low]) => low), Float64Array.from(ranges, ([, high]) => high)];
}

/** Where functions are evaluated. */
function inRange(X: ChunkedMatrix, plan: SplinePlan): ChunkedMatrix {
  const { extrapolation } = plan;
  if (extrapolation === "continue" || extrapolation === "error") return X;
  const [low, high] = bounds(plan);
  if (extrapolation !== "periodic") return X.clip(low, high);
  const period = Float64Array.from(high, (end, j) => gap(low[j] as number, end));
  const turns = X.subtract(low).divide(period).floor();
  // A period that is no period (a constant column) turns no value; Infinity * 0 would be NaN.
  return X.subtract(turns.multiply(period.map((length) => (length === Infinity ? 0 : length))));
}
