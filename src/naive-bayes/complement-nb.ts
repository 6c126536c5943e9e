import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { boolean, type ParamSpecs } from "../base/params.js";
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

/** Parameters of ComplementNB. */
export interface ComplementNBParams extends DiscreteNBParams {
  /** Divide the weights of each class by their sum. Default false. */
  norm: boolean;
}

const SPECS: ParamSpecs<ComplementNBParams> = { ...discreteSpecs(), norm: boolean(false) };

/**
 * Complement naive Bayes for counts: every class is described by what the other classes' rows look like, which suits
 * classes of unequal size (Rennie et al. 2003). Follows scikit-learn's ComplementNB; the classes' probabilities count only
 * where there is one class. `partialFit` adds counts: the model is that of one fit on all the rows.
 *
 * @example const model = await new ComplementNB().fit(counts, y);
 */
export class ComplementNB extends BaseEstimator<ComplementNBParams, DiscreteFitted> {
  readonly #answers = new BayesAnswers<DiscreteFitted>(complementModel);

  constructor(params: Partial<ComplementNBParams> = {}) {
    super("ComplementNB", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true, positiveOnly: true };
  }

  /**
   * Learns the frequencies of the columns outside every class. X: nSamples × nFeatures, not negative; y: labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: NaiveBayesFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readFitData("ComplementNB.fit", X, y, options);
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
    const data = await readPartialData("ComplementNB.partialFit", X, y, before, options);
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

  /** Score of every class, the larger the more like it: nSamples × nClasses. */
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

  /** Weights of the columns: minus the logarithms of their probabilities in the other classes: nClasses × nFeatures. */
  get featureLogProb_(): Matrix<Float64Array> {
    const { featureLogProb, classes, nFeaturesIn } = this.fitted("featureLogProb_");
    return new Matrix(featureLogProb, [classes.length, nFeaturesIn]);
  }

  /** Sums of every column over all classes. */
  get featureAll_(): Float64Array {
    const { featureCount, nFeaturesIn } = this.fitted("featureAll_");
    return columnSums(featureCount, nFeaturesIn);
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
      featureLogProb: complementWeights(featureCount, alpha, classes.length, this.params.norm),
      classLogPrior: classLogPrior(this.params, classCount, where),
    };
  }

  #question(method: string, X: MatrixLike): Question<DiscreteFitted> {
    const fitted = this.fitted(method);
    const source = rowSourceOf(X, `ComplementNB.${method}: X`);
    this.checkFeatures(method, source);
    return { where: "ComplementNB", source, fitted };
  }
}

function columnSums(values: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  values.forEach((value, i) => (sums[i % width] = (sums[i % width] as number) + value));
  return sums;
}

function complementWeights(
  featureCount: Float64Array,
  alpha: Float64Array,
  nClasses: number,
  norm: boolean,
): Float64Array {
  const nFeatures = alpha.length;
  const all = columnSums(featureCount, nFeatures);
  const others = featureCount.map(
    (count, i) => (all[i % nFeatures] as number) + (alpha[i % nFeatures] as number) - count,
  );
  const totals = rowSums(others, nClasses);
  const logs = others.map((count, i) => Math.log(count / (totals[Math.floor(i / nFeatures)] as number)));
  if (!norm) return logs.map((log) => -log);
  const logSums = rowSums(logs, nClasses);
  return logs.map((log, i) => log / (logSums[Math.floor(i / nFeatures)] as number));
}

function complementModel({ featureLogProb, classLogPrior, classes }: DiscreteFitted): BayesModel {
  const intercept = classes.length === 1 ? classLogPrior : new Float64Array(classes.length);
  return { kind: "linear", intercept, scale: featureLogProb.map((weight) => -finiteLog(-weight)) };
}
