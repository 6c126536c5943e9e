import { show } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { area } from "../metrics/auc.js";
import { rocCurve } from "../metrics/roc-curve.js";
import { BINARY_OPTIONS, type BinaryPlotOptions } from "./binary-scores.js";
import { readCall, type Models, type OneOrNamed } from "./call.js";
import { plotCurves, type AxisSpec, type CurvePlot } from "./curve.js";
import type { Plot } from "./plot.js";

/**
 * Receiver operating characteristics, a line a model, with the area under each in the legend: scikit-learn's
 * RocCurveDisplay. From scores, or from fitted classifiers.
 *
 * @example
 * const plot = await plotRocCurve({ logistic, boosting }, XTest, yTest);
 * await plot.save("roc.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotRocCurve(models: Models, X: InputLike, y: VectorLike, options?: BinaryPlotOptions): Promise<Plot>;
export function plotRocCurve(
  yTrue: VectorLike,
  scores: OneOrNamed<VectorLike & object>,
  options?: BinaryPlotOptions,
): Promise<Plot>;
export async function plotRocCurve(...given: unknown[]): Promise<Plot> {
  const call = readCall<BinaryPlotOptions>("plotRocCurve", given, BINARY_OPTIONS);
  return plotCurves("plotRocCurve", call, ({ positive }): CurvePlot => {
    const rate = (what: string, field: string): AxisSpec => ({
      field,
      title: `${what} positive rate (positive: ${show(positive)})`,
      domain: [0, 1],
    });
    return {
      x: rate("False", "fpr"),
      y: rate("True", "tpr"),
      chance: [
        [0, 0],
        [1, 1],
      ],
      lineOf: async (y, scores, options) => {
        const { fpr, tpr } = await rocCurve(y, scores, options);
        return { line: { x: fpr, y: tpr }, note: `AUC ${area(fpr, tpr).toFixed(4)}` };
      },
    };
  });
}
