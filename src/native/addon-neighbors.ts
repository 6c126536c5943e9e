import type { BlockHandle, BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

export type NeighborDistance = "euclidean" | "sqeuclidean" | "manhattan" | "chebyshev" | "minkowski" | "cosine";

/** Neighbours within a radius: those of row i at [begin[i], begin[i + 1]), in the order of their numbers. */
export interface RadiusResult {
  readonly begin: Float64Array;
  readonly distances: Float64Array;
  readonly indices: Float64Array;
}

/** Nearest rows (native/binding/neighbors.cc). Of equally near rows the first is the nearer one. */
export interface NeighborsAddon {
  /** Throws ERR_INVALID_DATA, in a sinkPush, on a value that is not finite. p: of "minkowski". */
  createNeighborStore(labels: FeatureLabels, metric: NeighborDistance, p: number): SinkHandle;
  /** Call once, after the last push of at least one row. */
  finishNeighbors(store: SinkHandle, job: JobOptions): Promise<void>;
  /** Rows to k distances and the numbers of the k nearest rows of a finished store, nearest first: 2 k numbers. */
  createNeighborsMap(labels: FeatureLabels, store: SinkHandle, k: number): BlockMapHandle;
  /** The same for the store's own rows, each without itself: rows × 2 k. */
  nearestOfOwn(store: SinkHandle, k: number, job: JobOptions): Promise<Float64Array>;
  /**
   * Rows to the same rows, missing values filled in by the k nearest rows of `values` (rows × nFeatures, NaN: missing) that
   * have them; NaN where the column holds no value. Throws ERR_INVALID_DATA on infinite values.
   */
  createImputeMap(labels: FeatureLabels, values: Float64Array, k: number, byDistance: boolean): BlockMapHandle;
  /** The rows of the store within the radius of each row of a block; undefined: of the store's own rows, without themselves. */
  withinRadius(
    labels: FeatureLabels,
    store: SinkHandle,
    block: BlockHandle | undefined,
    radius: number,
    job: JobOptions,
  ): Promise<RadiusResult>;
}
