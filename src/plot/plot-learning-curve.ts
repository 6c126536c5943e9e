import type { LearningCurve } from "../model-selection/curves.js";
import type { OneOrNamed } from "./call.js";
import type { Plot } from "./plot.js";
import { plotScoreCurves, SCORE_CURVE_OPTIONS, type ScorePlotOptions } from "./score-curve.js";

/**
 * Scores on training and test rows against the number of training rows, from what learningCurve gives, of one model or of
 * several: the mean over the folds, and a band of one standard deviation. scikit-learn's LearningCurveDisplay.
 *
 * @example
 * const curve = await learningCurve(model, X, y, { scoring: "averagePrecision", shuffle: true, randomState: 0 });
 * await (await plotLearningCurve(curve, { scoreName: "Average precision" })).save("learning.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotLearningCurve(curves: OneOrNamed<LearningCurve>, options: ScorePlotOptions = {}): Promise<Plot> {
  const spec = {
    field: "x",
    type: "quantitative",
    title: "Training rows",
    scale: { zero: false, nice: false, padding: 12 },
    axis: { format: ",d", tickCount: 6 },
  };
  return Promise.resolve().then(() =>
    plotScoreCurves("plotLearningCurve", curves, options, SCORE_CURVE_OPTIONS, {
      of: ({ trainSizes }) => trainSizes,
      spec,
    }),
  );
}
