import { invalidArgument, invalidData } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { parallel } from "../base/parallel.js";
import { choice, custom, nJobs, type ParamSpecs } from "../base/params.js";
import { argmaxRows } from "../data/argmax.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, encodeLabels, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { IsotonicRegression } from "../isotonic/isotonic-regression.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import { cvSpec, type Cv } from "../model-selection/check-cv.js";
import { problemOf } from "../model-selection/evaluate.js";
import { FoldData, type Part } from "../model-selection/fold-data.js";
import type { RunOptions } from "../native/job.js";
import { estimatorSpec, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { inverseTemperature, plattScaling } from "./sigmoid.js";

/** Parameters of CalibratedClassifierCV. */
export interface CalibratedClassifierCVParams {
  /** The classifier whose scores become probabilities. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** A logistic curve ("sigmoid", default), any rising function ("isotonic"), or one factor of all logits ("temperature"). */
  method: "sigmoid" | "isotonic" | "temperature";
  /** How to split into rows to learn from and rows to calibrate on; null (default): 5 folds, stratified. */
  cv: Cv;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Average the calibrated classifiers of all folds (true), or calibrate one of all rows on answers of the folds (false). "auto" (default): true. */
  ensemble: boolean | "auto";
}

const SPECS: ParamSpecs<CalibratedClassifierCVParams> = {
  estimator: estimatorSpec("fit"),
  method: choice("sigmoid", ["sigmoid", "isotonic", "temperature"]),
  cv: cvSpec(),
  nJobs: nJobs(),
  ensemble: custom<boolean | "auto">(
    "auto",
    'true, false or "auto"',
    (value) => typeof value === "boolean" || value === "auto",
    1,
  ),
};

/** Options of CalibratedClassifierCV.fit. */
export interface CalibratedFitOptions extends RunOptions {
  /** One non-negative weight a row: goes to fits, where the estimator takes weights, and to calibration. */
  readonly sampleWeight?: VectorLike | undefined;
}

type Curve =
  | { readonly kind: "sigmoid"; readonly slope: number; readonly offset: number }
  | { readonly kind: "isotonic"; readonly model: IsotonicRegression };

/** A fitted classifier and what makes probabilities of its scores. */
export interface CalibratedClassifier {
  readonly estimator: Wrappable;
  /** A curve for the greater of two classes, or for each class; none with "temperature". */
  readonly curves: readonly Curve[];
  /** Inverse temperature. */
  readonly beta: number;
}

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
  readonly calibrated: readonly CalibratedClassifier[];
}

/**
 * Probabilities that can be taken at their word: a classifier's scores, calibrated on rows that it did not learn from; follows
 * scikit-learn's CalibratedClassifierCV.
 *
 * @example
 * const model = new CalibratedClassifierCV({ estimator: new LinearSVC(), method: "isotonic", cv: 3 });
 * await model.fit(X, y);
 * const probabilities = await model.predictProba(XTest); // Matrix, nSamples × nClasses
 */
export class CalibratedClassifierCV extends BaseEstimator<CalibratedClassifierCVParams, Fitted> {
  constructor(params: Partial<CalibratedClassifierCVParams> = {}) {
    super("CalibratedClassifierCV", SPECS, params);
  }

  get tags(): EstimatorTags {
    const { allowNaN, documents } = tagsOf(this.params.estimator);
    const tags = { kind: "classifier", allowNaN, requiresY: true, sampleWeight: true } as const;
    return documents === true ? { ...tags, documents } : tags;
  }

