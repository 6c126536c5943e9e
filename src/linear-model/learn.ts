import { effectiveNJobs } from "../base/config.js";
import { invalidData, show, warnConvergence } from "../base/errors.js";
import { withProgressBar } from "../base/progress-bar.js";
import { memoryBudget } from "../data/memory-budget.js";
import { pour, type RowSource } from "../data/row-source.js";
import { pourSparse } from "../data/sparse-rows.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { EncodedLabels, VectorLike } from "../data/vector.js";
import type { JobOptions, SinkHandle } from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Options of a linear model's fit. */
export interface LinearFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** What a fit is told besides its data. */
export interface LearnSettings {
  readonly className: string;
  readonly nJobs: number | null;
  readonly verbose?: boolean;
  /** Bytes that the fit itself takes in memory: of memoryLimit, the rows of X get the rest. Default 0. */
  readonly reserved?: number;
}

/** X of a fit: at least one feature. @throws TreelineError ERR_INVALID_DATA */
export function trainingSource(X: MatrixLike, where: string): RowSource {
  const source = rowSourceOf(X, `${where}: X`);
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  return source;
}

/** @throws TreelineError ERR_INVALID_DATA unless X has as many rows as y has values, and some. */
export function checkRows(where: string, rows: number, targets: number): void {
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
}

/** @throws TreelineError ERR_INVALID_DATA unless there are at least two classes. */
export function checkClasses(where: string, { classes }: EncodedLabels): void {
  if (classes.length === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (classes.length === 1) {
    throw invalidData(`${where}: y has only one class, ${show(classes[0])}; at least 2 classes are needed`);
  }
}

/** Pours X into a linear sink, a sparse table into one of its entries, and hands it to `call`, a native fit, in one job. */
export async function learn<T>(
  { className, nJobs, verbose, reserved = 0 }: LearnSettings,
  source: RowSource,
  targets: number,
  options: RunOptions,
  call: (sink: SinkHandle, job: JobOptions) => Promise<T>,
): Promise<T> {
  const where = `${className}.fit`;
  if (source.nRows !== undefined) checkRows(where, source.nRows, targets);
  const body = async (run: RunOptions): Promise<T> =>
    runJob(effectiveNJobs(nJobs), run, async (job) => {
      const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
      const { sparse } = source;
      const sink = sparse ? addon().createSparseSink(labels) : addon().createLinearSink(labels, memoryBudget(reserved));
      const { rows } = await (sparse ? pourSparse(sparse, sink, run.signal) : pour(source, sink, job, run.signal));
      checkRows(where, rows, targets);
      return call(sink, job);
    });
  return verbose ? withProgressBar<Progress, RunOptions, T>(className, options, body) : body(options);
}

/** Says so where a fit stopped before it converged. */
export function warnUnlessConverged(
  className: string,
  { converged, nIter, violation }: { readonly converged: boolean; readonly nIter: number; readonly violation: number },
  { maxIter, tol }: { readonly maxIter: number; readonly tol: number },
): void {
  if (converged) return;
  const what = nIter >= maxIter ? `in maxIter: ${maxIter} iterations` : `after ${nIter} iterations`;
  warnConvergence(
    `${className}.fit: did not converge ${what}; the largest gradient entry is ${violation.toPrecision(2)}, tol is ` +
      `${tol}. Raise maxIter or tol, or penalise more`,
  );
}
