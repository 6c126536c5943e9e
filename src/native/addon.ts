/**
 * The one typed seam between TypeScript and the native addon: every function the addon exports, and nothing else
 * (tools/check-seam compares this file with native/binding/). Estimators never see handles of kinds they did not make.
 */

declare const kind: unique symbol;
/** A native object. Opaque here; the addon checks its kind and throws a TypeError on the wrong one. */
export interface Handle<K extends string> {
  readonly [kind]: K;
}
export type CancelTokenHandle = Handle<"cancelToken">;
/** A row block staged for one push or map: used once. */
export type BlockHandle = Handle<"block">;
export type SinkHandle = Handle<"sink">;
export type BlockMapHandle = Handle<"blockMap">;
export type BoostingModelHandle = Handle<"boostingModel">;

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

export type Chunk = ColumnChunk | DenseChunk;

/** What every asynchronous native call takes. */
export interface JobOptions {
  /** Number of threads, at least 1 (already resolved from the user's nJobs). */
  readonly nJobs: number;
  readonly cancel?: CancelTokenHandle | undefined;
  /** Called on the JavaScript thread, at most every 20 ms and once at the end. */
  readonly onProgress?: ((done: number, total: number, score: number) => void) | undefined;
}

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

/** What native error messages call a table and its columns. */
export interface FeatureLabels {
  /** Starts every message: "LogisticRegression.fit: X". */
  readonly where: string;
  readonly names: readonly string[] | undefined;
  readonly nFeatures: number;
}

export interface LogisticOptions {
  /** Infinity: no penalty. */
  readonly C: number;
  readonly tol: number;
  readonly maxIter: number;
  readonly fitIntercept: boolean;
  readonly solver: "lbfgs" | "newton-cholesky";
  /** Where to start: outputs × features, one output for two classes. */
  readonly startCoef?: Float64Array | undefined;
  readonly startIntercept?: Float64Array | undefined;
}

export interface LogisticResult {
  /** Outputs × features, row-major. */
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly nIter: number;
  readonly converged: boolean;
  /** The largest gradient entry at the end, which was to come below tol. */
  readonly violation: number;
}

export type BoostingLoss = "squaredError" | "logLoss" | "multinomial";

/** What a sketch must know before its first row. */
export interface SketchOptions {
  readonly nFeatures: number;
  /** Rows of the whole table: the length of y. */
  readonly nRows: number;
  readonly seed: number;
  /** One byte a row: 0 to train on, 1 to validate on. Undefined: all are trained on. */
  readonly rowUse: Uint8Array | undefined;
  readonly weights: Float64Array | undefined;
}

export interface BoostingOptions {
  readonly loss: BoostingLoss;
  /** Trees an iteration. */
  readonly nOutputs: number;
  readonly maxIter: number;
  readonly learningRate: number;
  readonly maxLeafNodes: number;
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2Regularization: number;
  readonly minSumHessian: number;
  readonly minGainToSplit: number;
  readonly earlyStopping: boolean;
  readonly nIterNoChange: number;
  readonly tol: number;
  readonly seed: number;
}

export interface BoostingArrays {
  /** Numbers, or class codes. */
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  /** Raw predictions to start from, rows × nOutputs. Undefined: the best constant. */
  readonly initialRaw: Float64Array | undefined;
}

export interface BoostingModelInfo {
  readonly nIterations: number;
  readonly nOutputs: number;
  readonly nFeatures: number;
  readonly baseline: Float64Array;
  readonly trainScore: Float64Array;
  readonly validationScore: Float64Array;
}

/** The nodes of one tree, by column; leaves have feature -1. */
export interface BoostingNodes {
  readonly feature: Float64Array;
  readonly threshold: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly missingLeft: Float64Array;
  readonly value: Float64Array;
  readonly gain: Float64Array;
  readonly count: Float64Array;
}

export interface Addon {
  simdInfo(): { active: string; supported: string[] };

  createCancelToken(): CancelTokenHandle;
  cancel(token: CancelTokenHandle): void;

  /** Copies the chunk's memory; borrows it where all of it lies in SharedArrayBuffers, which cannot be taken away. */
  stageBlock(chunk: Chunk): BlockHandle;
  sinkPush(sink: SinkHandle, block: BlockHandle, job: JobOptions): Promise<void>;
  /** Writes rows × outputs numbers to `out` from `offset`, row-major. */
  mapBlock(map: BlockMapHandle, block: BlockHandle, out: FloatArray, offset: number, job: JobOptions): Promise<void>;
  mapBlockSync(map: BlockMapHandle, chunk: Chunk, out: FloatArray, offset: number, nJobs: number): void;

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
  /** Throws ERR_INVALID_DATA on a value that is not finite, in its sinkPush. */
  createLinearSink(labels: FeatureLabels): SinkHandle;
  /** Takes the rows out of the sink. One code (0 … nClasses - 1) and weight per row; undefined: all weigh 1. */
  fitLogistic(
    sink: SinkHandle,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
    options: LogisticOptions,
    job: JobOptions,
  ): Promise<LogisticResult>;
  createLogisticMap(
    labels: FeatureLabels,
    coef: Float64Array,
    intercept: Float64Array,
    output: "decision" | "probability" | "logProbability" | "class",
  ): BlockMapHandle;

  createSketchSink(options: SketchOptions): SinkHandle;
  /** Finds the bin thresholds; the sink bins the same rows, in the same order. */
  createBinningSink(sketch: SinkHandle, maxBins: number, job: JobOptions): Promise<SinkHandle>;
  /** Goes on from `previous`, or begins. */
  fitBoosting(
    bins: SinkHandle,
    options: BoostingOptions,
    arrays: BoostingArrays,
    previous: BoostingModelHandle | undefined,
    job: JobOptions,
  ): Promise<BoostingModelHandle>;
  boostingModel(model: BoostingModelHandle): BoostingModelInfo;
  boostingNodes(model: BoostingModelHandle, tree: number): BoostingNodes;
  /** Predicts with iterations [first, last); the baseline counts to iteration 0. */
  createForestMap(
    model: BoostingModelHandle,
    loss: BoostingLoss,
    output: "raw" | "probability",
    first: number,
    last: number,
  ): BlockMapHandle;
  /** Class probabilities of raw predictions, row-major. */
  boostingProbabilities(loss: BoostingLoss, raw: Float64Array, nOutputs: number): Float64Array;
  serializeBoosting(model: BoostingModelHandle): Uint8Array<ArrayBuffer>;
  /** Throws ERR_INVALID_DATA for bytes that serializeBoosting did not write. */
  deserializeBoosting(bytes: Uint8Array): BoostingModelHandle;
}
