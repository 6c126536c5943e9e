import { invalidArgument, invalidData } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { EncodedLabels } from "../data/vector.js";
import { checkCv, cvSpec, type Cv } from "../model-selection/check-cv.js";
import { PredefinedSplit } from "../model-selection/leave-out.js";
import type { Splitter } from "../model-selection/splitter.js";

// How the native cross-validations learn of folds: a number a row, or a role of every row in every fold.

/** How rows are split for cross-validation: whatever model selection takes, or the fold of every row (0, 1, …). */
export type FoldsLike = Cv | ArrayLike<number>;

/** The rule of a cv parameter. */
export function foldsSpec(): ParamSpec<FoldsLike> {
  const spec = cvSpec();
  return custom<FoldsLike>(
    null,
    `${spec.expected.replace(", or null", "")}, the fold of every row (0, 1, …), or null for 5 folds`,
    (value) => spec.accepts(value) || ArrayBuffer.isView(value),
    1,
  );
}

function splitterOf(cv: FoldsLike, labels: EncodedLabels | undefined, rows: number, where: string): Splitter {
  if (cv === null || typeof cv !== "object" || !isFoldNumbers(cv)) {
    return checkCv(cv as Cv, labels?.codes, { classifier: labels !== undefined });
  }
  const folds = Array.from(cv);
  if (folds.length !== rows) throw invalidData(`${where}: cv has ${folds.length} values, but X has ${rows} rows`);
  const wrong = folds.findIndex((fold) => !Number.isInteger(fold) || fold < 0 || fold >= rows);
  if (wrong >= 0) {
    throw invalidArgument(`${where}: cv must hold fold numbers 0, 1, …, got ${String(folds[wrong])} in row ${wrong}`);
  }
  const nFolds = Math.max(...new Set(folds)) + 1;
  if (nFolds < 2 || new Set(folds).size !== nFolds) {
    throw invalidArgument(`${where}: cv must hold at least 2 folds, all numbers from 0 on, each with a row`);
  }
  return new PredefinedSplit({ testFold: folds });
}

function isFoldNumbers(cv: object): cv is ArrayLike<number> {
  return ArrayBuffer.isView(cv) || (Array.isArray(cv) && typeof cv[0] === "number");
}

/** What every row is to every fold: nFolds × rows; 1 to learn from, 2 to test on, 0 neither. */
export interface Roles {
  readonly roles: Uint8Array;
  readonly nFolds: number;
}

/** The roles of rows of these classes. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
export async function rolesOf(
  cv: FoldsLike,
  labels: EncodedLabels,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Roles> {
  const rows = labels.codes.length;
  const parts: Uint8Array[] = [];
  for await (const { train, test } of splitterOf(cv, labels, rows, where).masks(
    rows,
    labels.codes,
    { signal },
    where,
  )) {
    const role = new Uint8Array(rows);
    for (let i = 0; i < rows; i++) {
      if (train.has(i) && test.has(i)) {
        throw invalidArgument(`${where}: cv names row ${i} to learn from and to test on in split ${parts.length}`);
      }
      role[i] = train.has(i) ? 1 : test.has(i) ? 2 : 0;
    }
    parts.push(role);
  }
  const roles = new Uint8Array(parts.length * rows);
  parts.forEach((part, f) => roles.set(part, f * rows));
  return { roles, nFolds: parts.length };
}

/** The fold of every row. */
export interface Folds {
  readonly folds: Int32Array;
  readonly nFolds: number;
}

/** The folds of a table in which every row is tested once. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
export async function foldsOf(
  cv: FoldsLike,
  rows: number,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Folds> {
  const folds = new Int32Array(rows).fill(-1);
  let nFolds = 0;
  for await (const { train, test } of splitterOf(cv, undefined, rows, where).masks(rows, null, { signal }, where)) {
    for (const row of test.indices()) {
      if (folds[row] !== -1) throw invalidData(`${where}: cv must test every row once, but tests row ${row} again`);
      folds[row] = nFolds;
    }
    if (train.count + test.count !== rows) {
      throw invalidData(
        `${where}: cv must learn from all rows that it does not test, but leaves some out in split ${nFolds}`,
      );
    }
    nFolds++;
  }
  const untested = folds.indexOf(-1);
  if (untested >= 0) throw invalidData(`${where}: cv must test every row once, but never tests row ${untested}`);
  return { folds, nFolds };
}
