import { warnData } from "../base/errors.js";
import { integer, number, type ParamSpecs } from "../base/params.js";
import { halvingForecast, halvingRace, sumOf, type HalvingPlan } from "./halving-race.js";
import { hyperbandBrackets, hyperbandPatience } from "./hyperband-brackets.js";
import {
  IncrementalSearch,
  incrementalSpecs,
  patienceSpec,
  someCandidates,
  type IncrementalSearchParams,
  type Plan,
} from "./incremental-search.js";
import { derivedSeed } from "./k-fold.js";
import type { SuccessiveHalvingSearchCVParams } from "./successive-halving-search-cv.js";

/** Parameters of HyperbandSearchCV. */
export interface HyperbandSearchCVParams extends IncrementalSearchParams {
  /** Calls of partialFit that a model gets at most: as many as a good one needs. Default 81. */
  maxIter: number;
  /** Of so many models one stays, and learns so many times as long. More than 1; default 3. */
  aggressiveness: number;
  /**
   * Calls without a gain of more than `tol` after which a model rests, at least 2; true: maxIter / aggressiveness; false
   * (default): none. Less than that is warned of: the brackets themselves are what drops models.
   */
  patience: boolean | number;
}

/** A bracket of Hyperband: a SuccessiveHalvingSearchCV of its own. */
export interface HyperbandBracket {
  /** 0 trains few models for long; the greater, the more models it begins with, and the sooner it drops them. */
  readonly bracket: number;
  readonly nModels: number;
  /** Calls of partialFit, of all models together. */
  readonly partialFitCalls: number;
  /** After how many calls models are compared. */
  readonly decisions: readonly number[];
  /** The parameters that make it of a SuccessiveHalvingSearchCV. */
  readonly params: Pick<
    SuccessiveHalvingSearchCVParams,
    "nInitialParameters" | "nInitialIter" | "aggressiveness" | "maxIter" | "patience" | "tol"
  >;
}

/** How much a search learns. */
export interface HyperbandMetadata {
  readonly nModels: number;
  /** Calls of partialFit, of all models together. */
  readonly partialFitCalls: number;
  /** By number, 0 first. */
  readonly brackets: readonly HyperbandBracket[];
}

const SPECS: ParamSpecs<HyperbandSearchCVParams> = {
  ...incrementalSpecs(),
  maxIter: integer(81, { min: 1 }),
  aggressiveness: number(3, { min: 1, exclusiveMin: true }),
  patience: patienceSpec(true),
};

/**
 * Hyperband (Li et al. 2016) over models that learn by partialFit: successive halvings side by side, from many candidates that
 * are dropped soon to a few that learn for long, so that nobody has to know which is right. Dask-ML's HyperbandSearchCV; blocks
 * and what is promised are those of IncrementalSearchCV. All brackets are scored on the same rows.
 *
 * maxIter is also, about, the number of candidates: to try n of them, and let the best see m rows, choose maxIter n and
 * blockSize m / n.
 *
 * @example
 * const search = new HyperbandSearchCV({
 *   estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
 *   parameters: { alpha: loguniform(1e-6, 1), penalty: ["l1", "l2"] },
 *   maxIter: 27,
 *   randomState: 0,
 * });
 * console.log(search.metadata.nModels, search.metadata.partialFitCalls); // 49 357
 * await search.fit(X, y);
 * console.log(search.bestParams_, search.bestScore_);
 */
export class HyperbandSearchCV extends IncrementalSearch<HyperbandSearchCVParams> {
  constructor(params: Partial<HyperbandSearchCVParams> = {}) {
    super("HyperbandSearchCV", SPECS, params);
  }

  /** How much fit will learn, if no patience ends it before. @throws TreelineError ERR_INVALID_ARGUMENT */
  get metadata(): HyperbandMetadata {
    this.checkParams();
    const brackets = this.#halvings("metadata").map((plan) => {
      const { calls, decisions } = halvingForecast(plan);
      return bracketOf(plan, calls, decisions);
    });
    return metadataOf(brackets);
  }

  /** How much fit learned. @throws TreelineError ERR_NOT_FITTED */
  get metadata_(): HyperbandMetadata {
    const { results, history } = this.fitted("metadata_");
    const numbers = results["bracket"] as Int32Array;
    const calls = results["partialFitCalls"] as Int32Array;
    const brackets = this.#halvings("metadata_").map((plan) => {
      const own = calls.filter((_, k) => numbers[k] === plan.bracket);
      const of = history.filter(({ bracket }) => bracket === plan.bracket);
      return bracketOf(plan, own, [...new Set(of.map(({ partialFitCalls }) => partialFitCalls))]);
    });
    return metadataOf(brackets);
  }

  protected override plan(seed: number): Plan {
    const { patience, tol, maxIter, aggressiveness } = this.params;
    const usual = hyperbandPatience(maxIter, aggressiveness);
    if (typeof patience === "number" && patience < usual && tol !== null) {
      warnData(
        `HyperbandSearchCV.fit: patience is ${patience}, which drops models that the brackets would keep: ` +
          `choose ${usual} or more, true, or tol null`,
      );
    }
    const plans = this.#halvings("fit");
    const brackets = plans.map((plan) => halvingRace(plan, derivedSeed(seed, plan.bracket ?? 0)));
    for (const { candidates } of brackets) someCandidates(candidates, "HyperbandSearchCV.fit");
    return { brackets, calls: sumOf(plans.map((plan) => sumOf(halvingForecast(plan).calls))) };
  }

  /** The brackets, the greatest number first. */
  #halvings(method: string): (HalvingPlan & { readonly bracket: number })[] {
    const { parameters, maxIter, aggressiveness, tol } = this.params;
    const patience =
      this.params.patience === true ? hyperbandPatience(maxIter, aggressiveness) : Number(this.params.patience);
    const limits = { patience, tol, maxIter };
    const where = `HyperbandSearchCV.${method}`;
    return hyperbandBrackets(maxIter, aggressiveness).map((plan) => ({ ...plan, parameters, limits, where }));
  }
}

function bracketOf(
  { bracket, limits, nInitialParameters, nInitialIter, aggressiveness }: HalvingPlan & { readonly bracket: number },
  calls: ArrayLike<number>,
  compared: readonly number[],
): HyperbandBracket {
  const { maxIter, tol } = limits;
  const patience = limits.patience === 0 ? false : limits.patience;
  return {
    bracket,
    nModels: calls.length,
    partialFitCalls: sumOf(calls),
    // All models are scored after one call, before anything is decided.
    decisions: compared.filter((n) => n > 1 || nInitialIter === 1).sort((a, b) => a - b),
    params: { nInitialParameters, nInitialIter, aggressiveness, maxIter, patience, tol },
  };
}

function metadataOf(brackets: readonly HyperbandBracket[]): HyperbandMetadata {
  return {
    nModels: sumOf(brackets.map(({ nModels }) => nModels)),
    partialFitCalls: sumOf(brackets.map(({ partialFitCalls }) => partialFitCalls)),
    brackets: [...brackets].sort((a, b) => a.bracket - b.bracket),
  };
}
