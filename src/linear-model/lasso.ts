import { LASSO_SPECS, PenalisedRegressor, type LassoParams } from "./elastic-net-fit.js";

/**
 * Least squares with an L1 penalty: many coefficients are exactly 0. Minimises the mean squared error / 2 + alpha · |coef|₁.
 * Follows scikit-learn's Lasso, by coordinate descent with safe screening until the duality gap is small. The rows are read
 * once; sweeps work on products of columns (with fewer rows than columns on the rows). Columns are scaled internally, the
 * penalty stays in the units of X. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new Lasso({ alpha: 0.1 }).fit(X, y);
 * console.log(model.sparseCoef_.indices); // the features it uses
 */
export class Lasso extends PenalisedRegressor<LassoParams> {
  constructor(params: Partial<LassoParams> = {}) {
    super("Lasso", LASSO_SPECS, params);
  }

  protected override l1Ratio(): number {
    return 1;
  }
}
