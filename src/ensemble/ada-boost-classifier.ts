import { invalidArgument, invalidData } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { argmaxRows } from "../data/argmax.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, inTurns, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { DecisionTreeClassifier } from "../tree/decision-tree-classifier.js";
import { tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { seeded } from "./bagging-draws.js";
import {
  ADA_BOOST_SPECS,
  boostRounds,
  meanImportances,
  predictionsOf,
  type AdaBoostFitted,
  type AdaBoostParams,
  type Round,
} from "./boosted-members.js";
import { methodsOf, placesOf, readLabels, type EnsembleFitOptions } from "./member-fit.js";
import { tagsOfAll } from "./named-members.js";

/** Parameters of AdaBoostClassifier. estimator is a DecisionTreeClassifier of depth 1 by default. */
export type AdaBoostClassifierParams = AdaBoostParams;

const SPECS: ParamSpecs<AdaBoostClassifierParams> = ADA_BOOST_SPECS;

interface Fitted extends AdaBoostFitted {
  readonly classes: LabelArray;
}

/**
 * Classifiers one after another, each on the rows weighted by what those before it got wrong, who vote by how right they are:
 * scikit-learn's AdaBoostClassifier (SAMME, Zhu et al. 2009). The estimator must take weights.
 *
 * @example const model = await new AdaBoostClassifier({ nEstimators: 100, learningRate: 0.5, randomState: 0 }).fit(X, y);
 */
export class AdaBoostClassifier extends BaseEstimator<AdaBoostClassifierParams, Fitted> {
  constructor(params: Partial<AdaBoostClassifierParams> = {}) {
    super("AdaBoostClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOfAll("classifier", [this.#estimator()]), sampleWeight: true };
  }

  /**
   * Fits up to nEstimators estimators. X: nSamples × nFeatures, whatever they take; y: nSamples labels. Progress counts rounds.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "AdaBoostClassifier.fit";
    const estimator = this.#estimator();
    if (!tagsOf(estimator).sampleWeight) throw invalidArgument(`${where}: the estimator does not take sampleWeight`);
    const { signal } = options;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const { values, classes, codes } = await readLabels(y, `${where}: y`, signal);
    if (codes.length === 0) throw invalidData(`${where}: y has 0 labels; at least 1 is needed`);
    const sampleWeight = await readSampleWeight(options.sampleWeight, codes.length, where);
    const seed = seedOf(this.params.randomState);
    const round = async (k: number, weights: Float64Array, isLast: boolean): Promise<Round | undefined> => {
      const model = seeded(clone(estimator), seed, k);
      await methodsOf(model).fit(X, values, { sampleWeight: weights, signal });
      const said = await methodsOf(model).predict(X, { signal });
      const wrong = placesOf(said, classes).map((code, i) => Number(code !== codes[i]));
      const error = await errorOf(wrong, weights, signal);
      if (error <= 0) return { estimator: model, result: { weight: 1, error: 0 } };
      if (error >= 1 - 1 / classes.length) {
        if (k > 0) return undefined;
        throw invalidData(`${where}: the estimator is right no more often than chance: nothing can be built on it`);
      }
      const weight = this.params.learningRate * (Math.log((1 - error) / error) + Math.log(classes.length - 1));
      const times = Math.exp(weight);
      if (!isLast) {
        await inTurns(wrong.length, signal, (begin, end) => {
          for (let i = begin; i < end; i++) if (wrong[i] === 1) weights[i] = (weights[i] as number) * times;
        });
      }
      return { estimator: model, result: { weight, error } };
    };
    const learned = await boostRounds(where, this.params, codes.length, sampleWeight, round, options);
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, classes, ...learned });
    return this;
  }

  /** The class with the greatest decision value. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    return this.#labels(await this.#last("predict", X, options));
  }

  /** Class probabilities, nSamples × nClasses: the softmax of the decision values. */
  async predictProba(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return this.#proba(await this.#last("predictProba", X, options));
  }

  /** Logarithms of the class probabilities. */
  async predictLogProba(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { data, shape } = this.#proba(await this.#last("predictLogProba", X, options));
    return new Matrix(data.map(Math.log), shape);
  }

  /** Weighted votes: of two classes nSamples numbers, positive for the second one; else nSamples × nClasses. */
  async decisionFunction(X: InputLike, options: RunOptions = {}): Promise<Float64Array | Matrix<Float64Array>> {
    return this.#decision(await this.#last("decisionFunction", X, options));
  }

  /** predict after each round. */
  async *stagedPredict(X: InputLike, options: RunOptions = {}): AsyncGenerator<LabelArray> {
    for await (const votes of this.#staged("stagedPredict", X, options)) yield this.#labels(votes);
  }

  /** predictProba after each round. */
  async *stagedPredictProba(X: InputLike, options: RunOptions = {}): AsyncGenerator<Matrix<Float64Array>> {
    for await (const votes of this.#staged("stagedPredictProba", X, options)) yield this.#proba(votes);
  }

  /** decisionFunction after each round. */
  async *stagedDecisionFunction(
    X: InputLike,
    options: RunOptions = {},
  ): AsyncGenerator<Float64Array | Matrix<Float64Array>> {
    for await (const votes of this.#staged("stagedDecisionFunction", X, options)) yield this.#decision(votes);
  }

  /** score after each round. */
  async *stagedScore(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): AsyncGenerator<number> {
    for await (const labels of this.stagedPredict(X, { signal: options.signal })) {
      yield await accuracyScore(y, labels, { sampleWeight: options.sampleWeight });
    }
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** How many classes there are. */
  get nClasses_(): number {
    return this.classes_.length;
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

  /** What each estimator's vote counts: nEstimators numbers, 0 for rounds that were not needed. */
  get estimatorWeights_(): Float64Array {
    return this.fitted("estimatorWeights_").estimatorWeights;
  }

  /** Weighted errors of the estimators: nEstimators numbers, 1 for rounds that were not needed. */
  get estimatorErrors_(): Float64Array {
    return this.fitted("estimatorErrors_").estimatorErrors;
  }

  /** Means of the estimators' importances, by their weights. @throws TreelineError ERR_INVALID_ARGUMENT where they have none. */
  get featureImportances_(): Float64Array {
    return meanImportances(this.className, this.fitted("featureImportances_"));
  }

  #estimator(): Wrappable {
    const { estimator } = this.params;
    return estimator !== null && typeof estimator === "object"
      ? estimator
      : new DecisionTreeClassifier({ maxDepth: 1 });
  }

  async #last(method: string, X: InputLike, options: RunOptions): Promise<Float64Array> {
    let last: Float64Array | undefined;
    for await (const votes of this.#staged(method, X, options, true)) last = votes;
    return last as Float64Array;
  }

  /** Weighted votes after each round, or after all: rows × classes. */
  async *#staged(
    method: string,
    X: InputLike,
    options: RunOptions,
    onlyLast = false,
  ): AsyncGenerator<Float64Array, void, undefined> {
    const fitted = this.fitted(method);
    this.checkFeatures(method, inputShape(X, `AdaBoostClassifier.${method}: X`));
    const { classes, estimatorWeights, estimators } = fitted;
    const n = classes.length;
    let sums: Float64Array | undefined;
    let [k, norm] = [0, 0];
    for await (const labels of predictionsOf(fitted, X, options)) {
      const votes = (sums ??= new Float64Array(labels.length * n));
      const weight = estimatorWeights[k++] as number;
      const against = n > 1 ? -weight / (n - 1) : 0;
      norm += weight;
      const places = placesOf(labels, classes);
      await inTurns(labels.length, options.signal, (begin, end) => {
        for (let i = begin; i < end; i++) {
          const own = places[i];
          for (let c = 0; c < n; c++) votes[i * n + c] = (votes[i * n + c] as number) + (c === own ? weight : against);
        }
      });
      if (!onlyLast || k === estimators.length) yield votes.map((vote) => vote / norm);
    }
  }

  #decision(votes: Float64Array): Float64Array | Matrix<Float64Array> {
    const n = this.fitted("decisionFunction").classes.length;
    if (n !== 2) return new Matrix(votes, [votes.length / n, n]);
    return Float64Array.from(
      { length: votes.length / 2 },
      (_, i) => (votes[2 * i + 1] as number) - (votes[2 * i] as number),
    );
  }

  #labels(votes: Float64Array): LabelArray {
    const { classes } = this.fitted("predict");
    return decodeLabels(classes, argmaxRows(votes, classes.length));
  }

  #proba(votes: Float64Array): Matrix<Float64Array> {
    const n = this.fitted("predictProba").classes.length;
    const out = new Float64Array(votes.length);
    for (let i = 0; i < votes.length; i += n) {
      const row = votes.subarray(i, i + n);
      const most = row.reduce((x, vote) => Math.max(x, vote), -Infinity);
      let sum = 0;
      for (let c = 0; c < n; c++) sum += out[i + c] = Math.exp(((row[c] as number) - most) / Math.max(1, n - 1));
      for (let c = 0; c < n; c++) out[i + c] = (out[i + c] as number) / sum;
    }
    return new Matrix(out, [votes.length / n, n]);
  }
}

/** The share of the weight that is wrong. */
async function errorOf(wrong: Float64Array, weights: Float64Array, signal: AbortSignal | undefined): Promise<number> {
  let [sum, bad] = [0, 0];
  await inTurns(wrong.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      sum += weights[i] as number;
      if (wrong[i] === 1) bad += weights[i] as number;
    }
  });
  return bad / sum;
}
