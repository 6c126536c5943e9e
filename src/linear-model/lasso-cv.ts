import { CrossValidatedRegressor, LASSO_CV_SPECS, type LassoCVParams } from "./elastic-net-cv-fit.js";

/**
 * Lasso with its penalty chosen by cross-validation, along a path of penalties a fold.
 * Follows scikit-learn's LassoCV. The rows are read once and their products kept a fold. The result is the same, bit for
 * bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new LassoCV({ cv: 10 }).fit(X, y);
 * console.log(model.alpha_, model.sparseCoef_.indices);
 */
export class LassoCV extends CrossValidatedRegressor<LassoCVParams> {
  constructor(params: Partial<LassoCVParams> = {}) {
    super("LassoCV", LASSO_CV_SPECS, params);
  }

  /** The penalties tried, largest first. */
  get alphas_(): Float64Array {
    return this.fitted("alphas_").alphas;
  }

  protected override l1Ratios(): readonly number[] {
    return [1];
  }
}
