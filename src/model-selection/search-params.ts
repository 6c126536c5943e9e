import { invalidArgument, show } from "../base/errors.js";
import { boolean, choice, custom, either, nJobs, number, type ParamSpec, type ParamSpecs } from "../base/params.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { estimatorSpec, type Wrappable } from "../wrappers/wrapped.js";
import { cvSpec, type Cv } from "./check-cv.js";
import type { ParamSet } from "./parameter-grid.js";
import { resultKey, scoringSpec, SINGLE, type Measures, type Scores, type Scoring } from "./scoring.js";
import type { CvResults } from "./search-results.js";

/** Which candidate is best, by all the results: its index. */
export type RefitRule = (results: CvResults) => number;

/** Parameters that all searches share. */
export interface SearchParams {
  /** The estimator to tune. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** What to measure; null (default): the estimator's score method. Several metrics need refit to name one. */
  scoring: Scoring;
  /** Fits that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Fit the best candidate on all rows: true (default), false, the metric that decides, or a function that picks the index. */
  refit: boolean | string | RefitRule;
  /** How to split; null (default): 5 folds, stratified for a classifier, not shuffled. */
  cv: Cv;
  /** Draw a progress bar on stderr. Default false. */
  verbose: boolean;
  /** The score of a fit that fails (default NaN); "raise": the first error ends the search. */
  errorScore: number | "raise";
  /** Score training rows too. Default false. */
  returnTrainScore: boolean;
}

/** The rules of the shared parameters. */
export function searchSpecs(): ParamSpecs<SearchParams> {
  return {
    estimator: estimatorSpec("fit"),
    scoring: scoringSpec(),
    nJobs: nJobs(),
    refit: custom<SearchParams["refit"]>(
      true,
      "true, false, the name of a metric, or a function that picks an index",
      (value) => typeof value === "boolean" || typeof value === "string" || typeof value === "function",
      1,
    ),
    cv: cvSpec(),
    verbose: boolean(false),
    errorScore: either(nanNumber(), choice("raise", ["raise"]), NaN) as ParamSpec<number | "raise">,
    returnTrainScore: boolean(false),
  };
}

function nanNumber(): ParamSpec<number> {
  return { ...number(NaN), accepts: (value) => typeof value === "number" };
}

/** A fit that ended. */
export interface SearchResult {
  /** Index of the candidate in cvResults_. */
  readonly candidate: number;
  readonly fold: number;
  readonly params: ParamSet;
  /** Scores on the test rows, by metric ("score" where there is one); undefined for a fit that failed. */
  readonly scores: Scores | undefined;
}

/** Options of a search's fit; all others go to the estimator's fit, cut like X where they hold a value a row. */
export interface SearchFitOptions extends RunOptions {
  /** The group of every row, for splitters that know groups. */
  readonly groups?: VectorLike | null | undefined;
  /** Goes to the estimator's fit. */
  readonly sampleWeight?: VectorLike | undefined;
  /** Called as fits end, in any order: what is finished is known, even if the search is aborted. */
  readonly onResult?: ((result: SearchResult) => void) | undefined;
  readonly [option: string]: unknown;
}

/** @throws TreelineError ERR_INVALID_ARGUMENT where of several metrics none is named to decide. */
export function checkRefit(
  { multimetric }: Measures,
  refit: SearchParams["refit"],
  scoring: Scoring,
  where: string,
): void {
  if (!multimetric || refit === false || typeof refit === "function") return;
  const names = Array.isArray(scoring) ? (scoring as readonly string[]) : Object.keys(scoring as object);
  if (typeof refit === "string" && names.includes(refit)) return;
  throw invalidArgument(
    `${where}: of several metrics one must decide: refit must be one of ${names.join(", ")}, false, or a function, got ${show(refit)}`,
  );
}

/** The candidate that a function picked. @throws TreelineError ERR_INVALID_ARGUMENT for what is no index. */
export function pickedIndex(index: unknown, candidates: number, where: string): number {
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < candidates) return index as number;
  throw invalidArgument(
    `${where}: the function given as refit must return an index of cvResults_ (0 … ${candidates - 1}), got ${show(index)}`,
  );
}

/**
 * The metric that decides, known once there are results: a scoring function may give several numbers. Undefined where none
 * needs to: there are several, and refit is false or a function.
 */
export function decidingMetric(results: CvResults, refit: SearchParams["refit"], where: string): string | undefined {
  if (resultKey("meanTest", SINGLE) in results) return SINGLE;
  if (typeof refit === "string" && resultKey("meanTest", refit) in results) return refit;
  if (refit === false || typeof refit === "function") return undefined;
  const prefix = "meanTest_";
  const names = Object.keys(results).filter((key) => key.startsWith(prefix));
  throw invalidArgument(
    `${where}: scoring gives several numbers, of which one must decide: refit must be one of ` +
      `${names.map((key) => key.slice(prefix.length)).join(", ")}, false, or a function, got ${show(refit)}`,
  );
}
