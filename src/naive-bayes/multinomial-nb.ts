import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { BayesModel, ClassSumsResult } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { BayesAnswers, type Question } from "./bayes-answers.js";
import {
  readFitData,
  readPartialData,
  type BayesData,
  type NaiveBayesFitOptions,
  type NaiveBayesPartialFitOptions,
} from "./bayes-data.js";
import {
  added,
  alphas,
  classLogPrior,
  discreteSpecs,
  finiteLog,
  rowSums,
  sumByClass,
  type DiscreteFitted,
  type DiscreteNBParams,
} from "./discrete.js";

/** Parameters of MultinomialNB. */
export type MultinomialNBParams = DiscreteNBParams;

const SPECS: ParamSpecs<DiscreteNBParams> = discreteSpecs();

/**
 * Naive Bayes for counts, such as words in texts: within a class a row is drawn from a multinomial distribution. Fractions,
 * such as tf-idf weights, work too. Follows scikit-learn's MultinomialNB. `partialFit` adds counts: the model is that of
 * one fit on all the rows.
 *
 * @example
 * const model = await new MultinomialNB({ alpha: 0.1 }).fit(counts, y);
 * const labels = await model.predict(countsTest);
 */
export class MultinomialNB extends BaseEstimator<DiscreteNBParams, DiscreteFitted> {
  readonly #answers = new BayesAnswers<DiscreteFitted>(multinomialModel);

  constructor(params: Partial<DiscreteNBParams> = {}) {
    super("MultinomialNB", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true, positiveOnly: true };
  }

  /**
   * Learns the frequencies of the columns within every class. X: nSamples × nFeatures, not negative; y: labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: NaiveBayesFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readFitData("MultinomialNB.fit", X, y, options);
    this.setFitted(this.#fittedFrom(data, await sumByClass(data, options)));
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
    const data = await readPartialData("MultinomialNB.partialFit", X, y, before, options);
    if (before !== undefined) this.checkFeatures("partialFit", data.source);
    this.setFitted(this.#fittedFrom(data, await sumByClass(data, options), before));
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

  /** log P(class) + log P(row | class): nSamples × nClasses. */
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

  /** Logarithms of the classes' probabilities. */
  get classLogPrior_(): Float64Array {
    return this.fitted("classLogPrior_").classLogPrior;
  }

  /** Sums of every column within every class: nClasses × nFeatures. */
  get featureCount_(): Matrix<Float64Array> {
    const { featureCount, classes, nFeaturesIn } = this.fitted("featureCount_");
    return new Matrix(featureCount, [classes.length, nFeaturesIn]);
  }

  /** Logarithms of the probabilities of the columns given the class: nClasses × nFeatures. */
  get featureLogProb_(): Matrix<Float64Array> {
    const { featureLogProb, classes, nFeaturesIn } = this.fitted("featureLogProb_");
    return new Matrix(featureLogProb, [classes.length, nFeaturesIn]);
  }

  #fittedFrom(
    { where, source, classes }: BayesData,
    { classWeight, sums }: ClassSumsResult,
    before?: DiscreteFitted,
  ): DiscreteFitted {
    const classCount = added(before?.classCount, classWeight);
    const featureCount = added(before?.featureCount, sums);
    const nFeatures = source.nFeatures;
    const alpha = alphas(this.params, nFeatures, where);
    return {
      nFeaturesIn: nFeatures,
      featureNamesIn: before?.featureNamesIn ?? source.featureNames,
      classes,
      classCount,
      featureCount,
      featureLogProb: featureLogProb(featureCount, alpha, classes.length),
      classLogPrior: classLogPrior(this.params, classCount, where),
    };
  }

  #question(method: string, X: MatrixLike): Question<DiscreteFitted> {
    const fitted = this.fitted(method);
    const source = rowSourceOf(X, `MultinomialNB.${method}: X`);
    this.checkFeatures(method, source);
    return { where: "MultinomialNB", source, fitted };
  }
}

/** log of (count + alpha) / (sum of those of its class). */
function featureLogProb(featureCount: Float64Array, alpha: Float64Array, nClasses: number): Float64Array {
  const nFeatures = alpha.length;
  const smoothed = featureCount.map((count, i) => count + (alpha[i % nFeatures] as number));
  const logTotals = rowSums(smoothed, nClasses).map(Math.log);
  return smoothed.map((count, i) => Math.log(count) - (logTotals[Math.floor(i / nFeatures)] as number));
}

function multinomialModel({ featureLogProb, classLogPrior }: DiscreteFitted): BayesModel {
  return { kind: "linear", intercept: classLogPrior, scale: featureLogProb.map(finiteLog) };
}
