import { invalidArgument } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, nullable, number, type ParamSpecs } from "../base/params.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import { weightedMean } from "../metrics/sum.js";
import type { RunOptions } from "../native/job.js";
import type { FitOptions } from "./dummy-classifier.js";
import { checkRows, countRows } from "./rows.js";

/** Parameters of DummyRegressor. */
export interface DummyRegressorParams {
  /** What is predicted: the "mean" (default) or "median" of y, its `quantile`, or `constant`. */
  strategy: "mean" | "median" | "quantile" | "constant";
  /** The value that strategy "constant" predicts. Default null. */
  constant: number | null;
  /** The quantile of strategy "quantile", 0 … 1. Default null. */
  quantile: number | null;
}

const SPECS: ParamSpecs<DummyRegressorParams> = {
  strategy: choice("mean", ["mean", "median", "quantile", "constant"]),
  constant: nullable(number(0)),
  quantile: nullable(number(0.5, { min: 0, max: 1 })),
};

interface Fitted extends FittedBase {
  readonly constant: number;
}

/**
 * Predicts one number whatever X is: the baseline that a regressor must beat. Follows scikit-learn's DummyRegressor.
 *
 * @example const baseline = await new DummyRegressor({ strategy: "median" }).fit(X, y);
 */
export class DummyRegressor extends BaseEstimator<DummyRegressorParams, Fitted> {
  constructor(params: Partial<DummyRegressorParams> = {}) {
    super("DummyRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: true, requiresY: true, sampleWeight: true, ignoresX: true };
  }

  /** Learns the number to predict. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
  async fit(X: MatrixLike, y: VectorLike, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "DummyRegressor.fit";
    const source = rowSourceOf(X, `${where}: X`, { categories: true });
    const target = await readTarget(y, `${where}: y`, options.signal);
    checkRows(where, await countRows(source, options.signal), target.length);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const constant = this.#constantOf(target, weights);
    options.signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn: source.nFeatures, featureNamesIn: source.featureNames, constant });
    return this;
  }

  /** The same number for every row of X. */
  async predict(X: MatrixLike, options: RunOptions = {}): Promise<Float64Array> {
    const { constant } = this.fitted("predict");
    const source = rowSourceOf(X, "DummyRegressor.predict: X", { categories: true });
    this.checkFeatures("predict", source);
    return new Float64Array(await countRows(source, options.signal)).fill(constant);
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: FitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The number that is predicted. */
  get constant_(): number {
    return this.fitted("constant_").constant;
  }

  #constantOf(target: Float64Array, weights: Float64Array | undefined): number {
    const { strategy, constant, quantile } = this.params;
    if (strategy === "mean") return weightedMean(target.length, weights, (i) => target[i] as number);
    if (strategy === "median") return quantileOf(target, weights, 0.5);
    const [name, value] = strategy === "quantile" ? ["quantile", quantile] : ["constant", constant];
    if (value === null) {
      throw invalidArgument(`DummyRegressor: ${name} must be a number when strategy is "${strategy}", got null`);
    }
    return strategy === "quantile" ? quantileOf(target, weights, value) : value;
  }
}

/** Interpolated between neighbours; with weights the least value with at least that fraction of the weight below or at it. */
function quantileOf(values: Float64Array, weights: Float64Array | undefined, q: number): number {
  if (weights === undefined) {
    const sorted = values.slice().sort();
    const place = q * (sorted.length - 1);
    const low = sorted[Math.floor(place)] as number;
    const high = sorted[Math.ceil(place)] as number;
    return low + (high - low) * (place - Math.floor(place));
  }
  const order = Array.from(values.keys())
    .filter((i) => weights[i] !== 0)
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const wanted = q * order.reduce((sum, i) => sum + (weights[i] as number), 0);
  let reached = 0;
  for (const i of order) {
    reached += weights[i] as number;
    if (reached >= wanted) return values[i] as number;
  }
  return values[order[order.length - 1] as number] as number;
}
