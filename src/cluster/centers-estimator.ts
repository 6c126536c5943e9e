import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import {
  centerDistances,
  centersOf,
  mapCenters,
  scoreOf,
  type ClusterFitOptions,
  type FittedCenters,
} from "./cluster-fit.js";

/** What a fit of centres leaves. */
export interface CentersFitted extends FittedBase, FittedCenters {
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
}

/** What KMeans and MiniBatchKMeans share: everything that follows from the centres. */
export abstract class CentersEstimator<P extends object, F extends CentersFitted> extends BaseEstimator<P, F> {
  get tags(): EstimatorTags {
    return { kind: "clusterer", allowNaN: false, requiresY: false, sampleWeight: true };
  }

  /** Finds the centres. */
  abstract fit(X: MatrixLike, y?: unknown, options?: ClusterFitOptions): Promise<this>;

  /** The nearest centre of every row: 0 … nClusters - 1. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Int32Array> {
    const source = this.#source("predict", X);
    const fitted = this.fitted("predict");
    return Int32Array.from(await mapCenters(`${this.className}.predict`, source, fitted, "label", options));
  }

  /** fit, then the labels of X. */
  async fitPredict(X: MatrixLike, y?: unknown, options?: ClusterFitOptions): Promise<Int32Array> {
    return (await this.fit(X, y, options)).labels_;
  }

  /** Distances from every centre, nSamples × nClusters: float32 for a Matrix of float32, else float64. */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const source = this.#source("transform", X);
    const fitted = this.fitted("transform");
    return centerDistances<T>(`${this.className}.transform`, X, source, fitted, options);
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options?: ClusterFitOptions,
  ): Promise<Matrix<T>> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /** Minus the (weighted) sum of squared distances of the rows from their nearest centres. */
  async score(X: MatrixLike, _y?: unknown, options: ClusterFitOptions = {}): Promise<number> {
    return scoreOf(`${this.className}.score`, this.#source("score", X), this.fitted("score"), options);
  }

  /** Names of the columns of transform's result: the class's name in lower case and 0, 1, … */
  getFeatureNamesOut(): string[] {
    const count = this.#nClusters(this.fitted("getFeatureNamesOut"));
    return Array.from({ length: count }, (_, k) => `${this.className.toLowerCase()}${k}`);
  }

  /** The centres, nClusters × nFeatures. */
  get clusterCenters_(): Matrix<Float64Array> {
    const fitted = this.fitted("clusterCenters_");
    return new Matrix(centersOf(fitted), [this.#nClusters(fitted), fitted.nFeaturesIn]);
  }

  /** The cluster of every row of fit; after partialFit, of the last batch. */
  get labels_(): Int32Array {
    return this.fitted("labels_").labels;
  }

  /** Weighted sum of squared distances of those rows from their centres. */
  get inertia_(): number {
    return this.fitted("inertia_").inertia;
  }

  /** KMeans: iterations of the start that was kept. MiniBatchKMeans: passes over X that the batches of fit made together. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  #nClusters({ centers, shift }: F): number {
    return centers.length / shift.length;
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
