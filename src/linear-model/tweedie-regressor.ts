import { choice, custom, type ParamSpecs } from "../base/params.js";
import { Glm, GLM_SPECS, type Deviance, type GlmParams } from "./glm.js";

/** Parameters of TweedieRegressor. */
export interface TweedieRegressorParams extends GlmParams {
  /**
   * The distribution of y: 0 normal, 1 Poisson, between 1 and 2 compound Poisson-Gamma, 2 Gamma, 3 inverse Gaussian; never
   * between 0 and 1. Default 0.
   */
  power: number;
  /** How the mean of y depends on X: "identity" linearly, "log" its logarithm does; "auto" (default): log for power > 0. */
  link: "auto" | "identity" | "log";
}

const SPECS: ParamSpecs<TweedieRegressorParams> = {
  power: custom<number>(
    0,
    "a number not between 0 and 1",
    (value) => typeof value === "number" && Number.isFinite(value) && (value <= 0 || value >= 1),
    0.5,
  ),
  link: choice("auto", ["auto", "identity", "log"]),
  ...GLM_SPECS,
};

/**
 * A generalised linear model of Tweedie's family of distributions, with an L2 penalty.
 * Follows scikit-learn's TweedieRegressor: the same objective, so the same coefficients. Columns are centred and scaled
 * internally, the penalty stays in the units of X. The result is the same, bit for bit, for any nJobs and any chunking
 * of X. A fit that stops before it converges says so with a ConvergenceWarning.
 *
 * @example
 * const model = await new TweedieRegressor({ power: 1.5, alpha: 0.1 }).fit(X, purePremium);
 */
export class TweedieRegressor extends Glm<TweedieRegressorParams> {
  constructor(params: Partial<TweedieRegressorParams> = {}) {
    super("TweedieRegressor", SPECS, params);
  }

  protected override deviance(): Deviance {
    const { power, link } = this.params;
    return { power, link: link === "auto" ? (power > 0 ? "log" : "identity") : link };
  }
}
