import { effectiveNJobs } from "../base/config.js";
import { warnConvergence } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, integer, number, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import {
  centerNames,
  centersOf,
  initSpec,
  mapCenters,
  nInitSpec,
  pourPoints,
  resolvedNInit,
  scoreOf,
  showClusters,
  sourceOf,
  startOf,
  type ClusterFitOptions,
  type FittedCenters,
  type InitialCenters,
} from "./cluster-fit.js";

/** Parameters of KMeans. */
export interface KMeansParams {
  /** Default 8. */
  nClusters: number;
  /**
   * Where the first centres come from: "k-means++" (default, the greedy variant), "k-means||" (a few passes, for many rows
   * and clusters), "random" rows, or the centres themselves, nClusters × nFeatures.
   */
  init: "k-means++" | "k-means||" | "random" | InitialCenters;
  /** Starts, of which the best is kept. Default "auto": 10 for "random", else 1; given centres are one start. */
  nInit: number | "auto";
  /** Most iterations of a start. Default 300. */
  maxIter: number;
  /** A start ends when the centres move less, as a share of the mean variance of the columns. Default 1e-4. */
  tol: number;
  /** Seed of the first centres. Default null: another one each fit. */
  randomState: number | null;
  /** "lloyd" (default), or "elkan": another way to the same result, which Lloyd's iterations give here too. */
  algorithm: "lloyd" | "elkan";
}

const SPECS: ParamSpecs<KMeansParams> = {
  nClusters: integer(8, { min: 1 }),
  init: initSpec("k-means++", ["k-means++", "k-means||", "random"]),
  nInit: nInitSpec(),
  maxIter: integer(300, { min: 1 }),
  tol: number(1e-4, { min: 0 }),
  randomState: randomState(),
  algorithm: choice("lloyd", ["lloyd", "elkan"]),
};

interface Fitted extends FittedBase, FittedCenters {
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
}

/**
 * k-means: nClusters centres such that the squared distances of all rows from their nearest centre are least, found by
 * Lloyd's iterations. Follows scikit-learn's KMeans: from the same first centres it takes the same steps, empty clusters
 * get the farthest rows. Rows are kept as float64, beyond memoryLimit in a temporary file. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new KMeans({ nClusters: 3, randomState: 0 }).fit(X);
 * const labels = await model.predict(XNew); // Int32Array
 */
export class KMeans extends BaseEstimator<KMeansParams, Fitted> {
  constructor(params: Partial<KMeansParams> = {}) {
    super("KMeans", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "clusterer", allowNaN: false, requiresY: false, sampleWeight: true };
  }

  /**
   * Finds the centres. X: nSamples × nFeatures, finite, at least nClusters rows. Progress counts iterations of at most
   * nInit × maxIter.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: ClusterFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "KMeans.fit";
    const source = sourceOf(where, X);
    const { nClusters, init, nInit, maxIter, tol, randomState } = this.params;
    const start = startOf("KMeans", init, nClusters, source.nFeatures);
    const { centers, shift, labels, inertia, nIter, nDistinct } = await runJob(
      effectiveNJobs(),
      options,
      async (job) => {
        const { sink, weights } = await pourPoints(where, source, options, undefined, nClusters, job);
        const native = {
          nClusters,
          init: typeof init === "string" ? init : ("given" as const),
          start,
          nInit: resolvedNInit(nInit, init, 10),
          maxIter,
          tol,
          seed: seedOf(randomState),
        };
        return addon().fitKMeans(sink, weights, native, job);
      },
    );
    if (nDistinct < nClusters) warnConvergence(`${where}: found ${showClusters(nDistinct, nClusters)}`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, centers, shift, labels, inertia, nIter });
    return this;
  }

  /** The nearest centre of every row: 0 … nClusters - 1. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Int32Array> {
    const source = this.#source("predict", X);
    const fitted = this.fitted("predict");
    const { values } = await mapCenters("KMeans.predict", source, fitted, "label", Float64Array, options);
    return Int32Array.from(values);
  }

  /** fit, then the labels of X. */
  async fitPredict(X: MatrixLike, y?: unknown, options?: ClusterFitOptions): Promise<Int32Array> {
    return (await this.fit(X, y, options)).labels_;
  }

  /** Distances from every centre, nSamples × nClusters: float32 for a Matrix of float32, else float64. */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const source = this.#source("transform", X);
    const fitted = this.fitted("transform");
    const narrow = X instanceof Matrix && X.data instanceof Float32Array;
    const type = (narrow ? Float32Array : Float64Array) as unknown as new (length: number) => T;
    const { rows, values } = await mapCenters("KMeans.transform", source, fitted, "distance", type, options);
    return new Matrix(values, [rows, fitted.centers.length / fitted.shift.length]);
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options?: ClusterFitOptions,
  ): Promise<Matrix<T>> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /** Minus the sum of squared distances of the rows from their nearest centres. */
  async score(X: MatrixLike, _y?: unknown, options: ClusterFitOptions = {}): Promise<number> {
    return scoreOf("KMeans.score", this.#source("score", X), this.fitted("score"), options);
  }

  /** Names of the columns of transform's result: kmeans0, kmeans1, … */
  getFeatureNamesOut(): string[] {
    const { centers, shift } = this.fitted("getFeatureNamesOut");
    return centerNames("KMeans", centers.length / shift.length);
  }

  /** The centres, nClusters × nFeatures. */
  get clusterCenters_(): Matrix<Float64Array> {
    const fitted = this.fitted("clusterCenters_");
    return new Matrix(centersOf(fitted), [fitted.centers.length / fitted.shift.length, fitted.shift.length]);
  }

  /** The cluster of every row of fit. */
  get labels_(): Int32Array {
    return this.fitted("labels_").labels;
  }

  /** Weighted sum of squared distances of the rows of fit from their centres. */
  get inertia_(): number {
    return this.fitted("inertia_").inertia;
  }

  /** Iterations of the start that was kept. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `KMeans.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
