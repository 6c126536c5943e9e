import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { EncodedLabels } from "../data/vector.js";

/** How rows are split for cross-validation: a number of folds of neighbouring rows, or the fold of every row. */
export type Cv = number | ArrayLike<number> | null;

/** The rule of a cv parameter. */
export function cvSpec(): ParamSpec<Cv> {
  return custom<Cv>(
    null,
    "an integer of at least 2, the fold of every row (0, 1, …), or null for 5 folds",
    (value) =>
      value === null ||
      (typeof value === "number"
        ? Number.isInteger(value) && value >= 2
        : Array.isArray(value) || ArrayBuffer.isView(value)),
    1,
  );
}

/** Rows to learn from and rows to test on, by their numbers. */
export type Split = readonly [train: ArrayLike<number>, test: ArrayLike<number>];

/** The rule of a cv parameter that may be splits too: scikit-learn's iterable of (train, test). */
export function splitsSpec(): ParamSpec<Cv | Iterable<Split>> {
  return custom<Cv | Iterable<Split>>(
    null,
    "an integer of at least 2, the fold of every row (0, 1, …), pairs of row numbers [train, test], or null for 5 folds",
    (value) =>
      value === null ||
      (typeof value === "number"
        ? Number.isInteger(value) && value >= 2
        : ArrayBuffer.isView(value) || (typeof value === "object" && Symbol.iterator in value)),
    1,
  );
}

/** What every row is to every fold: nFolds × rows; 1 to learn from, 2 to test on, 0 neither. */
export interface Roles {
  readonly roles: Uint8Array;
  readonly nFolds: number;
}

/**
 * What cv means for rows of these classes: a number of folds is stratified, as scikit-learn's StratifiedKFold without
 * shuffling.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function rolesOf(cv: Cv | Iterable<Split>, { classes, codes }: EncodedLabels, where: string): Roles {
  if (cv !== null && typeof cv !== "number") {
    const given = Array.from(cv as Iterable<unknown>);
    if (given.length > 0 && typeof given[0] !== "number") return rolesOfSplits(given as Split[], codes.length, where);
    return rolesOfFolds(foldsOf(given as number[], codes.length, where));
  }
  return rolesOfFolds(stratified(cv ?? 5, codes, classes.length, where));
}

function rolesOfFolds({ folds, nFolds }: Folds): Roles {
  const roles = new Uint8Array(nFolds * folds.length).fill(1);
  folds.forEach((fold, i) => (roles[fold * folds.length + i] = 2));
  return { roles, nFolds };
}

function rolesOfSplits(splits: readonly Split[], rows: number, where: string): Roles {
  const roles = new Uint8Array(splits.length * rows);
  splits.forEach((split, f) => {
    if (!Array.isArray(split) || split.length !== 2)
      throw invalidArgument(`${where}: cv must hold pairs [train, test] of row numbers, got ${show(split)}`);
    split.forEach((part: ArrayLike<number>, side) => {
      if (part.length === 0)
        throw invalidArgument(`${where}: cv has no row to ${side ? "test on" : "learn from"} in split ${f}`);
      for (const i of Array.from(part)) {
        if (!Number.isInteger(i) || i < 0 || i >= rows)
          throw invalidArgument(`${where}: cv names row ${show(i)} in split ${f}, but X has ${rows} rows`);
        if (roles[f * rows + i] === 2 - side)
          throw invalidArgument(`${where}: cv names row ${i} to learn from and to test on in split ${f}`);
        roles[f * rows + i] = 1 + side;
      }
    });
  });
  return { roles, nFolds: splits.length };
}

/** Folds with as equal a share of every class as can be, of neighbouring rows within a class. */
function stratified(nFolds: number, codes: Int32Array, nClasses: number, where: string): Folds {
  const counts = new Int32Array(nClasses);
  const order: number[] = []; // classes as they first appear
  codes.forEach((code) => {
    if (counts[code] === 0) order.push(code);
    counts[code] = (counts[code] as number) + 1;
  });
  if (codes.length < nFolds || counts.every((count) => count < nFolds))
    throw invalidData(`${where}: no class of y has the ${nFolds} rows that ${nFolds} folds need; choose a smaller cv`);
  // The rows sorted by class, dealt out like cards: how many of a class every fold gets.
  const shares = new Int32Array(nFolds * nClasses);
  let dealt = 0;
  for (const code of order) {
    for (let k = 0; k < (counts[code] as number); k++, dealt++) {
      const at = (dealt % nFolds) * nClasses + code;
      shares[at] = (shares[at] as number) + 1;
    }
  }
  const fold = new Int32Array(nClasses); // that takes the next row of a class
  const folds = codes.map((code) => {
    while (shares[(fold[code] as number) * nClasses + code] === 0) fold[code] = (fold[code] as number) + 1;
    const at = (fold[code] as number) * nClasses + code;
    shares[at] = (shares[at] as number) - 1;
    return fold[code] as number;
  });
  return { folds, nFolds };
}

/** The fold of every row. */
export interface Folds {
  readonly folds: Int32Array;
  readonly nFolds: number;
}

/**
 * The folds that cv means for a table of `rows` rows: neighbouring rows as scikit-learn's KFold without shuffling, or as
 * given.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function foldsOf(cv: Cv, rows: number, where: string): Folds {
  if (cv === null || typeof cv === "number") {
    const nFolds = cv ?? 5;
    if (rows < nFolds) throw invalidData(`${where}: X has ${rows} rows, which are too few for ${nFolds} folds`);
    const larger = rows % nFolds;
    const size = Math.floor(rows / nFolds);
    const border = larger * (size + 1);
    const fold = (i: number): number =>
      i < border ? Math.floor(i / (size + 1)) : larger + Math.floor((i - border) / size);
    return { folds: Int32Array.from({ length: rows }, (_, i) => fold(i)), nFolds };
  }
  if (cv.length !== rows) throw invalidData(`${where}: cv has ${cv.length} values, but X has ${rows} rows`);
  let nFolds = 0;
  for (let i = 0; i < rows; i++) {
    const fold = cv[i] as number;
    if (!Number.isInteger(fold) || fold < 0 || fold >= rows)
      throw invalidArgument(`${where}: cv must hold fold numbers 0, 1, …, got ${fold} in row ${i}`);
    nFolds = Math.max(nFolds, fold + 1);
  }
  const seen = new Set(Array.from(cv));
  if (nFolds < 2 || seen.size !== nFolds)
    throw invalidArgument(`${where}: cv must hold at least 2 folds, all numbers from 0 on, each with a row`);
  return { folds: Int32Array.from(cv), nFolds };
}
