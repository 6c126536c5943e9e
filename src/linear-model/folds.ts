import { invalidArgument, invalidData } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";

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
