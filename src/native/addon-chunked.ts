import type { BlockHandle, BlockMapHandle, FloatArray, Handle, JobOptions, SinkHandle } from "./addon-types.js";

export type PassHandle = Handle<"pass">;

/** Element type of a chunked matrix. */
export type FloatType = "float32" | "float64";

export interface ChunkStoreOptions {
  readonly cols: number;
  readonly dtype: FloatType;
  /** Rounded up to whole slots of 1,024 rows. */
  readonly chunkRows: number;
  /** Bytes of chunks to keep in memory; further ones are written to a spill file. Infinity: all. */
  readonly memoryBytes: number;
  readonly spillDirectory: string;
}

export interface ChunkStoreInfo {
  readonly rows: number;
  readonly memoryBytes: number;
  readonly spilledBytes: number;
}

/** A stored matrix, or a stream whose rows passAdvance is given. */
export type PassSource = { readonly store: SinkHandle } | { readonly cols: number; readonly dtype: FloatType };

/** How the rows from the end of the piece before to endRow are computed (native/chunked/tape.h). */
export interface PassPiece {
  readonly endRow: number;
  /** Five numbers an instruction: code, out, a, b, c. */
  readonly code: Int32Array;
  readonly constants: Float64Array;
  /** Two numbers a read: the source, and its row that output row 0 is computed from. */
  readonly reads: Float64Array;
  readonly nRegisters: number;
}

/** What is done with a matrix whose columns are these outputs. */
export type PassConsumer = { readonly outputs: Int32Array } & (
  | {
      /**
       * What passResults gives of each column: "sum" the sum and count of the values that are not NaN; "moments" their count, mean and sum
       * of squared deviations; "extremes" least, its row, greatest, its row (-1: none), first row of a NaN (-1), count.
       */
      readonly kind: "sum" | "moments" | "extremes";
    }
  | CountingConsumer
  | { readonly kind: "array" }
  | { readonly kind: "store"; readonly store: SinkHandle }
);

/** Counts values, each column into one of some groups; NaN is left out. */
export type CountingConsumer = {
  /** The group of each column. */
  readonly groups: Int32Array;
} & (
  | {
      /**
       * Of the values low <= x <= high of a group: "bins" where each group begins (one more than groups), and of each bin least, greatest
       * and count; "collect" where each group begins, and the values in order.
       */
      readonly kind: "bins" | "collect";
      readonly low: Float64Array;
      readonly high: Float64Array;
    }
  | {
      /** Counts, group by group. */
      readonly kind: "histogram";
      readonly nGroups: number;
      readonly edges: Float64Array;
    }
  | {
      /** Where each group begins, the different values in order, and their counts. */
      readonly kind: "unique";
      readonly nGroups: number;
      /** ERR_MEMORY_LIMIT beyond so many values. */
      readonly most: number;
    }
);

export interface PassPlan {
  readonly sources: readonly PassSource[];
  readonly pieces: readonly PassPiece[];
  readonly nOutputs: number;
  readonly consumers: readonly PassConsumer[];
}

/** Where an "array" consumer writes rows [firstRow, firstRow + rows), column-major. */
export interface PassTarget {
  readonly consumer: number;
  readonly values: FloatArray;
  readonly firstRow: number;
  readonly rows: number;
}

export interface PassStep {
  /** Compute up to this row: a multiple of 1,024, or the last one. */
  readonly until: number;
  /** Rows to add to a stream first. */
  readonly source?: number;
  readonly block?: BlockHandle;
  readonly targets: readonly PassTarget[];
}

/** Chunked matrices (native/binding/chunked.cc). */
export interface ChunkedAddon {
  /** Quantiles q (in 0 … 1) of every row: q.length numbers. omitNaN: of the values that are not NaN. */
  createRowQuantileMap(
    cols: number,
    q: Float64Array,
    interpolation: "linear" | "lower" | "higher" | "midpoint" | "nearest",
    omitNaN: boolean,
  ): BlockMapHandle;
  /** To be filled by sinkPush, or by a "store" consumer; then finished. */
  createChunkStore(options: ChunkStoreOptions): SinkHandle;
  finishChunkStore(store: SinkHandle, job: JobOptions): Promise<ChunkStoreInfo>;
  releaseChunkStore(store: SinkHandle): void;
  createPass(plan: PassPlan): PassHandle;
  /** Computes as far as the streams have come; resolves to the number of rows computed so far. */
  passAdvance(pass: PassHandle, step: PassStep, job: JobOptions): Promise<number>;
  passResults(pass: PassHandle): (readonly Float64Array[] | undefined)[];
}
