/** Handles, chunks and options that every part of the seam uses (addon.ts). */

declare const kind: unique symbol;
/** A native object. Opaque here; the addon checks its kind and throws a TypeError on the wrong one. */
export interface Handle<K extends string> {
  readonly [kind]: K;
}
export type CancelTokenHandle = Handle<"cancelToken">;
/** A row block staged for one push or map: used once. */
export type BlockHandle = Handle<"block">;
/** Sparse rows staged for one push: used once. */
export type SparseRowsHandle = Handle<"sparseRows">;
export type SinkHandle = Handle<"sink">;
export type BlockMapHandle = Handle<"blockMap">;
export type BoostingModelHandle = Handle<"boostingModel">;
export type BoosterHandle = Handle<"booster">;

export type FloatArray = Float32Array | Float64Array;
export type NumericArray =
  FloatArray | Int8Array | Int16Array | Int32Array | Uint8Array | Uint8ClampedArray | Uint16Array | Uint32Array;
export type ColumnArray = NumericArray | BigInt64Array | BigUint64Array;

/** One column of a chunk. 64-bit integers are converted natively; nulls (validity bit 0) read as NaN. */
export interface ChunkColumn {
  readonly values: ColumnArray;
  /** First element (first bit if `bits`); default 0. */
  readonly offset?: number;
  /** Elements from one row to the next; default 1. */
  readonly stride?: number;
  /** `values` is a bit-packed boolean column (Arrow Bool). */
  readonly bits?: boolean;
  /** Arrow validity bitmap, least significant bit first; absent: no nulls. */
  readonly validity?: Uint8Array;
  readonly validityOffset?: number;
}

/** Consecutive rows of a table, by column. */
export interface ColumnChunk {
  readonly rows: number;
  /** Global index of the first row. */
  readonly firstRow: number;
  readonly columns: readonly ChunkColumn[];
}

/** Consecutive rows of a strided matrix: element (i, j) is values[offset + i * rowStride + j * colStride]. */
export interface DenseChunk {
  readonly rows: number;
  readonly firstRow: number;
  readonly columns?: undefined;
  readonly values: NumericArray;
  readonly offset: number;
  readonly cols: number;
  readonly rowStride: number;
  readonly colStride: number;
}

/** Consecutive rows of a sparse matrix in compressed rows: indptr[firstRow] … indptr[firstRow + rows] say where they lie. */
export interface SparseChunk {
  readonly rows: number;
  readonly firstRow: number;
  readonly cols: number;
  readonly data: FloatArray;
  readonly indices: Int32Array;
  readonly indptr: Int32Array | Float64Array;
}

export type Chunk = ColumnChunk | DenseChunk;

/** What every asynchronous native call takes. */
export interface JobOptions {
  /** Number of threads, at least 1 (already resolved from the user's nJobs). */
  readonly nJobs: number;
  readonly cancel?: CancelTokenHandle | undefined;
  /** Called on the JavaScript thread, at most every 20 ms and once at the end. */
  readonly onProgress?: ((done: number, total: number, score: number) => void) | undefined;
}

/** What native error messages call a table and its columns. */
export interface FeatureLabels {
  /** Starts every message: "LogisticRegression.fit: X". */
  readonly where: string;
  readonly names: readonly string[] | undefined;
  readonly nFeatures: number;
}

/** Where rows are kept. */
export interface MemoryBudget {
  /** Bytes in memory, beyond which rows go to a file; 0: no limit. */
  readonly memoryLimit: number;
  /** Where that file is made. */
  readonly spillDirectory: string;
}
