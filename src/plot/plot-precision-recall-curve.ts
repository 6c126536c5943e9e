import { show } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { averagePrecisionScore } from "../metrics/average-precision-score.js";
import { precisionRecallCurve } from "../metrics/precision-recall-curve.js";
import { BINARY_OPTIONS, type BinaryPlotOptions, type BinaryScores } from "./binary-scores.js";
import { readCall, type Models, type OneOrNamed } from "./call.js";
import { plotCurves, type AxisSpec, type CurvePlot } from "./curve.js";
import type { Plot } from "./plot.js";
import { withCorners } from "./thin.js";

/**
 * Precision against recall, a line a model, with the average precision of each in the legend; the dashed line is the share
 * of positives, which guessing gives. scikit-learn's PrecisionRecallDisplay. From scores, or from fitted classifiers.
 *
 * @example
 * const proba = (await model.predictProba(XTest)).column(1);
 * await (await plotPrecisionRecallCurve(yTest, proba)).save("precision-recall.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotPrecisionRecallCurve(
  models: Models,
  X: InputLike,
  y: VectorLike,
  options?: BinaryPlotOptions,
): Promise<Plot>;
export function plotPrecisionRecallCurve(
  yTrue: VectorLike,
  scores: OneOrNamed<VectorLike & object>,
  options?: BinaryPlotOptions,
): Promise<Plot>;
export async function plotPrecisionRecallCurve(...given: unknown[]): Promise<Plot> {
  const where = "plotPrecisionRecallCurve";
  const call = readCall<BinaryPlotOptions>(where, given, BINARY_OPTIONS);
  return plotCurves(where, call, (problem): CurvePlot => {
    const axis = (what: string): AxisSpec => ({
      field: what.toLowerCase(),
      title: `${what} (positive: ${show(problem.positive)})`,
      domain: [0, 1],
    });
    const share = positiveShare(problem);
    return {
      x: axis("Recall"),
      y: axis("Precision"),
      chance: [
        [0, share],
        [1, share],
      ],
      lineOf: async (y, scores, options) => {
        const { precision, recall } = await precisionRecallCurve(y, scores, options);
        const score = await averagePrecisionScore(y, scores, options);
        return { line: withCorners({ x: recall, y: precision }), note: `AP ${score.toFixed(4)}` };
      },
    };
  });
}

/** The weight of positive rows as a share of all. */
export function positiveShare({ y, weights }: BinaryScores): number {
  let [positive, all] = [0, 0];
  for (let i = 0; i < y.length; i++) {
    const weight = weights === undefined ? 1 : (weights[i] as number);
    all += weight;
    if (y[i] === 1) positive += weight;
  }
  return positive / all;
}
