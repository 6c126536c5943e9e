import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { nullable, number, type ParamSpecs } from "../base/params.js";
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
  perCell,
  sumByClass,
  type DiscreteFitted,
  type DiscreteNBParams,
} from "./discrete.js";

/** Parameters of BernoulliNB. */
export interface BernoulliNBParams extends DiscreteNBParams {
  /** Values larger than this count as 1, others as 0; null: X holds 0 and 1 already. Default 0. */
  binarize: number | null;
}

const SPECS: ParamSpecs<BernoulliNBParams> = { ...discreteSpecs(), binarize: nullable(number(0), 0) };

interface Fitted extends DiscreteFitted {
  readonly threshold: number | undefined;
}

/**
 * Naive Bayes for what is there or not: every column is 1 or 0, independent of the others within a class.
 * Follows scikit-learn's BernoulliNB. `partialFit` adds counts: the model is that of one fit on all the rows.
 *
 * @example const model = await new BernoulliNB({ binarize: 0.5 }).fit(X, y);
 */
export class BernoulliNB extends BaseEstimator<BernoulliNBParams, Fitted> {
  readonly #answers = new BayesAnswers<Fitted>(bernoulliModel);

  constructor(params: Partial<BernoulliNBParams> = {}) {
    super("BernoulliNB", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns how often every column is 1 within every class. X: nSamples × nFeatures, finite; y: labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: NaiveBayesFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readFitData("BernoulliNB.fit", X, y, options);
    this.setFitted(this.#fittedFrom(data, await sumByClass(data, options, this.params.binarize ?? undefined)));
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
    const data = await readPartialData("BernoulliNB.partialFit", X, y, before, options);
    if (before !== undefined) this.checkFeatures("partialFit", data.source);
    this.setFitted(this.#fittedFrom(data, await sumByClass(data, options, this.params.binarize ?? undefined), before));
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

  /** Logarithms of the probabilities of a 1 given the class: nClasses × nFeatures. */
  get featureLogProb_(): Matrix<Float64Array> {
    const { featureLogProb, classes, nFeaturesIn } = this.fitted("featureLogProb_");
    return new Matrix(featureLogProb, [classes.length, nFeaturesIn]);
  }

  #fittedFrom({ where, source, classes }: BayesData, { classWeight, sums }: ClassSumsResult, before?: Fitted): Fitted {
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
      featureLogProb: featureLogProb(featureCount, classCount, alpha),
      threshold: this.params.binarize ?? undefined,
      classLogPrior: classLogPrior(this.params, classCount, where),
    };
  }

  #question(method: string, X: MatrixLike): Question<Fitted> {
    const fitted = this.fitted(method);
    const source = rowSourceOf(X, `BernoulliNB.${method}: X`);
    this.checkFeatures(method, source);
    return { where: "BernoulliNB", source, fitted };
  }
}

/** log of (count + alpha) / (rows of the class + 2 alpha). */
function featureLogProb(featureCount: Float64Array, classCount: Float64Array, alpha: Float64Array): Float64Array {
  return perCell(classCount, alpha.length, (k, j, at) => {
    const a = alpha[j] as number;
    return Math.log((featureCount[at] as number) + a) - Math.log((classCount[k] as number) + 2 * a);
  });
}

/** A 1 adds log p, a 0 adds log(1 - p). */
function bernoulliModel({ featureLogProb, classLogPrior, classes, nFeaturesIn, threshold }: Fitted): BayesModel {
  const ones = featureLogProb.map(finiteLog);
  const zeros = featureLogProb.map((log) => finiteLog(Math.log1p(-Math.exp(log))));
  const intercept = classLogPrior.map((log, k) =>
    zeros.subarray(k * nFeaturesIn, (k + 1) * nFeaturesIn).reduce((sum, zero) => sum + zero, log),
  );
  const scale = perCell(classes, nFeaturesIn, (_k, _j, at) => (ones[at] as number) - (zeros[at] as number));
  return { kind: "linear", intercept, scale, threshold };
}
