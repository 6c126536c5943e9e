import { warnConvergence } from "../base/errors.js";
import type { RowSource } from "../data/row-source.js";
import type { LeastSquaresOptions, LeastSquaresResult } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { learn } from "./learn.js";

/** Columns of a sparse table beyond which products of all pairs of them are no longer small: it is solved by iteration. */
const MOST_SQUARED_COLUMNS = 1000;

/** What a fit of least squares is told besides its rows. */
export interface LeastSquaresProblem {
  readonly rows: number;
  /** nTargets columns one after another. */
  readonly targets: Float64Array;
  readonly nTargets: number;
  readonly weights: Float64Array | undefined;
}

/** What a fit learns; rank and singular values only where it was exact. */
export type LeastSquaresFit = Pick<LeastSquaresResult, "coef" | "intercept"> & Partial<LeastSquaresResult>;

/** Fits exactly, or, where X is sparse and has many columns, by conjugate gradients on its entries. */
export async function fitLeastSquares(
  { className, nJobs }: { readonly className: string; readonly nJobs: number | null },
  source: RowSource,
  { rows, targets, nTargets, weights }: LeastSquaresProblem,
  settings: LeastSquaresOptions,
  options: RunOptions,
): Promise<LeastSquaresFit> {
  const learning = { className, nJobs };
  if (settings.positive || source.nFeatures <= MOST_SQUARED_COLUMNS || source.sparse === undefined) {
    return learn(learning, source, rows, options, (sink, job) =>
      addon().fitLeastSquares(sink, targets, nTargets, weights, settings, job),
    );
  }
  const result = await learn(learning, source, rows, options, (sink, job) =>
    addon().fitSparseLeastSquares(sink, targets, nTargets, weights, settings, job),
  );
  if (!result.converged) {
    warnConvergence(
      `${className}.fit: conjugate gradients on the sparse X did not converge in 20000 iterations. Scale the columns ` +
        "(MaxAbsScaler keeps zeros), or penalise more",
    );
  }
  return result;
}
