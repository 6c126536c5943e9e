import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import type { RowSource } from "../data/row-source.js";
import { takeBreak } from "../data/vector.js";
import type { Chunk, DenseChunk } from "../native/addon.js";

/** Changes some values of a column where they lie: a function of each value alone. */
export type ColumnChange = (values: Float64Array, column: number) => void;

/** Values that are changed between two turns of the event loop: a few milliseconds. */
const TURN_VALUES = 0x4000;

/**
 * X with each value replaced by a function of it and its column that has no native expression (a search, an interpolation):
 * another lazy matrix, computed chunk by chunk in every pass, on the thread of JavaScript but with the event loop's turns.
 */
export function mapColumns(X: ChunkedMatrix, label: string, change: ColumnChange): ChunkedMatrix {
  const { rows, cols, dtype } = X;
  const source: RowSource = {
    nFeatures: cols,
    nRows: rows,
    featureNames: undefined,
    categories: undefined,
    async *chunks(signal) {
      for await (const chunk of X.chunks(signal)) yield await changed(chunk as DenseChunk, change, signal);
    },
  };
  return X.derive({ kind: "stream", source, label, rows, cols, dtype });
}

/** A chunk of a ChunkedMatrix, which lies column by column and is nobody else's. */
async function changed(chunk: DenseChunk, change: ColumnChange, signal: AbortSignal | undefined): Promise<Chunk> {
  const { rows, cols } = chunk;
  const values = chunk.values instanceof Float64Array ? chunk.values : Float64Array.from(chunk.values as Float32Array);
  let since = 0;
  for (let j = 0; j < cols; j++) {
    for (let begin = 0; begin < rows; begin += TURN_VALUES) {
      const end = Math.min(rows, begin + TURN_VALUES);
      if (since + end - begin > TURN_VALUES) {
        await takeBreak(signal);
        since = 0;
      }
      change(values.subarray(j * rows + begin, j * rows + end), j);
      since += end - begin;
    }
  }
  return { ...chunk, values };
}
