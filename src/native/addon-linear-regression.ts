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
}
