import type { BlockMapHandle, BoosterHandle, BoostingModelHandle, JobOptions, SinkHandle } from "./addon-types.js";

/** In the order of LossKind (native/simd/loss_kernels.h). */
export type BoostingLoss =
  | "squaredError"
  | "absoluteError"
  | "quantile"
  | "huber"
  | "fair"
  | "mape"
  | "poisson"
  | "gamma"
  | "tweedie"
  | "crossEntropy"
  | "logLoss"
  | "multinomial"
  | "custom"
  | "lambdarank";

/** Raw predictions, or what they mean: class probabilities, the predicted mean or quantile. */
export type BoostingOutput = "raw" | "response";

/** A predictor of single rows: write the features to `input`, call `run`, read `output`. */
export interface RowPredictor {
  readonly input: Float64Array;
  readonly output: Float64Array;
  readonly run: () => void;
}

/** What a sketch must know before its first row. */
export interface SketchOptions {
  readonly nFeatures: number;
  /** Rows of the whole table: the length of y. */
  readonly nRows: number;
  readonly seed: number;
  /** Rows of the sample, about; undefined: 200,000. */
  readonly sampleRows?: number;
  /** One byte a row: 0 to train on, 1 to validate on, 2 to leave out. Undefined: all are trained on. */
  readonly rowUse: Uint8Array | undefined;
  readonly weights: Float64Array | undefined;
  /** One byte a feature: 1 for categories. Undefined: there are none. */
  readonly categorical: Uint8Array | undefined;
}

/** How the bins of a fit are kept. */
export interface BinningOptions {
  readonly maxBins: number;
  /** A byte a cell, not two. */
  readonly compact: boolean;
  /** Bytes that the fit may hold; bins beyond go to a file. 0: no limit. */
  readonly memoryLimit: number;
  /** Where that file is. */
  readonly spillDirectory: string;
}

/** What a split may be (native/boosting/grower_params.h). */
export interface BoostingSplitOptions {
  /** 1, 0 or -1 a feature; undefined: all are free. */
  readonly monotonic: Float64Array | undefined;
  readonly interactions: "all" | "none" | "pairs" | "sets";
  /** Features, for "sets". */
  readonly interactionSets: readonly Float64Array[];
  readonly l1Regularization: number;
  readonly maxDeltaStep: number;
  readonly pathSmooth: number;
  readonly maxFeatures: number;
  readonly maxFeaturesPerTree: number;
  readonly extraTrees: boolean;
  readonly catSmooth: number;
  readonly catL2: number;
  readonly maxCatToOnehot: number;
  readonly maxCatThreshold: number;
  readonly minDataPerGroup: number;
}

/** Rules of lambdarank (native/loss/lambdarank.h). */
export interface LambdarankOptions {
  readonly truncationLevel: number;
  readonly norm: boolean;
  readonly sigmoid: number;
  /** Losses are the negative means of these; early stopping looks at the first. */
  readonly metrics: readonly RankingMetric[];
}

/** How well a query is ranked (native/loss/ranking_metrics.h). */
export interface RankingMetric {
  readonly kind: "ndcg" | "map" | "mrr";
  /** Ranks that count; 0: all. */
  readonly k: number;
}

export interface BoostingOptions extends BoostingSplitOptions {
  readonly loss: BoostingLoss;
  /** Quantile, delta, c or variance power; 0 for losses that have none. */
  readonly lossParameter: number;
  /** Of loss "lambdarank". */
  readonly lambdarank: LambdarankOptions | undefined;
  /** Raw predictions of a row. */
  readonly nOutputs: number;
  /** One tree an iteration, whose leaves hold the values of all outputs; else one an output. */
  readonly vectorLeaves: boolean;
  readonly maxIter: number;
  readonly learningRate: number;
  readonly maxLeafNodes: number;
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2Regularization: number;
  readonly minSumHessian: number;
  readonly minGainToSplit: number;
  /** Most memory of histograms; those beyond are built again when they are needed. 0: no limit. */
  readonly histogramBytes: number;
  /** Leaves are ridge regressions: every BinnedRows has `columns`. */
  readonly linearTree: boolean;
  readonly linearLambda: number;
  readonly earlyStopping: boolean;
  readonly nIterNoChange: number;
  readonly tol: number;
  readonly seed: number;
  readonly boostingType: "gbdt" | "dart" | "goss";
  readonly subsample: number;
  readonly subsampleFreq: number;
  readonly topRate: number;
  readonly otherRate: number;
  readonly dropRate: number;
  readonly maxDrop: number;
  readonly skipDrop: number;
  readonly uniformDrop: boolean;
  readonly xgboostDartMode: boolean;
  /** Every boosterRun of an iteration is given its gradients. */
  readonly hasGivenGradients: boolean;
  /** Watched set 0 (the rows held out, if there are any) is what early stopping looks at. */
  readonly firstIsValidation: boolean;
  /** Keep the losses of the watched rows. */
  readonly watchLoss: boolean;
}