  /**
   * Fits classifiers on the folds and calibrates them. X: nSamples × nFeatures; y: nSamples labels of at least two classes.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  async fit(X: InputLike, y: VectorLike, options: CalibratedFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "CalibratedClassifierCV.fit";
    const { cv, method, ensemble } = this.params;
    const { sampleWeight, signal, onProgress } = options;
    const estimator = this.params.estimator as Wrappable;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const fitOptions = sampleWeight === undefined ? {} : { sampleWeight };
    const problem = await problemOf(estimator, X, y, { cv, fitOptions, signal }, where);
    const { classes } = await encodeLabels(problem.whole.y as VectorLike, `${where}: y`, signal);
    if (classes.length < 2) throw invalidData(`${where}: y has one class only; at least 2 are needed`);
    await readSampleWeight(sampleWeight, problem.whole.rows, where);
    let done = 0;
    const total = problem.folds.length + (ensemble === false ? 1 : 0);
    const parts = await parallel(
      problem.folds.map((fold, k) => async (stop: AbortSignal) => {
        const { train, test } = new FoldData(problem.whole, fold, k);
        const model = clone(estimator);
        await fitted(model, train, stop);
        const scores = await scoresOf(model, test.X, classes, where, stop);
        done++;
        onProgress?.({ fraction: done / total, done, total, score: NaN });
        return { model, scores, test };
      }),
      { nJobs: this.params.nJobs ?? undefined, signal },
    );
    let calibrated: CalibratedClassifier[];
    if (ensemble === false) {
      const model = clone(estimator);
      const { X: all, y: targets, options: whole, rows } = problem.whole;
      await fitted(model, { X: all, y: targets, options: whole, rows }, signal);
      const { scores, test } = joined(parts);
      calibrated = [{ estimator: model, ...(await calibration(method, scores, test, classes, where, signal)) }];
    } else {
      calibrated = [];
      for (const { model, scores, test } of parts) {
        calibrated.push({ estimator: model, ...(await calibration(method, scores, test, classes, where, signal)) });
      }
    }
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, classes, calibrated });
    return this;
  }

  /** Calibrated probabilities, nSamples × nClasses: the mean of all calibrated classifiers. */
  async predictProba(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { calibrated, classes } = this.fitted("predictProba");
    const where = "CalibratedClassifierCV.predictProba";
    this.checkFeatures("predictProba", inputShape(X, `${where}: X`));
    let sum: Float64Array | undefined;
    for (const one of calibrated) {
      const scores = await scoresOf(one.estimator, X, classes, where, options.signal);
      const p = await probabilities(one, scores, classes.length);
      sum = sum === undefined ? p : sum.map((value, i) => value + (p[i] as number));
    }
    const mean = (sum ?? new Float64Array(0)).map((value) => value / calibrated.length);
    return new Matrix(mean, [mean.length / classes.length, classes.length]);
  }

  /** The class of the greatest probability. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    const p = await this.predictProba(X, options);
    return decodeLabels(this.fitted("predict").classes, argmaxRows(p.data, p.cols));
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: CalibratedFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Classifiers and their calibrations: one a fold, or one without ensemble. */
  get calibratedClassifiers_(): readonly CalibratedClassifier[] {
    return this.fitted("calibratedClassifiers_").calibrated;
  }
}

async function fitted(model: Wrappable, { X, y, options }: Part, signal: AbortSignal | undefined): Promise<void> {
  const weighs = tagsOf(model).sampleWeight;
  await (model as Required<Methods>).fit(X, y, { ...(weighs ? options : {}), signal });
}

