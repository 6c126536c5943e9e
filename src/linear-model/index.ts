export { GammaRegressor, type GammaRegressorParams } from "./gamma-regressor.js";
export type { GlmParams } from "./glm.js";
export { HuberRegressor, type HuberRegressorParams } from "./huber-regressor.js";
export type { LinearFitOptions } from "./learn.js";
export {
  LogisticRegression,
  type LogisticRegressionFitOptions,
  type LogisticRegressionParams,
} from "./logistic-regression.js";
export { PoissonRegressor, type PoissonRegressorParams } from "./poisson-regressor.js";
export { TweedieRegressor, type TweedieRegressorParams } from "./tweedie-regressor.js";
