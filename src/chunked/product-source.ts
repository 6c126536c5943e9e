import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { stageChunk, type RowSource } from "../data/row-source.js";
import type { Matrix } from "../data/matrix.js";
import { dense, labelsOf } from "../linalg/table.js";
import type { Chunk } from "../native/addon.js";
import { addon } from "../native/load.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";

/** The rows of X times a matrix in memory, computed chunk by chunk in every pass. */
export function productSource(
  X: ChunkedMatrix,
  B: Matrix | readonly (readonly number[])[],
): { source: RowSource; label: string } {
  const where = "ChunkedMatrix.matmul";
  const weights = dense(B, `${where}: B`);
  if (weights.rows !== X.cols) {
    throw invalidArgument(
      `${where}: shapes do not fit together: ${X.rows} × ${X.cols} and ${weights.rows} × ${weights.cols}`,
    );
  }
  const labels = labelsOf({ source: X, where, job: { nJobs: 1 }, signal: undefined });
  const zeros = [new Float64Array(weights.rows), new Float64Array(weights.cols)] as const;
  const map = addon().createProjectionMap(labels, weights.data, ...zeros);
  async function* chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const job = { nJobs: effectiveNJobs() };
    for await (const chunk of X.chunks(signal)) {
      const { rows, firstRow } = chunk;
      const values = new Float64Array(rows * weights.cols);
      await addon().mapBlock(map, stageChunk(chunk), values, 0, job);
      yield { rows, firstRow, values, offset: 0, cols: weights.cols, rowStride: weights.cols, colStride: 1 };
    }
  }
  const source: RowSource = {
    nFeatures: weights.cols,
    nRows: X.rows,
    featureNames: undefined,
    categories: undefined,
    chunks,
  };
  return { source, label: `a product with a Matrix of ${weights.rows} × ${weights.cols}` };
}
