import { boolean, integer, nJobs, number, type ParamSpecs } from "../base/params.js";
import type { RowSource } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import type { GlmOptions, GlmResult } from "../native/addon.js";
import { addon } from "../native/load.js";

import { learn, trainingSource, warnUnlessConverged, type LinearFitOptions } from "./learn.js";
import type { LinearFitted } from "./linear-predictor.js";
import { LinearRegressor } from "./linear-regressor.js";

/** Parameters of HuberRegressor. */
export interface HuberRegressorParams {
  /** How many scales from its prediction a row is an outlier, at least 1: its loss grows linearly there. Default 1.35. */
  epsilon: number;
  /** Most iterations. Default 100. */
  maxIter: number;
  /** Strength of the L2 penalty alpha · |coef_|². Default 1e-4. */
  alpha: number;
  /** Start from the last fit. Default false. */
  warmStart: boolean;
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** A fit ends when no entry of the gradient of the mean loss, in units of y's deviation, is larger. Default 1e-5. */
  tol: number;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<HuberRegressorParams> = {
  epsilon: number(1.35, { min: 1 }),
  maxIter: integer(100, { min: 1 }),
  alpha: number(1e-4, { min: 0 }),
  warmStart: boolean(false),
  fitIntercept: boolean(true),
  tol: number(1e-5, { min: 0, exclusiveMin: true }),
  verbose: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends LinearFitted {
  readonly scale: number;
  readonly outliers: readonly boolean[];
  readonly nIter: number;
}

/**
 * Linear regression that outliers in y pull at only linearly: Huber's loss, whose scale is learned along with the
 * coefficients, and an L2 penalty.
 * Follows scikit-learn's HuberRegressor: the same objective, so the same coefficients; solved by Newton's method on the
 * standardised columns. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new HuberRegressor().fit(X, y);
 * const suspects = model.outliers_; // boolean[], one a row
 */
export class HuberRegressor extends LinearRegressor<HuberRegressorParams, Fitted> {
  constructor(params: Partial<HuberRegressorParams> = {}) {
    super("HuberRegressor", SPECS, params);
  }

  /**
   * Learns coefficients and the scale. X: nSamples × nFeatures, finite; y: nSamples finite numbers. X is read twice: once
   * more for outliers_. Progress counts iterations of at most maxIter.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "HuberRegressor.fit";
    const source = trainingSource(X, where);
    const target = await readTarget(y, `${where}: y`, options.signal);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const { nJobs, verbose, epsilon } = this.params;
    const settings = { className: this.className, nJobs, verbose };
    const result = await learn(settings, source, target.length, options, (sink, job) =>
      addon().fitGlm(sink, target, weights, this.#options(source.nFeatures), job),
    );
    const fitted = fittedOf(source, result);
    const { signal } = options;
    const { values } = await this.predictor.map(fitted, "decision", 1, source, nJobs, { signal });
    const outliers = Array.from(values, (value, i) => Math.abs((target[i] as number) - value) > epsilon * result.scale);
    warnUnlessConverged(this.className, result, this.params);
    this.setFitted({ ...fitted, outliers });
    return this;
  }

  /** The scale: a row further than epsilon · scale_ from its prediction is an outlier. */
  get scale_(): number {
    return this.fitted("scale_").scale;
  }

  /** Whether each row of the fit was an outlier. */
  get outliers_(): readonly boolean[] {
    return this.fitted("outliers_").outliers;
  }

  /** Iterations of the solver over all rows. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  #options(nFeatures: number): GlmOptions {
    const { epsilon, alpha, tol, maxIter, fitIntercept, warmStart } = this.params;
    const last = warmStart ? this.fittedOrUndefined : undefined;
    const start = last?.nFeaturesIn === nFeatures ? last : undefined;
    return {
      loss: "huber",
      parameter: epsilon,
      ...{ alpha, tol, maxIter, fitIntercept },
      solver: "newton-cholesky",
      startCoef: start?.coef,
      startIntercept: start?.intercept[0] ?? 0,
      startScale: start?.scale ?? 0,
    };
  }
}

function fittedOf(source: RowSource, { coef, intercept, scale, nIter }: GlmResult): Omit<Fitted, "outliers"> {
  const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
  return { nFeaturesIn, featureNamesIn, coef, intercept: Float64Array.of(intercept), scale, nIter };
}
