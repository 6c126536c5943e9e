import { setImmediate } from "node:timers/promises";
import type { Chunk, JobOptions, SinkHandle, BlockMapHandle, FloatArray } from "../native/addon.js";
import { addon } from "../native/load.js";

/**
 * A table of numbers that can be read in chunks of rows, in row order, any number of times: the one shape of X that
 * estimators see, whatever the user gave (row-source-of.ts makes one).
 */
export interface RowSource {
  readonly nFeatures: number;
  /** Undefined: known only after a pass. */
  readonly nRows: number | undefined;
  readonly featureNames: readonly string[] | undefined;
  /** Of each column that holds categories: their names; codes are indices into them. Undefined: no such column. */
  readonly categories: readonly (readonly string[] | undefined)[] | undefined;
  /** Chunks from firstRow 0 on. The memory of a chunk may be reused once the next one is asked for. */
  chunks(signal?: AbortSignal): AsyncIterable<Chunk> | Iterable<Chunk>;
}

/** Rows per chunk so that a chunk of float64 is about 4 MB: copying it holds the event loop a millisecond. */
export function chunkRowsFor(nFeatures: number): number {
  const rows = Math.floor(4_194_304 / (8 * Math.max(1, nFeatures)));
  return Math.min(65_536, Math.max(1_024, rows - (rows % 1_024)));
}

/** What one pass over a table saw. */
export interface PassResult {
  readonly rows: number;
}

/**
 * Feeds every chunk of `source` to a native sink. While the sink works on one chunk, the next is read and staged; the
 * event loop gets its turn between chunks.
 */
export async function pour(
  source: RowSource,
  sink: SinkHandle,
  job: JobOptions,
  signal?: AbortSignal,
): Promise<PassResult> {
  const native = addon();
  const quiet: JobOptions = { nJobs: job.nJobs, cancel: job.cancel };
  let pushing: Promise<void> = Promise.resolve();
  let rows = 0;
  try {
    for await (const chunk of source.chunks(signal)) {
      signal?.throwIfAborted();
      const block = native.stageBlock(chunk, isShared(chunk));
      rows += chunk.rows;
      await pushing;
      pushing = native.sinkPush(sink, block, quiet);
      await setImmediate();
    }
  } finally {
    await pushing; // never leave a push behind, even after an error in the source
  }
  return { rows };
}

/**
 * Maps every row of `source` to a row of numbers: rows × nOutputs, row-major, in a new array of the kind asked for.
 */
export async function mapRows<T extends FloatArray>(
  source: RowSource,
  map: BlockMapHandle,
  nOutputs: number,
  arrayType: new (length: number) => T,
  job: JobOptions,
  signal?: AbortSignal,
): Promise<{ rows: number; values: T }> {
  const native = addon();
  let values = new arrayType((source.nRows ?? 0) * nOutputs);
  let mapping: Promise<void> = Promise.resolve();
  let rows = 0;
  try {
    for await (const chunk of source.chunks(signal)) {
      signal?.throwIfAborted();
      const block = native.stageBlock(chunk, isShared(chunk));
      await mapping;
      const end = (rows + chunk.rows) * nOutputs;
      if (end > values.length) {
        const grown = new arrayType(Math.max(end, 2 * values.length));
        grown.set(values);
        values = grown;
      }
      mapping = native.mapBlock(map, block, values, rows * nOutputs, job);
      rows += chunk.rows;
      await setImmediate();
    }
  } finally {
    await mapping;
  }
  return { rows, values: values.length === rows * nOutputs ? values : (values.slice(0, rows * nOutputs) as T) };
}

function isShared(chunk: Chunk): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  const inShared = (array: { buffer: ArrayBufferLike } | undefined): boolean =>
    array === undefined || array.buffer instanceof SharedArrayBuffer;
  return chunk.columns === undefined
    ? inShared(chunk.values)
    : chunk.columns.every((column) => inShared(column.values) && inShared(column.validity));
}
