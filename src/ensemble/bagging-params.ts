import type { FittedBase } from "../base/estimator.js";
import { boolean, custom, integer, nJobs, randomState, type ParamSpecs } from "../base/params.js";
import { has, type Wrappable } from "../wrappers/wrapped.js";
import type { DrawPlan } from "./bagging-draws.js";
import { drawnFeaturesSpec, maxSamplesSpec } from "./forest-params.js";

/** The parameters that both kinds of bagging have. */
export interface BaggingParams {
  /** What is fitted on each sample; null (default): a decision tree. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** How many are fitted. Default 10. */
  nEstimators: number;
  /**
   * Rows each draws: a share (up to 1: as many as there are, or as their weights sum to), a number (2 or more), or null
   * (default): as many as there are.
   */
  maxSamples: number | null;
  /** Columns each draws: a share (default 1: all), a number (2 or more), or "one". */
  maxFeatures: number | "one";
  /** Draw rows with replacement. Default true. */
  bootstrap: boolean;
  /** Draw columns with replacement. Default false. */
  bootstrapFeatures: boolean;
  /** Answer for every row by those that did not draw it: oobScore_ and its like. Needs bootstrap. Default false. */
  oobScore: boolean;
  /** Keep the estimators of the last fit and add those that nEstimators has more. Default false. */
  warmStart: boolean;
  /** Estimators that learn or answer at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Seed of what is drawn, and of the estimators' own draws; null (default): another one each fit. */
  randomState: number | null;
  /** Draw a progress bar while fitting. Default false. */
  verbose: boolean;
}

export const BAGGING_SPECS: ParamSpecs<BaggingParams> = {
  estimator: custom<Wrappable | null>(
    null,
    "an estimator with fit and predict, or null",
    (value) => value === null || ["fit", "predict", "getParams"].every((method) => has(value, method)),
    "an estimator",
  ),
  nEstimators: integer(10, { min: 1 }),
  maxSamples: maxSamplesSpec(),
  maxFeatures: drawnFeaturesSpec(),
  bootstrap: boolean(true),
  bootstrapFeatures: boolean(false),
  oobScore: boolean(false),
  warmStart: boolean(false),
  nJobs: nJobs(),
  randomState: randomState(),
  verbose: boolean(false),
};

/** Estimators that were fitted together: their samples can be drawn anew. */
export interface BagBatch {
  readonly first: number;
  readonly count: number;
  readonly seed: number;
  readonly plan: DrawPlan;
}

/** What a fit keeps. */
export interface BaggingFitted extends FittedBase {
  readonly estimators: readonly Wrappable[];
  /** The columns of each. */
  readonly features: readonly Int32Array[];
  readonly batches: readonly BagBatch[];
  readonly outOfBagScore: number | undefined;
  /** Predictions, or rows × classes. */
  readonly outOfBag: Float64Array | undefined;
}
