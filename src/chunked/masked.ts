import { effectiveNJobs } from "../base/config.js";
import type { RowMask } from "../data/row-mask.js";
import type { RowSource } from "../data/row-source.js";
import type { Chunk, FloatArray } from "../native/addon.js";
import type { Node } from "./node.js";
import { arrayOf, chunksOf } from "./write.js";

/** The rows of a matrix whose bits are set in a mask, in row order: a part of it, read in every pass. */
export class MaskedSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames: readonly string[] | undefined;
  readonly categories = undefined;
  readonly #node: Node;
  readonly #mask: RowMask;
  readonly #chunkRows: number;

  constructor(node: Node, mask: RowMask, chunkRows: number, featureNames: readonly string[] | undefined) {
    this.#node = node;
    this.#mask = mask;
    this.#chunkRows = chunkRows;
    this.nFeatures = node.cols;
    this.nRows = mask.count;
    this.featureNames = featureNames;
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const job = { nJobs: effectiveNJobs() };
    let begin = 0;
    let firstRow = 0;
    for await (const { data, rows: all, cols } of chunksOf(this.#node, this.#chunkRows, "ChunkedMatrix", job, signal)) {
      const indices = new Int32Array(all);
      const rows = this.#mask.select(begin, all, indices);
      const values: FloatArray = arrayOf(this.#node.dtype, rows * cols);
      for (let j = 0; j < cols; j++) {
        for (let k = 0; k < rows; k++) values[j * rows + k] = data[j * all + (indices[k] as number)] as number;
      }
      if (rows > 0) yield { rows, firstRow, values, offset: 0, cols, rowStride: 1, colStride: rows };
      begin += all;
      firstRow += rows;
    }
  }
}
