import { performance } from "node:perf_hooks";
import { invalidArgument } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import type { State } from "../base/persistence.js";
import { withProgressBar } from "../base/progress-bar.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import type { Progress } from "../native/job.js";
import type { Methods, Wrappable } from "../wrappers/wrapped.js";
import { problemOf, type Problem } from "./evaluate.js";
import type { FitOptions } from "./fold-data.js";
import type { ParamSet } from "./parameter-grid.js";
import { measuresOf, resultKey, SINGLE } from "./scoring.js";
import { checkRefit, decidingMetric, pickedIndex, type SearchFitOptions, type SearchParams } from "./search-params.js";
import type { CvResults } from "./search-results.js";
import { SearchRun } from "./search-run.js";
import { Searcher, shapeOf, type SearcherFitted, type SearchScoreOptions } from "./searcher.js";

interface SearchFitted extends SearcherFitted {
  readonly bestIndex: number | undefined;
  readonly nSplits: number;
  readonly refitTime: number | undefined;
  readonly multimetric: boolean;
  /** The metric that decides. */
  readonly metric: string | undefined;
  /** What the strategy tells of itself. */
  readonly strategy: State | undefined;
}

/** What a strategy of searching knows. */
export interface SearchContext {
  readonly problem: Problem;
  readonly estimator: Wrappable;
  readonly run: SearchRun;
  readonly where: string;
}

/** The searches over parameters by cross-validation: what they share. Each says which candidates to try. */
export abstract class SearchCV<P extends SearchParams> extends Searcher<P, SearchFitted> {
  /** Tries the candidates; what else there is to know of it goes into the fitted state. */
  protected abstract search(context: SearchContext): Promise<State | undefined>;

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
  async fit(X: InputLike, y?: VectorLike, options: SearchFitOptions = {}): Promise<this> {
    this.checkParams();
    const fitted = await (this.params.verbose
      ? withProgressBar<Progress, SearchFitOptions, SearchFitted>(this.className, options, (run) =>
          this.#search(X, y, run),
        )
      : this.#search(X, y, options));
    this.setFitted(fitted);
    return this;
  }

  async #search(X: InputLike, y: VectorLike | undefined, options: SearchFitOptions): Promise<SearchFitted> {
    const where = `${this.className}.fit`;
    const { groups, onResult, onProgress, signal, ...fitOptions } = options;
    const { scoring, cv, errorScore, returnTrainScore, refit } = this.params;
    const estimator = this.params.estimator as Wrappable;
    const measures = measuresOf(scoring, estimator, where);
    checkRefit(measures, refit, scoring, where);
    const problem = await problemOf(estimator, X, y, { cv, groups, fitOptions: given(fitOptions), signal }, where);
    const { nJobs } = this.params;
    const on = { measures, nJobs, returnTrainScore, errorScore, signal, onProgress, onResult };
    const run = new SearchRun(problem, estimator, on, where);
    const strategy = await this.search({ problem, estimator, run, where });
    const { results, candidates } = run;
    const metric = decidingMetric(results, refit, where);
    const decided = typeof refit === "function" ? pickedIndex(refit(results), candidates.length, where) : undefined;
    const bestIndex = decided ?? (metric === undefined ? undefined : this.bestIndexOf(results, metric));
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
    onProgress?.({ fraction: 1, done: run.done + 1, total: run.done + 1, score: NaN });
    return {
      ...shapeOf(X),
      bestEstimator,
      bestIndex,
      results,
      nSplits: problem.folds.length,
      refitTime,
      multimetric: !(resultKey("meanTest", SINGLE) in results),
      metric,
      strategy,
    };
  }

  /** The best estimator's score by the metric that decided. @throws TreelineError ERR_NOT_FITTED */
  async score(X: InputLike, y?: VectorLike, options: SearchScoreOptions = {}): Promise<number> {
    return this.scoreBest(this.fitted("score").metric, X, y, options);
  }

  /** Results by column, a value for every candidate: meanTestScore, stdTestScore, rankTestScore, split0TestScore, …, param_<name>, params. */
  override get cvResults_(): CvResults {
    return super.cvResults_;
  }

  /** Mean score of the best candidate on the test rows. NaN where a function picked it by several metrics. */
  get bestScore_(): number {
    const { results, metric } = this.fitted("bestScore_");
    if (metric === undefined) return NaN;
    return (results[`mean${resultKey("Test", metric)}`] as Float64Array)[this.bestIndex_] as number;
  }

  /** Its row in cvResults_. */
  override get bestIndex_(): number {
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
}

function given(options: FitOptions): FitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
