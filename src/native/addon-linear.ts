import type { BlockMapHandle, FeatureLabels, JobOptions, MemoryBudget, SinkHandle } from "./addon-types.js";

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

/** What cross-validation of logistic regression tries: every C with every ratio on every fold. */
export interface LogisticGrid {
  readonly Cs: Float64Array;
  readonly l1Ratios: Float64Array;
  readonly nFolds: number;
  /** Folds × rows: 1 a row to learn from, 2 one to test on, 0 neither. */
  readonly roles: Uint8Array;
}

/** Models of every fold, ratio and C, in this order. */
export interface LogisticPaths {
  /** Each outputs × features. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly nIter: Float64Array;
  /** All of them. */
  readonly converged: boolean;
  /** The largest of those that did not converge. */
  readonly violation: number;
}

/** What a linear model says of a row: margins, their exponentials, or what they mean for classes. */
export type LinearOutput = "decision" | "exponential" | "probability" | "logProbability" | "class";

/** Linear models: their rows, classification, prediction (native/binding/linear.cc). */
export interface LinearAddon {
  /** Throws ERR_INVALID_DATA on a value that is not finite, in its sinkPush. */
  createLinearSink(labels: FeatureLabels, budget: MemoryBudget): SinkHandle;
  /** A sink for sinkPushSparse, of which fits take the rows as they take those of the other. */
  createSparseSink(labels: FeatureLabels): SinkHandle;
  /** Takes the rows out of the sink. One code (0 … nClasses - 1) and weight per row; undefined: all weigh 1. */
  fitLogistic(
    sink: SinkHandle,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
    options: LogisticOptions,
    job: JobOptions,
  ): Promise<LogisticResult>;
  /** The same for all models of a grid; the sink keeps its rows. C, l1Ratio and the start of options do not count. */
  fitLogisticPaths(
    sink: SinkHandle,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
    options: LogisticOptions,
    grid: LogisticGrid,
    job: JobOptions,
  ): Promise<LogisticPaths>;
  /** What a model says of the rows whose role is 2, in their order; the sink keeps its rows. */
  logisticTestOutputs(
    sink: SinkHandle,
    roles: Uint8Array,
    coef: Float64Array,
    intercept: Float64Array,
    output: LinearOutput,
    job: JobOptions,
  ): Promise<Float64Array>;
  createLogisticMap(
    labels: FeatureLabels,
    coef: Float64Array,
    intercept: Float64Array,
    output: LinearOutput,
  ): BlockMapHandle;
}
