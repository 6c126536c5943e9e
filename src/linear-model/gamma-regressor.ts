import type { ParamSpecs } from "../base/params.js";
import { Glm, GLM_SPECS, type Deviance, type GlmParams } from "./glm.js";

/** Parameters of GammaRegressor. */
export type GammaRegressorParams = GlmParams;

const SPECS: ParamSpecs<GammaRegressorParams> = GLM_SPECS;

/**
 * Gamma regression: positive y with a spread that grows with its mean, whose logarithm is linear in X, with an L2 penalty.
 * Follows scikit-learn's GammaRegressor: the same objective, so the same coefficients. Columns are centred and scaled
 * internally, the penalty stays in the units of X. The result is the same, bit for bit, for any nJobs and any chunking
 * of X. A fit that stops before it converges says so with a ConvergenceWarning.
 *
 * @example
 * const model = await new GammaRegressor({ alpha: 1e-3 }).fit(X, y); // costs of a claim
 * const means = await model.predict(XTest); // Float64Array
 */
export class GammaRegressor extends Glm<GammaRegressorParams> {
  constructor(params: Partial<GammaRegressorParams> = {}) {
    super("GammaRegressor", SPECS, params);
  }

  protected override deviance(): Deviance {
    return { power: 2, link: "log" };
  }
}