/** Of every row and output, row-major, weights included. */
export interface GivenGradients {
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/** Binned rows with what belongs to them. */
export interface BinnedRows {
  readonly bins: SinkHandle;
  /** Numbers (of several targets one after another), class codes, or the gains of lambdarank. */
  readonly targets: Float64Array;
  /** Lambdarank: the query of every row, from 0 up. */
  readonly queries: Int32Array | undefined;
  readonly weights: Float64Array | undefined;
  /** Linear trees: a sink of createRawSink that has seen the same rows. */
  readonly columns: SinkHandle | undefined;
  /** Raw predictions to start from, rows × nOutputs. Undefined: the best constant. */
  readonly initialRaw: Float64Array | undefined;
}

/** Where a boosting fit spent its time, and what it held. Times are wall-clock seconds on all its threads together. */
export interface BoostingTrace {
  readonly seconds: {
    /** The sample of rows and its quantiles. */
    readonly sketch: number;
    /** Values to bins. */
    readonly bin: number;
    /** Gradients and hessians of every row, rounded to integers. */
    readonly gradient: number;
    /** Sums of them by bin. */
    readonly histogram: number;
    /** Rows to the two children of a split. */
    readonly partition: number;
    /** Merging threads' sums, subtraction of siblings, the search for the best splits. */
    readonly split: number;
    /** Raw predictions of the rows, and early stopping's scores. */
    readonly score: number;
  };
  /** Rows binned: trained on or watched. */
  readonly rows: number;
  readonly features: number;
  /** Columns the histograms are made of: fewer than features where some share one. */
  readonly storedColumns: number;
  readonly trees: number;
  /** Values read for the sample and for the bins: twice the cells of X, or twice the entries of a CsrMatrix. */
  readonly valuesRead: number;
  /** Rows × stored columns added to histograms (those that a tree looks at): the floor is about a processor cycle each. */
  readonly histogramUpdates: number;
  /** Bytes of bins that lay in a file, beyond memoryLimit. */
  readonly spilledBytes: number;
  /** Most native memory the fit held at once, the model itself aside. */
  readonly peakBytes: number;
}

export interface BoostingModelInfo {
  readonly nIterations: number;
  readonly nOutputs: number;
  /** 1 if leaves hold the values of all outputs, else nOutputs. */
  readonly nTreesPerIteration: number;
  /** Some leaves are regressions. */
  readonly isLinear: boolean;
  readonly nFeatures: number;
  readonly baseline: Float64Array;
  /** Of each categorical feature: the codes of bins 0, 1, …; empty if no feature is categorical. */
  readonly categories: readonly (Float64Array | undefined)[];
  readonly trainScore: Float64Array;
  readonly validationScore: Float64Array;
  /** Of the last fit; undefined for a model that was loaded. */
  readonly trace: BoostingTrace | undefined;
}

/**
 * The nodes of one tree, by column; leaves have feature -1. A split on categories has a set (else -1): those whose bin is
 * in it go left, bin b being bit b % 8 of byte b / 8 from byte 32 * set of the sets on. Missing values are in bin 255, or
 * in the bin behind the last of more than 255.
 */
export interface BoostingNodes {
  readonly feature: Float64Array;
  readonly threshold: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
  readonly missingLeft: Float64Array;
  readonly value: Float64Array;
  readonly gain: Float64Array;
  readonly count: Float64Array;
  readonly set: Float64Array;
  readonly sets: Uint8Array;
  /** Values of vector leaves, leaf by leaf, nOutputs each (`value` is unused then); else empty. */
  readonly vectors: Float64Array;
  /** Regressions of the leaves, leaf by leaf; empty if they have none. */
  readonly linear: readonly BoostingLinearLeaf[];
}

/** constant + sum of slopes times features; without slopes the leaf has its value. */
export interface BoostingLinearLeaf {
  readonly constant: number;
  readonly features: Float64Array;
  readonly slopes: Float64Array;
}

/** Gradient boosting (native/binding/boosting.cc). */
export interface BoostingAddon {
  createSketchSink(options: SketchOptions): SinkHandle;
  /**
   * Finds the bin thresholds and categories (those of `previous` stay); the sink bins the same rows, in the same order. The
   * sketch has served then.
   */
  createBinningSink(
    sketch: SinkHandle,
    options: BinningOptions,
    previous: BoostingModelHandle | undefined,
    job: JobOptions,
  ): Promise<SinkHandle>;
  /** A sink that keeps columns as they are: one byte a feature, 1 for those to keep. */
  createRawSink(isKept: Uint8Array, nRows: number): SinkHandle;
  /** A sink that bins nRows other rows as `bins` does. */
  createWatchedSink(bins: SinkHandle, nRows: number): SinkHandle;
  /** The handle lets go of its bins; boosters that were made of them keep them until they are finished. */
  releaseBins(bins: SinkHandle): void;
  /** A fit about to begin, or to go on from `previous`. Bins may serve several boosters, at the same time too; they take no
   * more rows.  The rows held out of `train` are watched first, then `watched`. */
  createBooster(
    options: BoostingOptions,
    train: BinnedRows,
    watched: readonly BinnedRows[],
    previous: BoostingModelHandle | undefined,
    job: JobOptions,
  ): Promise<BoosterHandle>;
  /** Runs at most so many iterations; whether the fit is done. */
  boosterRun(
    booster: BoosterHandle,
    most: number,
    given: GivenGradients | undefined,
    job: JobOptions,
  ): Promise<boolean>;
  /** Raw predictions of the rows trained on (set -1) or watched, row-major. */
  boosterRaw(booster: BoosterHandle, set: number, job: JobOptions): Promise<Float64Array>;
  /** Records scores of now; whether early stopping says to stop. */
  boosterRecord(booster: BoosterHandle, train: number, validation: number | undefined): boolean;
  /** Iterations so far, and the latest scores. */
  boosterState(booster: BoosterHandle): {
    nIterations: number;
    trainScore?: number;
    validationScore?: number;
  };
  /** The losses of every watched set (lambdarank: all of `metrics`): before the first iteration of this fit and after each. */
  boosterLosses(booster: BoosterHandle): Float64Array[];
  /** The model; the booster is of no further use. */
  boosterFinish(booster: BoosterHandle): BoostingModelHandle;
  boostingModel(model: BoostingModelHandle): BoostingModelInfo;
  boostingNodes(model: BoostingModelHandle, tree: number): BoostingNodes;
  /** Predicts with iterations [first, last); the baseline counts to iteration 0. */
  createForestMap(
    model: BoostingModelHandle,
    loss: BoostingLoss,
    output: BoostingOutput | "leaves",
    first: number,
    last: number,
  ): BlockMapHandle;
  /** The arrays must stay in this library: they are read and written whenever `run` is called. */
  createRowPredictor(model: BoostingModelHandle, loss: BoostingLoss, output: BoostingOutput): RowPredictor;
  /**
   * Shapley values of raw predictions: for every output nFeatures values and their mean; with interactions a symmetric
   * matrix of nFeatures + 1 rows.
   */
  createShapMap(model: BoostingModelHandle, interactions: boolean): BlockMapHandle;
  /** What raw predictions mean, row-major. */
  boostingResponse(loss: BoostingLoss, raw: Float64Array, nOutputs: number): Float64Array;
  serializeBoosting(model: BoostingModelHandle): Uint8Array<ArrayBuffer>;
  /** Throws ERR_INVALID_DATA for bytes that serializeBoosting did not write. */
  deserializeBoosting(bytes: Uint8Array): BoostingModelHandle;
}
