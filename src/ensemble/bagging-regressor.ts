import { warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { DecisionTreeRegressor } from "../tree/decision-tree-regressor.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { add, bagTable, fitBag, foldAnswers, lastBag, outOfBagSums, samplesOf, type BagAnswer } from "./bagging-fit.js";
import { BAGGING_SPECS, type BaggingFitted, type BaggingParams } from "./bagging-params.js";
import { methodsOf, type EnsembleFitOptions } from "./member-fit.js";
import { tagsOfAll } from "./named-members.js";

/** Parameters of BaggingRegressor. estimator is a DecisionTreeRegressor by default. */
export type BaggingRegressorParams = BaggingParams;

const SPECS: ParamSpecs<BaggingRegressorParams> = BAGGING_SPECS;

/**
 * Regressors of one kind, each fitted on a sample of rows and columns; their predictions are averaged: scikit-learn's
 * BaggingRegressor (Breiman 1996), for one target. An estimator that takes weights gets its sample as weights, any other its
 * rows as they are read: X is not copied. What is drawn depends on randomState and the estimator's number only.
 *
 * @example const model = await new BaggingRegressor({ estimator: new Ridge(), nEstimators: 20, randomState: 0 }).fit(X, y);
 */
export class BaggingRegressor extends BaseEstimator<BaggingRegressorParams, BaggingFitted> {
  constructor(params: Partial<BaggingRegressorParams> = {}) {
    super("BaggingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOfAll("regressor", [this.#estimator()]), sampleWeight: true };
  }

  /**
   * Fits the estimators. X: nSamples × nFeatures, whatever they take; y: nSamples numbers. `sampleWeight`: rows are drawn in
   * proportion to it. Progress is the mean of the estimators'.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: MatrixLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "BaggingRegressor.fit";
    const { params } = this;
    const last = lastBag(params, this.fittedOrUndefined, where);
    const { signal, sampleWeight } = options;
    const target = await readTarget(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, target.length, where);
    if (weights !== undefined && !params.bootstrap) {
      warnData(`${where}: weights are meant for bootstrap: true; without replacement each row is drawn once at most`);
    }
    const learned = await fitBag({ where, params, estimator: this.#estimator(), X, y: target, weights, last }, options);
    let [outOfBag, outOfBagScore]: [Float64Array | undefined, number | undefined] = [undefined, undefined];
    if (params.oobScore) {
      const how = { nJobs: params.nJobs, signal, where };
      const { sums, counts } = await outOfBagSums(learned, bagTable(X, where), 1, predictions, how);
      const means = sums.map((sum, i) => sum / Math.max(1, counts[i] as number));
      outOfBagScore = await r2Score(target, means);
      outOfBag = means.map((mean, i) => (counts[i] === 0 ? NaN : mean));
    }
    signal?.throwIfAborted();
    this.setFitted({ ...learned, outOfBag, outOfBagScore });
    return this;
  }

  /** The mean of the estimators' predictions. */
  async predict(X: MatrixLike, { signal }: RunOptions = {}): Promise<Float64Array> {
    const fitted = this.fitted("predict");
    const table = bagTable(X, "BaggingRegressor.predict: X");
    this.checkFeatures("predict", table);
    const sums = await foldAnswers(fitted, table, predictions, add, { nJobs: this.params.nJobs, signal });
    return sums.map((sum) => sum / fitted.estimators.length);
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** What was fitted, unfitted: `estimator`, or its default. */
  get estimator_(): Wrappable {
    this.fitted("estimator_");
    return this.#estimator();
  }

  /** The fitted estimators, in order. */
  get estimators_(): readonly Wrappable[] {
    return this.fitted("estimators_").estimators;
  }

  /** The columns each estimator drew. */
  get estimatorsFeatures_(): readonly Int32Array[] {
    return this.fitted("estimatorsFeatures_").features;
  }

  /** The rows each estimator drew, ascending, as often as it drew them: drawn anew when asked for. */
  get estimatorsSamples_(): Int32Array[] {
    return samplesOf(this.fitted("estimatorsSamples_").batches);
  }

  /** R² of the out-of-bag predictions; rows without one count as predicted 0, as in scikit-learn. Undefined without oobScore. */
  get oobScore_(): number | undefined {
    return this.fitted("oobScore_").outOfBagScore;
  }

  /** Out-of-bag predictions: NaN for rows that all estimators drew; undefined without oobScore. */
  get oobPrediction_(): Float64Array | undefined {
    return this.fitted("oobPrediction_").outOfBag;
  }

  #estimator(): Wrappable {
    const { estimator } = this.params;
    return estimator !== null && typeof estimator === "object" ? estimator : new DecisionTreeRegressor();
  }
}

const predictions: BagAnswer = async (estimator, X, run) =>
  Float64Array.from((await methodsOf(estimator).predict(X, run)) as ArrayLike<number>);
