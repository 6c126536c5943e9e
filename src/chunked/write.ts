import { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import type { FloatArray, FloatType, JobOptions } from "../native/addon.js";
import { compilePass } from "./compile.js";
import { checkAlive, type Node } from "./node.js";
import { PassRun } from "./run.js";
import { ChunkStoreHolder } from "./store.js";

/** Computes a matrix once and keeps it in a store: in memory up to memoryLimit, beyond it in a spill file. */
export async function persistNode(
  node: Node,
  chunkRows: number,
  where: string,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<Node> {
  checkAlive([node], where);
  const compiled = compilePass([node]);
  const store = ChunkStoreHolder.create(node.cols, node.dtype, chunkRows, node.rows);
  const run = new PassRun(compiled, [{ kind: "store", store: store.handle, outputs: allOutputs(node) }], where, signal);
  try {
    await run.advance(compiled.rows, [], job);
    await store.finish(job);
  } finally {
    await run.close();
  }
  return { kind: "store", store, rows: node.rows, cols: node.cols, dtype: node.dtype };
}

/** Computes a matrix chunk by chunk; each chunk is a new column-major Matrix. */
export async function* chunksOf(
  node: Node,
  chunkRows: number,
  where: string,
  job: JobOptions,
  signal: AbortSignal | undefined,
): AsyncGenerator<Matrix, void, undefined> {
  checkAlive([node], where);
  const run = new PassRun(compilePass([node]), [{ kind: "array", outputs: allOutputs(node) }], where, signal);
  try {
    for (let firstRow = 0; firstRow < node.rows; firstRow += chunkRows) {
      signal?.throwIfAborted();
      const rows = Math.min(chunkRows, node.rows - firstRow);
      const values = arrayOf(node.dtype, rows * node.cols);
      await run.advance(firstRow + rows, [{ consumer: 0, values, firstRow, rows }], job);
      yield new Matrix(values, [rows, node.cols], "column");
    }
  } finally {
    await run.close();
  }
}

/** Computes all of a matrix into one column-major Matrix. */
export async function wholeMatrix(
  node: Node,
  where: string,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  refuseLargeMatrix(node, where);
  const values = arrayOf(node.dtype, node.rows * node.cols);
  checkAlive([node], where);
  const run = new PassRun(compilePass([node]), [{ kind: "array", outputs: allOutputs(node) }], where, signal);
  try {
    await run.advance(node.rows, [{ consumer: 0, values, firstRow: 0, rows: node.rows }], job);
  } finally {
    await run.close();
  }
  return new Matrix(values, [node.rows, node.cols], "column");
}

/** Throws when all of a matrix would not fit in memoryLimit. */
function refuseLargeMatrix({ rows, cols, dtype }: Node, where: string): void {
  refuseTooLarge(
    rows * cols * (dtype === "float64" ? 8 : 4),
    where,
    "read it chunk by chunk (for await (const chunk of X)), fit on the ChunkedMatrix itself, keep it with persist() or " +
      "writeParquet(), take some rows or columns (slice, select)",
  );
}

export function arrayOf(dtype: FloatType, length: number): FloatArray {
  return dtype === "float64" ? new Float64Array(length) : new Float32Array(length);
}

function allOutputs({ cols }: Node): Int32Array {
  return Int32Array.from({ length: cols }, (_, j) => j);
}
