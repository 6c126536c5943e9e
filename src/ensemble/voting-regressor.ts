import { clone, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { checkWeighable, methodsOf, workSideBySide, type EnsembleFitOptions } from "./member-fit.js";
import { NamedMembers, type NamedMembersFitted } from "./named-members.js";
import { columnsOf, VOTING_SPECS, votingWeights, weightedMeans, type VotingParams } from "./voting-params.js";

/** Parameters of VotingRegressor. */
export type VotingRegressorParams = VotingParams;

const SPECS: ParamSpecs<VotingRegressorParams> = VOTING_SPECS;

/**
 * Several regressors that learn from the same rows; their predictions are averaged: scikit-learn's VotingRegressor. The
 * estimators given stay unfitted parameters; fit fits clones, a few at the same time.
 *
 * @example
 * const model = new VotingRegressor({
 *   estimators: [
 *     ["ridge", new Ridge()],
 *     ["trees", new HistGradientBoostingRegressor()],
 *   ],
 *   weights: [1, 2],
 * });
 * await model.fit(X, y);
 */
export class VotingRegressor extends NamedMembers<VotingRegressorParams, NamedMembersFitted> {
  constructor(params: Partial<VotingRegressorParams> = {}) {
    super("VotingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return this.memberTags("regressor");
  }

  /**
   * Fits every estimator. X: nSamples × nFeatures, whatever the estimators take; y: nSamples numbers. Progress is the mean of
   * the estimators'.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "VotingRegressor.fit";
    const members = this.checkedMembers(where, "regressor");
    const { nJobs, verbose } = this.params;
    votingWeights(this.params.estimators, this.params.weights, where);
    const { signal, onProgress, sampleWeight } = options;
    checkWeighable(members, sampleWeight, where);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const target = await readTarget(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, target.length, where);
    const fitted = await workSideBySide(
      members.map(([, estimator]) => async (run: RunOptions) => {
        const model = clone(estimator);
        await methodsOf(model).fit(X, target, { ...(weights && { sampleWeight: weights }), ...run });
        return model;
      }),
      { nJobs, signal, onProgress, bar: verbose ? this.className : undefined },
    );
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, members: this.withFitted(fitted) });
    return this;
  }

  /** The weighted mean of the estimators' predictions. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<Float64Array> {
    const { members } = this.fitted("predict");
    const weights = votingWeights(members, this.params.weights, "VotingRegressor.predict");
    return weightedMeans(await this.#predictions("predict", X, options), weights, options.signal);
  }

  /** What each estimator predicts: nSamples × nEstimators. */
  async transform(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return columnsOf(await this.#predictions("transform", X, options), 1, options.signal);
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, { signal: options.signal });
  }

  /** Names of transform's columns: "votingregressor_name". */
  getFeatureNamesOut(): string[] {
    return this.used("getFeatureNamesOut").map(([name]) => `votingregressor_${name}`);
  }

  /** R² of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  async #predictions(method: string, X: InputLike, { signal }: RunOptions): Promise<Float64Array[]> {
    const used = this.used(method);
    this.checkFeatures(method, inputShape(X, `VotingRegressor.${method}: X`));
    return workSideBySide(
      used.map(
        ([, estimator]) =>
          async (run: RunOptions) =>
            Float64Array.from((await methodsOf(estimator).predict(X, run)) as ArrayLike<number>),
      ),
      { nJobs: this.params.nJobs, signal },
    );
  }
}
