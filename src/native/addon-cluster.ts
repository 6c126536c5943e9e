import type { BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

export interface KMeansOptions {
  readonly nClusters: number;
  readonly init: "k-means++" | "k-means||" | "random" | "given";
  /** "given": nClusters × nFeatures, in the units of X. */
  readonly start: Float64Array | undefined;
  readonly nInit: number;
  readonly maxIter: number;
  /** Of the mean variance of the columns. */
  readonly tol: number;
  readonly seed: number;
  /** KMeans: skips rows that cannot change their centre; the same result. */
  readonly useBounds: boolean;
}

export interface KMeansResult {
  /** nClusters × nFeatures, less shift. */
  readonly centers: Float64Array;
  readonly shift: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
  /** Clusters that have rows. */
  readonly nDistinct: number;
}

export interface MiniBatchOptions extends KMeansOptions {
  readonly batchSize: number;
  /** 0: three batches. */
  readonly initSize: number;
  /** 0: no limit. */
  readonly maxNoImprovement: number;
  readonly reassignmentRatio: number;
}

/** Centres that learn batch by batch. */
export interface MiniBatchState {
  readonly centers: Float64Array;
  readonly shift: Float64Array;
  readonly counts: Float64Array;
  readonly nSinceReassign: number;
  readonly nSteps: number;
}

export interface MiniBatchResult extends MiniBatchState {
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
}

/** Clustering (native/binding/cluster.cc). */
export interface ClusterAddon {
  /**
   * shift: what to subtract from rows; undefined: near their mean. Rows beyond memoryLimit bytes (0: no limit) go to a
   * file. Refuses values that are not finite.
   */
  createPointSink(
    labels: FeatureLabels,
    shift: Float64Array | undefined,
    budget: { readonly memoryLimit: number; readonly spillDirectory: string },
  ): SinkHandle;
  /** Takes the rows out of the sink. One weight per row; undefined: all weigh 1. */
  fitKMeans(
    sink: SinkHandle,
    weights: Float64Array | undefined,
    options: KMeansOptions,
    job: JobOptions,
  ): Promise<KMeansResult>;
  /** Takes the rows out of the sink. */
  fitMiniBatchKMeans(
    sink: SinkHandle,
    weights: Float64Array | undefined,
    options: MiniBatchOptions,
    job: JobOptions,
  ): Promise<MiniBatchResult>;
  /** Takes the rows out of the sink: one batch. before undefined: the first. */
  miniBatchStep(
    sink: SinkHandle,
    weights: Float64Array | undefined,
    before: MiniBatchState | undefined,
    options: MiniBatchOptions,
    job: JobOptions,
  ): Promise<MiniBatchResult>;
  /** The nearest centre, or the squared distance from it. centers are less shift. */
  createCentersMap(
    labels: FeatureLabels,
    centers: Float64Array,
    shift: Float64Array,
    output: "label" | "squaredDistance",
  ): BlockMapHandle;
}
