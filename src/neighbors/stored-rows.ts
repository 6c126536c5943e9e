import { effectiveNJobs, memoryLimitBytes } from "../base/config.js";
import { invalidData, TreelineError } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { Chunk, JobOptions, NeighborDistance, SinkHandle } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { distanceOf, type NeighborSearchParams } from "./search-params.js";

/** What every search for neighbours keeps: the rows of fit. */
export interface StoredFitted extends FittedBase {
  /** nSamplesFit × nFeaturesIn, row-major. */
  readonly rows: Float64Array;
  readonly nSamplesFit: number;
  readonly distance: NeighborDistance;
  readonly p: number;
}

/** Bytes that a stored number takes: as it is saved, as it is searched, and as a code. */
const BYTES_A_NUMBER = 18;

/** Reads X into memory, which every search needs. @throws TreelineError ERR_MEMORY_LIMIT, ERR_INVALID_DATA */
export async function readRows(
  where: string,
  X: MatrixLike,
  params: NeighborSearchParams,
  options: RunOptions,
): Promise<StoredFitted> {
  const source = rowSourceOf(X, `${where}: X`);
  const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
  if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (source.nRows !== undefined) refuseTooMany(where, source.nRows * nFeaturesIn);
  const copy = addon().createAffineMap(new Float64Array(nFeaturesIn), new Float64Array(nFeaturesIn).fill(1), false);
  const { rows: nSamplesFit, values } = await runJob(effectiveNJobs(params.nJobs), options, (job) =>
    mapRows(watched(where, source), copy, nFeaturesIn, Float64Array, job, options.signal),
  );
  if (nSamplesFit === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  return { nFeaturesIn, featureNamesIn, rows: values, nSamplesFit, distance: distanceOf(params), p: params.p };
}

/** The table, refused as soon as more of it was read than memoryLimit has room for. */
function watched(where: string, source: RowSource): RowSource {
  const { nFeatures, nRows, featureNames, categories } = source;
  async function* chunks(signal?: AbortSignal): AsyncIterable<Chunk> {
    for await (const chunk of source.chunks(signal)) {
      refuseTooMany(where, (chunk.firstRow + chunk.rows) * nFeatures);
      yield chunk;
    }
  }
  return { nFeatures, nRows, featureNames, categories, chunks };
}

function refuseTooMany(where: string, numbers: number): void {
  const limit = memoryLimitBytes();
  const bytes = numbers * BYTES_A_NUMBER;
  if (limit === undefined || bytes <= limit) return;
  throw new TreelineError(
    "ERR_MEMORY_LIMIT",
    `${where}: neighbours are searched among rows in memory, which needs ${(bytes / 1e6).toFixed(1)} MB or more, but ` +
      `memoryLimit is ${(limit / 1e6).toFixed(1)} MB: fit on fewer rows or columns, or raise memoryLimit`,
  );
}

/** The rows of a fit as native code searches them: made by the fit, or by the first search after a load. */
export class StoredRows {
  #store: { fitted: StoredFitted; handle: SinkHandle } | undefined;

  /** A store of the rows: `where` starts messages about them. */
  async make(where: string, fitted: StoredFitted, job: JobOptions, signal?: AbortSignal): Promise<SinkHandle> {
    const { rows, nSamplesFit, nFeaturesIn, featureNamesIn, distance, p } = fitted;
    const labels = { where: `${where}: X`, names: featureNamesIn, nFeatures: nFeaturesIn };
    const handle = addon().createNeighborStore(labels, distance, p);
    const source = rowSourceOf(new Matrix(rows, [nSamplesFit, nFeaturesIn]), where);
    const quiet: JobOptions = { nJobs: job.nJobs, cancel: job.cancel };
    await pour(source, handle, quiet, signal);
    await addon().finishNeighbors(handle, quiet);
    return handle;
  }

  /** The store of a fit that succeeded. */
  keep(fitted: StoredFitted, handle: SinkHandle): void {
    this.#store = { fitted, handle };
  }

  async of(where: string, fitted: StoredFitted, job: JobOptions, signal?: AbortSignal): Promise<SinkHandle> {
    if (this.#store?.fitted !== fitted) this.keep(fitted, await this.make(where, fitted, job, signal));
    return (this.#store as { handle: SinkHandle }).handle;
  }
}