/** Scores rows × classes, of two classes one column; classes that a fold's rows lack score least. */
async function scoresOf(
  model: Wrappable,
  X: InputLike,
  classes: LabelArray,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Matrix<Float64Array>> {
  const methods = model as Methods;
  const method = typeof methods.decisionFunction === "function" ? "decisionFunction" : "predictProba";
  if (typeof methods[method] !== "function") {
    throw invalidArgument(`${where}: the estimator must have decisionFunction or predictProba`);
  }
  const answer = await (model as Required<Methods>)[method](X, { signal });
  const own = methods.classes_ as LabelArray;
  const n = classes.length;
  if (!(answer instanceof Matrix)) return spread(answer, [n === 2 ? 1 : indexIn(classes, own, 1)], n, method);
  if (n === 2 && answer.cols === 2) return new Matrix(Float64Array.from(answer.column(1)), [answer.rows, 1]);
  const places = Array.from({ length: answer.cols }, (_, k) => indexIn(classes, own, k));
  const data = new Float64Array(answer.rows * n).fill(method === "predictProba" ? 0 : -Number.MAX_VALUE);
  for (let i = 0; i < answer.rows; i++) places.forEach((place, k) => (data[i * n + place] = answer.at(i, k)));
  return new Matrix(data, [answer.rows, n]);
}

function indexIn(classes: LabelArray, own: LabelArray, k: number): number {
  return (classes as unknown[]).indexOf(own[k]);
}

/** Decision values of two classes, in a table of more. */
function spread(values: Float64Array, [place]: readonly number[], n: number, method: string): Matrix<Float64Array> {
  if (n === 2) return new Matrix(Float64Array.from(values), [values.length, 1]);
  const data = new Float64Array(values.length * n).fill(method === "predictProba" ? 0 : -Number.MAX_VALUE);
  values.forEach((value, i) => (data[i * n + (place as number)] = value));
  return new Matrix(data, [values.length, n]);
}

function joined(parts: readonly { readonly scores: Matrix<Float64Array>; readonly test: Part }[]): {
  readonly scores: Matrix<Float64Array>;
  readonly test: Part;
} {
  const cols = parts[0]?.scores.cols ?? 0;
  const rows = parts.reduce((sum, { scores }) => sum + scores.rows, 0);
  const data = new Float64Array(rows * cols);
  let at = 0;
  for (const { scores } of parts) {
    data.set(scores.data, at);
    at += scores.data.length;
  }
  const y = parts.flatMap(({ test }) => Array.from(test.y as ArrayLike<number>));
  const weights = parts.flatMap(({ test }) => Array.from((test.options["sampleWeight"] ?? []) as ArrayLike<number>));
  const options = weights.length > 0 ? { sampleWeight: Float64Array.from(weights) } : {};
  return { scores: new Matrix(data, [rows, cols]), test: { X: [[0]], y, options, rows } };
}

async function calibration(
  method: CalibratedClassifierCVParams["method"],
  scores: Matrix<Float64Array>,
  test: Part,
  classes: LabelArray,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Omit<CalibratedClassifier, "estimator">> {
  const labels = await encodeLabels(test.y as VectorLike, `${where}: y`, signal);
  const codes = labels.codes.map((code) => (classes as unknown[]).indexOf(labels.classes[code]));
  const weights = await readSampleWeight(test.options["sampleWeight"] as VectorLike | undefined, scores.rows, where);
  if (method === "temperature") {
    const logits = logitsOf(scores, classes.length);
    return { curves: [], beta: await inverseTemperature(logits, classes.length, codes, weights, signal) };
  }
  const columns = scores.cols === 1 ? [1] : Array.from({ length: classes.length }, (_, k) => k);
  const curves: Curve[] = [];
  for (const [at, k] of columns.entries()) {
    const column = Float64Array.from(scores.column(at));
    const isClass = Uint8Array.from(codes, (code) => (code === k ? 1 : 0));
    if (method === "sigmoid") {
      curves.push({ kind: "sigmoid", ...(await plattScaling(column, isClass, weights, signal)) });
    } else {
      const targets = Float64Array.from(isClass);
      const model = new IsotonicRegression({ outOfBounds: "clip" });
      curves.push({ kind: "isotonic", model: await model.fit(column, targets, { sampleWeight: weights, signal }) });
    }
  }
  return { curves, beta: 1 };
}

/** Scores as logits: decision values as they are, probabilities by their logarithm. */
function logitsOf(scores: Matrix<Float64Array>, nClasses: number): Float64Array {
  const probabilities = scores.data.every((score) => score >= 0 && score <= 1);
  const log = (p: number): number => Math.log(Math.min(1, Math.max(Number.EPSILON, p)));
  if (scores.cols > 1) return probabilities ? scores.data.map(log) : scores.data;
  const out = new Float64Array(scores.rows * nClasses);
  scores.data.forEach((score, i) => {
    out[2 * i] = probabilities ? log(1 - score) : -score;
    out[2 * i + 1] = probabilities ? log(score) : score;
  });
  return out;
}

/** rows × classes. */
async function probabilities(
  { curves, beta }: CalibratedClassifier,
  scores: Matrix<Float64Array>,
  nClasses: number,
): Promise<Float64Array> {
  const { rows } = scores;
  const out = new Float64Array(rows * nClasses);
  if (curves.length === 0) {
    const logits = logitsOf(scores, nClasses);
    for (let i = 0; i < rows; i++) {
      const row = logits.subarray(i * nClasses, (i + 1) * nClasses);
      const most = row.reduce((x, y) => Math.max(x, beta * y), -Infinity);
      const e = row.map((logit) => Math.exp(beta * logit - most));
      const sum = e.reduce((a, b) => a + b, 0);
      out.set(
        e.map((value) => value / sum),
        i * nClasses,
      );
    }
    return out;
  }
  for (const [at, curve] of curves.entries()) {
    const column = Float64Array.from(scores.column(at));
    const p =
      curve.kind === "sigmoid"
        ? column.map((score) => 1 / (1 + Math.exp(curve.slope * score + curve.offset)))
        : await curve.model.predict(column);
    const k = curves.length === 1 ? 1 : at;
    p.forEach((value, i) => (out[i * nClasses + k] = value));
  }
  for (let i = 0; i < rows; i++) {
    const row = out.subarray(i * nClasses, (i + 1) * nClasses);
    if (curves.length === 1) row[0] = 1 - (row[1] as number);
    const sum = row.reduce((a, b) => a + b, 0);
    row.forEach((value, k) => (row[k] = Math.min(1, sum > 0 ? value / sum : 1 / nClasses)));
  }
  return out;
}
