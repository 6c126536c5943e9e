import { boolean, choice, integer, nJobs, number, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import type { RowSource } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, readSampleWeight, type EncodedLabels, type VectorLike } from "../data/vector.js";
import type { LogisticOptions } from "../native/addon.js";
import { addon } from "../native/load.js";
import { checkClasses, checkRows, learn, trainingSource, warnUnlessConverged, type LinearFitOptions } from "./learn.js";
import { LogisticClassifier, type LogisticFitted } from "./logistic-classifier.js";

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
   * and classes, and a very small tol (sparse tables of more than 5000 unknowns take "lbfgs"). "newton-cg", "sag" and "saga" are scikit-learn's names and mean "lbfgs" here: which
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

/** The rule of a solver parameter. */
export function logisticSolver(): ParamSpec<LogisticSolver> {
  return choice("lbfgs", ["lbfgs", "newton-cg", "newton-cholesky", "sag", "saga"]);
}

/** The method behind a solver's name. */
export function nativeSolver(solver: LogisticSolver): LogisticOptions["solver"] {
  return solver === "newton-cholesky" ? solver : "lbfgs";
}

const SPECS: ParamSpecs<LogisticRegressionParams> = {
  C: number(1, { min: 0, exclusiveMin: true, infinite: true }),
  l1Ratio: number(0, { min: 0, max: 1 }),
  tol: number(1e-4, { min: 0, exclusiveMin: true }),
  fitIntercept: boolean(true),
  classWeight: classWeightSpec(),
  solver: logisticSolver(),
  maxIter: integer(100, { min: 1 }),
  warmStart: boolean(false),
  verbose: boolean(false),
  nJobs: nJobs(),
};

/** Options of LogisticRegression.fit. */
export type LogisticRegressionFitOptions = LinearFitOptions;

interface Fitted extends LogisticFitted {
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
export class LogisticRegression extends LogisticClassifier<LogisticRegressionParams, Fitted> {
  constructor(params: Partial<LogisticRegressionParams> = {}) {
    super("LogisticRegression", SPECS, params);
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
    warnUnlessConverged("LogisticRegression", result, this.params);
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

  /** Iterations of the solver over all rows. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  #options(source: RowSource, labels: EncodedLabels): LogisticOptions {
    const { C, l1Ratio, tol, maxIter, fitIntercept, solver, warmStart } = this.params;
    const last = warmStart ? this.fittedOrUndefined : undefined;
    const usable =
      last?.nFeaturesIn === source.nFeatures &&
      last.classes.length === labels.classes.length &&
      Array.from<unknown>(last.classes).every((label, k) => label === labels.classes[k]);
    return {
      ...{ C, l1Ratio, tol, maxIter, fitIntercept },
      solver: nativeSolver(solver),
      startCoef: usable ? last.coef : undefined,
      startIntercept: usable ? last.intercept : undefined,
    };
  }
}
