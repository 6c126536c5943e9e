import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import type { RowSource } from "../data/row-source.js";
import { mapRowsOrEntries } from "../data/sparse-rows.js";
import type { BlockMapHandle, LinearOutput } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** What every linear model learns. */
export interface LinearFitted extends FittedBase {
  /** Outputs × features. */
  readonly coef: Float64Array;
  /** One an output. */
  readonly intercept: Float64Array;
}

/** Rows of numbers: rows × outputs, row-major. */
export interface Mapped {
  readonly rows: number;
  readonly values: Float64Array;
}

/** The predicting half of a linear model: native maps, kept for as long as the fit they belong to. */
export class LinearPredictor {
  readonly #className: string;
  #maps: { fitted: LinearFitted; handles: Map<LinearOutput, BlockMapHandle> } | undefined;

  constructor(className: string) {
    this.#className = className;
  }

  /** Every row of `source` as `nOutputs` numbers. */
  async map(
    fitted: LinearFitted,
    output: LinearOutput,
    nOutputs: number,
    source: RowSource,
    nJobs: number | null,
    options?: RunOptions,
  ): Promise<Mapped> {
    const map = this.#handle(fitted, output);
    return runJob(effectiveNJobs(nJobs), options, (job) =>
      mapRowsOrEntries(source, map, nOutputs, job, options?.signal),
    );
  }

  /** The same for rows in memory, at once and on this thread. `method` names the caller in messages. */
  mapSync(fitted: LinearFitted, output: LinearOutput, nOutputs: number, source: RowSource, method: string): Mapped {
    const chunks = source.chunks();
    if (source.nRows === undefined || !(Symbol.iterator in chunks)) {
      throw invalidArgument(`${this.#className}.${method}: X must be rows in memory; use the asynchronous method`);
    }
    const values = new Float64Array(source.nRows * nOutputs);
    const map = this.#handle(fitted, output);
    if (source.sparse) {
      for (const chunk of source.sparse.chunks())
        addon().mapSparseSync(map, chunk, values, chunk.firstRow * nOutputs, 1);
      return { rows: source.nRows, values };
    }
    for (const chunk of chunks) addon().mapBlockSync(map, chunk, values, chunk.firstRow * nOutputs, 1);
    return { rows: source.nRows, values };
  }

  #handle(fitted: LinearFitted, output: LinearOutput): BlockMapHandle {
    if (this.#maps?.fitted !== fitted) this.#maps = { fitted, handles: new Map() };
    const { handles } = this.#maps;
    let handle = handles.get(output);
    if (handle === undefined) {
      const labels = { where: `${this.#className}: X`, names: fitted.featureNamesIn, nFeatures: fitted.nFeaturesIn };
      handle = addon().createLogisticMap(labels, fitted.coef, fitted.intercept, output);
      handles.set(output, handle);
    }
    return handle;
  }
}
