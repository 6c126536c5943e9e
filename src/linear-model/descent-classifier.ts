import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import type { ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { MarginAnswers, type Margins } from "./margin-answers.js";
import {
  fitClassifier,
  shownWeights,
  type DescentParams,
  type SgdCall,
  type SgdClassifierFitted,
  type SgdFitOptions,
  type SgdPartialFitOptions,
} from "./sgd-fit.js";

interface CommonParams {
  classWeight: ClassWeight;
  nJobs: number | null;
}

/** What SGDClassifier and Perceptron share: everything but the descent's parameters. */
export abstract class DescentClassifier<P extends CommonParams> extends BaseEstimator<P, SgdClassifierFitted> {
  protected readonly answers: MarginAnswers;

  protected constructor(className: string, specs: ParamSpecs<P>, params: Partial<P>) {
    super(className, specs, params);
    this.answers = new MarginAnswers(className);
  }

  /** What the descent is told. */
  protected abstract get descent(): DescentParams;

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
    return this.answers.classes(this.source("predict", X), this.margins(), classes, this.params.nJobs, options);
  }

  /**
   * Decision values: for two classes a number per row, positive for the second class; for more nSamples × nClasses.
   */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    return this.answers.decision(this.source("decisionFunction", X), this.margins(), this.params.nJobs, options);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: SgdFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Coefficients: 1 × nFeatures for two classes, else nClasses × nFeatures. */
  get coef_(): Matrix<Float64Array> {
    const { nFeaturesIn } = this.fitted("coef_");
    const { coef, intercept } = this.margins();
    return new Matrix(coef, [intercept.length, nFeaturesIn]);
  }

  /** Intercepts: 1 for two classes, else nClasses; 0 without fitIntercept. */
  get intercept_(): Float64Array {
    this.fitted("intercept_");
    return this.margins().intercept;
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
      className: this.className,
      method,
      params: this.descent,
      X,
      y,
      options,
      before: this.fittedOrUndefined,
      checkFeatures: (source) => this.checkFeatures(method, source),
    };
  }

  /** Coefficients and intercepts as they answer. */
  protected margins(): Margins {
    const fitted = this.fitted("coef_");
    return { ...shownWeights(fitted, this.descent.average), names: fitted.featureNamesIn };
  }

  /** X as a source, checked against the fit. */
  protected source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
