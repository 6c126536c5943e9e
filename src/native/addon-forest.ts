import type { BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

/**
 * Trees one after another, column by column, in the order of their nodes: the root first, children after their parents and
 * numbered within their tree.
 */
export interface ForestArrays {
  /** Values of a node: classes, or targets. */
  readonly nValues: number;
  /** The first node of every tree, and the number of all nodes. */
  readonly firstNode: Float64Array;
  /** -2 in leaves. */
  readonly feature: Int32Array;
  /** Rows with at most this value go left; -2 in leaves. */
  readonly threshold: Float64Array;
  /** -1 in leaves. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array;
  readonly impurity: Float64Array;
  /** Training rows, each once. */
  readonly nRows: Float64Array;
  /** Their weight. */
  readonly weight: Float64Array;
  /** Class fractions or predictions: nValues a node. */
  readonly values: Float64Array;
}

export type ForestCriterion = "gini" | "entropy" | "squaredError" | "poisson" | "absoluteError";

/** What trees learn from. */
export interface ForestProblem {
  /** 0: a regression. */
  readonly nClasses: number;
  readonly codes: Int32Array | undefined;
  readonly nOutputs: number;
  /** rows × nOutputs. */
  readonly targets: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
  readonly classWeights: Float64Array | undefined;
}

/** How trees draw rows. */
export interface ForestSampling {
  readonly seed: number;
  readonly bootstrap: boolean;
  /** Rows a bootstrap draws. */
  readonly nDraws: number;
  readonly balancedSubsample: boolean;
}

export interface ForestOptions extends ForestSampling {
  readonly criterion: ForestCriterion;
  readonly randomSplits: boolean;
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minWeightFractionLeaf: number;
  readonly maxFeatures: number;
  /** Features are drawn even where all are looked at: of equal splits the one drawn first is taken. */
  readonly shuffleFeatures: boolean;
  /** 0: no limit. */
  readonly maxLeafNodes: number;
  readonly minImpurityDecrease: number;
  readonly ccpAlpha: number;
  /** -1, 0 or 1 a feature. */
  readonly monotonicCst: Int32Array | undefined;
  /** New trees. */
  readonly nTrees: number;
  readonly outOfBag: boolean;
}

export interface ForestResult {
  readonly forest: ForestArrays;
  /** rows × nValues: means of the trees that did not draw the row; NaN where all did. */
  readonly outOfBag?: Float64Array;
  readonly outOfBagTrees?: Int32Array;
}

export interface IsolationOptions {
  readonly nRows: number;
  readonly maxSamples: number;
  readonly maxFeatures: number;
  readonly bootstrap: boolean;
  readonly firstTree: number;
  readonly nTrees: number;
  readonly seed: number;
  /** Rows are drawn in proportion to them; without bootstrap at least maxSamples are above 0. Undefined: all alike. */
  readonly weights?: Float64Array | undefined;
}

/** Trees and forests (native/binding/forest.cc). */
export interface ForestAddon {
  /** The sink for the second pass over the rows that a sketch saw; its sample is freed. Refuses infinities. */
  createBinTableSink(sketch: SinkHandle, maxBins: number, labels: FeatureLabels, job: JobOptions): Promise<SinkHandle>;
  /** before: trees to add the new ones to. */
  fitForest(
    sink: SinkHandle,
    problem: ForestProblem,
    options: ForestOptions,
    before: ForestArrays | undefined,
    job: JobOptions,
  ): Promise<ForestResult>;
  /** The rows that a tree of a bootstrap draws, in order. */
  forestDraws(rows: number, weights: Float64Array | undefined, sampling: ForestSampling, tree: number): Int32Array;
  /** The mean of the trees' values: nValues a row; or the node that a row ends in, one a tree. */
  createTreesMap(forest: ForestArrays, output: "mean" | "leaves", labels: FeatureLabels): BlockMapHandle;
  /** Of a forest of one tree. */
  pruningPath(forest: ForestArrays, nFeatures: number): { ccpAlphas: Float64Array; impurities: Float64Array };
  /** Keeps the rows that the trees draw. */
  createIsolationSink(labels: FeatureLabels, options: IsolationOptions): SinkHandle;
  /** Values of leaves are path lengths. */
  fitIsolation(sink: SinkHandle, job: JobOptions): Promise<ForestArrays>;
  /** The rows that each tree drew, ascending, of a sink that has seen all rows. */
  isolationRows(sink: SinkHandle): Int32Array[];
  /** What a tree draws, ascending. */
  isolationDraw(nFeatures: number, options: IsolationOptions, tree: number): { rows: Int32Array; features: Int32Array };
}
