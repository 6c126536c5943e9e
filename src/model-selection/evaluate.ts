import { TreelineError, invalidArgument, invalidData } from "../base/errors.js";
import { parallelStream } from "../base/parallel.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Frame } from "../data/frame.js";
import { Matrix } from "../data/matrix.js";
import { SharedTables } from "../data/shared-tables.js";
import { rowsOf, type Splittable } from "../data/split.js";
import { encodeLabels, readColumn, readTarget, type VectorLike } from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { permutation } from "./assignments.js";
import { checkCv, type Cv } from "./check-cv.js";
import type { Fold } from "./fold.js";
import { FoldData, type FitOptions, type Whole } from "./fold-data.js";
import { fitAndScore, type FitOutcome } from "./fit-and-score.js";
import type { Measures } from "./scoring.js";
import type { Splitter } from "./splitter.js";

/** A table, its targets, and the folds to evaluate on. */
export interface Problem {
  readonly whole: Whole;
  readonly folds: readonly Fold[];
}

export interface ProblemOptions {
  readonly cv?: Cv | undefined;
  readonly groups?: VectorLike | null | undefined;
  readonly fitOptions?: FitOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Reads what the splits need, and makes them. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
export async function problemOf(
  estimator: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  options: ProblemOptions,
  where: string,
): Promise<Problem> {
  const { groups, signal } = options;
  const splitter = splitterFor(estimator, y, options.cv ?? null);
  const whole = await wholeOf(estimator, X, y, options, where);
  const folds: Fold[] = [];
  for await (const fold of splitter.masks(whole.rows, whole.y, { groups, signal }, where)) folds.push(fold);
  return { whole, folds };
}

/** A table and its targets, which are read and checked. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
export async function wholeOf(
  estimator: Wrappable,
  X: InputLike,
  y: VectorLike | undefined,
  { fitOptions = {}, signal }: ProblemOptions,
  where: string,
): Promise<Whole> {
  inputShape(X, `${where}: X`); // says what is no table
  const targets = await targetsOf(estimator, y, where, signal);
  const rows = await rowsOf(X as Splittable, where, { signal });
  if (rows === 0) throw invalidData(`${where}: X has 0 rows, and at least 2 are needed`);
  if (targets !== undefined) {
    const values = await rowsOf(targets as Splittable, where, { signal });
    if (values !== rows) throw invalidData(`${where}: y has ${values} values, but X has ${rows} rows`);
  }
  return { X: X, y: targets, options: fitOptions, rows };
}

/** y in memory, checked before any fit; a table of several targets as it is. */
async function targetsOf(
  estimator: Wrappable,
  y: VectorLike | undefined,
  where: string,
  signal: AbortSignal | undefined,
): Promise<VectorLike | undefined> {
  const { kind, requiresY } = tagsOf(estimator);
  if (y === undefined || y === null || y instanceof Matrix || y instanceof Frame || isTable(y)) {
    if (requiresY && (y === undefined || y === null)) {
      throw invalidArgument(`${where}: y is missing: this estimator learns from X and y`);
    }
    return y;
  }
  const values = await readColumn(y, `${where}: y`, signal);
  if (kind === "classifier") await encodeLabels(values, `${where}: y`, signal);
  else if (kind === "regressor") await readTarget(values, `${where}: y`, signal);
  return values;
}

function isTable(y: VectorLike): boolean {
  return Array.isArray(y) ? typeof y[0] === "object" && y[0] !== null : "numCols" in y;
}

export function splitterFor(estimator: unknown, y: VectorLike | undefined, cv: Cv): Splitter {
  return checkCv(cv, y, { classifier: tagsOf(estimator).kind === "classifier" });
}

/** What to try: an estimator with parameters. */
export interface Candidate {
  readonly estimator: Wrappable;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Learn from so many training rows only: the first ones, or those that come first in an order drawn with the seed. */
  readonly trainRows?: { readonly count: number; readonly seed: number | undefined } | undefined;
}

export interface EvaluateOptions extends RunOptions {
  readonly measures: Measures;
  readonly nJobs?: number | null | undefined;
  readonly returnTrainScore?: boolean | undefined;
  readonly errorScore?: number | "raise" | undefined;
  /** Scores weigh the test rows by fitOptions.sampleWeight. Default false. */
  readonly weightScores?: boolean | undefined;
  /** Called as fits end, in any order. */
  readonly onOutcome?: ((outcome: FitOutcome, candidate: number, fold: number) => void) | undefined;
}

/**
 * Fits every candidate on every fold, a few at a time; resolves to the outcomes, candidate by candidate, fold by fold. All
 * candidates of a fold come before the next fold, so that a fold's rows are cut, first steps of pipelines fitted, and bins
 * made, once.
 */
export async function evaluate(
  { whole, folds }: Problem,
  candidates: readonly Candidate[],
  options: EvaluateOptions,
  where: string,
): Promise<FitOutcome[][]> {
  const { measures, returnTrainScore = false, errorScore = NaN, weightScores, signal, onOutcome } = options;
  const outcomes: FitOutcome[][] = candidates.map(() => []);
  const n = candidates.length;
  const open = new Set<SharedTables>();
  function* tasks(): Generator<(stop: AbortSignal) => Promise<FitOutcome>, void, undefined> {
    for (const [k, fold] of folds.entries()) {
      const data = new FoldData(whole, fold, k);
      const shared = n > 1 ? new Map<string, never>() : undefined;
      const tables = n > 1 ? new SharedTables() : undefined;
      if (tables) open.add(tables);
      let left = n;
      for (const { estimator, params, trainRows } of candidates) {
        yield async (stop) => {
          const { count, seed } = trainRows ?? { count: 0, seed: undefined };
          const order = seed === undefined ? undefined : permutation(fold.train.count, seed, k);
          const train = trainRows && data.firstTrain(count, order);
          const task = { estimator, params, data, measures, returnTrainScore, errorScore, weightScores, where };
          try {
            return await fitAndScore(
              { ...task, train, tables, shared: train === undefined ? shared : undefined },
              stop,
            );
          } finally {
            if (--left === 0) tables?.release();
          }
        };
      }
    }
  }
  const total = n * folds.length;
  const report = progressOf(options, total);
  let done = 0;
  report(0, NaN);
  const stream = parallelStream(tasks(), { nJobs: options.nJobs ?? undefined, ordered: false, signal });
  try {
    for await (const { index, value } of stream) {
      const [fold, candidate] = [Math.floor(index / n), index % n];
      (outcomes[candidate] as FitOutcome[])[fold] = value;
      onOutcome?.(value, candidate, fold);
      report(++done, Object.values(value.test ?? {})[0] ?? NaN);
    }
  } finally {
    for (const tables of open) tables.release(); // folds that an error or an abort has left unfinished
  }
  refuseAllFailed(outcomes.flat(), where);
  return outcomes;
}

function progressOf(options: RunOptions, total: number): (done: number, score: number) => void {
  return (done, score) => {
    const progress: Progress = { fraction: total === 0 ? 1 : done / total, done, total, score };
    options.onProgress?.(progress);
  };
}

function refuseAllFailed(outcomes: readonly FitOutcome[], where: string): void {
  const [first] = outcomes;
  if (first === undefined || outcomes.some((outcome) => outcome.test !== undefined)) return;
  const message = first.error instanceof Error ? first.error.message : String(first.error);
  const code = first.error instanceof TreelineError ? first.error.code : "ERR_INVALID_DATA";
  throw new TreelineError(code, `${where}: all ${outcomes.length} fits failed; the first: ${message}`, {
    cause: first.error,
  });
}
