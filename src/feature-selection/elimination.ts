import { clone } from "../base/estimator.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { selectColumns } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { Methods, Wrappable } from "../wrappers/wrapped.js";
import { importancesOf, type ImportanceGetter } from "./importances.js";

// Features dropped round by round, the least important of a model that is fitted anew each time (Guyon et al. 2002).

/** What to drop, and by what. */
export interface Elimination {
  readonly estimator: Wrappable;
  /** How many features are to be left. */
  readonly wanted: number;
  /** How many a round drops at most. */
  readonly most: number;
  readonly importanceGetter: ImportanceGetter;
  /** They go to every fit. */
  readonly fitOptions: object;
  readonly signal: AbortSignal | undefined;
  /** Called with every model that was fitted and the numbers of the features that it saw. */
  readonly onFit?: ((round: EliminationRound) => Promise<void> | void) | undefined;
}

/** What a round begins with, and the model that was fitted on it. */
export interface EliminationRound {
  readonly model: Wrappable;
  /** The features that are left. */
  readonly left: readonly number[];
  /** 1 for those; the greater, the earlier a feature was dropped. */
  readonly ranking: Int32Array;
}

/** The rule of `step` and of what else is a number of features or a share of them. */
export function countOrShare(fallback: number): ParamSpec<number> {
  return custom<number>(fallback, "a positive integer, or a share between 0 and 1", isCountOrShare, 0);
}

export function isCountOrShare(value: unknown): boolean {
  return typeof value === "number" && value > 0 && (value < 1 || Number.isInteger(value));
}

/** A number of features; a share of all as a number, at least 1. */
export function counted(value: number, all: number): number {
  return value >= 1 ? value : Math.max(1, Math.floor(value * all));
}

/** How many models are fitted on the way from so many features to those wanted. */
export function roundsOf(nFeatures: number, wanted: number, most: number): number {
  return Math.max(0, Math.ceil((nFeatures - wanted) / most)) + 1;
}

/** The features that are left, and the model that was fitted on them. Of equal importances the first are dropped first. */
export async function eliminate(
  X: MatrixLike,
  y: VectorLike | undefined,
  nFeatures: number,
  { estimator, wanted, most, importanceGetter, fitOptions, signal, onFit }: Elimination,
  where: string,
): Promise<EliminationRound> {
  const ranking = new Int32Array(nFeatures).fill(1);
  let left = Array.from({ length: nFeatures }, (_, j) => j);
  const fitted = async (): Promise<Wrappable> => {
    signal?.throwIfAborted();
    const model = clone(estimator);
    const table = left.length === nFeatures ? X : selectColumns(X, left, `${where}: X`);
    await (model as Required<Methods>).fit(table as MatrixLike, y, { ...fitOptions, signal });
    await onFit?.({ model, left, ranking });
    return model;
  };
  while (left.length > wanted) {
    const squares = importancesOf(await fitted(), importanceGetter, 2, left.length, where).map((norm) => norm * norm);
    const order = left.map((_, k) => k).sort((a, b) => (squares[a] as number) - (squares[b] as number) || a - b);
    const dropped = new Set(order.slice(0, Math.min(most, left.length - wanted)));
    left = left.filter((_, k) => !dropped.has(k));
    const kept = new Set(left);
    ranking.forEach((rank, j) => (ranking[j] = kept.has(j) ? rank : rank + 1));
  }
  return { model: await fitted(), left, ranking };
}

/** Whether each feature is among those left. */
export function supportOf(left: readonly number[], nFeatures: number): boolean[] {
  const kept = new Set(left);
  return Array.from({ length: nFeatures }, (_, j) => kept.has(j));
}
