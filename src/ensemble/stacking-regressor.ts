import type { EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { RidgeCV } from "../linear-model/ridge-cv.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { checkWeighable, methodsOf, type EnsembleFitOptions } from "./member-fit.js";
import { NamedMembers } from "./named-members.js";
import { answersOf, fitStack, stackedTable, type StackMembers } from "./stack-fit.js";
import {
  checkFinal,
  STACKING_SPECS,
  stackNames,
  stackTags,
  type StackingFitted,
  type StackingParams,
  type StackMethod,
} from "./stacking-params.js";

/** Parameters of StackingRegressor. finalEstimator is a RidgeCV by default. */
export type StackingRegressorParams = StackingParams;

const SPECS: ParamSpecs<StackingRegressorParams> = STACKING_SPECS;

/**
 * A regressor that learns from what other regressors predict for rows that they did not learn from: scikit-learn's
 * StackingRegressor. The estimators are fitted on all rows and on folds of them, many fits at the same time.
 *
 * @example
 * const model = new StackingRegressor({
 *   estimators: [
 *     ["ridge", new Ridge()],
 *     ["trees", new HistGradientBoostingRegressor()],
 *   ],
 * });
 * await model.fit(X, y);
 */
export class StackingRegressor extends NamedMembers<StackingRegressorParams, StackingFitted> {
  constructor(params: Partial<StackingRegressorParams> = {}) {
    super("StackingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return stackTags(this.memberTags("regressor"), this.#final(), this.params.passthrough);
  }

  /**
   * Fits the estimators on all rows and on the folds, then the final estimator. X: nSamples × nFeatures; y: nSamples numbers.
   * Progress counts fits.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "StackingRegressor.fit";
    const used = this.checkedMembers(where, "regressor");
    const final = this.#final();
    checkFinal(final, "regressor", where);
    const { signal, sampleWeight } = options;
    checkWeighable([...used, ["finalEstimator", final]], sampleWeight, where);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const target = await readTarget(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, target.length, where);
    const members: StackMembers = { used, methods: used.map(() => "predict"), classes: undefined };
    const task = { where, ensemble: this, members, final, X, y: target, weights };
    const { estimators, ...learned } = await fitStack(task, options);
    this.setFitted({ nFeaturesIn, featureNamesIn, members: this.withFitted(estimators), ...learned });
    return this;
  }

  /** What the final estimator predicts. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<Float64Array> {
    const { finalEstimator } = this.fitted("predict");
    this.checkFeatures("predict", inputShape(X, "StackingRegressor.predict: X"));
    const table = await this.transform(X, options);
    return (await methodsOf(finalEstimator).predict(table, { signal: options.signal })) as Float64Array;
  }

  /**
   * What the final estimator learns from: the estimators' predictions side by side, and with passthrough X. A CsrMatrix where
   * X is one that passes through.
   */
  async transform(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { methods, passthrough } = this.fitted("transform");
    const where = "StackingRegressor.transform";
    this.checkFeatures("transform", inputShape(X, `${where}: X`));
    const members: StackMembers = { used: this.used("transform"), methods, classes: undefined };
    const { signal } = options;
    const columns = await answersOf(members, X, { nJobs: this.params.nJobs, signal });
    return (await stackedTable(members, columns, X, passthrough, where, signal)) as Matrix<Float64Array>;
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, { signal: options.signal });
  }

  /** Names of transform's columns: "stackingregressor_name", and X's with passthrough. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = this.used("getFeatureNamesOut").map(([name]) => name);
    return stackNames(this.className, names, fitted, inputFeatures);
  }

  /** R² of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The fitted final estimator. */
  get finalEstimator_(): Wrappable {
    return this.fitted("finalEstimator_").finalEstimator;
  }

  /** What is asked of each estimator that is used: "predict". */
  get stackMethod_(): readonly StackMethod[] {
    return this.fitted("stackMethod_").methods;
  }

  #final(): Wrappable {
    return this.params.finalEstimator ?? new RidgeCV();
  }
}
