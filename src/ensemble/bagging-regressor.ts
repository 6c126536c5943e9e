import { invalidArgument, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { readTargets, targetMatrix, type TargetsLike } from "../data/targets.js";
import { readSampleWeight } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { DecisionTreeRegressor } from "../tree/decision-tree-regressor.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { bagTable } from "./bag-table.js";
import { add, fitBag, foldAnswers, lastBag, outOfBagSums, samplesOf, type BagAnswer } from "./bagging-fit.js";
import { BAGGING_SPECS, type BaggingFitted, type BaggingParams } from "./bagging-params.js";
import { methodsOf, type EnsembleFitOptions } from "./member-fit.js";
import { meanR2 } from "./multi-output.js";
import { tagsOfAll } from "./named-members.js";

/** Parameters of BaggingRegressor. estimator is a DecisionTreeRegressor by default. */
export type BaggingRegressorParams = BaggingParams;

const SPECS: ParamSpecs<BaggingRegressorParams> = BAGGING_SPECS;

interface Fitted extends BaggingFitted {
  readonly nTargets: number;
  /** y was a column. */
  readonly isFlat: boolean;
}

/**
 * Regressors of one kind, each fitted on a sample of rows and columns; their predictions are averaged: scikit-learn's
 * BaggingRegressor (Breiman 1996), for one target or, where the estimator takes them, several. An estimator that takes weights gets its sample as weights, any other its
 * rows as they are read: X is not copied. What is drawn depends on randomState and the estimator's number only.
 *
 * @example const model = await new BaggingRegressor({ estimator: new Ridge(), nEstimators: 20, randomState: 0 }).fit(X, y);
 */
export class BaggingRegressor extends BaseEstimator<BaggingRegressorParams, Fitted> {
  constructor(params: Partial<BaggingRegressorParams> = {}) {
    super("BaggingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOfAll("regressor", [this.#estimator()]), sampleWeight: true };
  }

  /**
   * Fits the estimators. X: nSamples × nFeatures, whatever they take; y: nSamples numbers, or nSamples × nTargets. `sampleWeight`: rows are drawn in
   * proportion to it. Progress is the mean of the estimators'.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: TargetsLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "BaggingRegressor.fit";
    const { params } = this;
    const last = lastBag(params, this.fittedOrUndefined, where);
    const { signal, sampleWeight } = options;
    const targets = await readTargets(y, `${where}: y`, signal);
    const { rows, nTargets, isFlat, values } = targets;
    if (last !== undefined && (last.nTargets !== nTargets || last.isFlat !== isFlat)) {
      throw invalidArgument(`${where}: warmStart needs as many targets as the last fit, ${last.nTargets}`);
    }
    const weights = await readSampleWeight(sampleWeight, rows, where);
    if (weights !== undefined && !params.bootstrap) {
      warnData(`${where}: weights are meant for bootstrap: true; without replacement each row is drawn once at most`);
    }
    const target = isFlat ? values : await targetMatrix(targets, signal);
    const learned = await fitBag({ where, params, estimator: this.#estimator(), X, y: target, weights, last }, options);
    let [outOfBag, outOfBagScore]: [Float64Array | undefined, number | undefined] = [undefined, undefined];
    if (params.oobScore) {
      const how = { nJobs: params.nJobs, signal, where };
      const { sums, counts } = await outOfBagSums(learned, bagTable(X, where, signal), nTargets, predictions, how);
      const countOf = (i: number): number => counts[Math.floor(i / nTargets)] as number;
      const means = sums.map((sum, i) => sum / Math.max(1, countOf(i)));
      outOfBagScore = await meanR2(targets, means, nTargets, {}, where);
      outOfBag = means.map((mean, i) => (countOf(i) === 0 ? NaN : mean));
    }
    signal?.throwIfAborted();
    this.setFitted({ ...learned, nTargets, isFlat, outOfBag, outOfBagScore });
    return this;
  }

  /** The mean of the estimators' predictions; of several targets a Matrix, nSamples × nTargets. */
  async predict(X: InputLike, { signal }: RunOptions = {}): Promise<Float64Array> {
    const fitted = this.fitted("predict");
    const table = bagTable(X, "BaggingRegressor.predict: X");
    this.checkFeatures("predict", table);
    const sums = await foldAnswers(fitted, table, predictions, add, { nJobs: this.params.nJobs, signal });
    return shaped(
      sums.map((sum) => sum / fitted.estimators.length),
      fitted,
    );
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: InputLike, y: TargetsLike, options: EnsembleFitOptions = {}): Promise<number> {
    const where = "BaggingRegressor.score";
    const { signal, sampleWeight } = options;
    const said = (await this.predict(X, { signal })) as Float64Array | Matrix<Float64Array>;
    const targets = await readTargets(y, `${where}: y`, signal);
    const values = said instanceof Matrix ? said.data : said;
    return meanR2(targets, values, this.fitted("score").nTargets, { sampleWeight }, `${where}: y`);
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

  /** Out-of-bag predictions, of several targets a Matrix: NaN for rows that all estimators drew; undefined without oobScore. */
  get oobPrediction_(): Float64Array | undefined {
    const fitted = this.fitted("oobPrediction_");
    return fitted.outOfBag && shaped(fitted.outOfBag, fitted);
  }

  #estimator(): Wrappable {
    const { estimator } = this.params;
    return estimator !== null && typeof estimator === "object" ? estimator : new DecisionTreeRegressor();
  }
}

const predictions: BagAnswer = async (estimator, X, run) => {
  const said = (await methodsOf(estimator).predict(X, run)) as ArrayLike<number> | Matrix;
  if (!(said instanceof Matrix)) return Float64Array.from(said);
  return Float64Array.from(said.order === "row" ? said.data : said.toArray().flat());
};

/** Rows of several targets are a Matrix; the type is that of one target. */
function shaped(values: Float64Array, { nTargets, isFlat }: Pick<Fitted, "nTargets" | "isFlat">): Float64Array {
  if (isFlat) return values;
  return new Matrix(values, [values.length / nTargets, nTargets]) as unknown as Float64Array;
}
