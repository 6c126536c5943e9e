import { choice, custom, type ParamSpec } from "../base/params.js";
import type { GivenGradients } from "../native/addon.js";

/**
 * A loss of your own: its first and second derivatives by the raw predictions, for all rows at once. `raw`: the raw
 * predictions, row-major (one a row; with more than two classes or several targets one each). `y`: the targets, row-major,
 * or class codes. `weight`:
 * sample weights times class weights, which are yours to multiply with; undefined if there are none. Both results have the
 * length of `raw`; hessians must not be negative. Called once an iteration; may be asynchronous.
 *
 * @example
 * // Squared error, twice as strict on predictions that are too low.
 * const loss: CustomLoss = (raw, y) => ({
 *   gradient: raw.map((p, i) => (p < y[i] ? 2 : 1) * (p - y[i])),
 *   hessian: raw.map((p, i) => (p < y[i] ? 2 : 1)),
 * });
 */
export type CustomLoss = (
  raw: Float64Array,
  y: Float64Array,
  weight: Float64Array | undefined,
) => GivenGradients | Promise<GivenGradients>;

/** One of the losses there are, or a loss of the user's own. */
export function lossSpec<L extends string>(fallback: L, names: readonly L[]): ParamSpec<L | CustomLoss> {
  const named = choice(fallback, names);
  return custom<L | CustomLoss>(
    fallback,
    `${named.expected}, or a function`,
    (value) => named.accepts(value) || typeof value === "function",
    named.invalid,
  );
}
