import { performance } from "node:perf_hooks";
import { invalidArgument } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import type { State } from "../base/persistence.js";
import type { CollectedTable } from "../data/collected-table.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { AnsweringEstimator } from "../wrappers/answering.js";
import { has, tagsOf, type Answer, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { problemOf, type Problem } from "./evaluate.js";
import type { FitOptions } from "./fold-data.js";
import type { ParamSet } from "./parameter-grid.js";
import { measuresOf, resultKey, SINGLE } from "./scoring.js";
import { checkRefit, decidingMetric, pickedIndex, type SearchFitOptions, type SearchParams } from "./search-params.js";
import { cvResultsTable, type CvResults } from "./search-results.js";
import { SearchRun } from "./search-run.js";

interface SearchFitted extends FittedBase {
  readonly bestEstimator: Wrappable | undefined;
  readonly bestIndex: number | undefined;
  readonly results: CvResults;
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
export abstract class SearchCV<P extends SearchParams> extends AnsweringEstimator<P, SearchFitted> {
  get tags(): EstimatorTags {
    return tagsOf(this.params.estimator);
  }

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
  async fit(X: MatrixLike, y?: VectorLike, options: SearchFitOptions = {}): Promise<this> {
    this.checkParams();
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
    this.setFitted({
      ...shapeOf(X),
      bestEstimator,
      bestIndex,
      results,
      nSplits: problem.folds.length,
      refitTime,
      multimetric: !(resultKey("meanTest", SINGLE) in results),
      metric,
      strategy,
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

  /** Mean score of the best candidate on the test rows. NaN where a function picked it by several metrics. */
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
