import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { boolean, choice, nJobs, number, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { RowSource } from "../data/row-source.js";
import {
  decodeLabels,
  encodeLabels,
  readSampleWeight,
  type EncodedLabels,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { checkClasses, learn, trainingSource, type LinearFitOptions } from "./learn.js";
import { LinearPredictor, type LinearFitted } from "./linear-predictor.js";
import { RIDGE_SOLVERS, type RidgeSolver } from "./ridge.js";

/** Parameters of RidgeClassifier. */
export interface RidgeClassifierParams {
  /** Strength of the L2 penalty. Default 1. */
  alpha: number;
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
  /** Accepted for scikit-learn's sake; every name gives the same, exact solution. Default "auto". */
  solver: RidgeSolver;
  /** Coefficients must not be negative. Default false. */
  positive: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<RidgeClassifierParams> = {
  alpha: number(1, { min: 0 }),
  fitIntercept: boolean(true),
  classWeight: classWeightSpec(),
  solver: choice("auto", RIDGE_SOLVERS),
  positive: boolean(false),
  nJobs: nJobs(),
};

/** One output for two classes. */
interface Fitted extends LinearFitted {
  readonly classes: LabelArray;
}

/**
 * A classifier by ridge regression: targets 1 for a row's class and -1 for all others, the largest prediction wins.
 * Follows scikit-learn's RidgeClassifier. There is no iteration: often the quickest linear classifier. The result is the
 * same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new RidgeClassifier().fit(X, y);
 */
export class RidgeClassifier extends BaseEstimator<RidgeClassifierParams, Fitted> {
  readonly #predictor = new LinearPredictor("RidgeClassifier");

  constructor(params: Partial<RidgeClassifierParams> = {}) {
    super("RidgeClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples labels of at least two classes.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RidgeClassifier.fit";
    const { alpha, classWeight, fitIntercept, positive, nJobs } = this.params;
    const source = trainingSource(X, where);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    checkClasses(where, labels);
    const rows = labels.codes.length;
    const sampleWeight = await readSampleWeight(options.sampleWeight, rows, where);
    const weights = combinedWeights(classWeight, labels, sampleWeight, where);
    const nOutputs = labels.classes.length === 2 ? 1 : labels.classes.length;
    const settings = { alpha: new Float64Array(nOutputs).fill(alpha), fitIntercept, positive, withRank: false };
    const { coef, intercept } = await learn({ className: this.className, nJobs }, source, rows, options, (sink, job) =>
      addon().fitLeastSquares(sink, signs(labels, nOutputs), nOutputs, weights, settings, job),
    );
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, coef, intercept, classes: labels.classes });
    return this;
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
    const source = rowSourceOf(X, `RidgeClassifier.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}

/** 1 for the rows of a class and -1 for all others, one class after another; for two classes the second one's. */
function signs({ codes }: EncodedLabels, nOutputs: number): Float64Array {
  const rows = codes.length;
  const targets = new Float64Array(nOutputs * rows).fill(-1);
  codes.forEach((code, i) => {
    if (nOutputs > 1) targets[code * rows + i] = 1;
    else if (code === 1) targets[i] = 1;
  });
  return targets;
}
