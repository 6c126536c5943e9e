import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { copyRow, type RowLike } from "../data/row.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import type {
  BlockMapHandle,
  BoostingLoss,
  BoostingModelHandle,
  BoostingModelInfo,
  BoostingOutput,
  FloatArray,
  RowPredictor,
} from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

export type { BoostingOutput };

/** Numbers of every row, row-major. */
export interface RowValues {
  readonly rows: number;
  readonly values: Float64Array;
}

/** A fitted ensemble as the estimators use it: a native model and the maps made from it so far. */
export class BoostingForest {
  readonly model: BoostingModelHandle;
  readonly loss: BoostingLoss;
  readonly info: BoostingModelInfo;
  readonly #maps = new Map<string, BlockMapHandle>();
  #rawRow: RowPredictor | undefined;
  #responseRow: RowPredictor | undefined;

  constructor(model: BoostingModelHandle, loss: BoostingLoss) {
    this.model = model;
    this.loss = loss;
    this.info = addon().boostingModel(model);
  }

  /** A model from the bytes of toBytes(). */
  static fromBytes(bytes: Uint8Array, loss: BoostingLoss): BoostingForest {
    return new BoostingForest(addon().deserializeBoosting(bytes), loss);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    return addon().serializeBoosting(this.model);
  }

  /** Numbers per row of an output. */
  width(output: BoostingOutput): number {
    return output === "response" && this.loss === "logLoss" ? 2 : this.info.nOutputs;
  }

  async map(source: RowSource, output: BoostingOutput, nJobs: number | null, options?: RunOptions): Promise<RowValues> {
    const handle = this.#handle(output);
    return runJob(effectiveNJobs(nJobs), options, (job) =>
      mapRows(source, handle, this.width(output), Float64Array, job, options?.signal),
    );
  }

  /** map for rows in memory, at once and on this thread. */
  mapSync(source: RowSource, output: BoostingOutput, where: string): RowValues {
    const chunks = source.chunks();
    if (source.nRows === undefined || !(Symbol.iterator in chunks)) {
      throw invalidArgument(`${where}: X must be rows in memory; use the asynchronous method`);
    }
    const width = this.width(output);
    const values = new Float64Array(source.nRows * width);
    const handle = this.#handle(output);
    for (const chunk of chunks) addon().mapBlockSync(handle, chunk, values, chunk.firstRow * width, 1);
    return { rows: source.nRows, values };
  }

  /** One row, at once and without allocating: the result is overwritten by the next call. */
  mapRow(row: RowLike, output: BoostingOutput, where: string): Float64Array {
    const predictor = this.#rowPredictor(output);
    copyRow(row, predictor.input, where);
    predictor.run();
    return predictor.output;
  }

  /** Numbers of another kind for every row: leaves, Shapley values. */
  async mapWith<T extends FloatArray>(
    map: BlockMapHandle,
    width: number,
    arrayType: new (length: number) => T,
    source: RowSource,
    nJobs: number | null,
    options?: RunOptions,
  ): Promise<{ rows: number; values: T }> {
    return runJob(effectiveNJobs(nJobs), options, (job) =>
      mapRows(source, map, width, arrayType, job, options?.signal),
    );
  }

  /** Raw predictions after each iteration: a new array every time, the last one equal to map's, bit for bit. */
  async *staged(source: RowSource, nJobs: number | null, options?: RunOptions): AsyncGenerator<RowValues> {
    const { nIterations, nOutputs } = this.info;
    let raw: Float64Array | undefined;
    for (let iteration = 0; iteration < nIterations; iteration++) {
      const step = addon().createForestMap(this.model, this.loss, "raw", iteration, iteration + 1);
      const { values } = await runJob(effectiveNJobs(nJobs), options, (job) =>
        mapRows(source, step, nOutputs, Float64Array, job, options?.signal),
      );
      const before: Float64Array | undefined = raw;
      raw = before ? values.map((value, i) => (before[i] as number) + value) : values;
      yield { rows: raw.length / nOutputs, values: raw.slice() };
    }
  }

  /** What raw predictions mean: class probabilities, or the predicted mean or quantile. */
  response(raw: Float64Array): Float64Array {
    return responseOf(this.loss, raw, this.info.nOutputs);
  }

  #rowPredictor(output: BoostingOutput): RowPredictor {
    const make = (): RowPredictor => addon().createRowPredictor(this.model, this.loss, output);
    if (output === "raw") return (this.#rawRow ??= make());
    return (this.#responseRow ??= make());
  }

  #handle(output: BoostingOutput): BlockMapHandle {
    let handle = this.#maps.get(output);
    if (handle === undefined) {
      handle = addon().createForestMap(this.model, this.loss, output, 0, this.info.nIterations);
      this.#maps.set(output, handle);
    }
    return handle;
  }
}

/** What raw predictions mean under a loss. */
export function responseOf(loss: BoostingLoss, raw: Float64Array, nOutputs: number): Float64Array {
  return addon().boostingResponse(loss, raw, nOutputs);
}
