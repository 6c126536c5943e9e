export { checkCv, type Cv, type Split } from "./check-cv.js";
export { crossValPredict, type CrossValPredictOptions, type PredictMethod } from "./cross-val-predict.js";
export {
  crossValidate,
  crossValScore,
  type CrossValidateOptions,
  type CrossValidateResults,
} from "./cross-validate.js";
export {
  learningCurve,
  validationCurve,
  type ScoreCurveOptions,
  type ScoreCurve,
  type LearningCurve,
  type LearningCurveOptions,
  type ValidationCurveOptions,
} from "./curves.js";
export { loguniform, normal, randint, uniform, type Distribution, type Draw } from "./distributions.js";
export {
  FixedThresholdClassifier,
  type FixedThresholdClassifierParams,
  type ThresholdFitOptions,
} from "./fixed-threshold-classifier.js";
export {
  HalvingGridSearchCV,
  HalvingRandomSearchCV,
  type HalvingGridSearchCVParams,
  type HalvingParams,
  type HalvingRandomSearchCVParams,
} from "./halving-search-cv.js";
export {
  GridSearchCV,
  RandomizedSearchCV,
  type GridSearchCVParams,
  type RandomizedSearchCVParams,
} from "./grid-search-cv.js";
export { GroupKFold, StratifiedGroupKFold } from "./group-k-fold.js";
export {
  HyperbandSearchCV,
  type HyperbandBracket,
  type HyperbandMetadata,
  type HyperbandSearchCVParams,
} from "./hyperband-search-cv.js";
export type { ModelRecord } from "./incremental-run.js";
export { IncrementalSearchCV, type IncrementalSearchCVParams } from "./incremental-search-cv.js";
export type { IncrementalSearchFitOptions, IncrementalSearchParams } from "./incremental-search.js";
export {
  KFold,
  RepeatedKFold,
  RepeatedStratifiedKFold,
  StratifiedKFold,
  type KFoldParams,
  type RepeatedKFoldParams,
} from "./k-fold.js";
export {
  LeaveOneGroupOut,
  LeaveOneOut,
  LeavePGroupsOut,
  LeavePOut,
  PredefinedSplit,
  type LeavePGroupsOutParams,
  type LeavePOutParams,
  type PredefinedSplitParams,
} from "./leave-out.js";
export {
  ParameterGrid,
  ParameterSampler,
  type ParamDistributions,
  type ParameterSamplerOptions,
  type ParamGrid,
  type ParamSet,
} from "./parameter-grid.js";
export type { RefitRule, SearchFitOptions, SearchParams, SearchResult } from "./search-params.js";
export type { CvResults, ResultColumn } from "./search-results.js";
export type { ScorerLike, Scoring } from "./scoring.js";
export { GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit, type ShuffleSplitParams } from "./shuffle-split.js";
export { Splitter, type RowsLike, type SplitOptions } from "./splitter.js";
export {
  SuccessiveHalvingSearchCV,
  type HalvingMetadata,
  type SuccessiveHalvingSearchCVParams,
} from "./successive-halving-search-cv.js";
export type { ThresholdResponse } from "./threshold-classifier.js";
export { TimeSeriesSplit, type TimeSeriesSplitParams } from "./time-series-split.js";
export { trainTestSplit, type Part, type SplitParts, type TrainTestSplitOptions } from "./train-test-split.js";
export { TunedThresholdClassifierCV, type TunedThresholdClassifierCVParams } from "./tuned-threshold-classifier-cv.js";
