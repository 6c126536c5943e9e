import { inspect } from "node:util";
import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, show } from "../base/errors.js";
import { htmlBundle, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import { columnsToArrow } from "../data/arrow-table.js";
import type { CollectedTable } from "../data/collected-table.js";
import type { Matrix } from "../data/matrix.js";
import type { RowMask } from "../data/row-mask.js";
import type { RowSource } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { Chunk, FloatType } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { Algebra } from "./chunked-algebra.js";
import { explainPass } from "./explain.js";
import { namesOr, writeChunks } from "./export.js";
import { leafOf, type Batches, type ChunkedMatrixOptions } from "./from.js";
import { tableOf } from "./html.js";
import { MaskedSource } from "./masked.js";
import { nodesOf, type Node } from "./node.js";
import { setNode } from "./operands.js";
import { drawGraph } from "./picture.js";
import { wholeSlots } from "./store.js";
import { chunksOf, persistNode, wholeMatrix } from "./write.js";

/**
 * A numeric matrix of any length in chunks of rows: Dask Array's place. It is either a table that is read again in every
 * pass (a Frame, an Arrow table, a Matrix), or kept by `persist` in memory up to memoryLimit and beyond it in a spill file,
 * or an expression of others. Everything is lazy: operations describe, `await` computes, in one pass and in parallel, chunk
 * by chunk. Results are the same bits whatever the chunk size, nJobs and instruction set.
 *
 * A ChunkedMatrix is an X for every estimator.
 *
 * @example
 * const X = await ChunkedMatrix.from(await scanParquet("flights.parquet"));
 * const logged = X.select("distance", "delay").maximum(0).log1p();
 * const [mean, std] = await compute(logged.mean({ axis: 0 }), logged.std({ axis: 0 })); // one pass over the file
 * const scaled = await logged.subtract(mean).divide(std).persist();
 */
export class ChunkedMatrix extends Algebra implements RowSource {
  readonly #node: Node;
  readonly #chunkRows: number;
  readonly featureNames: readonly string[] | undefined;
  readonly categories = undefined;

  /** @internal */
  constructor(node: Node, chunkRows: number, featureNames: readonly string[] | undefined) {
    super();
    this.#node = node;
    this.#chunkRows = chunkRows;
    this.featureNames = featureNames?.length === node.cols ? featureNames : undefined;
    setNode(this, node);
  }

  /**
   * A chunked matrix of anything that can be X, which is not copied but read in every pass (it must stay the same), or of
   * batches that come one after another: tables, or columns by name. Batches are kept at once, as by persist. A table whose
   * number of rows is not known is counted, which can take a pass.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for a value that is no table, ERR_INVALID_DATA for batches that do not fit
   * together or hold no numbers, ERR_IO when a spill file cannot be written.
   */
  static async from(X: MatrixLike | Batches, options: ChunkedMatrixOptions = {}): Promise<ChunkedMatrix> {
    const { node, chunkRows, featureNames } = await leafOf(X, options);
    return new ChunkedMatrix(node, chunkRows, featureNames);
  }

  /** [number of rows, number of columns]. */
  get shape(): readonly [number, number] {
    return [this.#node.rows, this.#node.cols];
  }

  get rows(): number {
    return this.#node.rows;
  }

  get cols(): number {
    return this.#node.cols;
  }

  get dtype(): FloatType {
    return this.#node.dtype;
  }

  /** Rows of a chunk: a multiple of 1,024. The last one may have fewer. */
  get chunkRows(): number {
    return this.#chunkRows;
  }

  /** The number of chunks. */
  get nChunks(): number {
    return Math.ceil(this.rows / this.#chunkRows);
  }

  /** Bytes of all its numbers, wherever they are. */
  get nBytes(): number {
    return this.rows * this.cols * (this.dtype === "float64" ? 8 : 4);
  }

  /** Whether it is kept (see persist); else it is computed, or read again, in every pass. */
  get isPersisted(): boolean {
    return this.#node.kind === "store";
  }

  get nFeatures(): number {
    return this.cols;
  }

  get nRows(): number {
    return this.rows;
  }

  /**
   * Computes it once and keeps it: in memory up to memoryLimit, which all kept matrices share, beyond it in a spill file in
   * spillDirectory, of which nothing is left when the process ends. Free it with dispose (or `using`); else it is freed when
   * it is collected.
   *
   * @throws TreelineError ERR_IO when the spill file cannot be written: the disk is full, for example.
   */
  async persist(options: RunOptions = {}): Promise<ChunkedMatrix> {
    const where = "ChunkedMatrix.persist";
    const node = await runJob(effectiveNJobs(), options, (job) =>
      persistNode(this.#node, this.#chunkRows, where, job, options.signal),
    );
    return new ChunkedMatrix(node, this.#chunkRows, this.featureNames);
  }

  /** The same matrix in chunks of another size, rounded up to a multiple of 1,024 rows. Nothing is copied or computed. */
  rechunk(chunkRows: number): ChunkedMatrix {
    if (!Number.isInteger(chunkRows) || chunkRows <= 0) {
      throw invalidArgument(`ChunkedMatrix.rechunk: chunkRows must be a positive integer, got ${show(chunkRows)}`);
    }
    return new ChunkedMatrix(this.#node, wholeSlots(chunkRows), this.featureNames);
  }

  /** Rows start … end - 1, as Array.prototype.slice: negative numbers count from the end. */
  slice(start = 0, end = this.rows): ChunkedMatrix {
    const from = rowIndex(start, this.rows, "start");
    const rows = Math.max(0, rowIndex(end, this.rows, "end") - from);
    return this.derive({ kind: "slice", start: from, arg: this.#node, rows, cols: this.cols, dtype: this.dtype });
  }

  /** Some columns, by index or name, in this order; negative indices count from the end. */
  select(...columns: readonly (number | string)[]): ChunkedMatrix {
    const indices = columns.map((column) => this.#columnIndex(column));
    const node: Node = {
      kind: "select",
      columns: indices,
      arg: this.#node,
      rows: this.rows,
      cols: indices.length,
      dtype: this.dtype,
    };
    const names = this.featureNames && indices.map((j) => this.featureNames?.[j] as string);
    return new ChunkedMatrix(node, this.#chunkRows, names);
  }

  /** The same matrix with other names of columns; undefined: without. */
  withNames(names: readonly string[] | undefined): ChunkedMatrix {
    if (names !== undefined && (!Array.isArray(names) || names.length !== this.cols)) {
      throw invalidArgument(`ChunkedMatrix.withNames: expected ${this.cols} names, got ${show(names)}`);
    }
    return new ChunkedMatrix(this.#node, this.#chunkRows, names);
  }

  /** Its chunks as matrices in memory, one after another. Leaving the loop ends the pass. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Matrix, void, undefined> {
    yield* chunksOf(this.#node, this.#chunkRows, "ChunkedMatrix", { nJobs: effectiveNJobs() }, undefined);
  }

  /** The rows as features, a chunk at a time, for estimators. Use `for await` to read a matrix. */
  async *chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    let firstRow = 0;
    const job = { nJobs: effectiveNJobs() };
    for await (const { data, rows, cols } of chunksOf(this.#node, this.#chunkRows, "ChunkedMatrix", job, signal)) {
      yield { rows, firstRow, values: data, offset: 0, cols, rowStride: 1, colStride: rows };
      firstRow += rows;
    }
  }

  /**
   * All of it in memory, column-major.
   *
   * @throws TreelineError ERR_MEMORY_LIMIT when it is larger than memoryLimit.
   */
  async toMatrix(options: RunOptions = {}): Promise<Matrix> {
    const where = "ChunkedMatrix.toMatrix";
    return runJob(effectiveNJobs(), options, (job) => wholeMatrix(this.#node, where, job, options.signal));
  }

  /**
   * All of it as an Arrow table; columns without names are x0, x1, …
   *
   * @throws TreelineError ERR_MEMORY_LIMIT when it is larger than memoryLimit, ERR_NATIVE without apache-arrow.
   */
  async toArrow(options: RunOptions = {}): Promise<CollectedTable> {
    const where = "ChunkedMatrix.toArrow";
    const matrix = await runJob(effectiveNJobs(), options, (job) =>
      wholeMatrix(this.#node, where, job, options.signal),
    );
    return columnsToArrow(matrix, namesOr(this.featureNames, this.cols), where);
  }

  /**
   * Writes it to a Parquet file (zstd), chunk by chunk, replacing one that is there; columns without names are x0, x1, …
   * DuckDB does it: it keeps the chunks until the file is written, in memory up to memoryLimit, beyond it on disk.
   *
   * @throws TreelineError ERR_IO, ERR_NATIVE without @duckdb/node-api.
   */
  async writeParquet(path: string, options: RunOptions = {}): Promise<void> {
    const where = "ChunkedMatrix.writeParquet";
    const chunks = chunksOf(this.#node, this.#chunkRows, where, { nJobs: effectiveNJobs() }, options.signal);
    await writeChunks(chunks, namesOr(this.featureNames, this.cols), path, options.signal);
  }

  /**
   * How it will be computed, in words: its sources, the expression, and the fused program that a pass runs over each slot of
   * rows. Nothing is computed.
   */
  explain(): string {
    return explainPass([this.#node], inspect(this));
  }

  /** Its expression as an SVG picture: sources at the top, the result at the bottom, a box a step. */
  visualize(): string {
    return drawGraph([this.#node]);
  }

  /** For notebooks: sizes and a picture of the chunks. */
  toHTML(): string {
    return tableOf(this.#node, this.#chunkRows);
  }

  /** For notebooks. */
  [JUPYTER_DISPLAY](): MimeBundle {
    return htmlBundle(this.toHTML(), inspect(this));
  }

  /** The number of rows, as Frame.countRows. */
  countRows(): Promise<number> {
    return Promise.resolve(this.rows);
  }

  /** The part of the rows whose bits are set, read in every pass: for trainTestSplit. @internal */
  withMask(mask: RowMask): ChunkedMatrix {
    const source = new MaskedSource(this.#node, mask, this.#chunkRows, this.featureNames);
    const label = `${mask.count} of ${this.rows} rows of a ChunkedMatrix`;
    const node: Node = { kind: "stream", source, label, rows: mask.count, cols: this.cols, dtype: this.dtype };
    return new ChunkedMatrix(node, this.#chunkRows, this.featureNames);
  }

  /** Frees the memory and the spill file of a kept matrix; what is computed from it cannot be read any more. */
  dispose(): void {
    if (this.#node.kind === "store") this.#node.store.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  derive(node: Node): ChunkedMatrix {
    return new ChunkedMatrix(node, this.#chunkRows, this.featureNames);
  }

  [inspect.custom](): string {
    const [rows, cols] = this.shape;
    const state = nodesOf([this.#node]);
    const how = this.isPersisted
      ? "kept"
      : state.length === 1
        ? `reads ${(state[0] as { label: string }).label}`
        : "lazy";
    return `ChunkedMatrix ${rows} × ${cols} ${this.dtype}, ${this.nChunks} chunks of ${this.#chunkRows} rows (${how})`;
  }

  #columnIndex(column: number | string): number {
    const where = "ChunkedMatrix.select";
    if (typeof column === "string") {
      const index = this.featureNames?.indexOf(column) ?? -1;
      if (index < 0) {
        const names = this.featureNames?.slice(0, 40).join(", ") ?? "its columns have no names";
        throw invalidArgument(`${where}: there is no column ${show(column)}; there are: ${names}`);
      }
      return index;
    }
    const index = column < 0 ? column + this.cols : column;
    if (!Number.isInteger(index) || index < 0 || index >= this.cols) {
      throw invalidArgument(`${where}: a column must be in 0 … ${this.cols - 1}, or a name, got ${show(column)}`);
    }
    return index;
  }
}

function rowIndex(index: number, rows: number, name: string): number {
  if (!Number.isInteger(index)) {
    throw invalidArgument(`ChunkedMatrix.slice: ${name} must be an integer, got ${show(index)}`);
  }
  return Math.min(rows, Math.max(0, index < 0 ? index + rows : index));
}
