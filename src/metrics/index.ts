export { accuracyScore, type AccuracyOptions } from "./accuracy-score.js";
export { auc } from "./auc.js";
export type { ScoreAverage } from "./average.js";
export { averagePrecisionScore, type AveragePrecisionOptions } from "./average-precision-score.js";
export { balancedAccuracyScore, type BalancedAccuracyOptions } from "./balanced-accuracy-score.js";
export { brierScoreLoss, type BrierOptions } from "./brier-score-loss.js";
export { calinskiHarabaszScore } from "./calinski-harabasz-score.js";
export {
  classLikelihoodRatios,
  type LikelihoodRatioOptions,
  type LikelihoodRatios,
} from "./class-likelihood-ratios.js";
export {
  classificationReport,
  type ClassificationReport,
  type ClassificationReportOptions,
  type ReportRow,
} from "./classification-report.js";
export { cohenKappaScore, type CohenKappaOptions } from "./cohen-kappa-score.js";
export { confusionMatrix, type ConfusionMatrixOptions } from "./confusion-matrix.js";
export { confusionMatrixAtThresholds, type ThresholdCounts } from "./confusion-matrix-at-thresholds.js";
export { contingencyMatrix } from "./contingency-matrix.js";
export { d2BrierScore } from "./d2-brier-score.js";
export { d2TweedieScore } from "./d2-tweedie-score.js";
export { daviesBouldinScore } from "./davies-bouldin-score.js";
export { dcgScore, ndcgScore, type DcgOptions, type NdcgOptions } from "./dcg-score.js";
export { detCurve, type DetCurve } from "./det-curve.js";
export { explainedVarianceScore } from "./explained-variance-score.js";
export { groupMapScore, groupMrrScore, groupNdcgScore, type GroupRankingOptions } from "./group-ranking-scores.js";
export { hammingLoss } from "./hamming-loss.js";
export { hingeLoss, type HingeOptions } from "./hinge-loss.js";
export { jaccardScore, type JaccardOptions } from "./jaccard-score.js";
export { labelRankingAveragePrecisionScore } from "./label-ranking-average-precision-score.js";
export { d2LogLossScore, logLoss, type LogLossOptions } from "./log-loss.js";
export { matthewsCorrcoef } from "./matthews-corrcoef.js";
export { maxError } from "./max-error.js";
export { meanAbsoluteError } from "./mean-absolute-error.js";
export { meanAbsolutePercentageError } from "./mean-absolute-percentage-error.js";
export { d2AbsoluteErrorScore, d2PinballScore, meanPinballLoss, type PinballOptions } from "./mean-pinball-loss.js";
export { meanSquaredError, rootMeanSquaredError } from "./mean-squared-error.js";
export { meanSquaredLogError, rootMeanSquaredLogError } from "./mean-squared-log-error.js";
export {
  meanGammaDeviance,
  meanPoissonDeviance,
  meanTweedieDeviance,
  type TweedieOptions,
} from "./mean-tweedie-deviance.js";
export { medianAbsoluteError } from "./median-absolute-error.js";
export {
  adjustedMutualInfoScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  type MutualInfoOptions,
} from "./mutual-info-score.js";
export type { WeightedOptions } from "./options.js";
export {
  cosineDistances,
  cosineSimilarity,
  euclideanDistances,
  laplacianKernel,
  manhattanDistances,
  pairwiseDistances,
  rbfKernel,
  type DistanceMetric,
  type KernelOptions,
} from "./pairwise.js";
export type { Rows } from "./pairwise-map.js";
export { precisionRecallCurve, type PrecisionRecallCurve } from "./precision-recall-curve.js";
export {
  f1Score,
  fbetaScore,
  precisionRecallFscoreSupport,
  precisionScore,
  recallScore,
  type FbetaOptions,
  type FscoreAverage,
  type PrecisionRecallFscore,
  type PrecisionRecallOptions,
} from "./precision-recall-fscore-support.js";
export type { ProbabilityOptions } from "./probabilities.js";
export { r2Score, type R2Options } from "./r2-score.js";
export { adjustedRandScore, fowlkesMallowsScore, pairConfusionMatrix, randScore } from "./rand-score.js";
export { rocAucScore, type RocAucOptions } from "./roc-auc-score.js";
export { rocCurve, type RocCurve } from "./roc-curve.js";
export { getScorer, getScorerNames, makeScorer, type Scorable, type Scorer, type ScorerOptions } from "./scorer.js";
export type { ScoreLike } from "./scores.js";
export {
  silhouetteSamples,
  silhouetteScore,
  type SilhouetteOptions,
  type SilhouetteScoreOptions,
} from "./silhouette.js";
export type { CurveOptions } from "./threshold-curve.js";
export { topKAccuracyScore, type TopKAccuracyOptions } from "./top-k-accuracy-score.js";
export {
  completenessScore,
  homogeneityCompletenessVMeasure,
  homogeneityScore,
  vMeasureScore,
  type VMeasure,
  type VMeasureOptions,
} from "./v-measure-score.js";
export { zeroOneLoss } from "./zero-one-loss.js";
