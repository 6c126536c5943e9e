export {
  HistGradientBoostingClassifier,
  type HistGradientBoostingClassifierParams,
} from "./hist-gradient-boosting-classifier.js";
export {
  HistGradientBoostingRegressor,
  type HistGradientBoostingRegressorParams,
} from "./hist-gradient-boosting-regressor.js";
export type { BoostingTrace } from "../native/addon.js";
export type { BoostingFitOptions, BoostingParams } from "./boosting-params.js";
export type { TreeNode } from "./tree-nodes.js";
