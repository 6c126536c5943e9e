import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { choice, nJobs, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { SgdLoss } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { MarginAnswers, type Margins } from "./margin-answers.js";
import {
  fitClassifier,
  shownWeights,
  type SgdCall,
  type SgdClassifierFitted,
  type SgdFitOptions,
  type SgdPartialFitOptions,
} from "./sgd-fit.js";
import { sgdSpecs, type SgdParams } from "./sgd-params.js";

/** Parameters of SGDClassifier. */
export interface SGDClassifierParams extends SgdParams {
  /**
   * "hinge" (default): a linear support vector machine; "logLoss": logistic regression; "modifiedHuber", "squaredHinge",
   * "perceptron"; or a loss of regression on -1 and 1.
   */
  loss: SgdLoss;
  /** Weights of the classes; with more than two, a class's weight counts for its own rows only. Default null. */
  classWeight: ClassWeight;
  /** Threads: classes are learned at the same time; the result does not depend on it. Default null: all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<SGDClassifierParams> = {
  loss: choice("hinge", [
    "hinge",
    "squaredHinge",
    "logLoss",
    "modifiedHuber",
    "perceptron",
    "squaredError",
    "huber",
    "epsilonInsensitive",
    "squaredEpsilonInsensitive",
  ]),
  ...sgdSpecs("optimal", 0.5),
  classWeight: classWeightSpec(),
  nJobs: nJobs(),
};

/**
 * Linear classifiers learned by stochastic gradient descent: one step per row, one class against all others.
 * Follows scikit-learn's SGDClassifier step by step: without shuffling its coefficients come out. The order of the rows in
 * an epoch depends on randomState and the number of steps made, so it is the same for any nJobs and any chunking of X.
 * Columns should be of similar scale: put a StandardScaler before it. Sparse rows count as the same rows dense do;
 * scikit-learn learns the intercept a hundred times slower from sparse ones.
 *
 * @example
 * const model = new SGDClassifier({ loss: "logLoss", randomState: 0 });
 * for await (const [X, y] of batches) await model.partialFit(X, y, { classes: ["ham", "spam"] });
 */
export class SGDClassifier extends BaseEstimator<SGDClassifierParams, SgdClassifierFitted> {
  readonly #answers = new MarginAnswers("SGDClassifier");

  constructor(params: Partial<SGDClassifierParams> = {}) {
    super("SGDClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite, kept in memory during the fit (larger tables: partialFit, or
   * Incremental); y: labels of at least two classes. Progress, for two classes, counts epochs of at most maxIter.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<this> {
    this.checkParams();
    this.setFitted(await fitClassifier(this.#call("fit", X, y, options), this.params.classWeight));
    return this;
  }

  /**
   * Makes one epoch over more rows, going on from the last call.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT where the first call does not name the classes, ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, y: VectorLike, options: SgdPartialFitOptions = {}): Promise<this> {
    this.checkParams();
    this.setFitted(await fitClassifier(this.#call("partialFit", X, y, options), this.params.classWeight));
    return this;
  }

  /** The class with the largest decision value of every row; for two classes the second where it is positive. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    const { classes } = this.fitted("predict");
    return this.#answers.classes(this.#source("predict", X), this.#margins(), classes, this.params.nJobs, options);
  }

  /**
   * Probabilities: nSamples × nClasses, for the losses "logLoss" and "modifiedHuber"; undefined for others, which know
   * none. With more than two classes they are those of each class against all others, divided by their sum.
   */
  get predictProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#perClass("predictProba", "sigmoid", "clipped");
  }

  /** Logarithms of predictProba; undefined for losses that know no probabilities. */
  get predictLogProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#perClass("predictLogProba", "logSigmoid", "logClipped");
  }

  /**
   * Decision values: for two classes a number per row, positive for the second class; for more nSamples × nClasses.
   */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    return this.#answers.decision(this.#source("decisionFunction", X), this.#margins(), this.params.nJobs, options);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Coefficients: 1 × nFeatures for two classes, else nClasses × nFeatures. */
  get coef_(): Matrix<Float64Array> {
    const { nFeaturesIn } = this.fitted("coef_");
    const { coef, intercept } = this.#margins();
    return new Matrix(coef, [intercept.length, nFeaturesIn]);
  }

  /** Intercepts: 1 for two classes, else nClasses; 0 without fitIntercept. */
  get intercept_(): Float64Array {
    this.fitted("intercept_");
    return this.#margins().intercept;
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Epochs made: the most of any class. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** Steps made, + 1: rows times epochs. */
  get t_(): number {
    return this.fitted("t_").t;
  }

  #call(
    method: "fit" | "partialFit",
    X: MatrixLike,
    y: VectorLike,
    options: SgdPartialFitOptions,
  ): SgdCall<SgdClassifierFitted> {
    return {
      className: "SGDClassifier",
      method,
      params: this.params,
      X,
      y,
      options,
      before: this.fittedOrUndefined,
      checkFeatures: (source) => this.checkFeatures(method, source),
    };
  }

  #margins(): Margins {
    const fitted = this.fitted("coef_");
    return { ...shownWeights(fitted, this.params.average), names: fitted.featureNamesIn };
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `SGDClassifier.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }

  #perClass(
    method: string,
    ofLogLoss: "sigmoid" | "logSigmoid",
    ofModifiedHuber: "clipped" | "logClipped",
  ): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    const { loss, nJobs } = this.params;
    if (loss !== "logLoss" && loss !== "modifiedHuber") return undefined as never;
    const output = loss === "logLoss" ? ofLogLoss : ofModifiedHuber;
    return async (X, options) =>
      this.#answers.perClass(this.#source(method, X), this.#margins(), output, nJobs, options);
  }
}
