import { setImmediate } from "node:timers/promises";
import type { BlockMapHandle, JobOptions, SinkHandle } from "../native/addon.js";
import { addon } from "../native/load.js";
import { mapRows, pour, type PassResult, type RowSource, type SparseRowSource } from "./row-source.js";

/** pour for sinks that take sparse rows too: a sparse table goes there as its entries. */
export async function pourRows(
  source: RowSource,
  sink: SinkHandle,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<PassResult> {
  return source.sparse ? pourSparse(source.sparse, sink, signal) : pour(source, sink, job, signal);
}

/** pour for sparse rows: feeds them to a native sink that takes such; the event loop gets its turn between chunks. */
export async function pourSparse(
  source: SparseRowSource,
  sink: SinkHandle,
  signal: AbortSignal | undefined,
): Promise<PassResult> {
  let rows = 0;
  for (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    addon().sinkPushSparse(sink, chunk);
    rows += chunk.rows;
    await setImmediate();
  }
  return { rows };
}

/** mapRows for maps that take sparse rows too: rows × nOutputs, row-major. */
export async function mapRowsOrEntries(
  source: RowSource,
  map: BlockMapHandle,
  nOutputs: number,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<{ rows: number; values: Float64Array }> {
  const { sparse, nRows } = source;
  if (!sparse || nRows === undefined) return mapRows(source, map, nOutputs, Float64Array, job, signal);
  const values = new Float64Array(nRows * nOutputs);
  for (const chunk of sparse.chunks()) {
    signal?.throwIfAborted();
    await addon().mapSparse(map, chunk, values, chunk.firstRow * nOutputs, job);
  }
  return { rows: nRows, values };
}
