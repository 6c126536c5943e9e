/**
 * The one typed seam between TypeScript and the native addon: every function the addon exports, and nothing else
 * (tools/check-seam compares the interfaces in addon*.ts with native/binding/). A family of functions has a file of its
 * own. Estimators never see handles of kinds they did not make.
 */
import type { AlgebraAddon } from "./addon-algebra.js";
import type { BoostingAddon, RankingMetric } from "./addon-boosting.js";
import type { ChunkedAddon } from "./addon-chunked.js";
import type { ClusterAddon } from "./addon-cluster.js";
import type { ForestAddon } from "./addon-forest.js";
import type { LinearAddon } from "./addon-linear.js";
import type { LinearRegressionAddon } from "./addon-linear-regression.js";
import type { NaiveBayesAddon } from "./addon-naive-bayes.js";
import type { NeighborsAddon } from "./addon-neighbors.js";
import type { PairwiseAddon } from "./addon-pairwise.js";
import type { RowwiseAddon } from "./addon-rowwise.js";
import type {
  BlockHandle,
  BlockMapHandle,
  CancelTokenHandle,
  Chunk,
  FeatureLabels,
  FloatArray,
  JobOptions,
  SinkHandle,
  SparseChunk,
  SparseRowsHandle,
} from "./addon-types.js";

export type * from "./addon-algebra.js";
export type * from "./addon-boosting.js";
export type * from "./addon-chunked.js";
export type * from "./addon-cluster.js";
export type * from "./addon-forest.js";
export type * from "./addon-linear.js";
export type * from "./addon-linear-regression.js";
export type * from "./addon-naive-bayes.js";
export type * from "./addon-neighbors.js";
export type * from "./addon-pairwise.js";
export type * from "./addon-rowwise.js";
export type * from "./addon-types.js";

export interface MomentsResult {
  readonly rows: number;
  /** Per column: the (weighted) number of values that are not NaN. */
  readonly count: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Weight of positive and negative rows with at least each distinct score, highest score first. */
export interface ThresholdCurveResult {
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
}

/** How discountedGains counts. */
export interface DiscountedGainsOptions {
  /** Ranks that count; 0: all. */
  readonly k: number;
  readonly logBase: number;
  /** Of equal scores the later come first; else the mean over all orders. */
  readonly ignoreTies: boolean;
  /** Divided by the ideal; 0 where that is 0. */
  readonly isNormalized: boolean;
}

/** Tables, statistics and what is not a family of its own. */
export interface Addon
  extends
    AlgebraAddon,
    BoostingAddon,
    ChunkedAddon,
    ClusterAddon,
    ForestAddon,
    LinearAddon,
    LinearRegressionAddon,
    NaiveBayesAddon,
    NeighborsAddon,
    PairwiseAddon,
    RowwiseAddon {
  simdInfo(): { active: string; supported: string[] };

  createCancelToken(): CancelTokenHandle;
  cancel(token: CancelTokenHandle): void;

  /** Copies the chunk's memory; borrows it where all of it lies in SharedArrayBuffers, which cannot be taken away. */
  stageBlock(chunk: Chunk): BlockHandle;
  sinkPush(sink: SinkHandle, block: BlockHandle, job: JobOptions): Promise<void>;
  /** Copies the chunk's memory. */
  stageSparse(chunk: SparseChunk): SparseRowsHandle;
  /** For the sinks that bin: what they make of the rows is what sinkPush makes of the dense ones. */
  sinkPushEntries(sink: SinkHandle, rows: SparseRowsHandle, job: JobOptions): Promise<void>;
  /** Copies the chunk's entries at once, into a sink that takes such. */
  sinkPushSparse(sink: SinkHandle, chunk: SparseChunk): void;
  /** Writes rows × outputs numbers to `out` from `offset`, row-major. */
  mapBlock(map: BlockMapHandle, block: BlockHandle, out: FloatArray, offset: number, job: JobOptions): Promise<void>;
  mapBlockSync(map: BlockMapHandle, chunk: Chunk, out: FloatArray, offset: number, nJobs: number): void;
  /** The same for sparse rows, copied at once; the map must take such, and refuses values that are not finite. */
  mapSparse(map: BlockMapHandle, chunk: SparseChunk, out: Float64Array, offset: number, job: JobOptions): Promise<void>;
  mapSparseSync(map: BlockMapHandle, chunk: SparseChunk, out: Float64Array, offset: number, nJobs: number): void;

  /**
   * Divides rows at random, exactly: of each group (one entry of `test` and `train` each; groups undefined: one group)
   * so many rows to each part. Bitmaps, least significant bit first.
   */
  splitRows(
    nRows: number,
    seed: number,
    groups: Int32Array | undefined,
    test: Float64Array,
    train: Float64Array,
    job: JobOptions,
  ): Promise<{ test: Uint8Array; train: Uint8Array }>;

  /**
   * One weight per row of the table; undefined: all weigh 1. With labels, infinities are refused by name, in a sinkPush or
   * in momentsResult; without, the moments of their columns are not finite.
   */
  createMomentsSink(nFeatures: number, weights?: Float64Array, labels?: FeatureLabels): SinkHandle;
  momentsResult(sink: SinkHandle): MomentsResult;
  /** (x - shift) / scale per column; inverse: x * scale + shift. */
  createAffineMap(shift: Float64Array, scale: Float64Array, inverse: boolean): BlockMapHandle;

  /**
   * Scores are finite; `positive` is 0 or 1 a row; weights undefined: all 1. The arrays are read while the job runs: they
   * must not be the user's.
   */
  thresholdCurve(
    scores: Float64Array,
    positive: Uint8Array,
    weights: Float64Array | undefined,
    job: JobOptions,
  ): Promise<ThresholdCurveResult>;

  /** (Normalized) discounted cumulative gains, one a query. The arrays must not be the user's, as above. */
  discountedGains(
    gains: Float64Array,
    scores: Float64Array,
    /** The query of every row, from 0 up. */
    queries: Int32Array,
    options: DiscountedGainsOptions,
    job: JobOptions,
  ): Promise<Float64Array>;

  /** One metric of every query, likewise. */
  rankingScores(
    gains: Float64Array,
    scores: Float64Array,
    queries: Int32Array,
    metric: RankingMetric,
    job: JobOptions,
  ): Promise<Float64Array>;
}
