import type { BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

export interface LogisticOptions {
  /** Infinity: no penalty. */
  readonly C: number;
  /** The part of the penalty that is L1, 0 … 1. */
  readonly l1Ratio: number;
  readonly tol: number;
  readonly maxIter: number;
  readonly fitIntercept: boolean;
  readonly solver: "lbfgs" | "newton-cholesky";
  /** Where to start: outputs × features, one output for two classes. */
  readonly startCoef?: Float64Array | undefined;
  readonly startIntercept?: Float64Array | undefined;
}

export interface LogisticResult {
  /** Outputs × features, row-major. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly nIter: number;
  readonly converged: boolean;
  /** The largest gradient entry at the end, which was to come below tol. */
  readonly violation: number;
}

/** What a linear model says of a row: margins, their exponentials, or what they mean for classes. */
export type LinearOutput = "decision" | "exponential" | "probability" | "logProbability" | "class";

/** Linear models: their rows, classification, prediction (native/binding/linear.cc). */
export interface LinearAddon {
  /** Throws ERR_INVALID_DATA on a value that is not finite, in its sinkPush. */
  createLinearSink(labels: FeatureLabels): SinkHandle;
  /** Takes the rows out of the sink. One code (0 … nClasses - 1) and weight per row; undefined: all weigh 1. */
  fitLogistic(
    sink: SinkHandle,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
    options: LogisticOptions,
    job: JobOptions,
  ): Promise<LogisticResult>;
  createLogisticMap(
    labels: FeatureLabels,
    coef: Float64Array,
    intercept: Float64Array,
    output: LinearOutput,
  ): BlockMapHandle;
}
