import { custom, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { CrossValidatedRegressor, LASSO_CV_SPECS, type LassoCVParams } from "./elastic-net-cv-fit.js";

/** Parameters of ElasticNetCV. */
export interface ElasticNetCVParams extends LassoCVParams {
  /** The part of the penalty that is L1, or several to choose from. Default 0.5. */
  l1Ratio: number | readonly number[];
}

const isRatio = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;

const SPECS: ParamSpecs<ElasticNetCVParams> = {
  l1Ratio: custom<number | readonly number[]>(
    0.5,
    "a number from 0 to 1, or an array of them",
    (value) => isRatio(value) || (Array.isArray(value) && value.length > 0 && value.every(isRatio)),
    2,
  ),
  ...LASSO_CV_SPECS,
};

/**
 * ElasticNet with its penalty, and the part of it that is L1, chosen by cross-validation.
 * Follows scikit-learn's ElasticNetCV; see LassoCV.
 *
 * @example
 * const model = await new ElasticNetCV({ l1Ratio: [0.1, 0.5, 0.9, 1] }).fit(X, y);
 * console.log(model.alpha_, model.l1Ratio_);
 */
export class ElasticNetCV extends CrossValidatedRegressor<ElasticNetCVParams> {
  constructor(params: Partial<ElasticNetCVParams> = {}) {
    super("ElasticNetCV", SPECS, params);
  }

  /** The chosen part of the penalty that is L1. */
  get l1Ratio_(): number {
    return this.fitted("l1Ratio_").l1Ratio;
  }

  /** The penalties tried, largest first: nAlphas, or ratios × nAlphas where l1Ratio is an array. */
  get alphas_(): Float64Array | Matrix<Float64Array> {
    const { alphas } = this.fitted("alphas_");
    const n = this.l1Ratios().length;
    return Array.isArray(this.params.l1Ratio) ? new Matrix(alphas, [n, alphas.length / n]) : alphas;
  }

  protected override l1Ratios(): readonly number[] {
    const { l1Ratio } = this.params;
    return typeof l1Ratio === "number" ? [l1Ratio] : l1Ratio;
  }
}
