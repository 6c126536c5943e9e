import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { RowSource } from "../data/row-source.js";
import { decodeLabels, type EncodedLabels, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import type { LinearFitOptions } from "./learn.js";
import { LinearPredictor, type LinearFitted } from "./linear-predictor.js";

/** What a classifier by regression of signs learns: one output for two classes. */
export interface SignFitted extends LinearFitted {
  readonly classes: LabelArray;
}

/** What classifiers by ridge regression share: answers, and what a fit learned. */
export abstract class SignClassifier<P extends { nJobs: number | null }, F extends SignFitted> extends BaseEstimator<
  P,
  F
> {
  readonly #predictor = new LinearPredictor(this.className);

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /** The class of the largest decision value of every row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    const fitted = this.fitted("predict");
    const source = this.#source("predict", X);
    const { values } = await this.#predictor.map(fitted, "class", 1, source, this.params.nJobs, options);
    return decodeLabels(fitted.classes, values);
  }

  /** predict for a few rows in memory, at once and on this thread: for serving. */
  predictSync(X: MatrixLike): LabelArray {
    const fitted = this.fitted("predictSync");
    const source = this.#source("predictSync", X);
    return decodeLabels(fitted.classes, this.#predictor.mapSync(fitted, "class", 1, source, "predictSync").values);
  }

  /** Decision values: for two classes a number per row, positive for the second; for more nSamples × nClasses. */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    const fitted = this.fitted("decisionFunction");
    const source = this.#source("decisionFunction", X);
    const n = fitted.intercept.length;
    const { rows, values } = await this.#predictor.map(fitted, "decision", n, source, this.params.nJobs, options);
    return n === 1 ? values : new Matrix(values, [rows, n]);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
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

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}

/** 1 for the rows of a class and -1 for all others, one class after another; for two classes the second one's. */
export function signs({ codes }: EncodedLabels, nOutputs: number): Float64Array {
  const rows = codes.length;
  const targets = new Float64Array(nOutputs * rows).fill(-1);
  codes.forEach((code, i) => {
    if (nOutputs > 1) targets[code * rows + i] = 1;
    else if (code === 1) targets[i] = 1;
  });
  return targets;
}
