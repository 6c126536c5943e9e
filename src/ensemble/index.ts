export { ExtraTreesClassifier, type ExtraTreesClassifierParams } from "./extra-trees-classifier.js";
export { ExtraTreesRegressor, type ExtraTreesRegressorParams } from "./extra-trees-regressor.js";
export type { ForestParams } from "./forest-params.js";
export {
  HistGradientBoostingClassifier,
  type HistGradientBoostingClassifierParams,
} from "./hist-gradient-boosting-classifier.js";
export {
  HistGradientBoostingRanker,
  type HistGradientBoostingRankerParams,
  type RankerFitOptions,
} from "./hist-gradient-boosting-ranker.js";
export { IsolationForest, type IsolationForestFitOptions, type IsolationForestParams } from "./isolation-forest.js";
export type { LabelledRows } from "./watched-rows.js";
export {
  HistGradientBoostingRegressor,
  type HistGradientBoostingRegressorParams,
  type TablePredictions,
} from "./hist-gradient-boosting-regressor.js";
export type { BoostingTrace } from "../native/addon.js";
export { BlockwiseVotingClassifier, type BlockwiseVotingClassifierParams } from "./blockwise-voting-classifier.js";
export { BlockwiseVotingRegressor, type BlockwiseVotingRegressorParams } from "./blockwise-voting-regressor.js";
export type { BlockwiseFitOptions, BlockwiseParams } from "./blockwise-fit.js";
export type { BoostingFitOptions, BoostingParams, EvalSet } from "./boosting-params.js";
export type { BoostingCallback, BoostingIteration, EvalResults } from "./boosting-run.js";
export type { CustomLoss } from "./custom-loss.js";
export type { MultiStrategy } from "./multi-output.js";
export type { EvalAt, RankingMetricName } from "./ranking-metrics.js";
export type { RegressionLoss } from "./regression-loss.js";
export type { SamplingParams } from "./sampling-params.js";
export type { LinearLeaf, TreeNode } from "./tree-nodes.js";
export { RandomForestClassifier, type RandomForestClassifierParams } from "./random-forest-classifier.js";
export { RandomForestRegressor, type RandomForestRegressorParams } from "./random-forest-regressor.js";
export type { EnsembleFitOptions } from "./member-fit.js";
export type { Member, NamedMembersParams } from "./named-members.js";
export { AdaBoostClassifier, type AdaBoostClassifierParams } from "./ada-boost-classifier.js";
export { AdaBoostRegressor, type AdaBoostRegressorParams } from "./ada-boost-regressor.js";
export type { AdaBoostParams } from "./boosted-members.js";
export { BaggingClassifier, type BaggingClassifierParams } from "./bagging-classifier.js";
export type { BaggingParams } from "./bagging-params.js";
export { BaggingRegressor, type BaggingRegressorParams } from "./bagging-regressor.js";
export { StackingClassifier, type StackingClassifierParams } from "./stacking-classifier.js";
export type { StackingParams, StackMethod } from "./stacking-params.js";
export { StackingRegressor, type StackingRegressorParams } from "./stacking-regressor.js";
export { VotingClassifier, type VotingClassifierParams } from "./voting-classifier.js";
export type { VotingParams } from "./voting-params.js";
export { VotingRegressor, type VotingRegressorParams } from "./voting-regressor.js";
