import { invalidArgument, invalidData, show } from "../base/errors.js";
import { seedOf } from "../base/random.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import type { Cv } from "./check-cv.js";
import { checkCall } from "./cross-validate.js";
import { evaluate, problemOf, type Candidate, type Problem } from "./evaluate.js";
import type { FitOutcome } from "./fit-and-score.js";
import type { FitOptions } from "./fold-data.js";
import { measuresOf, type Scoring } from "./scoring.js";

/** Options that both curves share. */
export interface ScoreCurveOptions extends RunOptions {
  /** One metric. Default null: the estimator's score method. */
  readonly scoring?: Extract<Scoring, string | ((...args: never[]) => unknown)> | null | undefined;
  /** How to split. Default null: 5 folds, stratified for a classifier, not shuffled. */
  readonly cv?: Cv | undefined;
  /** The group of every row, for splitters that know groups. */
  readonly groups?: VectorLike | null | undefined;
  /** Options of fit, cut like X where they hold a value a row: { sampleWeight }. */
  readonly fitOptions?: FitOptions | undefined;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  readonly nJobs?: number | null | undefined;
  /** The score of a fit that fails; "raise" (default NaN): the first error ends all. */
  readonly errorScore?: number | "raise" | undefined;
}

/** Scores of several fits on every fold: fits × folds. */
export interface ScoreCurve {
  readonly trainScores: Matrix<Float64Array>;
  readonly testScores: Matrix<Float64Array>;
  /** Seconds to fit. */
  readonly fitTimes: Matrix<Float64Array>;
  /** Seconds to score the test rows. */
  readonly scoreTimes: Matrix<Float64Array>;
}

/** Options of validationCurve. */
export interface ValidationCurveOptions extends ScoreCurveOptions {
  /** The parameter: "C", or "model__C" inside a pipeline. */
  readonly paramName: string;
  /** Its values. */
  readonly paramRange: readonly unknown[];
}

/** Options of learningCurve. */
export interface LearningCurveOptions extends ScoreCurveOptions {
  /** Training rows: shares of those there are (0 to 1], or numbers. Default [0.1, 0.325, 0.55, 0.775, 1]. */
  readonly trainSizes?: readonly number[] | undefined;
  /** Draw the rows at random; else the first ones are taken. Default false. */
  readonly shuffle?: boolean | undefined;
  /** Seed of the draws. */
  readonly randomState?: number | null | undefined;
}

/** What learningCurve gives. */
export interface LearningCurve extends ScoreCurve {
  /** Training rows of each line of scores: ascending, each once. */
  readonly trainSizes: Int32Array;
}

const OPTIONS = ["scoring", "cv", "groups", "fitOptions", "nJobs", "errorScore", "signal", "onProgress"];

/**
 * Scores on training and test rows for several values of a parameter: scikit-learn's validation_curve.
 *
 * @example
 * const { trainScores, testScores } = await validationCurve(new Ridge(), X, y, {
 *   paramName: "alpha",
 *   paramRange: [0.01, 0.1, 1, 10],
 * });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function validationCurve(
  estimator: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  options: ValidationCurveOptions,
): Promise<ScoreCurve> {
  const where = "validationCurve";
  checkCall(where, estimator, options, [...OPTIONS, "paramName", "paramRange"]);
  const { paramName, paramRange } = options;
  if (typeof paramName !== "string")
    throw invalidArgument(`${where}: paramName must be a name, got ${show(paramName)}`);
  if (!Array.isArray(paramRange) || paramRange.length === 0) {
    throw invalidArgument(`${where}: paramRange must be an array of values, got ${show(paramRange)}`);
  }
  const problem = await problemOf(estimator, X, y, options, where);
  const candidates = paramRange.map((value: unknown) => ({ estimator, params: { [paramName]: value } }));
  return scores(problem, candidates, options, where);
}

/**
 * Scores on training and test rows for growing numbers of training rows: scikit-learn's learning_curve.
 *
 * @example
 * const { trainSizes, testScores } = await learningCurve(new GaussianNB(), X, y, { cv: 3, shuffle: true, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function learningCurve(
  estimator: Wrappable,
  X: InputLike,
  y?: VectorLike,
  options: LearningCurveOptions = {},
): Promise<LearningCurve> {
  const where = "learningCurve";
  checkCall(where, estimator, options, [...OPTIONS, "trainSizes", "shuffle", "randomState"]);
  const { trainSizes = [0.1, 0.325, 0.55, 0.775, 1], shuffle = false, randomState = null } = options;
  const problem = await problemOf(estimator, X, y, options, where);
  const most = Math.min(...problem.folds.map(({ train }) => train.count));
  const sizes = sizesOf(trainSizes, most, where);
  const seed = shuffle ? seedOf(randomState) : undefined;
  const candidates = Array.from(sizes, (count) => ({ estimator, trainRows: { count, seed } }));
  return { trainSizes: sizes, ...(await scores(problem, candidates, options, where)) };
}

/** Numbers of rows, ascending, each once (scikit-learn's _translate_train_sizes). */
function sizesOf(trainSizes: readonly number[], most: number, where: string): Int32Array {
  const given = Array.from(trainSizes);
  const shares = given.every((size) => size > 0 && size <= 1);
  const counts = given.every((size) => Number.isInteger(size) && size > 0);
  if (given.length === 0 || (!shares && !counts)) {
    throw invalidArgument(
      `${where}: trainSizes must be shares in (0, 1] or positive numbers of rows, got ${given.join(", ")}`,
    );
  }
  const rows = given.map((size) => (shares ? Math.max(1, Math.floor(size * most)) : size));
  const large = rows.find((size) => size > most);
  if (large !== undefined) {
    throw invalidData(`${where}: trainSizes asks for ${large} rows, but there are ${most} training rows`);
  }
  return Int32Array.from(new Set(rows)).sort();
}

async function scores(
  problem: Problem,
  candidates: readonly Candidate[],
  { scoring = null, nJobs, errorScore, signal, onProgress }: ScoreCurveOptions,
  where: string,
): Promise<ScoreCurve> {
  const measures = measuresOf(scoring, candidates[0]?.estimator, where);
  if (measures.multimetric) throw invalidArgument(`${where}: scoring must be one metric`);
  const run = { measures, nJobs, errorScore, returnTrainScore: true, signal, onProgress };
  const outcomes = await evaluate(problem, candidates, run, where);
  const failed = typeof errorScore === "number" ? errorScore : NaN;
  const table = (of: (outcome: FitOutcome) => number): Matrix<Float64Array> =>
    Matrix.from(outcomes.map((folds) => folds.map(of)));
  const first = (values: Readonly<Record<string, number>> | undefined): number =>
    Object.values(values ?? {})[0] ?? failed;
  return {
    trainScores: table(({ train }) => first(train)),
    testScores: table(({ test }) => first(test)),
    fitTimes: table(({ fitTime }) => fitTime / 1000),
    scoreTimes: table(({ scoreTime }) => scoreTime / 1000),
  };
}
