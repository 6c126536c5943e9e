import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { MarginAnswers, type Margins } from "./margin-answers.js";
import { fitRegressor, shownWeights, type SgdCall, type SgdFitOptions, type SgdFitted } from "./sgd-fit.js";
import { sgdSpecs, type SgdParams } from "./sgd-params.js";

/** Losses of SGDRegressor. */
export type SGDRegressorLoss = "squaredError" | "huber" | "epsilonInsensitive" | "squaredEpsilonInsensitive";

/** Parameters of SGDRegressor. */
export interface SGDRegressorParams extends SgdParams {
  /** "squaredError" (default), "huber", "epsilonInsensitive" or "squaredEpsilonInsensitive". */
  loss: SGDRegressorLoss;
}

const SPECS: ParamSpecs<SGDRegressorParams> = {
  loss: choice("squaredError", ["squaredError", "huber", "epsilonInsensitive", "squaredEpsilonInsensitive"]),
  ...sgdSpecs("invscaling", 0.25),
};

/**
 * Linear regression learned by stochastic gradient descent: one step per row.
 * Follows scikit-learn's SGDRegressor step by step: without shuffling its coefficients come out. The order of the rows in
 * an epoch depends on randomState and the number of steps made, so it is the same for any chunking of X. Columns should be
 * of similar scale: put a StandardScaler before it.
 *
 * @example const model = await new SGDRegressor({ randomState: 0 }).fit(X, y);
 */
export class SGDRegressor extends BaseEstimator<SGDRegressorParams, SgdFitted> {
  readonly #answers = new MarginAnswers("SGDRegressor");

  constructor(params: Partial<SGDRegressorParams> = {}) {
    super("SGDRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite, kept in memory during the fit (larger tables: partialFit, or
   * Incremental); y: finite numbers. Progress counts epochs of at most maxIter.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<this> {
    this.checkParams();
    this.setFitted(await fitRegressor(this.#call("fit", X, y, options)));
    return this;
  }

  /**
   * Makes one epoch over more rows, going on from the last call.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<this> {
    this.checkParams();
    this.setFitted(await fitRegressor(this.#call("partialFit", X, y, options)));
    return this;
  }

  /** Predicted values, one a row of X. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    this.fitted("predict");
    const source = rowSourceOf(X, "SGDRegressor.predict: X");
    this.checkFeatures("predict", source);
    return (await this.#answers.decision(source, this.#margins(), null, options)) as Float64Array;
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Coefficients: nFeatures. */
  get coef_(): Float64Array {
    this.fitted("coef_");
    return this.#margins().coef;
  }

  /** The intercept, as an array of 1; 0 without fitIntercept. */
  get intercept_(): Float64Array {
    this.fitted("intercept_");
    return this.#margins().intercept;
  }

  /** Epochs made. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** Steps made, + 1: rows times epochs. */
  get t_(): number {
    return this.fitted("t_").t;
  }

  #call(method: "fit" | "partialFit", X: MatrixLike, y: VectorLike, options: SgdFitOptions): SgdCall<SgdFitted> {
    return {
      className: "SGDRegressor",
      method,
      params: { ...this.params, nJobs: null },
      X,
      y,
      options,
      before: this.fittedOrUndefined,
      checkFeatures: (source: RowSource) => this.checkFeatures(method, source),
    };
  }

  #margins(): Margins {
    const fitted = this.fitted("coef_");
    return { ...shownWeights(fitted, this.params.average), names: fitted.featureNamesIn };
  }
}
