import { boolean, custom, integer, nJobs, number, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, readSampleWeight, type VectorLike } from "../data/vector.js";
import { getScorer, getScorerNames, type Scorer } from "../metrics/scorer.js";
import { foldsSpec, rolesOf, type FoldsLike } from "./folds.js";
import { checkClasses, checkRows, learn, trainingSource, warnUnlessConverged, type LinearFitOptions } from "./learn.js";
import { LogisticClassifier, type LogisticFitted } from "./logistic-classifier.js";
import { searchPaths, type PathSearch } from "./logistic-paths.js";
import { logisticSolver, nativeSolver, type LogisticSolver } from "./logistic-regression.js";

/** Parameters of LogisticRegressionCV. */
export interface LogisticRegressionCVParams {
  /** Inverse penalties to try, or how many: evenly in logarithms from 1e-4 to 1e4. Default 10. */
  Cs: number | readonly number[];
  /** Parts of the penalty that are L1 to try: 0 is L2 alone, 1 L1 alone. Default [0]. */
  l1Ratios: readonly number[];
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /**
   * Folds: how many, stratified; a splitter; the fold of every row; or pairs of row numbers [train, test]. Default null: 5.
   */
  cv: FoldsLike;
  /** Weights of the classes, those of "balanced" from all of y. Default null: all weigh 1. */
  classWeight: ClassWeight;
  /**
   * What the best model has most of: the name of a scorer, or one made by makeScorer, of predictions, probabilities or
   * decision values. Default "accuracy".
   */
  scoring: string | Scorer;
  /** See LogisticRegression. Default "lbfgs". */
  solver: LogisticSolver;
  /** See LogisticRegression. Default 1e-4. */
  tol: number;
  /** Most iterations of a fit. Default 100. */
  maxIter: number;
  /** Learn from all rows with the best parameters; false: the mean of every fold's best model. Default true. */
  refit: boolean;
  /** Draw a progress bar on the terminal. Default false. */
  verbose: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const isPositive = (value: unknown): boolean => typeof value === "number" && value > 0;
const isShare = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;
const isList = (value: unknown, test: (one: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(test);

const SPECS: ParamSpecs<LogisticRegressionCVParams> = {
  Cs: custom<number | readonly number[]>(
    10,
    "a positive integer, or an array of positive numbers",
    (value) => isList(value, isPositive) || (Number.isInteger(value) && (value as number) >= 1),
    0,
  ),
  l1Ratios: custom<readonly number[]>([0], "an array of numbers from 0 to 1", (value) => isList(value, isShare), 0.5),
  fitIntercept: boolean(true),
  cv: foldsSpec(),
  classWeight: classWeightSpec(),
  scoring: custom<string | Scorer>(
    "accuracy",
    "the name of a scorer, or a scorer",
    (value) => typeof value === "function" || getScorerNames().includes(value as string),
    "no such scorer",
  ),
  solver: logisticSolver(),
  tol: number(1e-4, { min: 0, exclusiveMin: true }),
  maxIter: integer(100, { min: 1 }),
  refit: boolean(true),
  verbose: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends LogisticFitted, PathSearch {
  readonly Cs: Float64Array;
  readonly l1Ratios: Float64Array;
  readonly nFolds: number;
  readonly hasIntercept: boolean;
}

/**
 * LogisticRegression with its penalty, and the part of it that is L1, chosen by cross-validation. Follows scikit-learn's
 * LogisticRegressionCV with use_legacy_attributes=False. The folds are ways to read one table: nothing is copied. Paths of
 * penalties are fitted side by side, each model from the one before.
 * The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new LogisticRegressionCV({ Cs: 20, l1Ratios: [0, 0.5, 1], scoring: "negLogLoss" }).fit(X, y);
 * console.log(model.C_, model.l1Ratio_);
 */
export class LogisticRegressionCV extends LogisticClassifier<LogisticRegressionCVParams, Fitted> {
  constructor(params: Partial<LogisticRegressionCVParams> = {}) {
    super("LogisticRegressionCV", SPECS, params);
  }

  /**
   * Finds the parameters of the greatest mean score over the folds (of equals those of the smallest C), and learns
   * coefficients with them. X: nSamples × nFeatures, finite; y: nSamples labels of at least two classes. Progress counts
   * the models of the folds, and their scores.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "LogisticRegressionCV.fit";
    const { params } = this;
    const source = trainingSource(X, where);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    if (source.nRows !== undefined) checkRows(where, source.nRows, labels.codes.length);
    checkClasses(where, labels);
    const sampleWeight = await readSampleWeight(options.sampleWeight, labels.codes.length, where);
    const weights = combinedWeights(params.classWeight, labels, sampleWeight, where);
    const { roles, nFolds } = await rolesOf(params.cv, labels, where, options.signal);
    const { nFeatures, featureNames } = source;
    const grid = { Cs: this.#cs(), l1Ratios: Float64Array.from(params.l1Ratios), roles, nFolds };
    const { tol, maxIter, fitIntercept, refit, nJobs, verbose } = params;
    const solver = { C: 1, l1Ratio: 0, tol, maxIter, fitIntercept, solver: nativeSolver(params.solver) };
    const task = { labels, weights, sampleWeight, grid, solver, refit, nFeatures, scorer: getScorer(params.scoring) };
    const settings = { className: this.className, nJobs, verbose };
    const found = await learn(settings, source, labels.codes.length, options, (sink, job) =>
      searchPaths(task, sink, job),
    );
    warnUnlessConverged(this.className, found, params);
    const { Cs, l1Ratios } = grid;
    const { converged: _converged, violation: _violation, ...search } = found;
    const learned = { ...search, Cs, l1Ratios, nFolds, hasIntercept: fitIntercept, classes: labels.classes };
    this.setFitted({ nFeaturesIn: nFeatures, featureNamesIn: featureNames, ...learned });
    return this;
  }

  /** The chosen C; without refit the mean of the folds' best. */
  get C_(): number {
    return this.fitted("C_").C;
  }

  /** The chosen part of the penalty that is L1; without refit the mean of the folds' best. */
  get l1Ratio_(): number {
    return this.fitted("l1Ratio_").l1Ratio;
  }

  /** The inverse penalties tried. */
  get Cs_(): Float64Array {
    return this.fitted("Cs_").Cs;
  }

  /** The L1 parts tried. */
  get l1Ratios_(): Float64Array {
    return this.fitted("l1Ratios_").l1Ratios;
  }

  /** Scores: nFolds × (nL1Ratios · nCs), the Cs of one ratio after those of another. */
  get scores_(): Matrix<Float64Array> {
    const { scores, nFolds } = this.fitted("scores_");
    return new Matrix(scores, [nFolds, scores.length / nFolds]);
  }

  /**
   * Coefficients of every model, and the intercept behind them with fitIntercept: (nFolds · nL1Ratios · nCs · outputs) ×
   * nFeatures (+ 1); one output for two classes, else one a class.
   */
  get coefsPaths_(): Matrix<Float64Array> {
    const { pathCoef, pathIntercept, hasIntercept, nFeaturesIn } = this.fitted("coefsPaths_");
    if (!hasIntercept) return new Matrix(pathCoef, [pathIntercept.length, nFeaturesIn]);
    const width = nFeaturesIn + 1;
    const all = new Float64Array(pathIntercept.length * width);
    pathIntercept.forEach((intercept, k) => {
      all.set(pathCoef.subarray(k * nFeaturesIn, (k + 1) * nFeaturesIn), k * width);
      all[k * width + nFeaturesIn] = intercept;
    });
    return new Matrix(all, [pathIntercept.length, width]);
  }

  /** Iterations of the last fit on all rows; without refit the most of a fold's best model. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** Iterations of every model: nFolds × (nL1Ratios · nCs). */
  get nIterPaths_(): Matrix<Float64Array> {
    const { pathIterations, nFolds } = this.fitted("nIterPaths_");
    return new Matrix(pathIterations, [nFolds, pathIterations.length / nFolds]);
  }

  #cs(): Float64Array {
    const { Cs } = this.params;
    if (typeof Cs !== "number") return Float64Array.from(Cs);
    return Float64Array.from({ length: Cs }, (_, i) => 10 ** (-4 + (Cs > 1 ? (8 * i) / (Cs - 1) : 0)));
  }
}
