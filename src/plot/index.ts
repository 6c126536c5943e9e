export { Plot, type PlotOptions, type PlotRow } from "./plot.js";
export type { VegaLiteSpec } from "./render.js";
export type { BinaryPlotOptions } from "./binary-scores.js";
export type { Models, OneOrNamed } from "./call.js";
export { plotCalibrationCurve, type CalibrationPlotOptions } from "./plot-calibration-curve.js";
export { plotClassBalance, type ClassBalanceOptions } from "./plot-class-balance.js";
export { plotConfusionMatrix, type ConfusionPlotOptions } from "./plot-confusion-matrix.js";
export {
  plotFeatureImportance,
  type FeatureImportanceOptions,
  type ImportanceSource,
} from "./plot-feature-importance.js";
export { plotPrecisionRecallCurve } from "./plot-precision-recall-curve.js";
export { plotRocCurve } from "./plot-roc-curve.js";
export { plotScoreHistogram, type ScoreHistogramOptions } from "./plot-score-histogram.js";
export { plotDetCurve } from "./plot-det-curve.js";
export { plotLearningCurve } from "./plot-learning-curve.js";
export { plotPartialDependence, type PartialDependencePlotOptions } from "./plot-partial-dependence.js";
export { plotSilhouette, type SilhouettePlotOptions } from "./plot-silhouette.js";
export { plotValidationCurve, type ValidationPlotOptions } from "./plot-validation-curve.js";
export type { ScorePlotOptions } from "./score-curve.js";
