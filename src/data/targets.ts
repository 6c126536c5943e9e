import { invalidData, show } from "../base/errors.js";
import type { FloatArray } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { isArrowRecordBatch, isArrowTable } from "./arrow.js";
import { Matrix } from "./matrix.js";
import { mapRows } from "./row-source.js";
import { rowSourceOf, type MatrixLike } from "./row-source-of.js";
import { inTurns, isBreak, readTarget, takeBreak, type VectorLike } from "./vector.js";

/**
 * y of a regression of one target or several: a column, or a table of numbers (nSamples × nTargets: rows, a Matrix, an
 * Arrow Table, a Frame of several columns).
 */
export type TargetsLike = VectorLike | MatrixLike;

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
  if (isRows(y)) return rowsOfTargets(y, where, signal);
  if (isTable(y)) return rowsOfTargets(await readTable(y, where, signal), where, signal);
  const values = await readTarget(y, where, signal);
  return { rows: values.length, nTargets: 1, isFlat: true, values };
}

/** Targets as rows: rows × nTargets. */
export async function targetMatrix(
  { rows, nTargets, values }: Targets,
  signal?: AbortSignal,
): Promise<Matrix<Float64Array>> {
  const out = new Float64Array(rows * nTargets);
  await inTurns(rows, signal, (begin, end) => {
    for (let t = 0; t < nTargets; t++) {
      for (let i = begin; i < end; i++) out[i * nTargets + t] = values[t * rows + i] as number;
    }
  });
  return new Matrix(out, [rows, nTargets]);
}

type Rows = Matrix | readonly (readonly number[] | FloatArray)[];

async function rowsOfTargets(y: Rows, where: string, signal?: AbortSignal): Promise<Targets> {
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

function isRows(y: TargetsLike): y is Rows {
  if (y instanceof Matrix) return true;
  if (!Array.isArray(y)) return false;
  const first: unknown = y[0];
  return Array.isArray(first) || first instanceof Float64Array || first instanceof Float32Array;
}

/** Arrow tables, Frames and other tables that are read in chunks. */
function isTable(y: TargetsLike): y is MatrixLike {
  return isArrowTable(y) || isArrowRecordBatch(y) || typeof (y as { chunks?: unknown } | null)?.chunks === "function";
}

async function readTable(y: MatrixLike, where: string, signal?: AbortSignal): Promise<Matrix> {
  const source = rowSourceOf(y, where);
  const { nFeatures: width } = source;
  const copy = addon().createAffineMap(new Float64Array(width), new Float64Array(width).fill(1), false);
  const { rows, values } = await runJob(1, { signal }, (job) =>
    mapRows(source, copy, width, Float64Array, job, signal),
  );
  return new Matrix(values, [rows, width]);
}
