import { invalidArgument, show } from "../base/errors.js";
import { choice, either, number, type ParamSpecs } from "../base/params.js";
import { warnOfMany } from "./select-k-best.js";
import { fdrMask, fprMask, fweMask, kBestMask, percentileMask } from "./support-masks.js";
import { scoreFuncSpec, UnivariateFilter, type FilterParams } from "./univariate-filter.js";

/** Parameters of SelectFpr, SelectFdr and SelectFwe. */
export interface PValueFilterParams extends FilterParams {
  /** The greatest rate of features that are kept though they have nothing to do with y: 0 … 1. Default 0.05. */
  alpha: number;
}

const SPECS: ParamSpecs<PValueFilterParams> = { scoreFunc: scoreFuncSpec(), alpha: number(0.05, { min: 0, max: 1 }) };

/**
 * Keeps the features whose p-value is below alpha, a false positive rate: scikit-learn's SelectFpr.
 *
 * @example const Z = await new SelectFpr({ alpha: 0.01 }).fitTransform(X, y);
 */
export class SelectFpr extends UnivariateFilter<PValueFilterParams> {
  constructor(params: Partial<PValueFilterParams> = {}) {
    super("SelectFpr", SPECS, params);
  }

  protected override supportOf(_scores: Float64Array, pvalues: Float64Array | null): boolean[] {
    return fprMask(this.needed(pvalues), this.params.alpha);
  }
}

/**
 * Keeps features so that alpha bounds the false discovery rate (Benjamini, Hochberg 1995): scikit-learn's SelectFdr.
 *
 * @example const Z = await new SelectFdr({ scoreFunc: "fRegression" }).fitTransform(X, y);
 */
export class SelectFdr extends UnivariateFilter<PValueFilterParams> {
  constructor(params: Partial<PValueFilterParams> = {}) {
    super("SelectFdr", SPECS, params);
  }

  protected override supportOf(_scores: Float64Array, pvalues: Float64Array | null): boolean[] {
    return fdrMask(this.needed(pvalues), this.params.alpha);
  }
}

/**
 * Keeps features so that alpha bounds the probability that any is kept by chance, the family-wise error rate: scikit-learn's
 * SelectFwe.
 *
 * @example const Z = await new SelectFwe({ alpha: 0.01 }).fitTransform(X, y);
 */
export class SelectFwe extends UnivariateFilter<PValueFilterParams> {
  constructor(params: Partial<PValueFilterParams> = {}) {
    super("SelectFwe", SPECS, params);
  }

  protected override supportOf(_scores: Float64Array, pvalues: Float64Array | null): boolean[] {
    return fweMask(this.needed(pvalues), this.params.alpha);
  }
}

/** Parameters of GenericUnivariateSelect. */
export interface GenericUnivariateSelectParams extends FilterParams {
  /** The rule: that of SelectPercentile (default), SelectKBest, SelectFpr, SelectFdr or SelectFwe. */
  mode: "percentile" | "kBest" | "fpr" | "fdr" | "fwe";
  /** Its parameter: a percentile, a number of features or "all", a rate. Default 1e-5. */
  param: number | "all";
}

const GENERIC_SPECS: ParamSpecs<GenericUnivariateSelectParams> = {
  scoreFunc: scoreFuncSpec(),
  mode: choice("percentile", ["percentile", "kBest", "fpr", "fdr", "fwe"]),
  param: either(number(1e-5, { min: 0 }), choice<"all">("all", ["all"]), 1e-5),
};

/**
 * A filter whose rule is a parameter, for searches: scikit-learn's GenericUnivariateSelect.
 *
 * @example const selector = new GenericUnivariateSelect({ mode: "kBest", param: 5 });
 */
export class GenericUnivariateSelect extends UnivariateFilter<GenericUnivariateSelectParams> {
  constructor(params: Partial<GenericUnivariateSelectParams> = {}) {
    super("GenericUnivariateSelect", GENERIC_SPECS, params);
  }

  protected override checkAgainst(nFeatures: number, where: string): void {
    const { mode, param } = this.params;
    const wrong = {
      kBest: param !== "all" && !Number.isInteger(param) && 'an integer or "all"',
      percentile: (param === "all" || param > 100) && "a percentage 0 … 100",
      fpr: (param === "all" || param > 1) && "a rate 0 … 1",
      fdr: (param === "all" || param > 1) && "a rate 0 … 1",
      fwe: (param === "all" || param > 1) && "a rate 0 … 1",
    }[mode];
    if (wrong !== false)
      throw invalidArgument(`${where}: param must be ${wrong} with mode "${mode}", got ${show(param)}`);
    if (mode === "kBest") warnOfMany(param, nFeatures, where);
  }

  protected override supportOf(scores: Float64Array, pvalues: Float64Array | null): boolean[] {
    const { mode, param } = this.params;
    if (mode === "kBest") return kBestMask(scores, param);
    const value = param as number;
    if (mode === "percentile") return percentileMask(scores, value);
    const mask = { fpr: fprMask, fdr: fdrMask, fwe: fweMask }[mode];
    return mask(this.needed(pvalues), value);
  }
}
