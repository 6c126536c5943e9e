import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import type { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { BayesModel } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { BayesAnswers, type Question } from "./bayes-answers.js";
import {
  readFitData,
  readPartialData,
  type BayesData,
  type BayesFitted,
  type NaiveBayesFitOptions,
  type NaiveBayesPartialFitOptions,
} from "./bayes-data.js";

/** What the naive Bayes models share: sums over rows that add up, and answers from a native map. */
export abstract class NaiveBayes<P extends object, F extends BayesFitted, Learned> extends BaseEstimator<P, F> {
  readonly #answers = new BayesAnswers<F>((fitted) => this.modelOf(fitted));

  /** What a table teaches, in one pass. */
  protected abstract learn(data: BayesData, options: RunOptions): Promise<Learned>;
  /** The state after a table, and what was known before it. */
  protected abstract fittedFrom(data: BayesData, learned: Learned, before?: F): F;
  /** What the native map needs to know. */
  protected abstract modelOf(fitted: F): BayesModel;

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns from a table. X: nSamples × nFeatures, of values the model is for; y: nSamples labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: NaiveBayesFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readFitData(`${this.className}.fit`, X, y, options);
    this.setFitted(this.fittedFrom(data, await this.learn(data, options)));
    return this;
  }

  /**
   * Learns from more rows: the model becomes that of all rows seen since the last fit.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT where the first call does not name the classes, ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, y: VectorLike, options: NaiveBayesPartialFitOptions = {}): Promise<this> {
    this.checkParams();
    const before = this.fittedOrUndefined;
    const data = await readPartialData(`${this.className}.partialFit`, X, y, before, options);
    if (before !== undefined) this.checkFeatures("partialFit", data.source);
    this.setFitted(this.fittedFrom(data, await this.learn(data, options), before));
    return this;
  }

  /** The most probable class of every row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    return this.#answers.classes(this.#question("predict", X), options);
  }

  /** Probabilities: nSamples × nClasses, classes in the order of classes_. */
  async predictProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#answers.perClass(this.#question("predictProba", X), "probability", options);
  }

  /** Logarithms of the probabilities. */
  async predictLogProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#answers.perClass(this.#question("predictLogProba", X), "logProbability", options);
  }

  /**
   * log P(class) + log P(row | class), or what the model has in its place (ComplementNB: the larger the more like the
   * class): nSamples × nClasses.
   */
  async predictJointLogProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#answers.perClass(this.#question("predictJointLogProba", X), "joint", options);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: NaiveBayesFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** (Weighted) number of rows of every class. */
  get classCount_(): Float64Array {
    return this.fitted("classCount_").classCount;
  }

  #question(method: string, X: MatrixLike): Question<F> {
    const fitted = this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return { where: this.className, source, fitted };
  }
}
