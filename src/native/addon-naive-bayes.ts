import type { BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

export interface ColumnMoments {
  /** Sums of weights. */
  readonly count: Float64Array;
  readonly mean: Float64Array;
  /** Divisor `count`. */
  readonly variance: Float64Array;
}

/** Of every column within every class, nClasses × nFeatures, and over all rows, unweighted, nFeatures. */
export interface ClassMomentsResult extends ColumnMoments {
  readonly overall: ColumnMoments;
}

export interface ClassSumsResult {
  /** Total weight of every class. */
  readonly classWeight: Float64Array;
  /** Sums of every column within every class, nClasses × nFeatures. */
  readonly sums: Float64Array;
}

export interface CategoryCountsResult {
  /** Total weight of every class. */
  readonly classWeight: Float64Array;
  /** Of every column: nCategories × nClasses. */
  readonly counts: readonly Float64Array[];
}

/** The logarithm of prior times likelihood, of every class. */
export interface BayesModel {
  /**
   * Gaussian: intercept - sum of scale (x - centre)²; linear: intercept + sum of scale x; categorical: intercept + the
   * entry of x in a table per column, nCategories × nClasses.
   */
  readonly kind: "gaussian" | "linear" | "categorical";
  readonly intercept: Float64Array;
  /** Gaussian: nClasses × nFeatures. */
  readonly centre?: Float64Array | undefined;
  /** nClasses × nFeatures; categorical: the tables. */
  readonly scale: Float64Array;
  /** Categorical: where in `scale` the tables begin, and where the last one ends. */
  readonly offsets?: Float64Array | undefined;
  /** A value counts as 1 where it is larger, else as 0. */
  readonly threshold?: number | undefined;
}

/** Naive Bayes models (native/binding/naive_bayes.cc). One code (0 … nClasses - 1) and weight per row of the table. */
export interface NaiveBayesAddon {
  /** Throws ERR_INVALID_DATA on a value that is not finite, in a sinkPush or in finishClassMoments. */
  createClassMomentsSink(
    labels: FeatureLabels,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
  ): SinkHandle;
  /** Call once, after the last push. */
  finishClassMoments(sink: SinkHandle, job: JobOptions): Promise<ClassMomentsResult>;
  /** Throws ERR_INVALID_DATA on a value that is not finite, or that is negative where there is no threshold. */
  createClassSumsSink(
    labels: FeatureLabels,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
    threshold: number | undefined,
  ): SinkHandle;
  finishClassSums(sink: SinkHandle, job: JobOptions): Promise<ClassSumsResult>;
  /** Throws ERR_INVALID_DATA on a value that is no integer from 0 on. */
  createCategoryCountsSink(
    labels: FeatureLabels,
    codes: Int32Array,
    weights: Float64Array | undefined,
    nClasses: number,
  ): SinkHandle;
  finishCategoryCounts(sink: SinkHandle, job: JobOptions): Promise<CategoryCountsResult>;
  createBayesMap(
    labels: FeatureLabels,
    model: BayesModel,
    output: "joint" | "probability" | "logProbability" | "class",
  ): BlockMapHandle;
}
