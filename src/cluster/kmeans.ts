import { effectiveNJobs } from "../base/config.js";
import { warnConvergence } from "../base/errors.js";
import { choice, integer, number, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { CentersEstimator, type CentersFitted } from "./centers-estimator.js";
import {
  initSpec,
  nInitSpec,
  pourPoints,
  resolvedNInit,
  showClusters,
  sourceOf,
  startOf,
  type ClusterFitOptions,
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
  /**
   * "lloyd" (default): every row is compared with every centre in each iteration. "elkan": rows that the triangle inequality
   * shows to keep their centre are skipped, which is faster where clusters are apart; 24 bytes a row more. The same result,
   * bit for bit.
   */
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

/**
 * k-means: nClusters centres such that the squared distances of all rows from their nearest centre are least, found by
 * Lloyd's iterations. Follows scikit-learn's KMeans: from the same first centres it takes the same steps, empty clusters
 * get the farthest rows. Rows are kept as float64, beyond memoryLimit in a temporary file. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new KMeans({ nClusters: 3, randomState: 0 }).fit(X);
 * const labels = await model.predict(XNew); // Int32Array
 */
export class KMeans extends CentersEstimator<KMeansParams, CentersFitted> {
  constructor(params: Partial<KMeansParams> = {}) {
    super("KMeans", SPECS, params);
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
    const { nClusters, init, nInit, maxIter, tol, randomState, algorithm } = this.params;
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
          useBounds: algorithm === "elkan",
        };
        return addon().fitKMeans(sink, weights, native, job);
      },
    );
    if (nDistinct < nClusters) warnConvergence(`${where}: found ${showClusters(nDistinct, nClusters)}`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, centers, shift, labels, inertia, nIter });
    return this;
  }
}
