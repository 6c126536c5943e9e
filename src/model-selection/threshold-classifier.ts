import { invalidArgument, invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, custom, type ParamSpec } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { has, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";

/** What of a classifier is compared with a threshold: "auto" takes predictProba where there is one. */
export type ThresholdResponse = "auto" | "predictProba" | "decisionFunction";

/** The rule of a responseMethod parameter. */
export function responseSpec(): ParamSpec<ThresholdResponse> {
  return choice("auto", ["auto", "predictProba", "decisionFunction"]);
}

/** The rule of a posLabel parameter. */
export function posLabelSpec(): ParamSpec<Label | null> {
  return custom<Label | null>(
    null,
    "a label, or null for the greater one",
    (value) => typeof value !== "object" || value === null,
    [],
  );
}

export interface ThresholdParams {
  estimator: Wrappable | null;
  responseMethod: ThresholdResponse;
}

export interface ThresholdFitted extends FittedBase {
  readonly estimator: Wrappable;
  readonly threshold: number;
  readonly classes: LabelArray;
  /** Place of the label that counts as positive. */
  readonly positive: number;
}

/** The method that gives scores. @throws TreelineError ERR_INVALID_ARGUMENT where the estimator has none. */
export function responseMethodOf(
  estimator: unknown,
  wanted: ThresholdResponse,
  where: string,
): "predictProba" | "decisionFunction" {
  const method = wanted === "auto" ? (has(estimator, "predictProba") ? "predictProba" : "decisionFunction") : wanted;
  if (has(estimator, method)) return method;
  throw invalidArgument(
    `${where}: the estimator must have ${wanted === "auto" ? "predictProba or decisionFunction" : wanted}`,
  );
}

/** Scores of the label at `positive` for every row. */
export async function positiveScores(
  estimator: Wrappable,
  method: "predictProba" | "decisionFunction",
  X: InputLike,
  positive: number,
  options: RunOptions,
): Promise<Float64Array> {
  const scores = await (estimator as Required<Methods>)[method](X, options);
  if (scores instanceof Matrix) return Float64Array.from(scores.column(positive));
  return positive === 1 ? scores : scores.map((score) => -score);
}

/** The labels on both sides of a threshold. */
export function labelsAt(scores: Float64Array, threshold: number, classes: LabelArray, positive: number): LabelArray {
  return decodeLabels(
    classes,
    Int32Array.from(scores, (score) => (score >= threshold ? positive : 1 - positive)),
  );
}

/** The place of the label that counts as positive, of two. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
export function positivePlace(classes: LabelArray, posLabel: Label | null, where: string): number {
  if (classes.length !== 2) throw invalidData(`${where}: y must have two classes, got ${classes.length}`);
  const place = posLabel === null ? 1 : (classes as unknown[]).indexOf(posLabel);
  if (place >= 0) return place;
  throw invalidArgument(`${where}: posLabel ${show(posLabel)} is not a label of y`);
}

/** Binary classifiers that decide by a threshold of their own: what they share. */
export abstract class ThresholdClassifier<P extends ThresholdParams, F extends ThresholdFitted> extends BaseEstimator<
  P,
  F
> {
  get tags(): EstimatorTags {
    return { ...tagsOf(this.params.estimator), kind: "classifier", twoClasses: true };
  }

  /** The positive label where the score reaches the threshold, else the other. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    const { estimator, threshold, classes, positive } = this.fitted("predict");
    const where = `${this.className}.predict`;
    this.checkFeatures("predict", inputShape(X, `${where}: X`));
    const method = responseMethodOf(estimator, this.params.responseMethod, where);
    const { signal } = options;
    return labelsAt(await positiveScores(estimator, method, X, positive, { signal }), threshold, classes, positive);
  }

  /** The estimator's class probabilities; undefined if it gives none. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#answer("predictProba");
  }

  /** Logarithms of the estimator's class probabilities; undefined if it gives none. */
  get predictLogProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#answer("predictLogProba");
  }

  /** The estimator's decision values; undefined if it gives none. */
  get decisionFunction(): (X: InputLike, options?: RunOptions) => Promise<Float64Array> {
    return this.#answer("decisionFunction");
  }

  /** Accuracy of predict(X) against y. */
  async score(
    X: InputLike,
    y: VectorLike,
    options: RunOptions & { readonly sampleWeight?: VectorLike } = {},
  ): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The fitted estimator. */
  get estimator_(): Wrappable {
    return this.fitted("estimator_").estimator;
  }

  /** Both labels, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  #answer(method: "predictProba" | "predictLogProba" | "decisionFunction"): never {
    const model = this.fittedOrUndefined?.estimator ?? this.params.estimator;
    if (!has(model, method)) return undefined as never;
    const answer = async (X: InputLike, options: RunOptions = {}): Promise<unknown> =>
      (this.fitted(method).estimator as Required<Methods>)[method](X, options);
    return answer as never;
  }
}
