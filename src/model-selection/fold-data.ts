import type { InputLike } from "../data/documents.js";
import type { RowMask } from "../data/row-mask.js";
import { rowsByMask, type Splittable } from "../data/split.js";
import type { VectorLike } from "../data/vector.js";
import { invalidData } from "../base/errors.js";
import { maskOf, type Fold } from "./fold.js";

/** Options of fit that hold a value a row are cut like X: { sampleWeight }. */
export type FitOptions = Readonly<Record<string, unknown>>;

/** A part of a table, ready to fit or score on. */
export interface Part {
  readonly X: InputLike;
  readonly y: VectorLike | undefined;
  readonly options: FitOptions;
  readonly rows: number;
}

/** A whole table and what belongs to its rows. */
export interface Whole {
  readonly X: InputLike;
  readonly y: VectorLike | undefined;
  readonly options: FitOptions;
  readonly rows: number;
}

/**
 * The rows of a mask. Frames and chunked matrices are not read: a part of them is a mask. Tables in memory are copied: once
 * a fold, however many candidates share it, and given back when the fold is done.
 */
export function partOf({ X, y, options, rows }: Whole, mask: RowMask): Part {
  const indices = mask.indices();
  const cut = <T>(data: T): T => rowsByMask(data as Splittable, mask, indices) as T;
  const cutOptions = Object.entries(options).map(([name, value]) => [name, isPerRow(value, rows) ? cut(value) : value]);
  return {
    X: cut(X),
    y: y === undefined ? undefined : cut(y),
    options: Object.fromEntries(cutOptions) as FitOptions,
    rows: mask.count,
  };
}

/** Whether an option of fit has a value for every row. */
function isPerRow(value: unknown, rows: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return (value as unknown as { length: number }).length === rows;
  return "frame" in value || ("get" in value && (value as { length?: unknown }).length === rows); // frame columns, Arrow vectors
}

/** Both parts of a fold, made when they are first asked for. */
export class FoldData {
  readonly fold: Fold;
  readonly #whole: Whole;
  #train: Part | undefined;
  #test: Part | undefined;

  constructor(whole: Whole, fold: Fold, k: number) {
    if (fold.train.count === 0 || fold.test.count === 0) {
      throw invalidData(`cv: split ${k} has no rows ${fold.train.count === 0 ? "to learn from" : "to test on"}`);
    }
    this.#whole = whole;
    this.fold = fold;
  }

  get train(): Part {
    return (this.#train ??= partOf(this.#whole, this.fold.train));
  }

  /** The first of the training rows, in the order given: their places among the training rows. */
  firstTrain(count: number, order: Int32Array | undefined): Part {
    const rows = this.fold.train.indices();
    const chosen = Int32Array.from({ length: count }, (_, k) => rows[order?.[k] ?? k] as number);
    return partOf(this.#whole, maskOf(this.#whole.rows, chosen));
  }

  get test(): Part {
    return (this.#test ??= partOf(this.#whole, this.fold.test));
  }
}
