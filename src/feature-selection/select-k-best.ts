import { warnData } from "../base/errors.js";
import { choice, either, integer, number, type ParamSpecs } from "../base/params.js";
import { kBestMask, percentileMask } from "./support-masks.js";
import { scoreFuncSpec, UnivariateFilter, type FilterParams } from "./univariate-filter.js";

/** Parameters of SelectKBest. */
export interface SelectKBestParams extends FilterParams {
  /** How many features to keep; "all" of them. Default 10. */
  k: number | "all";
}

const K_BEST_SPECS: ParamSpecs<SelectKBestParams> = {
  scoreFunc: scoreFuncSpec(),
  k: either(integer(10, { min: 0 }), choice<"all">("all", ["all"]), 10),
};

/**
 * Keeps the features of the k highest scores: scikit-learn's SelectKBest. NaN is the lowest score; of equal scores the last
 * features are kept, as there.
 *
 * @example const Z = await new SelectKBest({ scoreFunc: "chi2", k: 20 }).fitTransform(counts, y);
 */
export class SelectKBest extends UnivariateFilter<SelectKBestParams> {
  constructor(params: Partial<SelectKBestParams> = {}) {
    super("SelectKBest", K_BEST_SPECS, params);
  }

  protected override checkAgainst(nFeatures: number, where: string): void {
    warnOfMany(this.params.k, nFeatures, where);
  }

  protected override supportOf(scores: Float64Array): boolean[] {
    return kBestMask(scores, this.params.k);
  }
}

/** Tells of a k that is greater than the number of features: all are kept. */
export function warnOfMany(k: number | "all", nFeatures: number, where: string): void {
  if (k !== "all" && k > nFeatures) {
    warnData(`${where}: k = ${k} is greater than the number of features, ${nFeatures}: all are kept`);
  }
}

/** Parameters of SelectPercentile. */
export interface SelectPercentileParams extends FilterParams {
  /** How many features to keep, in per cent of their number: 0 … 100. Default 10. */
  percentile: number;
}

/**
 * Keeps a share of the features, those of the highest scores: scikit-learn's SelectPercentile. NaN is the lowest score.
 *
 * @example const Z = await new SelectPercentile({ percentile: 25 }).fitTransform(X, y);
 */
export class SelectPercentile extends UnivariateFilter<SelectPercentileParams> {
  constructor(params: Partial<SelectPercentileParams> = {}) {
    super("SelectPercentile", { scoreFunc: scoreFuncSpec(), percentile: number(10, { min: 0, max: 100 }) }, params);
  }

  protected override supportOf(scores: Float64Array): boolean[] {
    return percentileMask(scores, this.params.percentile);
  }
}
