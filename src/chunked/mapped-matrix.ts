import { mappedSource } from "../data/mapped-source.js";
import type { BlockMapHandle } from "../native/addon.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";

/** What a native map makes of every row of X: another lazy matrix, computed chunk by chunk in every pass. */
export function mappedMatrix(X: ChunkedMatrix, map: BlockMapHandle, cols: number, label: string): ChunkedMatrix {
  const source = mappedSource(X, map, cols);
  return X.derive({ kind: "stream", source, label, rows: X.rows, cols, dtype: "float64" }).withNames(undefined);
}
