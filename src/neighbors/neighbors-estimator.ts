import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { BaseEstimator } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { inTurns } from "../data/vector.js";
import type { JobOptions, SinkHandle } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import type { NeighborSearchParams } from "./search-params.js";
import { readRows, StoredRows, type StoredFitted } from "./stored-rows.js";

/** The nearest rows of fit for each row: nSamples × nNeighbors each, nearest first. */
export interface Neighbors {
  readonly distances: Matrix<Float64Array>;
  /** Numbers of rows of fit. */
  readonly indices: Matrix<Float64Array>;
}

/** A search: a table's rows, or (undefined) those of fit, each without itself. */
export interface Asked<F extends StoredFitted> {
  readonly where: string;
  readonly fitted: F;
  readonly source: RowSource | undefined;
}

/** What all searches for neighbours share. */
export abstract class NeighborsEstimator<P extends NeighborSearchParams, F extends StoredFitted> extends BaseEstimator<
  P,
  F
> {
  readonly #stored = new StoredRows();

  /** Rows in the fit. */
  get nSamplesFit_(): number {
    return this.fitted("nSamplesFit_").nSamplesFit;
  }

  /** The distance that is computed. */
  get effectiveMetric_(): string {
    return this.fitted("effectiveMetric_").distance;
  }

  /** Reads and stores X, and keeps it with what `learn` makes of it: nothing is kept before that. */
  protected async learnRows(
    X: MatrixLike,
    options: RunOptions,
    learn: (stored: StoredFitted) => F | Promise<F>,
  ): Promise<void> {
    const where = `${this.className}.fit`;
    const fitted = await learn(await readRows(where, X, this.params, options));
    const handle = await runJob(effectiveNJobs(this.params.nJobs), options, (job) =>
      this.#stored.make(where, fitted, job, options.signal),
    );
    this.#stored.keep(fitted, handle);
    this.setFitted(fitted);
  }

  /** A table to search for, checked; undefined or null: the rows of fit. */
  protected asked(method: string, X: MatrixLike | null | undefined): Asked<F> {
    const fitted = this.fitted(method);
    const where = `${this.className}.${method}`;
    if (X === undefined || X === null) return { where, fitted, source: undefined };
    const source = rowSourceOf(X, `${where}: X`);
    this.checkFeatures(method, source);
    return { where, fitted, source };
  }

  /** Runs a search of the stored rows. */
  protected search<T>(
    { where, fitted }: Asked<F>,
    options: RunOptions,
    body: (store: SinkHandle, job: JobOptions) => Promise<T>,
  ): Promise<T> {
    return runJob(effectiveNJobs(this.params.nJobs), options, async (job) =>
      body(await this.#stored.of(where, fitted, job, options.signal), job),
    );
  }

  /** The k nearest rows of fit. @throws TreelineError ERR_INVALID_DATA where there are fewer. */
  protected async nearest(asked: Asked<F>, k: number, options: RunOptions): Promise<Neighbors> {
    const { where, fitted, source } = asked;
    if (!Number.isInteger(k) || k < 1) {
      throw invalidArgument(`${where}: nNeighbors must be a positive integer, got ${show(k)}`);
    }
    const most = source === undefined ? fitted.nSamplesFit - 1 : fitted.nSamplesFit;
    if (k > most) {
      throw invalidData(
        `${where}: nNeighbors is ${k}, but the fit had ${fitted.nSamplesFit} rows${source === undefined ? ", each without itself" : ""}: ` +
          `ask for at most ${most}`,
      );
    }
    const found = await this.search(asked, options, async (store, job) => {
      if (source === undefined) return addon().nearestOfOwn(store, k, job);
      const labels = { where: `${where}: X`, names: fitted.featureNamesIn, nFeatures: fitted.nFeaturesIn };
      const map = addon().createNeighborsMap(labels, store, k);
      return (await mapRows(source, map, 2 * k, Float64Array, job, options.signal)).values;
    });
    return apart(found, k, options.signal);
  }
}

/** Rows of k distances and k numbers as two matrices. */
async function apart(found: Float64Array, k: number, signal: AbortSignal | undefined): Promise<Neighbors> {
  const rows = found.length / (2 * k);
  const distances = new Float64Array(rows * k);
  const indices = new Float64Array(rows * k);
  await inTurns(rows, signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      for (let j = 0; j < k; j++) {
        distances[i * k + j] = found[2 * i * k + j] as number;
        indices[i * k + j] = found[(2 * i + 1) * k + j] as number;
      }
    }
  });
  return { distances: new Matrix(distances, [rows, k]), indices: new Matrix(indices, [rows, k]) };
}
