import { memoryLimitBytes, spillDirectory } from "../base/config.js";
import { invalidData } from "../base/errors.js";
import { pourEntries } from "../data/row-source.js";
import { withShared } from "../data/shared-tables.js";
import type { BinningOptions, JobOptions, SinkHandle } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { BoostingTask } from "./boosting-fit.js";

/** What decides about the bins of the rows to learn from, besides the table and the parameters. */
export interface BinChoices {
  readonly seed: number;
  /** One byte a row; undefined: all are trained on. */
  readonly rowUse: Uint8Array | undefined;
  /** One byte a feature. */
  readonly categorical: Uint8Array | undefined;
}

/**
 * Calls `use` with the bins of the rows to learn from: those that another fit of the same search has made of the same rows in
 * the same way, or new ones. Boosters made meanwhile keep them.
 */
export async function withBins<R>(
  task: BoostingTask,
  choices: BinChoices,
  job: JobOptions,
  signal: AbortSignal | undefined,
  use: (bins: SinkHandle) => Promise<R>,
): Promise<R> {
  const { params, train, previous } = task;
  const { seed, rowUse, categorical } = choices;
  const options = binningOptions(task);
  // Held-out rows that were drawn for this fit alone, and the thresholds of a warm start, are of no use to others.
  const isOwn = previous !== undefined || (rowUse !== undefined && params.randomState === null);
  const key = isOwn
    ? undefined
    : {
        text: JSON.stringify([train.source.nFeatures, train.rows, seed, options]),
        arrays: [rowUse, train.weights, categorical],
      };
  const make = (): Promise<SinkHandle> => binsOf(task, choices, options, job, signal);
  const free = (bins: SinkHandle): void => addon().releaseBins(bins);
  return withShared(train.table, key, { make, free }, signal, use);
}

/** A pass for the sample that thresholds are made from, and a pass that bins. */
async function binsOf(
  { train, previous, where }: BoostingTask,
  { seed, rowUse, categorical }: BinChoices,
  options: BinningOptions,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<SinkHandle> {
  const { source, weights } = train;
  const { nFeatures } = source;
  const sketch = addon().createSketchSink({ nFeatures, nRows: train.rows, seed, rowUse, weights, categorical });
  const { rows } = await pourEntries(source, sketch, job, signal);
  checkRows(where, rows, train.rows);
  const bins = await addon().createBinningSink(sketch, options, previous?.model, quiet(job));
  try {
    const again = await pourEntries(source, bins, job, signal);
    if (again.rows !== rows) throw invalidData(`${where}: X gave ${rows} rows, then ${again.rows}: did it change?`);
  } catch (error) {
    addon().releaseBins(bins);
    throw error;
  }
  return bins;
}

function binningOptions({ params: { maxBins, compactBins } }: BoostingTask): BinningOptions {
  const memoryLimit = Math.ceil(memoryLimitBytes() ?? 0);
  return { maxBins, compact: compactBins, memoryLimit, spillDirectory: spillDirectory() };
}

export function checkRows(where: string, rows: number, expected: number, X = "X", y = "y"): void {
  if (rows !== expected) throw invalidData(`${where}: ${X} has ${rows} rows, but ${y} has ${expected} values`);
  if (rows === 0) throw invalidData(`${where}: ${X} has 0 rows; at least 1 is needed`);
}

/** Progress counts trees: the steps before have none. */
export function quiet(job: JobOptions): JobOptions {
  return { nJobs: job.nJobs, cancel: job.cancel };
}
