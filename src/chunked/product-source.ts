import { invalidArgument } from "../base/errors.js";
import { mappedSource } from "../data/mapped-source.js";
import type { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { dense, labelsOf } from "../linalg/table.js";
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
  const label = `a product with a Matrix of ${weights.rows} × ${weights.cols}`;
  return { source: mappedSource(X, map, weights.cols), label };
}
