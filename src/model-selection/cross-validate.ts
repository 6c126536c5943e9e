import { invalidArgument, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { has, type Wrappable } from "../wrappers/wrapped.js";
import type { Cv } from "./check-cv.js";
import { evaluate, problemOf } from "./evaluate.js";
import type { FitOptions } from "./fold-data.js";
import type { FitOutcome } from "./fit-and-score.js";
import { measuresOf, resultKey, type Scoring } from "./scoring.js";

/** Options of crossValidate. */
export interface CrossValidateOptions extends RunOptions {
  /** What to measure. Default null: the estimator's score method. */
  readonly scoring?: Scoring | undefined;
  /** How to split. Default null: 5 folds, stratified for a classifier, not shuffled. */
  readonly cv?: Cv | undefined;
  /** The group of every row, for splitters that know groups. */
  readonly groups?: VectorLike | null | undefined;
  /** Options of fit, cut like X where they hold a value a row: { sampleWeight }. */
  readonly fitOptions?: FitOptions | undefined;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  readonly nJobs?: number | null | undefined;
  /** Score the training rows too. Default false. */
  readonly returnTrainScore?: boolean | undefined;
  /** Give the fitted estimators too. Default false. */
  readonly returnEstimator?: boolean | undefined;
  /** Give the row numbers of every fold too. Default false. */
  readonly returnIndices?: boolean | undefined;
  /** The score of a fit that fails; "raise" (default NaN): the first error ends all. */
  readonly errorScore?: number | "raise" | undefined;
}

/** What crossValidate gives: arrays with a value for every fold. */
export interface CrossValidateResults {
  /** Seconds to fit. */
  readonly fitTime: Float64Array;
  /** Seconds to score the test rows. */
  readonly scoreTime: Float64Array;
  /** Scores of the one metric. Several: test_<name>, and train_<name> where they were asked for. */
  readonly testScore: Float64Array;
  readonly trainScore?: Float64Array;
  readonly estimator?: readonly Wrappable[];
  readonly indices?: { readonly train: readonly Int32Array[]; readonly test: readonly Int32Array[] };
  readonly [score: `test_${string}` | `train_${string}`]: Float64Array;
}

const OPTIONS = [
  "scoring",
  "cv",
  "groups",
  "fitOptions",
  "nJobs",
  "returnTrainScore",
  "returnEstimator",
  "returnIndices",
  "errorScore",
  "signal",
  "onProgress",
];

/**
 * Scores an estimator by cross-validation, with any number of metrics, and tells the times: scikit-learn's cross_validate.
 * Clones are fitted; the estimator stays as it is. The scores do not depend on nJobs.
 *
 * @example
 * const { testScore } = await crossValidate(new LogisticRegression(), X, y, { cv: 5, scoring: "averagePrecision" });
 * const scores = await crossValidate(new LogisticRegression(), X, y, { scoring: ["rocAuc", "f1"], returnTrainScore: true });
 * console.log(scores.test_rocAuc, scores.train_f1);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA; what fit throws where errorScore is "raise" or no fit succeeds.
 */
export async function crossValidate(
  estimator: Wrappable,
  X: InputLike,
  y?: VectorLike,
  options: CrossValidateOptions = {},
): Promise<CrossValidateResults> {
  const where = "crossValidate";
  checkCall(where, estimator, options, OPTIONS);
  const measures = measuresOf(options.scoring ?? null, estimator, where);
  const problem = await problemOf(estimator, X, y, options, where);
  const [outcomes] = await evaluate(problem, [{ estimator }], { ...options, measures }, where);
  const { folds } = problem;
  const of = (value: (outcome: FitOutcome) => number): Float64Array => Float64Array.from(outcomes ?? [], value);
  return {
    fitTime: of((outcome) => outcome.fitTime / 1000),
    scoreTime: of((outcome) => outcome.scoreTime / 1000),
    ...scoreArrays(outcomes ?? [], options),
    ...(options.returnEstimator === true ? { estimator: outcomes?.map((outcome) => outcome.estimator) } : {}),
    ...(options.returnIndices === true
      ? {
          indices: { train: folds.map((fold) => fold.train.indices()), test: folds.map((fold) => fold.test.indices()) },
        }
      : {}),
  } as unknown as CrossValidateResults;
}

/** Arrays of scores, named. */
function scoreArrays(
  outcomes: readonly FitOutcome[],
  { returnTrainScore = false, errorScore = NaN }: CrossValidateOptions,
): Record<string, Float64Array> {
  const metrics = metricsOf(outcomes);
  const failed = errorScore === "raise" ? NaN : errorScore;
  const columns = metrics.flatMap((metric) => [
    [resultKey("test", metric), Float64Array.from(outcomes, (outcome) => outcome.test?.[metric] ?? failed)] as const,
    ...(returnTrainScore
      ? [
          [
            resultKey("train", metric),
            Float64Array.from(outcomes, (outcome) => outcome.train?.[metric] ?? failed),
          ] as const,
        ]
      : []),
  ]);
  return Object.fromEntries(columns);
}

/** The names of the metrics, from a fit that did not fail. */
export function metricsOf(outcomes: readonly FitOutcome[]): string[] {
  return Object.keys(outcomes.find((outcome) => outcome.test !== undefined)?.test ?? {});
}

/**
 * One score a fold by cross-validation: scikit-learn's cross_val_score.
 *
 * @example const scores = await crossValScore(new LogisticRegression(), X, y, { cv: 10, scoring: "rocAuc" });
 * @throws TreelineError as crossValidate.
 */
export async function crossValScore(
  estimator: Wrappable,
  X: InputLike,
  y?: VectorLike,
  options: CrossValidateOptions & {
    readonly scoring?: Extract<Scoring, string | ((...args: never[]) => unknown)> | null;
  } = {},
): Promise<Float64Array> {
  const { testScore } = await crossValidate(estimator, X, y, options);
  if (testScore === undefined)
    throw invalidArgument("crossValScore: scoring must be one metric; crossValidate takes several");
  return testScore;
}

/** The first lines of every function that cross-validates. @throws TreelineError ERR_INVALID_ARGUMENT */
export function checkCall(where: string, estimator: unknown, options: object, known: readonly string[]): void {
  if (!has(estimator, "fit") || !has(estimator, "getParams")) {
    throw invalidArgument(`${where}: expected an estimator with fit and getParams, got ${show(estimator)}`);
  }
  Object.keys(options).forEach((key) => refuseUnknown(where, key, known, "option"));
  const { errorScore } = options as { errorScore?: unknown };
  if (errorScore !== undefined && errorScore !== "raise" && typeof errorScore !== "number") {
    throw invalidArgument(`${where}: errorScore must be a number or "raise", got ${show(errorScore)}`);
  }
}
