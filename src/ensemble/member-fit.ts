import { invalidArgument, invalidData, show } from "../base/errors.js";
import { parallel } from "../base/parallel.js";
import { withProgressBar } from "../base/progress-bar.js";
import type { Matrix } from "../data/matrix.js";
import {
  encodeLabels,
  readColumn,
  type ColumnValues,
  type EncodedLabels,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";

// Members of an ensemble at work: several at the same time, each with its share of the threads.

/** What fit of an ensemble takes besides X and y. */
export interface EnsembleFitOptions extends RunOptions {
  /** One non-negative weight a row: every estimator must take weights. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** How an ensemble works. */
export interface WorkOptions extends RunOptions {
  readonly nJobs: number | null;
  /** Draw a progress bar under this name. */
  readonly bar?: string | undefined;
}

/**
 * Runs pieces of work a few at a time, each with its share of the threads; results in their order. Progress is the mean of
 * theirs; `done` counts pieces.
 */
export async function workSideBySide<R>(
  work: readonly ((options: RunOptions) => Promise<R>)[],
  { nJobs, bar, signal, onProgress }: WorkOptions,
): Promise<R[]> {
  const run = async ({ onProgress: report }: RunOptions): Promise<R[]> => {
    const total = work.length;
    const fractions = new Float64Array(total);
    let done = 0;
    const tell = (k: number, fraction: number): void => {
      if (!(fraction >= (fractions[k] as number))) return;
      fractions[k] = Math.min(1, fraction);
      const sum = fractions.reduce((all, one) => all + one, 0);
      report?.({ fraction: done === total ? 1 : sum / total, done, total, score: NaN });
    };
    return parallel(
      work.map((piece, k) => async (stop: AbortSignal) => {
        const progress = report && ((p: Progress) => tell(k, p.fraction));
        const result = await piece({ signal: stop, ...(progress && { onProgress: progress }) });
        done++;
        tell(k, 1);
        return result;
      }),
      { nJobs: nJobs ?? undefined, signal },
    );
  };
  if (bar === undefined) return run({ onProgress });
  return withProgressBar<Progress, RunOptions, R[]>(bar, { onProgress }, run);
}

/** Throws for weights that a member does not take. @throws TreelineError ERR_INVALID_ARGUMENT */
export function checkWeighable(
  members: readonly (readonly [name: string, estimator: Wrappable])[],
  sampleWeight: VectorLike | undefined,
  where: string,
): void {
  if (sampleWeight === undefined) return;
  const other = members.find(([, estimator]) => !tagsOf(estimator).sampleWeight);
  if (other !== undefined) throw invalidArgument(`${where}: ${show(other[0])} does not take sampleWeight`);
}

/** y in memory, for several estimators to learn, and its labels. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
export async function readLabels(
  y: VectorLike,
  where: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly values: ColumnValues } & EncodedLabels> {
  const values = y === undefined || y === null ? y : await readColumn(y, where, signal); // encodeLabels says what is missing
  return { values, ...(await encodeLabels(values, where, signal)) };
}

/** The place of each label among the classes; -1 for one that is not among them. */
export function placesOf(labels: ArrayLike<unknown>, classes: LabelArray): Float64Array {
  const place = new Map(Array.from<unknown>(classes).map((label, k) => [label, k]));
  const places = new Float64Array(labels.length);
  for (let i = 0; i < places.length; i++) places[i] = place.get(labels[i]) ?? -1;
  return places;
}

/** The same, of predictions. @throws TreelineError ERR_INVALID_DATA for a label that is not among the classes. */
export function codesOf(labels: ArrayLike<unknown>, classes: LabelArray, where: string): Float64Array {
  const codes = placesOf(labels, classes);
  const unknown = codes.indexOf(-1);
  if (unknown < 0) return codes;
  throw invalidData(`${where}: an estimator predicts ${show(labels[unknown])}, which is no label of fit`);
}

/** Probabilities with a column for every one of `classes`: `missing` for those that the estimator has not seen. */
export function spreadColumns(p: Matrix, own: LabelArray, classes: LabelArray, missing = 0): Float64Array {
  const [n, m] = [classes.length, p.cols];
  const places = placesOf(own, classes);
  if (p.order === "row" && n === m && places.every((place, k) => place === k)) return p.data as Float64Array;
  const out = new Float64Array(p.rows * n).fill(missing);
  for (let j = 0; j < m; j++) {
    const place = places[j] as number;
    if (place >= 0) for (let i = 0; i < p.rows; i++) out[i * n + place] = p.at(i, j);
  }
  return out;
}

/** An estimator of an ensemble as what it can do. */
export function methodsOf(estimator: Wrappable): Required<Methods> {
  return estimator as Required<Methods>;
}
