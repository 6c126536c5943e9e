import { invalidArgument } from "../base/errors.js";
import type { RunOptions } from "../native/job.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { evaluate, type Problem } from "./evaluate.js";
import type { FitOutcome } from "./fit-and-score.js";
import type { ParamSet } from "./parameter-grid.js";
import type { Measures } from "./scoring.js";
import type { SearchFitOptions } from "./search-params.js";
import { cvResults, type CvResults } from "./search-results.js";

/** What a search evaluates candidates with. */
export interface SearchRunOptions extends RunOptions {
  readonly measures: Measures;
  readonly nJobs: number | null;
  readonly returnTrainScore: boolean;
  readonly errorScore: number | "raise";
  readonly onResult: SearchFitOptions["onResult"];
}

/** The candidates that a search has tried, and what came of them. */
export class SearchRun {
  readonly candidates: ParamSet[] = [];
  readonly #outcomes: FitOutcome[][] = [];
  readonly #more: Record<string, unknown[]> = {};
  readonly #problem: Problem;
  readonly #estimator: Wrappable;
  readonly #options: SearchRunOptions;
  readonly #where: string;
  #results: CvResults = {};
  #expected = 0;
  #done = 0;

  constructor(problem: Problem, estimator: Wrappable, options: SearchRunOptions, where: string) {
    this.#problem = problem;
    this.#estimator = estimator;
    this.#options = options;
    this.#where = where;
  }

  /** The results of all candidates so far. */
  get results(): CvResults {
    return this.#results;
  }

  /** Fits that have ended. */
  get done(): number {
    return this.#done;
  }

  /** Says how many candidates there will be, for progress; without it, those of the first evaluation. */
  expect(candidates: number): void {
    this.#expected = candidates * this.#problem.folds.length;
  }

  /**
   * Evaluates candidates, on other folds than the search's where a `problem` is given, adds them to the results with a value of
   * each column in `more`, and gives all results so far.
   */
  async evaluate(
    params: readonly ParamSet[],
    on: { readonly problem?: Problem | undefined; readonly more?: Readonly<Record<string, unknown>> | undefined } = {},
  ): Promise<CvResults> {
    if (params.length === 0) throw invalidArgument(`${this.#where}: there are no candidates to try`);
    if (this.#expected === 0) this.expect(params.length);
    const { measures, nJobs, returnTrainScore, errorScore, signal, onProgress, onResult } = this.#options;
    const first = this.candidates.length;
    const onOutcome = (outcome: FitOutcome, candidate: number, fold: number): void => {
      this.#done++;
      const scores = outcome.test;
      onResult?.({ candidate: first + candidate, fold, params: params[candidate] as ParamSet, scores });
      const all = Math.max(this.#expected, this.#done) + 1; // the refit is one more
      onProgress?.({
        fraction: this.#done / all,
        done: this.#done,
        total: all,
        score: Object.values(scores ?? {})[0] ?? NaN,
      });
    };
    const made = await evaluate(
      on.problem ?? this.#problem,
      params.map((one) => ({ estimator: this.#estimator, params: one })),
      { measures, nJobs, returnTrainScore, errorScore, signal, onOutcome },
      this.#where,
    );
    this.candidates.push(...params);
    this.#outcomes.push(...made);
    for (const [name, value] of Object.entries(on.more ?? {})) {
      (this.#more[name] ??= []).push(...params.map(() => value));
    }
    const more = this.#more;
    this.#results = cvResults(this.candidates, this.#outcomes, { returnTrainScore, errorScore, more });
    return this.#results;
  }
}
