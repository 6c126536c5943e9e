import type { ParamSpecs } from "../base/params.js";
import { Glm, GLM_SPECS, type Deviance, type GlmParams } from "./glm.js";

/** Parameters of PoissonRegressor. */
export type PoissonRegressorParams = GlmParams;

const SPECS: ParamSpecs<PoissonRegressorParams> = GLM_SPECS;

/**
 * Poisson regression: counts and rates, y ≥ 0, whose logarithm of the mean is linear in X, with an L2 penalty.
 * Follows scikit-learn's PoissonRegressor: the same objective, so the same coefficients. Columns are centred and scaled
 * internally, the penalty stays in the units of X. The result is the same, bit for bit, for any nJobs and any chunking
 * of X. A fit that stops before it converges says so with a ConvergenceWarning.
 *
 * @example
 * const model = await new PoissonRegressor({ alpha: 1e-3 }).fit(X, y); // claims per year
 * const means = await model.predict(XTest); // Float64Array
 */
export class PoissonRegressor extends Glm<PoissonRegressorParams> {
  constructor(params: Partial<PoissonRegressorParams> = {}) {
    super("PoissonRegressor", SPECS, params);
  }

  protected override deviance(): Deviance {
    return { power: 1, link: "log" };
  }
}
