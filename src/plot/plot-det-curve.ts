import { show } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { normalQuantile } from "../datasets/portable-math.js";
import { detCurve } from "../metrics/det-curve.js";
import { BINARY_OPTIONS, type BinaryPlotOptions } from "./binary-scores.js";
import { readCall, type Models, type OneOrNamed } from "./call.js";
import { plotCurves, type AxisSpec, type CurvePlot } from "./curve.js";

import type { Plot } from "./plot.js";
import { withCorners } from "./thin.js";

/** Rates that axes are labelled with. */
const TICKS = [1e-5, 1e-4, 0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99];
const HIGHEST = 0.99;

/**
 * Detection error tradeoffs: false negatives against false positives on normal deviate scales, where models that ROC curves
 * crowd into a corner lie apart; a line a model, with the equal error rate of each in the legend; the dashed line is guessing.
 * scikit-learn's DetCurveDisplay. Rates of 0 are drawn on the lower edges. From scores, or from fitted classifiers.
 *
 * @example await (await plotDetCurve({ logistic, boosting }, XTest, yTest)).save("det.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotDetCurve(models: Models, X: InputLike, y: VectorLike, options?: BinaryPlotOptions): Promise<Plot>;
export function plotDetCurve(
  yTrue: VectorLike,
  scores: OneOrNamed<VectorLike & object>,
  options?: BinaryPlotOptions,
): Promise<Plot>;
export async function plotDetCurve(...given: unknown[]): Promise<Plot> {
  const call = readCall<BinaryPlotOptions>("plotDetCurve", given, BINARY_OPTIONS);
  return plotCurves("plotDetCurve", call, ({ y, positive }): CurvePlot => {
    const positives = y.reduce((sum, flag) => sum + flag, 0);
    const [x, fnr] = [lowest(y.length - positives), lowest(positives)];
    const axis = (what: string, field: string, low: number): AxisSpec => ({
      field,
      title: `${what} rate in % (positive: ${show(positive)})`,
      domain: [normalQuantile(low), normalQuantile(HIGHEST)],
      axis: {
        values: TICKS.filter((rate) => rate >= low).map(normalQuantile),
        labelExpr: "format(100 * cumulativeNormal(datum.value), '.3~r')",
        labelOverlap: "greedy",
      },
    });
    const deviates = (rates: Float64Array, low: number): Float64Array =>
      rates.map((rate) => normalQuantile(Math.min(Math.max(rate, low), 1 - 1e-6)));
    return {
      x: axis("False positive", "fprDeviate", x),
      y: axis("False negative", "fnrDeviate", fnr),
      chance: [
        [-6, 6],
        [6, -6],
      ],
      lineOf: async (truth, scores, options) => {
        const curve = await detCurve(truth, scores, options);
        const line = withCorners({ x: deviates(curve.fpr, x), y: deviates(curve.fnr, fnr) });
        return { line, note: `EER ${(100 * equalErrorRate(curve.fpr, curve.fnr)).toPrecision(3)} %` };
      },
    };
  });
}

/** Where an axis begins: below the rate of one row. */
function lowest(rows: number): number {
  return Math.min(0.005, Math.max(1e-6, 0.5 / rows));
}

/** Where the two rates are equal: fpr falls while fnr rises. */
function equalErrorRate(fpr: Float64Array, fnr: Float64Array): number {
  const k = fpr.findIndex((rate, at) => rate <= (fnr[at] as number));
  if (k <= 0) return k === 0 ? (fnr[0] as number) : (fpr[fpr.length - 1] as number);
  const [a, b] = [(fpr[k - 1] as number) - (fnr[k - 1] as number), (fnr[k] as number) - (fpr[k] as number)];
  const share = a / (a + b);
  return (fpr[k - 1] as number) + share * ((fpr[k] as number) - (fpr[k - 1] as number));
}
