import { invalidArgument } from "../base/errors.js";
import { boolean, choice, custom, either, integer, nJobs, nullable, number, randomState } from "../base/params.js";
import type { ParamSpec, ParamSpecs } from "../base/params.js";
import { withProgressBar } from "../base/progress-bar.js";
import { seedOf } from "../base/random.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { estimatorSpec, type Wrappable } from "../wrappers/wrapped.js";
import { gridSpec } from "./grid-search-cv.js";
import { HeldOutBlocks } from "./held-out-blocks.js";
import { IncrementalRun, type Bracket, type ModelRecord } from "./incremental-run.js";
import type { ParamDistributions, ParamSet } from "./parameter-grid.js";
import { measuresOf, SINGLE, type ScorerLike } from "./scoring.js";
import { deviation, mean, ranks, type CvResults, type ResultColumn } from "./search-results.js";
import { Searcher, shapeOf, type SearcherFitted, type SearchScoreOptions } from "./searcher.js";

/** Parameters that the searches over models that learn by partialFit share. */
export interface IncrementalSearchParams {
  /** The estimator to tune: it has partialFit. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** Values or distributions to draw from, by parameter, or several such objects. */
  parameters: ParamDistributions | readonly ParamDistributions[];
  /** A model's score must rise by more than this within `patience` calls (default 0.001); null: it need not. */
  tol: number | null;
  /** Rows to hold out for the scores: a share between 0 and 1, or a number. Default: one block, at most a fifth. */
  testSize: number | null;
  /** Rows of a block, at most: of one call of partialFit. Default 8192. */
  blockSize: number;
  /** Seed of the drawn candidates, of the rows held out, and of the order of the blocks; null (default): a new one for every fit. */
  randomState: number | null;
  /** What to measure: the name of a scorer, or a scorer; null (default): the estimator's score method. */
  scoring: string | ScorerLike | null;
  /** Models that learn at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** The score of a model that fails, which is then out (default NaN); "raise": the first error ends the search. */
  errorScore: number | "raise";
  /** Draw a progress bar on stderr. Default false. */
  verbose: boolean;
}

/** The rules of the shared parameters. */
export function incrementalSpecs(): ParamSpecs<IncrementalSearchParams> {
  const isSize = (value: unknown): boolean =>
    value === null || (typeof value === "number" && value > 0 && (value < 1 || Number.isInteger(value)));
  const anyNumber = { ...number(NaN), accepts: (value: unknown) => typeof value === "number" };
  return {
    estimator: estimatorSpec("partialFit"),
    parameters: gridSpec("an object such as { alpha: loguniform(1e-5, 1) }, or an array of such"),
    tol: nullable(number(0.001, { min: 0 }), 0.001),
    testSize: custom<number | null>(null, "a share between 0 and 1, a positive number of rows, or null", isSize, -1),
    blockSize: integer(8192, { min: 1 }),
    randomState: randomState(),
    scoring: custom<string | ScorerLike | null>(
      null,
      "the name of a scorer, a scorer, or null (several metrics cannot decide which models go on)",
      (value) => value === null || typeof value === "string" || typeof value === "function",
      1,
    ),
    nJobs: nJobs(),
    errorScore: either(anyNumber, choice("raise", ["raise"]), NaN) as ParamSpec<number | "raise">,
    verbose: boolean(false),
  };
}

/** The rule of patience; `orTrue`: it may be chosen for the user. */
export function patienceSpec<T extends boolean | number>(orTrue: boolean): ParamSpec<T> {
  return custom<T>(
    false as T,
    `${orTrue ? "true, " : ""}false, or an integer >= 2 (with less every model would rest at once)`,
    (value) => value === false || (orTrue && value === true) || (Number.isInteger(value) && (value as number) >= 2),
    1,
  );
}

/** Options of a fit. */
export interface IncrementalSearchFitOptions extends RunOptions {
  /** One weight per row, where the estimator takes them. Scores do not weigh rows. */
  readonly sampleWeight?: VectorLike | undefined;
  /** All the labels there will ever be; default: those of y. */
  readonly classes?: VectorLike | undefined;
  /** Called as models are scored, in any order: what is finished is known, even if the search is aborted. */
  readonly onResult?: ((record: ModelRecord) => void) | undefined;
}

interface Fitted extends SearcherFitted {
  readonly bestIndex: number;
  readonly history: readonly ModelRecord[];
}

/** The brackets of a search, and how many calls there will be if no patience ends. */
export interface Plan {
  readonly brackets: readonly Bracket[];
  readonly calls: number;
}

/** Dask-ML's searches over models that learn by partialFit: what they share. Each says which models go on. */
export abstract class IncrementalSearch<P extends IncrementalSearchParams> extends Searcher<P, Fitted> {
  /** Which models there are, and who decides about them; `seed` draws them. */
  protected abstract plan(seed: number): Plan;

