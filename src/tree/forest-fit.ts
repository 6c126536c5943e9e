import { effectiveNJobs } from "../base/config.js";
import { invalidData } from "../base/errors.js";
import { withProgressBar } from "../base/progress-bar.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { pourEntries, type RowSource } from "../data/row-source.js";
import type { ForestArrays, ForestOptions, ForestProblem, ForestResult, JobOptions } from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Rows that quantiles are made from: 255 bins of 257 each. A quarter of the memory that boosting's sample takes. */
const SAMPLE_ROWS = 65_536;

/** One fit of trees, whatever they are for. */
export interface ForestTask {
  /** "RandomForestClassifier.fit". */
  readonly where: string;
  readonly source: RowSource;
  readonly rows: number;
  readonly problem: ForestProblem;
  readonly options: ForestOptions;
  readonly maxBins: number;
  readonly nJobs: number | null;
  readonly verbose: boolean;
  /** Trees to add to. */
  readonly before: ForestArrays | undefined;
}

/**
 * Grows trees: a pass over X for the bins, a pass that fills them, then the native fit. Progress counts trees.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export async function fitForest(task: ForestTask, options: RunOptions): Promise<ForestResult> {
  const { where, source, rows } = task;
  if (source.nRows !== undefined) checkRows(where, source.nRows, rows);
  const nJobs = effectiveNJobs(task.nJobs);
  refuseTooLarge(bytesFor(task, nJobs), where);
  const run = (how: RunOptions): Promise<ForestResult> => runJob(nJobs, how, (job) => grow(task, job, how.signal));
  return task.verbose
    ? withProgressBar<Progress, RunOptions, ForestResult>(where.replace(".fit", ""), options, run)
    : run(options);
}

async function grow(task: ForestTask, job: JobOptions, signal: AbortSignal | undefined): Promise<ForestResult> {
  const { where, source, rows } = task;
  const quiet: JobOptions = { nJobs: job.nJobs, cancel: job.cancel };
  const sketch = addon().createSketchSink({
    nFeatures: source.nFeatures,
    nRows: rows,
    seed: 0, // bins do not depend on randomState: a tree that draws nothing is always the same
    sampleRows: SAMPLE_ROWS,
    rowUse: undefined,
    weights: undefined,
    categorical: undefined,
  });
  const first = await pourEntries(source, sketch, job, signal);
  checkRows(where, first.rows, rows);
  const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
  const bins = await addon().createBinTableSink(sketch, task.maxBins, labels, quiet);
  const again = await pourEntries(source, bins, job, signal);
  if (again.rows !== rows) throw invalidData(`${where}: X gave ${rows} rows, then ${again.rows}: did it change?`);
  return addon().fitForest(bins, task.problem, task.options, task.before, job);
}

function checkRows(where: string, rows: number, targets: number): void {
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
}

/** Bins, and of every thread the rows of its tree twice. */
function bytesFor({ source, rows, maxBins }: ForestTask, nJobs: number): number {
  const cellBytes = maxBins > 255 && rows > 255 ? 2 : 1;
  return rows * (source.nFeatures * cellBytes + 24 * nJobs + 16);
}
