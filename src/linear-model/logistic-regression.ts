import { warnConvergence } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { boolean, choice, integer, nJobs, number, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import {
  decodeLabels,
  encodeLabels,
  readSampleWeight,
  type EncodedLabels,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { LinearOutput, LogisticResult } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { checkClasses, checkRows, learn, trainingSource } from "./learn.js";
import { LinearPredictor, type LinearFitted, type Mapped } from "./linear-predictor.js";

/** What a solver may be called. */
export type LogisticSolver = "lbfgs" | "newton-cg" | "newton-cholesky" | "sag" | "saga";

/** Parameters of LogisticRegression. */
export interface LogisticRegressionParams {
  /** Inverse strength of the L2 penalty; Infinity: no penalty. Default 1. */
  C: number;
  /** The part of the penalty that is L1: 0 is L2 alone, 1 L1 alone, between them is elastic net. Default 0. */
  l1Ratio: number;
  /**
   * A fit ends when no entry of the gradient of the mean loss (plus penalty) is larger; with an L1 penalty, of its least
   * subgradient. Default 1e-4.
   */
  tol: number;
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
  /**
   * "lbfgs" (default) suits every shape and penalty; "newton-cholesky" takes a new Hessian every iteration: few columns
   * and classes, and a very small tol. "newton-cg", "sag" and "saga" are scikit-learn's names and mean "lbfgs" here: which
   * method serves best follows from the penalty and the shape, and all reach the same minimum. (scikit-learn's "liblinear"
   * penalises the intercept, which is another model: LinearSVC's.)
   */
  solver: LogisticSolver;
  /** Most iterations. Default 100. */
  maxIter: number;
  /** Start from the coefficients of the last fit. Default false. */
  warmStart: boolean;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<LogisticRegressionParams> = {
  C: number(1, { min: 0, exclusiveMin: true, infinite: true }),
  l1Ratio: number(0, { min: 0, max: 1 }),
  tol: number(1e-4, { min: 0, exclusiveMin: true }),
  fitIntercept: boolean(true),
  classWeight: classWeightSpec(),
  solver: choice("lbfgs", ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"]),
  maxIter: integer(100, { min: 1 }),
  warmStart: boolean(false),
  verbose: boolean(false),
  nJobs: nJobs(),
};

/** Options of LogisticRegression.fit. */
export interface LogisticRegressionFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** One output for two classes. */
interface Fitted extends LinearFitted {
  readonly classes: LabelArray;
  readonly nIter: number;
}

/**
 * Logistic regression with an L2, L1 or elastic-net penalty or none: binomial for two classes, symmetric multinomial for
 * more. Follows scikit-learn's LogisticRegression: the same objective, so the same coefficients; intercepts are not
 * penalised. L-BFGS in the metric of a Hessian, or Newton's method; with an L1 penalty proximal Newton (Lee, Sun and
 * Saunders 2014; glmnet's), whose zeros are exact.
 * Columns are centred and scaled internally, the penalty and the coefficients stay in the units of X: raw columns
 * converge. `tol` is compared with the gradient in those units, as scikit-learn does, and with the internal one.
 * The result is the same, bit for bit, for any nJobs and any chunking of X, and float32 input gives what the same numbers
 * in float64 give. A fit that stops before it converges says so with a ConvergenceWarning.
 *
 * @example
 * const model = await new LogisticRegression({ C: 10 }).fit(X, y);
 * const probabilities = await model.predictProba(XTest); // Matrix, nSamples × nClasses
 */
export class LogisticRegression extends BaseEstimator<LogisticRegressionParams, Fitted> {
  readonly #predictor = new LinearPredictor("LogisticRegression");

  constructor(params: Partial<LogisticRegressionParams> = {}) {
    super("LogisticRegression", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples labels of at least two classes. Progress counts
   * iterations of at most maxIter; its score is the objective.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LogisticRegressionFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "LogisticRegression.fit";
    const { classWeight, nJobs, verbose } = this.params;
    const source = trainingSource(X, where);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    if (source.nRows !== undefined) checkRows(where, source.nRows, labels.codes.length);
    checkClasses(where, labels);
    const sampleWeight = await readSampleWeight(options.sampleWeight, labels.codes.length, where);
    const weights = combinedWeights(classWeight, labels, sampleWeight, where);
    const nClasses = labels.classes.length;
    const settings = { className: "LogisticRegression", nJobs, verbose };
    const result = await learn(settings, source, labels.codes.length, options, (sink, job) =>
      addon().fitLogistic(sink, labels.codes, weights, nClasses, this.#options(source, labels), job),
    );
    this.#warn(result);
    const { coef, intercept, nIter } = result;
    this.setFitted({
      nFeaturesIn: source.nFeatures,
      featureNamesIn: source.featureNames,
      classes: labels.classes,
      coef,
      intercept,
      nIter,
    });
    return this;
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
  async score(X: MatrixLike, y: VectorLike, options: LogisticRegressionFitOptions = {}): Promise<number> {
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

  /** Iterations of the solver over all rows. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  #options(source: RowSource, labels: EncodedLabels): Parameters<ReturnType<typeof addon>["fitLogistic"]>[4] {
    const { C, l1Ratio, tol, maxIter, fitIntercept, solver, warmStart } = this.params;
    const last = warmStart ? this.fittedOrUndefined : undefined;
    const usable =
      last?.nFeaturesIn === source.nFeatures &&
      last.classes.length === labels.classes.length &&
      Array.from<unknown>(last.classes).every((label, k) => label === labels.classes[k]);
    return {
      ...{ C, l1Ratio, tol, maxIter, fitIntercept },
      solver: solver === "newton-cholesky" ? solver : "lbfgs",
      startCoef: usable ? last.coef : undefined,
      startIntercept: usable ? last.intercept : undefined,
    };
  }

  #warn({ converged, nIter, violation }: LogisticResult): void {
    if (converged) return;
    const { maxIter, tol } = this.params;
    const what = nIter >= maxIter ? `in maxIter: ${maxIter} iterations` : `after ${nIter} iterations`;
    warnConvergence(
      `LogisticRegression.fit: did not converge ${what}; the largest gradient entry is ${violation.toPrecision(2)}, ` +
        `tol is ${tol}. Raise maxIter or tol, or penalise more (a smaller C)`,
    );
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
    const source = rowSourceOf(X, `LogisticRegression.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
