import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show, warnConvergence } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, integer, nJobs, number, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { classWeightSpec, classWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import { memoryBudget } from "../data/memory-budget.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { pourRows } from "../data/sparse-rows.js";
import {
  encodeLabels,
  readSampleWeight,
  type EncodedLabels,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { MarginAnswers, type Margins } from "../linear-model/margin-answers.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { SvmResult } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Parameters of LinearSVC. */
export interface LinearSVCParams {
  /** "l2" (default), or "l1" for few coefficients that are not 0. */
  penalty: "l2" | "l1";
  /** "squaredHinge" (default) or "hinge", which goes with "l2" only. */
  loss: "squaredHinge" | "hinge";
  /** When a fit has converged: liblinear's measure for each problem. Default 1e-4. */
  tol: number;
  /** Weight of the loss against the penalty. Default 1. */
  C: number;
  /** Add an intercept. Default true. */
  fitIntercept: boolean;
  /**
   * The intercept is a coefficient of a column of this constant, penalised like the others: the larger, the less. Default 1.
   */
  interceptScaling: number;
  /** Weights of the classes; with more than two, a class's weight counts for its own rows only. Default null. */
  classWeight: ClassWeight;
  /** Seed of the order of rows ("hinge") or columns ("l1"); null (default): a fresh one for every fit. */
  randomState: number | null;
  /** Most iterations: Newton steps, or passes over rows or columns. Default 1000. */
  maxIter: number;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<LinearSVCParams> = {
  penalty: choice("l2", ["l2", "l1"]),
  loss: choice("squaredHinge", ["squaredHinge", "hinge"]),
  tol: number(1e-4, { min: 0, exclusiveMin: true }),
  C: number(1, { min: 0, exclusiveMin: true }),
  fitIntercept: boolean(true),
  interceptScaling: number(1, { min: 0, exclusiveMin: true }),
  classWeight: classWeightSpec(),
  randomState: randomState(),
  maxIter: integer(1000, { min: 1 }),
  nJobs: nJobs(),
};

/** Options of LinearSVC.fit. */
export interface LinearSVCFitOptions extends RunOptions {
  /** One non-negative weight per row: it multiplies C. */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly objective: Float64Array;
  readonly nIter: number;
}

/**
 * Linear support vector machines, one class against all others. The objective is that of scikit-learn's LinearSVC
 * (liblinear), whose intercept is penalised too: penalty(coef, intercept / interceptScaling) + C × the sum of losses. The
 * solver follows from the problem (scikit-learn's `dual`): Newton's method for the squared hinge with L2, which reaches the
 * optimum to many digits, dual coordinate descent for the hinge, coordinate descent for L1. The rows are kept in memory
 * during the fit. A fit that stops before it converges says so with a ConvergenceWarning.
 *
 * @example const model = await new LinearSVC({ C: 0.1 }).fit(X, y);
 */
export class LinearSVC extends BaseEstimator<LinearSVCParams, Fitted> {
  readonly #answers = new MarginAnswers("LinearSVC");

  constructor(params: Partial<LinearSVCParams> = {}) {
    super("LinearSVC", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: labels of at least two classes.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearSVCFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "LinearSVC.fit";
    const { penalty, loss, classWeight } = this.params;
    if (penalty === "l1" && loss === "hinge") {
      throw invalidArgument(`${where}: the penalty "l1" goes with the loss "squaredHinge" only`);
    }
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    if (source.nRows !== undefined) checkRows(where, source.nRows, labels);
    checkClasses(where, labels);
    const weights = await readSampleWeight(options.sampleWeight, labels.codes.length, where);
    const ofClasses = classWeight === null ? undefined : classWeights(classWeight, labels, where, weights);
    const result = await this.#learn(where, source, labels, weights, ofClasses, options);
    if (!result.converged) {
      warnConvergence(
        `${where}: did not converge in maxIter: ${this.params.maxIter} iterations; raise maxIter or tol, or scale X`,
      );
    }
    this.setFitted({
      nFeaturesIn: source.nFeatures,
      featureNamesIn: source.featureNames,
      classes: labels.classes,
      coef: result.coef,
      intercept: result.intercept,
      objective: result.objective,
      nIter: result.nIter,
    });
    return this;
  }

  /** The class with the largest decision value of every row; for two classes the second where it is positive. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    const { classes } = this.fitted("predict");
    return this.#answers.classes(this.#source("predict", X), this.#margins(), classes, this.params.nJobs, options);
  }

  /**
   * Decision values: for two classes a number per row, positive for the second class; for more nSamples × nClasses.
   */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    return this.#answers.decision(this.#source("decisionFunction", X), this.#margins(), this.params.nJobs, options);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: LinearSVCFitOptions = {}): Promise<number> {
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

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Iterations made: the most of any class. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** What was minimised, at the end, of every output. */
  get objective_(): Float64Array {
    return this.fitted("objective_").objective;
  }

  async #learn(
    where: string,
    source: RowSource,
    { classes, codes }: EncodedLabels,
    weights: Float64Array | undefined,
    ofClasses: Float64Array | undefined,
    options: RunOptions,
  ): Promise<SvmResult> {
    const { penalty, loss, C, tol, maxIter, fitIntercept, interceptScaling, randomState, nJobs } = this.params;
    return runJob(effectiveNJobs(nJobs), options, async (job) => {
      const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
      const sink = addon().createRowSink(labels, memoryBudget());
      const { rows } = await pourRows(source, sink, job, options.signal);
      if (rows !== codes.length) throw invalidData(`${where}: X has ${rows} rows, but y has ${codes.length} values`);
      const problem = { codes, nClasses: classes.length, weights, classWeights: ofClasses };
      const native = {
        problem: penalty === "l1" ? "l1SquaredHinge" : loss === "hinge" ? "l2Hinge" : "l2SquaredHinge",
        C,
        tol,
        maxIter,
        interceptScaling: fitIntercept ? interceptScaling : 0,
        seed: seedOf(randomState),
      } as const;
      return addon().fitSvm(sink, problem, native, job);
    });
  }

  #margins(): Margins {
    const { coef, intercept, featureNamesIn } = this.fitted("coef_");
    return { coef, intercept, names: featureNamesIn };
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `LinearSVC.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}

function checkRows(where: string, rows: number, labels: EncodedLabels): void {
  if (rows === labels.codes.length) return;
  throw invalidData(`${where}: X has ${rows} rows, but y has ${labels.codes.length} values`);
}

function checkClasses(where: string, { classes }: EncodedLabels): void {
  if (classes.length === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (classes.length === 1) {
    throw invalidData(`${where}: y has only one class, ${show(classes[0])}; at least 2 classes are needed`);
  }
}
