import { performance } from "node:perf_hooks";
import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, either, nJobs, number, type ParamSpec, type ParamSpecs } from "../base/params.js";
import type { CollectedTable } from "../data/collected-table.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { AnsweringEstimator } from "../wrappers/answering.js";
import { estimatorSpec, has, tagsOf, type Answer, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { cvSpec, type Cv } from "./check-cv.js";
import { evaluate, problemOf, type Problem } from "./evaluate.js";
import type { FitOptions } from "./fold-data.js";
import type { FitOutcome } from "./fit-and-score.js";
import type { ParamSet } from "./parameter-grid.js";
import { measuresOf, resultKey, scoringSpec, SINGLE, type Measures, type Scores, type Scoring } from "./scoring.js";
import { cvResults, cvResultsTable, type CvResults } from "./search-results.js";

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

interface SearchFitted extends FittedBase {
  readonly bestEstimator: Wrappable | undefined;
  readonly bestIndex: number | undefined;
  readonly results: CvResults;
  readonly nSplits: number;
  readonly refitTime: number | undefined;
  readonly multimetric: boolean;
  /** The metric that decides. */
  readonly metric: string | undefined;
}

/** What a strategy of searching calls: evaluates candidates, adds them to the results, and gives all results so far. */
export type EvaluateCandidates = (
  candidates: readonly ParamSet[],
  options?: {
    readonly estimator?: Wrappable | undefined;
    readonly problem?: Problem | undefined;
    readonly more?: Readonly<Record<string, unknown>> | undefined;
  },
) => Promise<CvResults>;

/** What a strategy of searching knows. */
export interface SearchContext {
  readonly problem: Problem;
  readonly estimator: Wrappable;
  readonly evaluate: EvaluateCandidates;
  /** The metric that decides. */
  readonly metric: string;
  readonly where: string;
}

/** The searches over parameters by cross-validation: what they share. Each says which candidates to try. */
export abstract class SearchCV<P extends SearchParams> extends AnsweringEstimator<P, SearchFitted> {
  get tags(): EstimatorTags {
    return tagsOf(this.params.estimator);
  }

  /** Tries the candidates. */
  protected abstract search(context: SearchContext): Promise<void>;

  /** How many candidates there will be, as far as known: for progress. */
  protected abstract expectedCandidates(problem: Problem): number;

  /** The candidate that wins, of those that may win. */
  protected bestIndexOf(results: CvResults, metric: string): number {
    const ranks = results[`rank${resultKey("Test", metric)}`] as Int32Array;
    return ranks.indexOf(1);
  }

  /**
   * Fits every candidate on every fold, then (refit) the best one on all rows. Progress counts fits; abort it and the
   * search stays as it was, what had finished has been told to onResult.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA; what fit throws where errorScore is "raise" or no fit succeeds.
   */
  async fit(X: MatrixLike, y?: VectorLike, options: SearchFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const { groups, onResult, onProgress, signal, ...fitOptions } = options;
    const { scoring, cv, errorScore, returnTrainScore, refit } = this.params;
    const estimator = this.params.estimator as Wrappable;
    const measures = measuresOf(scoring, estimator, where);
    checkRefit(measures, refit, scoring, where);
    const problem = await problemOf(estimator, X, y, { cv, groups, fitOptions: given(fitOptions), signal }, where);
    const candidates: ParamSet[] = [];
    const outcomes: FitOutcome[][] = [];
    const more: Record<string, unknown[]> = {};
    const metric = typeof refit === "string" && measures.multimetric ? refit : SINGLE;
    let results: CvResults = {};
    let done = 0;
    const total = this.expectedCandidates(problem) * problem.folds.length;
    const evaluateCandidates: EvaluateCandidates = async (params, on = {}) => {
      if (params.length === 0) throw invalidArgument(`${where}: there are no candidates to try`);
      const first = candidates.length;
      const inner = on.estimator ?? estimator;
      const part = on.problem ?? problem;
      const made = await evaluate(
        part,
        params.map((one) => ({ estimator: inner, params: one })),
        {
          measures,
          nJobs: this.params.nJobs,
          returnTrainScore,
          errorScore,
          signal,
          onOutcome: (outcome, candidate, fold) => {
            done++;
            onResult?.({
              candidate: first + candidate,
              fold,
              params: params[candidate] as ParamSet,
              scores: outcome.test,
            });
            const all = Math.max(total, done);
            const score = Object.values(outcome.test ?? {})[0] ?? NaN;
            onProgress?.({ fraction: done / (all + 1), done, total: all + 1, score });
          },
        },
        where,
      );
      candidates.push(...params);
      outcomes.push(...made);
      for (const [name, value] of Object.entries(on.more ?? {})) {
        (more[name] ??= []).push(...params.map(() => value));
      }
      results = cvResults(candidates, outcomes, { returnTrainScore, errorScore, more });
      return results;
    };
    await this.search({ problem, estimator, evaluate: evaluateCandidates, metric, where });
    const decided = typeof refit === "function" ? pickedIndex(refit(results), candidates.length, where) : undefined;
    const bestIndex =
      decided ?? (measures.multimetric && refit === false ? undefined : this.bestIndexOf(results, metric));
    const begin = performance.now();
    let bestEstimator: Wrappable | undefined;
    if (refit !== false) {
      bestEstimator = clone(estimator);
      const params = candidates[bestIndex as number] as ParamSet;
      (bestEstimator as { setParams(params: object): unknown }).setParams(params);
      await (bestEstimator as Required<Methods>).fit(X, y, { ...given(fitOptions), signal });
    }
    const refitTime = bestEstimator === undefined ? undefined : (performance.now() - begin) / 1000;
    signal?.throwIfAborted();
    onProgress?.({ fraction: 1, done: done + 1, total: done + 1, score: NaN });
    this.setFitted({
      ...shapeOf(X),
      bestEstimator,
      bestIndex,
      results,
      nSplits: problem.folds.length,
      refitTime,
      multimetric: measures.multimetric,
      metric: typeof refit === "function" ? undefined : metric,
    });
    return this;
  }

  /** The way back through the best estimator; undefined if it has none. */
  get inverseTransform(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.answer("inverseTransform");
  }

  /** The best estimator's score by the metric that decided. @throws TreelineError ERR_NOT_FITTED */
  async score(
    X: MatrixLike,
    y?: VectorLike,
    options: RunOptions & { readonly sampleWeight?: VectorLike } = {},
  ): Promise<number> {
    const { metric } = this.fitted("score");
    const best = this.#best("score");
    const { scoring } = this.params;
    if (scoring === null || metric === undefined) return (best as Required<Methods>).score(X, y, options);
    const scores = await measuresOf(scoring, best, `${this.className}.score`).score(best, X, y);
    return scores[metric] as number;
  }

  /** Results by column, a value for every candidate: meanTestScore, stdTestScore, rankTestScore, split0TestScore, …, param_<name>, params. */
  get cvResults_(): CvResults {
    return this.fitted("cvResults_").results;
  }

  /** cvResults_ as an Arrow table, a row a candidate. @throws TreelineError ERR_NATIVE without apache-arrow. */
  async cvResultsTable(): Promise<CollectedTable> {
    return cvResultsTable(this.fitted("cvResultsTable").results, `${this.className}.cvResultsTable`);
  }

  /** The best candidate, fitted on all rows. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_ARGUMENT where refit was false. */
  get bestEstimator_(): Wrappable {
    return this.#best("bestEstimator_");
  }

  /** Mean score of the best candidate on the test rows. NaN where a function picked it. */
  get bestScore_(): number {
    const { results, metric } = this.fitted("bestScore_");
    if (metric === undefined) return NaN;
    return (results[`mean${resultKey("Test", metric)}`] as Float64Array)[this.bestIndex_] as number;
  }

  /** Parameters of the best candidate. */
  get bestParams_(): ParamSet {
    return (this.fitted("bestParams_").results["params"] as readonly ParamSet[])[this.bestIndex_] as ParamSet;
  }

  /** Its row in cvResults_. */
  get bestIndex_(): number {
    const { bestIndex } = this.fitted("bestIndex_");
    if (bestIndex !== undefined) return bestIndex;
    throw invalidArgument(`${this.className}.bestIndex_: of several metrics none decides; name one as refit`);
  }

  /** Number of folds. */
  get nSplits_(): number {
    return this.fitted("nSplits_").nSplits;
  }

  /** Seconds to fit the best candidate on all rows; undefined where refit was false. */
  get refitTime_(): number | undefined {
    return this.fitted("refitTime_").refitTime;
  }

  /** Whether there were several metrics. */
  get multimetric_(): boolean {
    return this.fitted("multimetric_").multimetric;
  }

  /** The classes of the best estimator, if it is a classifier. */
  get classes_(): LabelArray {
    return (this.#best("classes_") as Required<Methods>).classes_;
  }

  #best(what: string): Wrappable {
    const { bestEstimator } = this.fitted(what);
    if (bestEstimator !== undefined) return bestEstimator;
    throw invalidArgument(`${this.className}.${what}: there is no best estimator, for refit was false`);
  }

  protected override answer(method: Answer | "inverseTransform"): never {
    const model = this.fittedOrUndefined?.bestEstimator ?? this.params.estimator;
    if (!has(model, method)) return undefined as never;
    const answer = async (X: MatrixLike, options: RunOptions = {}): Promise<unknown> => {
      const best = this.#best(method) as Required<Methods>;
      if (!(best instanceof BaseEstimator)) this.checkFeatures(method, tableShape(X, `${this.className}.${method}: X`));
      return best[method as Answer](X, options);
    };
    return answer as never;
  }
}

function given(options: FitOptions): FitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function shapeOf(X: MatrixLike): FittedBase {
  const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, "X");
  return { nFeaturesIn, featureNamesIn };
}

function checkRefit({ multimetric }: Measures, refit: SearchParams["refit"], scoring: Scoring, where: string): void {
  if (!multimetric || refit === false || typeof refit === "function") return;
  const names = Array.isArray(scoring) ? (scoring as readonly string[]) : Object.keys(scoring as object);
  if (typeof refit === "string" && names.includes(refit)) return;
  throw invalidArgument(
    `${where}: of several metrics one must decide: refit must be one of ${names.join(", ")}, false, or a function, got ${show(refit)}`,
  );
}

function pickedIndex(index: unknown, candidates: number, where: string): number {
  if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < candidates) return index as number;
  throw invalidArgument(
    `${where}: the function given as refit must return an index of cvResults_ (0 … ${candidates - 1}), got ${show(index)}`,
  );
}
