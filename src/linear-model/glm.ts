import { invalidData, show } from "../base/errors.js";
import { boolean, choice, integer, nJobs, number, type ParamSpecs } from "../base/params.js";
import type { EstimatorTags } from "../base/estimator.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { isBreak, readSampleWeight, readTarget, takeBreak, type VectorLike } from "../data/vector.js";
import type { GlmOptions, LinearOutput } from "../native/addon.js";
import { addon } from "../native/load.js";
import { d2Tweedie } from "../metrics/d2-tweedie-score.js";
import { checkRows, learn, trainingSource, warnUnlessConverged, type LinearFitOptions } from "./learn.js";
import type { LinearFitted } from "./linear-predictor.js";
import { LinearRegressor } from "./linear-regressor.js";

/** Parameters that all generalised linear models have. */
export interface GlmParams {
  /** Strength of the L2 penalty: alpha / 2 · |coef_|² beside the mean half deviance; the intercept is not in it. Default 1. */
  alpha: number;
  /** Add an intercept. Default true. */
  fitIntercept: boolean;
  /** "lbfgs" (default) suits every shape; "newton-cholesky" few columns, and a very small tol. */
  solver: "lbfgs" | "newton-cholesky";
  /** Most iterations. Default 100. */
  maxIter: number;
  /** A fit ends when no entry of the gradient is larger. Default 1e-4. */
  tol: number;
  /** Start from the coefficients of the last fit. Default false. */
  warmStart: boolean;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

export const GLM_SPECS: ParamSpecs<GlmParams> = {
  alpha: number(1, { min: 0 }),
  fitIntercept: boolean(true),
  solver: choice("lbfgs", ["lbfgs", "newton-cholesky"]),
  maxIter: integer(100, { min: 1 }),
  tol: number(1e-4, { min: 0, exclusiveMin: true }),
  warmStart: boolean(false),
  verbose: boolean(false),
  nJobs: nJobs(),
};

/** The deviance a model minimises: a member of Tweedie's family, and how margins become means. */
export interface Deviance {
  readonly power: number;
  readonly link: "identity" | "log";
}

export interface GlmFitted extends LinearFitted {
  readonly nIter: number;
}

/** A generalised linear model: what PoissonRegressor, GammaRegressor and TweedieRegressor share. */
export abstract class Glm<P extends GlmParams> extends LinearRegressor<P, GlmFitted> {
  /** Which deviance the parameters ask for. */
  protected abstract deviance(): Deviance;

  override get tags(): EstimatorTags {
    return this.deviance().power >= 1 ? { ...super.tags, positiveY: true } : super.tags;
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples numbers in the range of the distribution. Progress
   * counts iterations of at most maxIter; its score is the objective.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const source = trainingSource(X, where);
    const target = await readTarget(y, `${where}: y`, options.signal);
    if (source.nRows !== undefined) checkRows(where, source.nRows, target.length);
    await checkRange(target, this.deviance(), `${where}: y`, options.signal);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const { nJobs, verbose } = this.params;
    const settings = { className: this.className, nJobs, verbose };
    const glm = this.#options(source.nFeatures);
    const result = await learn(settings, source, target.length, options, (sink, job) =>
      addon().fitGlm(sink, target, weights, glm, job),
    );
    warnUnlessConverged(this.className, result, this.params);
    const { coef, intercept, nIter } = result;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, coef, intercept: Float64Array.of(intercept), nIter });
    return this;
  }

  /** D²: the fraction of the deviance explained; 1 is best, 0 what the mean of y scores. */
  override async score(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<number> {
    const where = `${this.className}.score`;
    const predicted = await this.predict(X, options);
    const target = await readTarget(y, `${where}: y`, options.signal);
    checkRows(where, predicted.length, target.length);
    await checkRange(target, this.deviance(), `${where}: y`, options.signal);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    return d2Tweedie({ truth: target, predicted, weights }, this.deviance().power);
  }

  /** Iterations of the solver over all rows. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  protected override output(): LinearOutput {
    return this.deviance().link === "log" ? "exponential" : "decision";
  }

  #options(nFeatures: number): GlmOptions {
    const { alpha, tol, maxIter, fitIntercept, solver, warmStart } = this.params;
    const { power, link } = this.deviance();
    const last = warmStart ? this.fittedOrUndefined : undefined;
    const start = last?.nFeaturesIn === nFeatures ? last : undefined;
    return {
      loss: link === "log" ? "tweedieLog" : power === 0 ? "squared" : "tweedieIdentity",
      parameter: power,
      ...{ alpha, tol, maxIter, fitIntercept, solver },
      startCoef: start?.coef,
      startIntercept: start?.intercept[0] ?? 0,
      startScale: 0,
    };
  }
}

/** @throws TreelineError ERR_INVALID_DATA for a y that the distribution never gives. */
async function checkRange(y: Float64Array, deviance: Deviance, where: string, signal?: AbortSignal): Promise<void> {
  const { power, link } = deviance;
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    const value = y[i] as number;
    sum += value;
    if (power < 1 || value > 0 || (power < 2 && value === 0)) continue;
    const expected = power < 2 ? "must not be negative" : "must be positive";
    throw invalidData(`${where} ${expected} for a deviance of power ${power}, got ${show(value)} in row ${i}`);
  }
  if (y.length > 0 && !(sum > 0) && (link === "log" || power !== 0)) {
    throw invalidData(`${where} must have a positive mean for a deviance of power ${power} with link "${link}"`);
  }
}
