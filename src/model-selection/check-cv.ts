import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { VectorLike } from "../data/vector.js";
import { maskOf, type Fold } from "./fold.js";
import { KFold, StratifiedKFold } from "./k-fold.js";
import { Splitter, type SplitInput } from "./splitter.js";

/** Rows to learn from and to test on, by their numbers. */
export type Split = readonly [train: ArrayLike<number>, test: ArrayLike<number>];

/** How to cross-validate: a number of folds, a splitter, splits by row numbers, or null for 5 folds. */
export type Cv = number | Splitter | Iterable<Split> | null;

/** The rule of a cv parameter. */
export function cvSpec(): ParamSpec<Cv> {
  return custom<Cv>(
    null,
    "an integer of at least 2, a splitter, pairs of row numbers [train, test], or null for 5 folds",
    isCv,
    1,
  );
}

function isCv(value: unknown): boolean {
  if (value === null || value instanceof Splitter) return true;
  if (typeof value === "number") return Number.isInteger(value) && value >= 2;
  return typeof value === "object" && Symbol.iterator in value && !ArrayBuffer.isView(value);
}

/**
 * The splitter that cv means, as scikit-learn's check_cv: a number is StratifiedKFold for a classifier's y, else KFold; neither
 * shuffles.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function checkCv(
  cv: Cv | undefined,
  y?: VectorLike | null,
  { classifier = false }: { readonly classifier?: boolean } = {},
): Splitter {
  const given = cv ?? null;
  if (!isCv(given)) {
    throw invalidArgument(
      `checkCv: cv must be an integer of at least 2, a splitter, pairs of row numbers [train, test], or null, got ${show(cv)}`,
    );
  }
  if (given instanceof Splitter) return given;
  if (given !== null && typeof given !== "number") return new GivenSplits([...given]);
  const nSplits = given ?? 5;
  return classifier && y !== undefined && y !== null ? new StratifiedKFold({ nSplits }) : new KFold({ nSplits });
}

/** Splits as pairs of row numbers. */
class GivenSplits extends Splitter {
  readonly #splits: readonly Split[];

  constructor(splits: readonly Split[]) {
    super("cv", {}, {});
    this.#splits = splits;
    splits.forEach((split, k) => {
      if (Array.isArray(split) && split.length === 2 && split.every((part) => typeof part === "object")) return;
      throw invalidArgument(`cv must hold pairs [train, test] of row numbers, got ${show(split)} as split ${k}`);
    });
    if (splits.length === 0) throw invalidArgument("cv must hold at least one pair [train, test] of row numbers");
  }

  getNSplits(): Promise<number> {
    return Promise.resolve(this.#splits.length);
  }

  protected *folds({ rows, where }: SplitInput): Generator<Fold, void, undefined> {
    for (const [k, [train, test]] of this.#splits.entries()) {
      for (const [side, part] of [train, test].entries()) {
        if (part.length === 0) {
          throw invalidData(`${where}: cv has no row to ${side === 0 ? "learn from" : "test on"} in split ${k}`);
        }
        const wrong = Array.from(part).find((row) => !Number.isInteger(row) || row < 0 || row >= rows);
        if (wrong !== undefined) {
          throw invalidData(`${where}: cv names row ${show(wrong)} in split ${k}, but X has ${rows} rows`);
        }
      }
      yield { train: maskOf(rows, train), test: maskOf(rows, test) };
    }
  }
}
