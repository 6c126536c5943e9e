import { integer, nullable, number, type ParamSpecs } from "../base/params.js";
import { halvingForecast, halvingRace, sumOf, type HalvingPlan } from "./halving-race.js";
import {
  IncrementalSearch,
  incrementalSpecs,
  patienceSpec,
  someCandidates,
  type IncrementalSearchParams,
  type Plan,
} from "./incremental-search.js";

/** Parameters of SuccessiveHalvingSearchCV. */
export interface SuccessiveHalvingSearchCVParams extends IncrementalSearchParams {
  /** How many candidates to draw. Default 10. */
  nInitialParameters: number;
  /** Calls of partialFit that each has before the first are dropped. Default 1. */
  nInitialIter: number;
  /** Of so many models one stays, and learns so many times as long. More than 1; default 3. */
  aggressiveness: number;
  /** Calls that a model gets at most; null (default): until about one model is left. */
  maxIter: number | null;
  /** Calls without a gain of more than `tol` after which a model rests, at least 2; false (default): none. */
  patience: false | number;
}

/** How much a search learns. */
export interface HalvingMetadata {
  readonly nModels: number;
  /** Calls of partialFit, of all models together. */
  readonly partialFitCalls: number;
  /** Calls of the model that has the most. */
  readonly maxIter: number;
}

const SPECS: ParamSpecs<SuccessiveHalvingSearchCVParams> = {
  ...incrementalSpecs(),
  nInitialParameters: integer(10, { min: 1 }),
  nInitialIter: integer(1, { min: 1 }),
  aggressiveness: number(3, { min: 1, exclusiveMin: true }),
  maxIter: nullable(integer(1, { min: 1 })),
  patience: patienceSpec(false),
};

/**
 * Successive halving of models that learn by partialFit (Jamieson and Talwalkar 2016): all candidates learn from a few blocks of
 * rows, the better third goes on for three times as many, and so on. Dask-ML's SuccessiveHalvingSearchCV; blocks, the rows held
 * out and what is promised are those of IncrementalSearchCV.
 *
 * @example
 * const search = new SuccessiveHalvingSearchCV({
 *   estimator: new SGDClassifier({ randomState: 0 }),
 *   parameters: { alpha: loguniform(1e-6, 1) },
 *   nInitialParameters: 27,
 *   randomState: 0,
 * });
 * console.log(search.metadata); // { nModels: 27, partialFitCalls: 81, maxIter: 27 }
 * await search.fit(X, y);
 */
export class SuccessiveHalvingSearchCV extends IncrementalSearch<SuccessiveHalvingSearchCVParams> {
  constructor(params: Partial<SuccessiveHalvingSearchCVParams> = {}) {
    super("SuccessiveHalvingSearchCV", SPECS, params);
  }

  /** How much fit will learn, if no patience ends it before. @throws TreelineError ERR_INVALID_ARGUMENT */
  get metadata(): HalvingMetadata {
    this.checkParams();
    return metadataOf(halvingForecast(this.#halving("metadata")).calls);
  }

  /** How much fit learned. @throws TreelineError ERR_NOT_FITTED */
  get metadata_(): HalvingMetadata {
    return metadataOf(this.fitted("metadata_").results["partialFitCalls"] as Int32Array);
  }

  protected override plan(seed: number): Plan {
    const halving = this.#halving("fit");
    const bracket = halvingRace(halving, seed);
    someCandidates(bracket.candidates, halving.where);
    return { brackets: [bracket], calls: sumOf(halvingForecast(halving).calls) };
  }

  #halving(method: string): HalvingPlan {
    const { tol, maxIter, ...halving } = this.params;
    const limits = { patience: Number(this.params.patience), tol, maxIter };
    return { ...halving, limits, where: `SuccessiveHalvingSearchCV.${method}` };
  }
}

function metadataOf(calls: ArrayLike<number>): HalvingMetadata {
  return {
    nModels: calls.length,
    partialFitCalls: sumOf(calls),
    maxIter: Array.from(calls).reduce((a, b) => Math.max(a, b), 0),
  };
}