  /**
   * Holds rows out, and lets models learn from the others, block by block, until the search has decided. Progress counts
   * calls of partialFit; abort it and the search stays as it was, what had finished has been told to onResult.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA; what a model throws where errorScore is "raise" or all fail.
   */
  async fit(X: MatrixLike, y?: VectorLike, options: IncrementalSearchFitOptions = {}): Promise<this> {
    this.checkParams();
    const fitted = await (this.params.verbose
      ? withProgressBar<Progress, IncrementalSearchFitOptions, Fitted>(this.className, options, (run) =>
          this.#search(X, y, run),
        )
      : this.#search(X, y, options));
    this.setFitted(fitted);
    return this;
  }

  async #search(X: MatrixLike, y: VectorLike | undefined, options: IncrementalSearchFitOptions): Promise<Fitted> {
    const where = `${this.className}.fit`;
    const { scoring, testSize, blockSize, randomState, nJobs, errorScore } = this.params;
    const { sampleWeight, classes, signal, onProgress, onResult } = options;
    const estimator = this.params.estimator as Wrappable;
    const measures = measuresOf(scoring, estimator, where);
    const seed = seedOf(randomState);
    const { brackets, calls: expected } = this.plan(seed);
    const parting = { testSize, blockSize, seed, sampleWeight, classes, signal };
    const blocks = await HeldOutBlocks.read(estimator, X, y, parting, where);
    try {
      const on = { measures, nJobs, errorScore, expected, signal, onProgress, onResult };
      const run = new IncrementalRun(blocks, brackets, estimator, on, where);
      const winner = await run.finish();
      signal?.throwIfAborted();
      const done = run.histories.reduce((sum, history) => sum + (history.at(-1)?.partialFitCalls ?? 0), 0) + 1;
      onProgress?.({ fraction: 1, done, total: done, score: NaN });
      const results = resultsOf(run.histories);
      const { history } = run;
      return { ...shapeOf(X), bestEstimator: winner.estimator, bestIndex: winner.index, results, history };
    } finally {
      blocks.dispose();
    }
  }

  /** The best estimator's score by `scoring`. @throws TreelineError ERR_NOT_FITTED */
  async score(X: MatrixLike, y?: VectorLike, options: SearchScoreOptions = {}): Promise<number> {
    return this.scoreBest(SINGLE, X, y, options);
  }

  /**
   * Results by column, a value for every model that was tried: testScore (its last), rankTestScore, partialFitCalls, modelId,
   * meanPartialFitTime, stdPartialFitTime, meanScoreTime, stdScoreTime, param_<name>, params; Hyperband's bracket.
   */
  override get cvResults_(): CvResults {
    return super.cvResults_;
  }

  /** Every score of every model: round by round, in the order of the models. */
  get history_(): readonly ModelRecord[] {
    return this.fitted("history_").history;
  }

  /** history_ by modelId. */
  get modelHistory_(): Readonly<Record<string, readonly ModelRecord[]>> {
    const byModel: Record<string, ModelRecord[]> = {};
    for (const record of this.fitted("modelHistory_").history) (byModel[record.modelId] ??= []).push(record);
    return byModel;
  }

  /** The best model: the best of those that were never dropped, as it was when it was scored last. */
  override get bestEstimator_(): Wrappable {
    return super.bestEstimator_;
  }

  /** Its last score on the rows that were held out. */
  get bestScore_(): number {
    return (this.fitted("bestScore_").results["testScore"] as Float64Array)[this.bestIndex_] as number;
  }

  override get bestIndex_(): number {
    return this.fitted("bestIndex_").bestIndex;
  }

  /** Scores a fitted estimator as the search did. */
  get scorer_(): (estimator: Wrappable, X: MatrixLike, y?: VectorLike) => Promise<number> {
    this.fitted("scorer_");
    const { scoring } = this.params;
    return async (estimator, X, y) => {
      const scores = await measuresOf(scoring, estimator, `${this.className}.scorer_`).score(estimator, X, y);
      return scores[SINGLE] as number;
    };
  }

  /** Rows are held out once: 1. */
  get nSplits_(): number {
    this.fitted("nSplits_");
    return 1;
  }

  /** One number decides which models go on: false. */
  get multimetric_(): boolean {
    this.fitted("multimetric_");
    return false;
  }
}

/** The table of all models, in their order. */
function resultsOf(histories: readonly (readonly ModelRecord[])[]): CvResults {
  const last = histories.map((history) => history.at(-1) as ModelRecord);
  const results: Record<string, ResultColumn> = {};
  const times = { PartialFitTime: "partialFitTime", ScoreTime: "scoreTime" } as const;
  for (const [name, key] of Object.entries(times)) {
    const seconds = histories.map((history) => Float64Array.from(history, (record) => record[key]));
    results[`mean${name}`] = Float64Array.from(seconds, mean);
    results[`std${name}`] = Float64Array.from(seconds, deviation);
  }
  const candidates: readonly ParamSet[] = last.map(({ params }) => params);
  const names = [...new Set(candidates.flatMap((params) => Object.keys(params)))].sort();
  for (const name of names) results[`param_${name}`] = candidates.map((params) => params[name]);
  results["params"] = candidates;
  results["modelId"] = last.map(({ modelId }) => modelId);
  results["partialFitCalls"] = Int32Array.from(last, ({ partialFitCalls }) => partialFitCalls);
  if (last[0]?.bracket !== undefined) results["bracket"] = Int32Array.from(last, ({ bracket }) => bracket as number);
  const scores = Float64Array.from(last, ({ score }) => score);
  results["testScore"] = scores;
  results["rankTestScore"] = ranks(scores);
  return results;
}

/** The candidates, or an error where there are none. */
export function someCandidates(candidates: readonly ParamSet[], where: string): readonly ParamSet[] {
  if (candidates.length === 0) throw invalidArgument(`${where}: there are no candidates to try`);
  return candidates;
}
