import { effectiveNJobs } from "../base/config.js";
import { integer, nullable, number, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import type { RowSource } from "../data/row-source.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { MiniBatchOptions, MiniBatchResult, MiniBatchState } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { CentersEstimator, type CentersFitted } from "./centers-estimator.js";
import {
  initSpec,
  nInitSpec,
  pourPoints,
  resolvedNInit,
  sourceOf,
  startOf,
  type ClusterFitOptions,
  type InitialCenters,
} from "./cluster-fit.js";

/** Parameters of MiniBatchKMeans. */
export interface MiniBatchKMeansParams {
  /** Default 8. */
  nClusters: number;
  /** Where the first centres come from: "k-means++" (default), "random" rows, or the centres, nClusters × nFeatures. */
  init: "k-means++" | "random" | InitialCenters;
  /** Passes over X, at most, that the batches together make. Default 100. */
  maxIter: number;
  /** Rows of a batch. Default 1024. */
  batchSize: number;
  /** Fit ends when the centres move less, as a share of the mean variance of the columns. Default 0: not for that. */
  tol: number;
  /** Fit ends after so many batches without a lower smoothed inertia; null: not for that. Default 10. */
  maxNoImprovement: number | null;
  /** Rows the first centres are found from. Default null: three batches. */
  initSize: number | null;
  /** Sets of first centres, of which the best is kept. Default "auto": 3 for "random", else 1. */
  nInit: number | "auto";
  /** Centres that have seen less than this share of what the busiest has are moved to other rows. Default 0.01. */
  reassignmentRatio: number;
  /** Seed. Default null: another one each fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<MiniBatchKMeansParams> = {
  nClusters: integer(8, { min: 1 }),
  init: initSpec("k-means++", ["k-means++", "random"]),
  maxIter: integer(100, { min: 1 }),
  batchSize: integer(1024, { min: 1 }),
  tol: number(0, { min: 0 }),
  maxNoImprovement: nullable(integer(10, { min: 0 }), 10),
  initSize: nullable(integer(1, { min: 1 })),
  nInit: nInitSpec(),
  reassignmentRatio: number(0.01, { min: 0 }),
  randomState: randomState(),
};

interface Fitted extends CentersFitted, MiniBatchState {
  /** Goes on to the next batch. */
  readonly seed: number;
}

/**
 * k-means by small random batches: a little less exact than KMeans and much faster on many rows; partialFit learns from a
 * stream, one batch a call (Sculley 2010). Follows scikit-learn's MiniBatchKMeans; from the same first centres, partialFit
 * of the same batches gives the same centres. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = new MiniBatchKMeans({ nClusters: 10, randomState: 0 });
 * for await (const rows of stream) await model.partialFit(rows);
 */
export class MiniBatchKMeans extends CentersEstimator<MiniBatchKMeansParams, Fitted> {
  constructor(params: Partial<MiniBatchKMeansParams> = {}) {
    super("MiniBatchKMeans", SPECS, params);
  }

  /**
   * Finds the centres from random batches of X: nSamples × nFeatures, finite, at least nClusters rows. Progress counts
   * batches; its score is a batch's inertia.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: ClusterFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "MiniBatchKMeans.fit";
    const source = sourceOf(where, X);
    const seed = seedOf(this.params.randomState);
    const native = this.#options(source.nFeatures, seed);
    const result = await runJob(effectiveNJobs(), options, async (job) => {
      const { sink, weights } = await pourPoints(where, source, options, undefined, native.nClusters, job);
      return addon().fitMiniBatchKMeans(sink, weights, native, job);
    });
    this.#keep(source, source.featureNames, result, seed, result.nIter);
    return this;
  }

  /**
   * Learns from one batch, all rows of X. The first batch has at least nClusters rows.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, _y?: unknown, options: ClusterFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "MiniBatchKMeans.partialFit";
    const source = sourceOf(where, X);
    const before = this.fittedOrUndefined;
    if (before !== undefined) this.checkFeatures("partialFit", source);
    const seed = before?.seed ?? seedOf(this.params.randomState);
    const native = this.#options(source.nFeatures, seed);
    const atLeast = before === undefined ? native.nClusters : 1;
    const result = await runJob(effectiveNJobs(), options, async (job) => {
      const { sink, weights } = await pourPoints(where, source, options, before?.shift, atLeast, job);
      return addon().miniBatchStep(sink, weights, before, native, job);
    });
    const names = before === undefined ? source.featureNames : before.featureNamesIn;
    this.#keep(source, names, result, seed, before?.nIter ?? 1);
    return this;
  }

  /** Batches learned from. */
  get nSteps_(): number {
    return this.fitted("nSteps_").nSteps;
  }

  #options(nFeatures: number, seed: number): MiniBatchOptions {
    const { nClusters, init, nInit, maxIter, tol, batchSize, maxNoImprovement, initSize, reassignmentRatio } =
      this.params;
    return {
      nClusters,
      init: typeof init === "string" ? init : "given",
      start: startOf("MiniBatchKMeans", init, nClusters, nFeatures),
      nInit: resolvedNInit(nInit, init, 3),
      maxIter,
      tol,
      seed,
      useBounds: false,
      batchSize,
      initSize: initSize ?? 0,
      maxNoImprovement: maxNoImprovement ?? 0,
      reassignmentRatio,
    };
  }

  #keep(
    source: RowSource,
    featureNamesIn: readonly string[] | undefined,
    result: MiniBatchResult,
    seed: number,
    nIter: number,
  ): void {
    this.setFitted({ nFeaturesIn: source.nFeatures, featureNamesIn, ...result, seed, nIter });
  }
}
