export { VarianceThreshold, type VarianceThresholdParams } from "./variance-threshold.js";
export {
  chi2,
  fClassif,
  fRegression,
  rRegression,
  type RegressionScoreOptions,
  type ScoreOptions,
  type UnivariateScores,
} from "./score-functions.js";
export type { FilterParams, ScoreFunc, ScoresLike } from "./univariate-filter.js";
export { SelectKBest, SelectPercentile, type SelectKBestParams, type SelectPercentileParams } from "./select-k-best.js";
export {
  GenericUnivariateSelect,
  SelectFdr,
  SelectFpr,
  SelectFwe,
  type GenericUnivariateSelectParams,
  type PValueFilterParams,
} from "./p-value-filters.js";
export type { ImportanceGetter, Importances } from "./importances.js";
export type { EliminationFitOptions } from "./eliminating-selector.js";
export { RFE, type RFEFitOptions, type RFEParams } from "./rfe.js";
export { RFECV, type RFECVFitOptions, type RFECVParams } from "./rfecv.js";
export { SelectFromModel, type SelectFromModelFitOptions, type SelectFromModelParams } from "./select-from-model.js";
export { mutualInfoClassif, mutualInfoRegression, type FeatureInformationOptions } from "./mutual-info.js";
