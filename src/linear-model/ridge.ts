import { invalidArgument } from "../base/errors.js";
import { boolean, choice, custom, nJobs, type ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight } from "../data/vector.js";
import { trainingSource, type LinearFitOptions } from "./learn.js";
import { fitLeastSquares } from "./least-squares-fit.js";
import { multiTargetFitted, MultiTargetRegressor, type MultiTargetFitted } from "./multi-target-regressor.js";
import { readTargets, type TargetsLike } from "../data/targets.js";

/** scikit-learn's solver names: all give the one exact solution here, by Cholesky factors, QR or SVD as the data need. */
export type RidgeSolver = "auto" | "svd" | "cholesky" | "lsqr" | "sparse_cg" | "sag" | "saga" | "lbfgs";
export const RIDGE_SOLVERS = ["auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"] as const;

/** Parameters of Ridge. */
export interface RidgeParams {
  /** Strength of the L2 penalty, alpha · |coef_|² beside the sum of squares; one number, or one a target. Default 1. */
  alpha: number | readonly number[];
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Accepted for scikit-learn's sake; every name gives the same, exact solution. Default "auto". */
  solver: RidgeSolver;
  /** Coefficients must not be negative. Default false. */
  positive: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const isPenalty = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value) && value >= 0;

const SPECS: ParamSpecs<RidgeParams> = {
  alpha: custom<number | readonly number[]>(
    1,
    "a non-negative number, or one a target",
    (value) => isPenalty(value) || (Array.isArray(value) && value.length > 0 && value.every(isPenalty)),
    -1,
  ),
  fitIntercept: boolean(true),
  solver: choice("auto", RIDGE_SOLVERS),
  positive: boolean(false),
  nJobs: nJobs(),
};

/**
 * Least squares with an L2 penalty, of one target or several.
 * Follows scikit-learn's Ridge: the same objective, so the same coefficients, to the last digits: there is no tolerance
 * and no iteration (a sparse X of more than 1000 columns is solved by conjugate gradients on its entries, until a step
 * changes nothing). Columns are centred and scaled internally, the penalty stays in the units of X. The result is the
 * same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new Ridge({ alpha: 0.5 }).fit(X, y);
 */
export class Ridge extends MultiTargetRegressor<RidgeParams, MultiTargetFitted> {
  constructor(params: Partial<RidgeParams> = {}) {
    super("Ridge", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples finite numbers, or nSamples × nTargets.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: TargetsLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "Ridge.fit";
    const source = trainingSource(X, where);
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { rows, nTargets, values } = targets;
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    const { fitIntercept, positive, nJobs } = this.params;
    const settings = { alpha: this.#alphas(nTargets), fitIntercept, positive, withRank: false };
    const problem = { rows, targets: values, nTargets, weights };
    const result = await fitLeastSquares({ className: this.className, nJobs }, source, problem, settings, options);
    this.setFitted(multiTargetFitted(source, targets, result));
    return this;
  }

  #alphas(nTargets: number): Float64Array {
    const { alpha } = this.params;
    if (typeof alpha === "number") return new Float64Array(nTargets).fill(alpha);
    if (alpha.length !== nTargets)
      throw invalidArgument(`Ridge: alpha has ${alpha.length} values, but y has ${nTargets} columns`);
    return Float64Array.from(alpha);
  }
}
