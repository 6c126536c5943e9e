import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { isArrowRecordBatch, isArrowTable } from "../data/arrow.js";
import type { Batch } from "../data/from-batches.js";
import { Matrix } from "../data/matrix.js";
import { pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { Chunk, ColumnArray, FloatType } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import type { Node } from "./node.js";
import { ChunkStoreHolder, defaultChunkRows, wholeSlots } from "./store.js";

/** Options of ChunkedMatrix.from. */
export interface ChunkedMatrixOptions extends RunOptions {
  /** Rows of a chunk, rounded up to a multiple of 1,024. Default: so that a chunk of float64 is about 4 MB. */
  readonly chunkRows?: number | undefined;
  /** Element type; other numbers are rounded to it. Default: float32 for a Float32Array Matrix, else float64. */
  readonly dtype?: FloatType | undefined;
}

/** Batches of rows that come one after another, and can be read once: each a table, or columns by name. */
export type Batches = AsyncIterable<MatrixLike | Batch> | Iterable<MatrixLike | Batch>;

/** A leaf over anything, with its names and chunk size. */
export interface Leaf {
  readonly node: Node;
  readonly chunkRows: number;
  readonly featureNames: readonly string[] | undefined;
}

/** The leaf of a graph over X. A table stays where it is and is read in every pass; batches are kept in a store. */
export async function leafOf(X: MatrixLike | Batches, options: ChunkedMatrixOptions): Promise<Leaf> {
  const where = "ChunkedMatrix.from";
  checkOptions(options, where);
  if (isBatches(X)) return storeOfBatches(X, options, where);
  const source = rowSourceOf(X, where);
  const rows = source.nRows ?? (await countRows(source, options.signal));
  const dtype = options.dtype ?? (X instanceof Matrix && X.data instanceof Float32Array ? "float32" : "float64");
  const node: Node = { kind: "stream", source, label: labelOf(X), rows, cols: source.nFeatures, dtype };
  return { node, chunkRows: chunkRowsOf(options, source.nFeatures), featureNames: source.featureNames };
}

export function checkOptions({ chunkRows, dtype, ...rest }: ChunkedMatrixOptions, where: string): void {
  Object.keys(rest).forEach((key) =>
    refuseUnknown(where, key, ["chunkRows", "dtype", "signal", "onProgress"], "option"),
  );
  if (chunkRows !== undefined && !(Number.isInteger(chunkRows) && chunkRows > 0)) {
    throw invalidArgument(`${where}: chunkRows must be a positive integer, got ${show(chunkRows)}`);
  }
  checkDtype(dtype, where);
}

export function checkDtype(dtype: unknown, where: string): void {
  if (dtype !== undefined && dtype !== "float32" && dtype !== "float64") {
    throw invalidArgument(`${where}: dtype must be "float32" or "float64", got ${show(dtype)}`);
  }
}

function chunkRowsOf({ chunkRows }: ChunkedMatrixOptions, cols: number): number {
  return chunkRows === undefined ? defaultChunkRows(cols) : wholeSlots(chunkRows);
}

function isBatches(X: MatrixLike | Batches): X is Batches {
  if (typeof X !== "object" || X === null || Array.isArray(X)) return false;
  if (X instanceof Matrix || isArrowTable(X) || isArrowRecordBatch(X) || "chunks" in X) return false;
  return Symbol.asyncIterator in X || Symbol.iterator in X;
}

function labelOf(X: MatrixLike | Batches): string {
  return Array.isArray(X) ? "rows of numbers" : `a ${X.constructor.name}`;
}

async function countRows(source: RowSource, signal: AbortSignal | undefined): Promise<number> {
  const counted = (source as { countRows?: (options: object) => Promise<number> }).countRows;
  if (counted !== undefined) return counted.call(source, { signal });
  let rows = 0;
  for await (const chunk of source.chunks(signal)) {
    signal?.throwIfAborted();
    rows += chunk.rows;
  }
  return rows;
}

async function storeOfBatches(batches: Batches, options: ChunkedMatrixOptions, where: string): Promise<Leaf> {
  const dtype = options.dtype ?? "float64";
  let store: ChunkStoreHolder | undefined;
  let names: readonly string[] | undefined;
  const { rows } = await runJob(effectiveNJobs(), options, async (job) => {
    for await (const batch of batches) {
      options.signal?.throwIfAborted();
      const source = isColumns(batch) ? new ColumnsSource(batch, where) : rowSourceOf(batch as MatrixLike, where);
      names ??= source.featureNames;
      checkNames(source, store?.cols, names, where);
      store ??= ChunkStoreHolder.create(source.nFeatures, dtype, chunkRowsOf(options, source.nFeatures), undefined);
      await pour(source, store.handle, job, options.signal);
    }
    if (store === undefined) throw invalidData(`${where}: there is no batch, so no columns are known`);
    return store.finish(job);
  });
  const kept = store as unknown as ChunkStoreHolder;
  const node: Node = { kind: "store", store: kept, rows, cols: kept.cols, dtype };
  return { node, chunkRows: kept.chunkRows, featureNames: names };
}

function isColumns(batch: MatrixLike | Batch): batch is Readonly<Record<string, ColumnArray>> {
  return typeof batch === "object" && batch !== null && Object.getPrototypeOf(batch) === Object.prototype;
}

function checkNames(
  source: RowSource,
  cols: number | undefined,
  names: readonly string[] | undefined,
  where: string,
): void {
  if (cols !== undefined && source.nFeatures !== cols) {
    throw invalidData(`${where}: a batch has ${source.nFeatures} columns, the first had ${cols}`);
  }
  const other = source.featureNames;
  if (other !== undefined && names !== undefined && other.some((name, j) => name !== names[j])) {
    throw invalidData(`${where}: a batch has the columns ${other.join(", ")}, the first had ${names.join(", ")}`);
  }
}

/** Columns by name as a table. */
class ColumnsSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames: readonly string[];
  readonly categories = undefined;
  readonly #columns: readonly ColumnArray[];

  constructor(batch: Readonly<Record<string, unknown>>, where: string) {
    this.featureNames = Object.keys(batch);
    this.#columns = this.featureNames.map((name) => numericColumn(batch[name], name, where));
    this.nFeatures = this.#columns.length;
    this.nRows = this.#columns[0]?.length ?? 0;
    if (this.nFeatures === 0) throw invalidData(`${where}: a batch without columns`);
    const short = this.#columns.findIndex((column) => column.length !== this.nRows);
    if (short >= 0) {
      throw invalidData(
        `${where}: column ${show(this.featureNames[short])} has ${this.#columns[short]?.length} values in a batch of ${this.nRows} rows`,
      );
    }
  }

  *chunks(): Iterable<Chunk> {
    if (this.nRows > 0) yield { rows: this.nRows, firstRow: 0, columns: this.#columns.map((values) => ({ values })) };
  }
}

function numericColumn(values: unknown, name: string, where: string): ColumnArray {
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return values as ColumnArray;
  if (!Array.isArray(values)) {
    throw invalidData(`${where}: column ${show(name)} must be an array or typed array of numbers, got ${show(values)}`);
  }
  return Float64Array.from(values, (value: unknown, i) => {
    if (value === null || value === undefined) return NaN;
    if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return Number(value);
    throw invalidData(`${where}: column ${show(name)}: value ${i} of a batch is ${show(value)}, expected a number`);
  });
}
