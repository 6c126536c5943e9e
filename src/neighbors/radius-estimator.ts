import { number, type ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { NeighborsEstimator, type Asked } from "./neighbors-estimator.js";
import { SEARCH_SPECS, weightsSpec, type NeighborSearchParams, type NeighborWeights } from "./search-params.js";
import type { StoredFitted } from "./stored-rows.js";
import { withinRadius, type RadiusNeighbors, type RadiusNeighborsOptions } from "./within-radius.js";

/** Parameters of estimators that ask all rows within a radius. */
export interface RadiusParams extends NeighborSearchParams {
  /** How far they look, at most. Default 1. */
  radius: number;
  /** Default "uniform". A function cannot be saved. */
  weights: NeighborWeights;
}

export const RADIUS_SPECS: ParamSpecs<RadiusParams> = {
  radius: number(1, { min: 0 }),
  weights: weightsSpec(),
  ...SEARCH_SPECS,
};

/** What estimators that ask all rows within a radius share. */
export abstract class RadiusEstimator<P extends RadiusParams, F extends StoredFitted> extends NeighborsEstimator<P, F> {
  /** The rows of fit within a radius of each row: see NearestNeighbors.radiusNeighbors. */
  async radiusNeighbors(X?: MatrixLike | null, options: RadiusNeighborsOptions = {}): Promise<RadiusNeighbors> {
    return this.within(this.asked("radiusNeighbors", X), options);
  }

  protected within(asked: Asked<F>, options: RadiusNeighborsOptions & RunOptions): Promise<RadiusNeighbors> {
    const radius = options.radius ?? this.params.radius;
    return this.search(asked, options, (store, job) => withinRadius(asked, store, radius, job, options));
  }
}
