import { number, type ParamSpecs } from "../base/params.js";
import { LASSO_SPECS, PenalisedRegressor, type LassoParams } from "./elastic-net-fit.js";

/** Parameters of ElasticNet. */
export interface ElasticNetParams extends LassoParams {
  /** The part of the penalty that is L1: 1 Lasso's, 0 ridge regression's. Default 0.5. */
  l1Ratio: number;
}

const SPECS: ParamSpecs<ElasticNetParams> = { ...LASSO_SPECS, l1Ratio: number(0.5, { min: 0, max: 1 }) };

/**
 * Least squares with L1 and L2 penalties: mean squared error / 2 + alpha · (l1Ratio · |coef|₁ + (1 - l1Ratio) / 2 · |coef|²).
 * Follows scikit-learn's ElasticNet, by coordinate descent with safe screening until the duality gap is small; see Lasso.
 *
 * @example
 * const model = await new ElasticNet({ alpha: 0.1, l1Ratio: 0.7 }).fit(X, y);
 */
export class ElasticNet extends PenalisedRegressor<ElasticNetParams> {
  constructor(params: Partial<ElasticNetParams> = {}) {
    super("ElasticNet", SPECS, params);
  }

  protected override l1Ratio(): number {
    return this.params.l1Ratio;
  }
}
