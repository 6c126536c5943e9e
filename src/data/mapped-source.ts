import { effectiveNJobs } from "../base/config.js";
import type { BlockMapHandle, Chunk } from "../native/addon.js";
import { addon } from "../native/load.js";
import { stageChunk, type RowSource } from "./row-source.js";

/** What a native map makes of every row of a source, nOutputs numbers each: computed chunk by chunk in every pass. */
export function mappedSource(source: RowSource, map: BlockMapHandle, nOutputs: number): RowSource {
  async function* chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const job = { nJobs: effectiveNJobs() };
    for await (const chunk of source.chunks(signal)) {
      const { rows, firstRow } = chunk;
      const values = new Float64Array(rows * nOutputs);
      await addon().mapBlock(map, stageChunk(chunk), values, 0, job);
      yield { rows, firstRow, values, offset: 0, cols: nOutputs, rowStride: nOutputs, colStride: 1 };
    }
  }
  return { nFeatures: nOutputs, nRows: source.nRows, featureNames: undefined, categories: undefined, chunks };
}
