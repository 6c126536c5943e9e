export { ElasticNet, type ElasticNetParams } from "./elastic-net.js";
export { ElasticNetCV, type ElasticNetCVParams } from "./elastic-net-cv.js";
export type { LassoCVParams } from "./elastic-net-cv-fit.js";
export type { LassoParams, SparseCoef, SparseParams } from "./elastic-net-fit.js";
export type { FoldsLike } from "./folds.js";
export { GammaRegressor, type GammaRegressorParams } from "./gamma-regressor.js";
export type { GlmParams } from "./glm.js";
export { HuberRegressor, type HuberRegressorParams } from "./huber-regressor.js";
export { Lasso } from "./lasso.js";
export { LassoCV } from "./lasso-cv.js";
export type { LinearFitOptions } from "./learn.js";
export { LinearRegression, type LinearRegressionParams } from "./linear-regression.js";
export {
  LogisticRegression,
  type LogisticRegressionFitOptions,
  type LogisticRegressionParams,
  type LogisticSolver,
} from "./logistic-regression.js";
export { LogisticRegressionCV, type LogisticRegressionCVParams } from "./logistic-regression-cv.js";
export { PoissonRegressor, type PoissonRegressorParams } from "./poisson-regressor.js";
export { QuantileRegressor, type QuantileRegressorParams } from "./quantile-regressor.js";
export { Ridge, type RidgeParams, type RidgeSolver } from "./ridge.js";
export { RidgeClassifier, type RidgeClassifierParams } from "./ridge-classifier.js";
export { RidgeClassifierCV, type RidgeClassifierCVParams } from "./ridge-classifier-cv.js";
export { RidgeCV, type RidgeCVParams } from "./ridge-cv.js";
export type { TargetsLike } from "../data/targets.js";
export { TweedieRegressor, type TweedieRegressorParams } from "./tweedie-regressor.js";
export { SGDClassifier, type SGDClassifierParams } from "./sgd-classifier.js";
export { SGDRegressor, type SGDRegressorLoss, type SGDRegressorParams } from "./sgd-regressor.js";
export { Perceptron, type PerceptronParams } from "./perceptron.js";
export type { SgdFitOptions, SgdPartialFitOptions } from "./sgd-fit.js";
export type { SgdParams, SgdPenalty } from "./sgd-params.js";
