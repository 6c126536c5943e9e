import { invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { isBreak, readTarget, takeBreak, type VectorLike } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";

/** y of a regression of one target or several: a column, or rows of numbers (nSamples × nTargets). */
export type TargetsLike = VectorLike | Matrix | readonly (readonly number[] | FloatArray)[];

/** Targets in memory. */
export interface Targets {
  readonly rows: number;
  readonly nTargets: number;
  /** y was a column: results are numbers and arrays, not matrices. */
  readonly isFlat: boolean;
  /** One target after another: nTargets × rows. */
  readonly values: Float64Array;
}

/** All targets as finite numbers. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
export async function readTargets(y: TargetsLike, where: string, signal?: AbortSignal): Promise<Targets> {
  if (!isTable(y)) {
    const values = await readTarget(y, where, signal);
    return { rows: values.length, nTargets: 1, isFlat: true, values };
  }
  const rows = y instanceof Matrix ? y.rows : y.length;
  const nTargets = y instanceof Matrix ? y.cols : (y[0]?.length ?? 0);
  if (nTargets === 0) throw invalidData(`${where} has 0 columns; at least 1 is needed`);
  const values = new Float64Array(rows * nTargets);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak(signal);
    const row = y instanceof Matrix ? undefined : (y[i] as ArrayLike<number>);
    if (row !== undefined && row.length !== nTargets)
      throw invalidData(`${where} has ${row.length} values in row ${i}, but ${nTargets} in row 0`);
    for (let t = 0; t < nTargets; t++) {
      const value = row === undefined ? (y as Matrix).at(i, t) : row[t];
      if (typeof value !== "number" || !Number.isFinite(value))
        throw invalidData(`${where} must be finite numbers, got ${show(value)} in row ${i}, column ${t}`);
      values[t * rows + i] = value;
    }
  }
  return { rows, nTargets, isFlat: false, values };
}

function isTable(y: TargetsLike): y is Matrix | readonly (readonly number[] | FloatArray)[] {
  if (y instanceof Matrix) return true;
  if (!Array.isArray(y)) return false;
  const first: unknown = y[0];
  return Array.isArray(first) || first instanceof Float64Array || first instanceof Float32Array;
}
