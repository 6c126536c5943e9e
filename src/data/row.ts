import { invalidData, show } from "../base/errors.js";
import type { FloatArray } from "../native/addon.js";

/** One row: a number for every feature, NaN where one is missing. */
export type RowLike = FloatArray | readonly number[];

/** Whether X is one row, and not a table. */
export function isRow(X: unknown): X is RowLike {
  return (
    X instanceof Float64Array ||
    X instanceof Float32Array ||
    (Array.isArray(X) && typeof (X as unknown[])[0] === "number")
  );
}

/** Copies a row to `out`, which has a place for every feature. @throws TreelineError ERR_INVALID_DATA */
export function copyRow(row: RowLike, out: Float64Array, where: string): void {
  if (row.length !== out.length) {
    throw invalidData(`${where}: the row has ${row.length} values, but the model is expecting ${out.length} features`);
  }
  if (Array.isArray(row)) {
    for (let j = 0; j < out.length; j++) {
      const value: unknown = row[j];
      if (typeof value !== "number") {
        throw invalidData(`${where}: value ${j} of the row must be a number (NaN: missing), got ${show(value)}`);
      }
    }
  }
  out.set(row);
}
