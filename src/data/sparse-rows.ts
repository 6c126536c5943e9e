import { setImmediate } from "node:timers/promises";
import type { BlockMapHandle, JobOptions, SinkHandle } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { PassResult, SparseRowSource } from "./row-source.js";

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

/** mapRows for sparse rows and a map that takes such: rows × nOutputs, row-major. */
export async function mapSparseRows(
  source: SparseRowSource,
  nRows: number,
  map: BlockMapHandle,
  nOutputs: number,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<{ rows: number; values: Float64Array }> {
  const values = new Float64Array(nRows * nOutputs);
  for (const chunk of source.chunks()) {
    signal?.throwIfAborted();
    await addon().mapSparse(map, chunk, values, chunk.firstRow * nOutputs, job);
  }
  return { rows: nRows, values };
}
