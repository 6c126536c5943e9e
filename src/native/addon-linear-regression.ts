import type { JobOptions, SinkHandle } from "./addon-types.js";

export interface GlmOptions {
  readonly loss: "squared" | "tweedieLog" | "tweedieIdentity" | "huber";
  /** Power of a Tweedie loss, epsilon of Huber's. */
  readonly parameter: number;
  readonly alpha: number;
  readonly tol: number;
  readonly maxIter: number;
  readonly fitIntercept: boolean;
  readonly solver: "lbfgs" | "newton-cholesky";
  /** Where to start: one coefficient a feature, the intercept, Huber's scale. */
  readonly startCoef?: Float64Array | undefined;
  readonly startIntercept: number;
  readonly startScale: number;
}

export interface GlmResult {
  readonly coef: Float64Array;
  readonly intercept: number;
  /** Huber's; else 0. */
  readonly scale: number;
  readonly nIter: number;
  readonly converged: boolean;
  /** The largest gradient entry at the end, which was to come below tol. */
  readonly violation: number;
}

export interface LeastSquaresOptions {
  /** One penalty a target. */
  readonly alpha: Float64Array;
  readonly positive: boolean;
  /** Rank and singular values are asked for. */
  readonly withRank: boolean;
  readonly fitIntercept: boolean;
}

export interface LeastSquaresResult {
  /** Targets × features. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly rank: number;
  readonly singularValues: Float64Array;
}

export interface SparseLeastSquaresOptions {
  /** Of every target. */
  readonly alpha: Float64Array;
  readonly fitIntercept: boolean;
}

export interface SparseLeastSquaresResult {
  /** Targets × features. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly converged: boolean;
}

export interface RidgeCvOptions {
  readonly alphas: Float64Array;
  readonly alphaPerTarget: boolean;
  readonly keepErrors: boolean;
  readonly fitIntercept: boolean;
}

export interface RidgeCvResult extends LeastSquaresResult {
  /** Of every target. */
  readonly alpha: Float64Array;
  /** Minus the mean squared error: one, or one a target. */
  readonly score: Float64Array;
  /** Rows × targets × alphas: leave-one-out errors times the roots of the weights; empty unless asked for. */
  readonly errors: Float64Array;
}

export interface ElasticNetOptions {
  readonly alpha: number;
  readonly l1Ratio: number;
  readonly positive: boolean;
  readonly tol: number;
  readonly maxIter: number;
  /** Columns in another order every sweep, by `seed`; else as they are. */
  readonly inRandomOrder: boolean;
  readonly seed: number;
  readonly fitIntercept: boolean;
  readonly startCoef?: Float64Array | undefined;
}

export interface ElasticNetResult {
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly nIter: number;
  readonly dualGap: number;
  readonly converged: boolean;
}

export interface QuantileOptions {
  readonly quantile: number;
  readonly alpha: number;
  readonly fitIntercept: boolean;
  /** Of the duality gap, of the objective. */
  readonly tol: number;
  readonly maxIter: number;
}

export interface QuantileResult {
  readonly coef: Float64Array;
  readonly intercept: number;
  readonly nIter: number;
  readonly objective: number;
  readonly dualGap: number;
  readonly converged: boolean;
}

export interface ElasticNetCvOptions extends ElasticNetOptions {
  readonly l1Ratios: Float64Array;
  /** As many for every ratio, largest first; undefined: nAlphas of them. */
  readonly alphas: Float64Array | undefined;
  readonly nAlphas: number;
  readonly eps: number;
  /** The fold of every row. */
  readonly folds: Int32Array;
  readonly nFolds: number;
}

export interface ElasticNetCvResult extends ElasticNetResult {
  readonly alpha: number;
  readonly l1Ratio: number;
  /** Ratios × alphas. */
  readonly alphas: Float64Array;
  /** Ratios × alphas × folds. */
  readonly msePath: Float64Array;
}

/** Regression with linear models (native/binding/linear_regression.cc); sinks are those of createLinearSink. */
export interface LinearRegressionAddon {
  /** Takes the rows out of the sink. One target and weight per row; undefined: all weigh 1. */
  fitGlm(
    sink: SinkHandle,
    target: Float64Array,
    weights: Float64Array | undefined,
    options: GlmOptions,
    job: JobOptions,
  ): Promise<GlmResult>;
  /** Takes the rows out of the sink. `targets`: nTargets columns one after another. */
  fitLeastSquares(
    sink: SinkHandle,
    targets: Float64Array,
    nTargets: number,
    weights: Float64Array | undefined,
    options: LeastSquaresOptions,
    job: JobOptions,
  ): Promise<LeastSquaresResult>;
  /** The same for a sparse sink (createSparseSink), by iteration: coefficients alone. */
  fitSparseLeastSquares(
    sink: SinkHandle,
    targets: Float64Array,
    nTargets: number,
    weights: Float64Array | undefined,
    options: SparseLeastSquaresOptions,
    job: JobOptions,
  ): Promise<SparseLeastSquaresResult>;
  /** Takes the rows out of the sink. `targets`: nTargets columns one after another. */
  fitRidgeCv(
    sink: SinkHandle,
    targets: Float64Array,
    nTargets: number,
    weights: Float64Array | undefined,
    options: RidgeCvOptions,
    job: JobOptions,
  ): Promise<RidgeCvResult>;
  /** Takes the rows out of the sink. `targets`: nTargets columns one after another, nTargets 1. */
  fitElasticNet(
    sink: SinkHandle,
    targets: Float64Array,
    nTargets: number,
    weights: Float64Array | undefined,
    options: ElasticNetOptions,
    job: JobOptions,
  ): Promise<ElasticNetResult>;
  /** Takes the rows out of the sink. */
  fitQuantile(
    sink: SinkHandle,
    target: Float64Array,
    weights: Float64Array | undefined,
    options: QuantileOptions,
    job: JobOptions,
  ): Promise<QuantileResult>;
  /** Takes the rows out of the sink. `targets`: nTargets columns one after another, nTargets 1. */
  fitElasticNetCv(
    sink: SinkHandle,
    targets: Float64Array,
    nTargets: number,
    weights: Float64Array | undefined,
    options: ElasticNetCvOptions,
    job: JobOptions,
  ): Promise<ElasticNetCvResult>;
}
