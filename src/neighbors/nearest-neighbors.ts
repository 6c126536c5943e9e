import type { EstimatorTags } from "../base/estimator.js";
import { number, type ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { KNeighborsEstimator } from "./k-neighbors-estimator.js";
import { nNeighborsSpec, SEARCH_SPECS, type NeighborSearchParams } from "./search-params.js";
import type { StoredFitted } from "./stored-rows.js";
import { withinRadius, type RadiusNeighbors, type RadiusNeighborsOptions } from "./within-radius.js";

/** Parameters of NearestNeighbors. */
export interface NearestNeighborsParams extends NeighborSearchParams {
  /** Default 5. */
  nNeighbors: number;
  /** How far radiusNeighbors looks. Default 1. */
  radius: number;
}

const SPECS: ParamSpecs<NearestNeighborsParams> = {
  nNeighbors: nNeighborsSpec(),
  radius: number(1, { min: 0 }),
  ...SEARCH_SPECS,
};

/**
 * Finds the rows of fit that are nearest to others: exactly, and the same, bit for bit, for any nJobs, chunks and instruction
 * set. The rows of fit are held in memory and saved with it; the rows asked for may be larger than memory
 * (sklearn.neighbors.NearestNeighbors).
 *
 * @example
 * const search = await new NearestNeighbors({ nNeighbors: 1 }).fit([[0, 0], [3, 4]]);
 * const { distances, indices } = await search.kneighbors([[3, 3]]); // [[1]], [[1]]
 */
export class NearestNeighbors extends KNeighborsEstimator<NearestNeighborsParams, StoredFitted> {
  constructor(params: Partial<NearestNeighborsParams> = {}) {
    super("NearestNeighbors", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "search", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  /**
   * Stores X: nSamples × nFeatures, finite.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    await this.learnRows(X, options, (stored) => stored);
    return this;
  }

  /**
   * The rows of fit within a radius of each row, in the order of their numbers; with sortResults the nearest first.
   *
   * @param X undefined: the rows of fit, none of which is its own neighbour.
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_NOT_FITTED
   */
  async radiusNeighbors(X?: MatrixLike | null, options: RadiusNeighborsOptions = {}): Promise<RadiusNeighbors> {
    const asked = this.asked("radiusNeighbors", X);
    const radius = options.radius ?? this.params.radius;
    return this.search(asked, options, (store, job) => withinRadius(asked, store, radius, job, options));
  }
}
