import { setImmediate } from "node:timers/promises";
import { invalidArgument } from "../base/errors.js";
import type {
  BlockHandle,
  Chunk,
  JobOptions,
  SinkHandle,
  SparseChunk,
  BlockMapHandle,
  FloatArray,
} from "../native/addon.js";
import { addon } from "../native/load.js";
import { refuseTooLarge } from "./memory-budget.js";

const IN_PARTS =
  "give fewer rows at a time, or a Frame or ChunkedMatrix to a Pipeline, whose steps work block by block";

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
  /**
   * The same rows as their entries, where those are few: models that can read these instead of chunks, which are dense.
   * Undefined: there is no such thing.
   */
  readonly sparse?: SparseRowSource | undefined;
  /** The same rows as their entries, however many, for models to whom an entry costs no more than a cell. */
  readonly entries?: SparseRowSource | undefined;
  /** Throws, in words that start with `where`, if a column cannot be read as numbers. */
  check?(where: string): void;
  /**
   * Chunks from firstRow 0 on. The memory of a chunk may be reused once the next one is asked for, unless it is a
   * SharedArrayBuffer: that is borrowed, not copied, and must keep its values until the pass ends.
   */
  chunks(signal?: AbortSignal): AsyncIterable<Chunk> | Iterable<Chunk>;
}

/** Rows of a sparse table. */
export interface SparseRowSource {
  /** Chunks from firstRow 0 on. */
  chunks(): Iterable<SparseChunk>;
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
  const push = (chunk: Chunk): Push => {
    const block = stageChunk(chunk);
    return (quiet) => native.sinkPush(sink, block, quiet);
  };
  return feed(source.chunks(signal), push, job, signal);
}

/** As pour, for sinks that take entries: a sparse table is not made dense. */
export async function pourEntries(
  source: RowSource,
  sink: SinkHandle,
  job: JobOptions,
  signal?: AbortSignal,
): Promise<PassResult> {
  if (source.entries === undefined) return pour(source, sink, job, signal);
  const native = addon();
  const push = (chunk: SparseChunk): Push => {
    const staged = native.stageSparse(chunk);
    return (quiet) => native.sinkPushEntries(sink, staged, quiet);
  };
  return feed(source.entries.chunks(), push, job, signal);
}

/** Starts the push of a staged chunk. */
type Push = (job: JobOptions) => Promise<void>;

async function feed<C extends { readonly rows: number }>(
  chunks: AsyncIterable<C> | Iterable<C>,
  stage: (chunk: C) => Push,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<PassResult> {
  const quiet: JobOptions = { nJobs: job.nJobs, cancel: job.cancel };
  let pushing: Promise<void> = Promise.resolve();
  let rows = 0;
  try {
    for await (const chunk of chunks) {
      signal?.throwIfAborted();
      const push = stage(chunk);
      rows += chunk.rows;
      await pushing;
      pushing = watched(push(quiet));
      await setImmediate();
    }
  } finally {
    await pushing; // never leave a push behind, even after an error in the source
  }
  return { rows };
}

/**
 * Maps every row of `source` to a row of numbers: rows × nOutputs, row-major, in a new array of the kind asked for.
 *
 * @param where the public method whose answer this is, if it may be large: what is more than memoryLimit is refused.
 */
export async function mapRows<T extends FloatArray>(
  source: RowSource,
  map: BlockMapHandle,
  nOutputs: number,
  arrayType: new (length: number) => T,
  job: JobOptions,
  signal?: AbortSignal,
  where?: string,
): Promise<{ rows: number; values: T }> {
  const native = addon();
  const refuse = (length: number): void => {
    if (where !== undefined) refuseTooLarge(length * new arrayType(0).BYTES_PER_ELEMENT, where, IN_PARTS);
  };
  const expected = (source.nRows ?? 0) * nOutputs;
  refuse(expected);
  let values = new arrayType(expected);
  let mapping: Promise<void> = Promise.resolve();
  let rows = 0;
  try {
    for await (const chunk of source.chunks(signal)) {
      signal?.throwIfAborted();
      const block = stageChunk(chunk);
      await mapping;
      const end = (rows + chunk.rows) * nOutputs;
      refuse(end);
      if (end > values.length) {
        const grown = new arrayType(Math.max(end, 2 * values.length));
        grown.set(values);
        values = grown;
      }
      mapping = watched(native.mapBlock(map, block, values, rows * nOutputs, job));
      rows += chunk.rows;
      await setImmediate();
    }
  } finally {
    await mapping;
  }
  return { rows, values: values.length === rows * nOutputs ? values : (values.slice(0, rows * nOutputs) as T) };
}

/** A chunk as native code takes it: copied, unless it lies in shared memory. */
export function stageChunk(chunk: Chunk): BlockHandle {
  return addon().stageBlock(refuseResizable(chunk));
}

/** The same promise, whose rejection is no "unhandled" one though it is only awaited after the next chunk was read. */
function watched(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}

/** A length-tracking view may shrink under a running job: such buffers never reach native code. */
function refuseResizable(chunk: Chunk): Chunk {
  const arrays = chunk.columns ? chunk.columns.flatMap((column) => [column.values, column.validity]) : [chunk.values];
  if (arrays.some((array) => array !== undefined && isResizable(array))) {
    throw invalidArgument("X: memory in a resizable ArrayBuffer is refused: copy it with slice() first");
  }
  return chunk;
}

/** Whether a typed array lies in a resizable ArrayBuffer or a growable SharedArrayBuffer. */
export function isResizable(array: { readonly buffer: ArrayBufferLike }): boolean {
  const { resizable, growable } = array.buffer as { resizable?: boolean; growable?: boolean };
  return resizable === true || growable === true;
}
