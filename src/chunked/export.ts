import { fromBatches, type Batch } from "../data/from-batches.js";
import type { Matrix } from "../data/matrix.js";

/** Writes chunks to a Parquet file, through DuckDB, which keeps them in memory up to memoryLimit. */
export async function writeChunks(
  chunks: AsyncIterable<Matrix>,
  names: readonly string[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  async function* batches(): AsyncGenerator<Batch, void, undefined> {
    let rows = 0;
    for await (const chunk of chunks) {
      rows += chunk.rows;
      yield Object.fromEntries(names.map((name, j) => [name, chunk.column(j)]));
    }
    if (rows === 0) yield Object.fromEntries(names.map((name) => [name, new Float64Array(0)]));
  }
  const frame = await fromBatches(batches(), { signal });
  await frame.writeParquet(path, { signal });
}

/** Names of columns; x0, x1, … where there are none, as scikit-learn calls them. */
export function namesOr(names: readonly string[] | undefined, cols: number): readonly string[] {
  const given = names ?? Array.from({ length: cols }, (_, j) => `x${j}`);
  return given.map((name, j) => (given.indexOf(name) < j ? `${name}_${j}` : name)); // selected twice
}
