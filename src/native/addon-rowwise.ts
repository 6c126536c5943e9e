import type { BlockMapHandle, FeatureLabels, JobOptions, MemoryBudget, SinkHandle } from "./addon-types.js";

export type SgdLoss =
  | "hinge"
  | "squaredHinge"
  | "logLoss"
  | "modifiedHuber"
  | "perceptron"
  | "squaredError"
  | "huber"
  | "epsilonInsensitive"
  | "squaredEpsilonInsensitive";

export type SgdSchedule = "constant" | "optimal" | "invscaling" | "adaptive" | "pa1" | "pa2";

export interface SgdOptions {
  readonly loss: SgdLoss;
  readonly epsilon: number;
  readonly penalty: "none" | "l1" | "l2" | "elasticnet";
  readonly alpha: number;
  readonly l1Ratio: number;
  readonly fitIntercept: boolean;
  readonly maxIter: number;
  /** -Infinity: all maxIter epochs. */
  readonly tol: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly learningRate: SgdSchedule;
  readonly eta0: number;
  readonly powerT: number;
  /** The step from which on coefficients are averaged; 0: never. */
  readonly average: number;
  readonly earlyStopping: boolean;
  readonly nIterNoChange: number;
}

export interface SgdProblem {
  /** 0: a regression. */
  readonly nClasses: number;
  readonly codes?: Int32Array | undefined;
  readonly y?: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
  /** 1 for rows that only score. */
  readonly heldOut?: Uint8Array | undefined;
  readonly classWeights?: Float64Array | undefined;
}

/** Where a descent is, for all outputs: one for two classes or a regression, else one a class. */
export interface SgdState {
  /** Outputs × features. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  /** Absent: no average is kept. */
  readonly averageCoef?: Float64Array | undefined;
  readonly averageIntercept?: Float64Array | undefined;
}

export interface SgdResult extends SgdState {
  readonly nIter: number;
  readonly converged: boolean;
}

export interface SvmOptions {
  readonly problem: "l2SquaredHinge" | "l2Hinge" | "l1SquaredHinge";
  readonly C: number;
  readonly tol: number;
  readonly maxIter: number;
  /** The constant the intercept is a coefficient of; 0: no intercept. */
  readonly interceptScaling: number;
  readonly seed: number;
}

export interface SvmResult {
  /** Outputs × features: one output for two classes, else one a class. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  /** What was minimised, at the end, of every output. */
  readonly objective: Float64Array;
  readonly nIter: number;
  readonly converged: boolean;
}

/** Models that learn row by row (native/binding/rowwise.cc). */
export interface RowwiseAddon {
  /** Keeps the rows in memory. Throws ERR_INVALID_DATA on a value that is not finite, in its sinkPush. */
  createRowSink(labels: FeatureLabels, budget: MemoryBudget): SinkHandle;
  /** Takes the rows out of the sink. `start.t`: steps made before, + 1. */
  fitSgd(
    sink: SinkHandle,
    problem: SgdProblem,
    start: SgdState & { readonly t: number },
    options: SgdOptions,
    job: JobOptions,
  ): Promise<SgdResult>;
  /** Takes the rows out of the sink. */
  fitSvm(sink: SinkHandle, problem: SgdProblem, options: SvmOptions, job: JobOptions): Promise<SvmResult>;
  /** Probabilities are of two classes where there is one output; "sigmoid" and "clipped" as margin_map.h says. */
  createMarginMap(
    labels: FeatureLabels,
    coef: Float64Array,
    intercept: Float64Array,
    output: "decision" | "class" | "sigmoid" | "clipped" | "logSigmoid" | "logClipped",
  ): BlockMapHandle;
}
