import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { decodeLabels, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { LinearOutput } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import type { LinearFitOptions } from "./learn.js";
import { LinearPredictor, type LinearFitted, type Mapped } from "./linear-predictor.js";

/** What logistic regression learns: one output for two classes, else one a class. */
export interface LogisticFitted extends LinearFitted {
  readonly classes: LabelArray;
}

/** What LogisticRegression and LogisticRegressionCV share once they are fitted. */
export abstract class LogisticClassifier<
  P extends { nJobs: number | null },
  F extends LogisticFitted,
> extends BaseEstimator<P, F> {
  readonly #predictor = new LinearPredictor(this.className);

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /** The most probable class of every row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    const { values } = await this.#map("predict", "class", 1, X, options);
    return decodeLabels(this.fitted("predict").classes, values);
  }

  /** Probabilities: nSamples × nClasses, classes in the order of classes_. */
  async predictProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#perClass("predictProba", "probability", X, options);
  }

  /** Logarithms of the probabilities, exact where a probability is too small for a number. */
  async predictLogProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#perClass("predictLogProba", "logProbability", X, options);
  }

  /**
   * Decision values: for two classes a number per row, positive for the second class; for more nSamples × nClasses.
   */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    const nOutputs = this.fitted("decisionFunction").intercept.length;
    const { rows, values } = await this.#map("decisionFunction", "decision", nOutputs, X, options);
    return nOutputs === 1 ? values : new Matrix(values, [rows, nOutputs]);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** predict for a few rows in memory, at once and on this thread: for serving. */
  predictSync(X: MatrixLike): LabelArray {
    return decodeLabels(this.fitted("predictSync").classes, this.#mapSync("predictSync", "class", 1, X).values);
  }

  /** predictProba for a few rows in memory, at once and on this thread: for serving. */
  predictProbaSync(X: MatrixLike): Matrix<Float64Array> {
    const nClasses = this.fitted("predictProbaSync").classes.length;
    const { rows, values } = this.#mapSync("predictProbaSync", "probability", nClasses, X);
    return new Matrix(values, [rows, nClasses]);
  }

  /** Coefficients: 1 × nFeatures for two classes, else nClasses × nFeatures. */
  get coef_(): Matrix<Float64Array> {
    const { coef, intercept, nFeaturesIn } = this.fitted("coef_");
    return new Matrix(coef, [intercept.length, nFeaturesIn]);
  }

  /** Intercepts: 1 for two classes, else nClasses; 0 without fitIntercept. */
  get intercept_(): Float64Array {
    return this.fitted("intercept_").intercept;
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  async #perClass(
    method: string,
    output: LinearOutput,
    X: MatrixLike,
    options?: RunOptions,
  ): Promise<Matrix<Float64Array>> {
    const nClasses = this.fitted(method).classes.length;
    const { rows, values } = await this.#map(method, output, nClasses, X, options);
    return new Matrix(values, [rows, nClasses]);
  }

  async #map(
    method: string,
    output: LinearOutput,
    nOutputs: number,
    X: MatrixLike,
    options?: RunOptions,
  ): Promise<Mapped> {
    const source = this.#source(method, X);
    return this.#predictor.map(this.fitted(method), output, nOutputs, source, this.params.nJobs, options);
  }

  #mapSync(method: string, output: LinearOutput, nOutputs: number, X: MatrixLike): Mapped {
    return this.#predictor.mapSync(this.fitted(method), output, nOutputs, this.#source(method, X), method);
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
