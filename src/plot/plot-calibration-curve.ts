import { invalidData, show } from "../base/errors.js";
import { calibrationCurve } from "../calibration/calibration-curve.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { BINARY_OPTIONS, binaryScores, type BinaryPlotOptions } from "./binary-scores.js";
import { readCall, type Models, type OneOrNamed } from "./call.js";
import { Plot, sizeOf, type PlotRow } from "./plot.js";
import { lineColours } from "./style.js";

/** Options of plotCalibrationCurve. */
export interface CalibrationPlotOptions extends Omit<BinaryPlotOptions, "sampleWeight" | "responseMethod"> {
  /** Number of bins. Default 10. */
  readonly nBins?: number | undefined;
  /** Bins of equal width ("uniform", default) or of equally many rows ("quantile"). */
  readonly strategy?: "uniform" | "quantile" | undefined;
}

/**
 * How often what was given a probability came true, a line a model; the dashed line is perfect. scikit-learn's
 * CalibrationDisplay. From probabilities, or from fitted classifiers that have predictProba.
 *
 * @example await plotCalibrationCurve({ logistic, boosting }, XTest, yTest, { nBins: 15, strategy: "quantile" });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotCalibrationCurve(
  models: Models,
  X: InputLike,
  y: VectorLike,
  options?: CalibrationPlotOptions,
): Promise<Plot>;
export function plotCalibrationCurve(
  yTrue: VectorLike,
  probabilities: OneOrNamed<VectorLike & object>,
  options?: CalibrationPlotOptions,
): Promise<Plot>;
export async function plotCalibrationCurve(...given: unknown[]): Promise<Plot> {
  const where = "plotCalibrationCurve";
  const known = BINARY_OPTIONS.filter((name) => name !== "sampleWeight" && name !== "responseMethod");
  const call = readCall<CalibrationPlotOptions>(where, given, [...known, "nBins", "strategy"]);
  const { nBins = 10, strategy = "uniform" } = call.options;
  const size = sizeOf(where, call.options, { width: 420, height: 420 });
  const asked = { ...call, options: { ...call.options, responseMethod: "predictProba" as const } };
  const { y, models, positive } = await binaryScores(where, asked);
  const rows: PlotRow[] = [];
  for (const { name, scores } of models) {
    const odd = scores.find((p) => !(p >= 0 && p <= 1));
    if (odd !== undefined) throw invalidData(`${where}: probabilities must be in 0 … 1, got ${odd}`);
    const { probTrue, probPred } = await calibrationCurve(y, scores, { nBins, strategy, posLabel: 1 });
    probPred.forEach((p, k) => rows.push({ model: name, probability: p, share: probTrue[k] as number }));
  }
  const axis = (field: string, title: string): object => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, 1] },
  });
  const x = axis("probability", `Mean predicted probability (positive: ${show(positive)})`);
  const share = axis("share", "Share of positives");
  const perfect = [0, 1].map((p) => ({ probability: p, share: p }));
  const names = models.map(({ name }) => name);
  const colours = names.length === 1 && names[0] === "" ? {} : lineColours("model", names);
  const body = {
    ...size,
    layer: [
      {
        data: { values: perfect },
        mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1.2, color: "#8794a3" },
        encoding: { x, y: share },
      },
      { mark: { type: "line", strokeWidth: 2, point: { size: 36 } }, encoding: { x, y: share, ...colours } },
    ],
  };
  return new Plot(rows, body, call.options);
}
