import { warnConvergence } from "../base/errors.js";
import { boolean, choice, integer, nJobs, number, type ParamSpecs } from "../base/params.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import type { QuantileResult } from "../native/addon.js";
import { addon } from "../native/load.js";
import { learn, trainingSource, type LinearFitOptions } from "./learn.js";
import type { LinearFitted } from "./linear-predictor.js";
import { LinearRegressor } from "./linear-regressor.js";

/** Parameters of QuantileRegressor. */
export interface QuantileRegressorParams {
  /** The quantile that is predicted, between 0 and 1. Default 0.5: the median. */
  quantile: number;
  /** Strength of the L1 penalty alpha · |coef_|₁ beside the mean pinball loss; the intercept is not in it. Default 1. */
  alpha: number;
  /** Add an intercept. Default true. */
  fitIntercept: boolean;
  /**
   * scikit-learn's names of HiGHS' methods, so that its models can be taken over. All are solved by the same interior
   * point method here, which ends at a vertex as they do. Default "highs".
   */
  solver: "highs" | "highs-ds" | "highs-ipm";
  /** Most iterations. Default 200; 10 to 40 are usual. */
  maxIter: number;
  /** The largest duality gap, as a fraction of the objective, that counts as converged. Default 1e-9. */
  tol: number;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<QuantileRegressorParams> = {
  quantile: number(0.5, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true }),
  alpha: number(1, { min: 0 }),
  fitIntercept: boolean(true),
  solver: choice("highs", ["highs", "highs-ds", "highs-ipm"]),
  maxIter: integer(200, { min: 1 }),
  tol: number(1e-9, { min: 0, exclusiveMin: true }),
  verbose: boolean(false),
  nJobs: nJobs(),
};

/** What a fit holds in memory of every row besides y and weights (native/linear/quantile_rows.h), and of pairs of columns. */
const [BYTES_A_ROW, BYTES_A_SPARSE_ROW, BYTES_A_PAIR] = [64, 112, 32];

interface Fitted extends LinearFitted {
  readonly nIter: number;
  readonly dualGap: number;
}

/**
 * Linear regression of a quantile of y: the mean pinball loss plus an L1 penalty, a linear program.
 * Follows scikit-learn's QuantileRegressor: the same objective, and where one vertex alone is the minimum the same
 * coefficients. Solved by Frisch and Newton's interior point method (Portnoy and Koenker 1997), three passes over X an
 * iteration, and brought to a vertex at the end. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * X may be larger than memoryLimit: its rows then lie in a file. 64 bytes a row (112 of a sparse table, whose entries are
 * read alone) besides y and sampleWeight, and 32 a pair of columns, stay in memory; where memoryLimit does not allow them,
 * fit refuses at once.
 *
 * @example
 * const upper = await new QuantileRegressor({ quantile: 0.9, alpha: 0 }).fit(X, y);
 * const bounds = await upper.predict(X); // 9 of 10 values of y lie below
 */
export class QuantileRegressor extends LinearRegressor<QuantileRegressorParams, Fitted> {
  constructor(params: Partial<QuantileRegressorParams> = {}) {
    super("QuantileRegressor", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples finite numbers. A row of sampleWeight 0 counts for
   * nothing, one of weight 2 as two. Progress counts iterations of at most maxIter.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "QuantileRegressor.fit";
    const source = trainingSource(X, where);
    const target = await readTarget(y, `${where}: y`, options.signal);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const bytesARow = source.sparse === undefined ? BYTES_A_ROW : BYTES_A_SPARSE_ROW;
    const reserved = bytesARow * target.length + BYTES_A_PAIR * (source.nFeatures + 1) ** 2;
    const what = `${bytesARow} bytes a row and ${BYTES_A_PAIR} a pair of columns stay in memory`;
    refuseTooLarge(reserved, where, `${what}, so fit on fewer rows or columns`);
    const { nJobs, verbose, quantile, alpha, fitIntercept, tol, maxIter } = this.params;
    const settings = { className: this.className, nJobs, verbose, reserved };
    const problem = { quantile, alpha, fitIntercept, tol, maxIter };
    const result = await learn(settings, source, target.length, options, (sink, job) =>
      addon().fitQuantile(sink, target, weights, problem, job),
    );
    warnUnlessOptimal(result, this.params);
    const { coef, intercept, nIter, dualGap } = result;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, coef, intercept: Float64Array.of(intercept), nIter, dualGap });
    return this;
  }

  /** Iterations of the interior point method; 0 where a constant y left nothing to do. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** The duality gap at the end, in units of the objective: how far from the minimum at most. */
  get dualGap_(): number {
    return this.fitted("dualGap_").dualGap;
  }
}

function warnUnlessOptimal(
  { converged, nIter, objective, dualGap }: QuantileResult,
  { maxIter, tol }: QuantileRegressorParams,
): void {
  if (converged) return;
  const what = nIter >= maxIter ? `in maxIter: ${maxIter} iterations` : `after ${nIter} iterations`;
  warnConvergence(
    `QuantileRegressor.fit: did not converge ${what}; the duality gap is ${(dualGap / objective).toPrecision(2)} of the ` +
      `objective, tol is ${tol}. Raise maxIter or tol, or penalise more`,
  );
}
