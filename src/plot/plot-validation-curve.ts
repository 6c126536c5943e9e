import { invalidArgument, show } from "../base/errors.js";
import type { ScoreCurve } from "../model-selection/curves.js";
import { checkChoice } from "../metrics/options.js";
import type { OneOrNamed } from "./call.js";
import type { Plot } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { plotScoreCurves, SCORE_CURVE_OPTIONS, type ScorePlotOptions } from "./score-curve.js";

/** Options of plotValidationCurve. */
export interface ValidationPlotOptions extends ScorePlotOptions {
  /** The parameter: the title of the axis. */
  readonly paramName: string;
  /** Its values, as validationCurve was given them. */
  readonly paramRange: readonly unknown[];
  /** The axis of numbers. Default: "log" where they are positive and span a factor of 50, else "linear". */
  readonly scale?: "linear" | "log" | undefined;
}

/**
 * Scores on training and test rows against a parameter, from what validationCurve gives, of one model or of several: the
 * mean over the folds, and a band of one standard deviation. scikit-learn's ValidationCurveDisplay.
 *
 * @example
 * const asked = { paramName: "C", paramRange: [0.01, 0.1, 1, 10] };
 * const curve = await validationCurve(new LogisticRegression(), X, y, asked);
 * await (await plotValidationCurve(curve, asked)).save("validation.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function plotValidationCurve(
  curves: OneOrNamed<ScoreCurve>,
  options: ValidationPlotOptions,
): Promise<Plot> {
  const where = "plotValidationCurve";
  const { paramName, paramRange, scale } = options ?? {};
  if (typeof paramName !== "string") {
    throw invalidArgument(`${where}: paramName must be a name, got ${show(paramName)}`);
  }
  if (!Array.isArray(paramRange)) {
    throw invalidArgument(`${where}: paramRange must be an array of values, got ${show(paramRange)}`);
  }
  checkChoice(where, "scale", scale, ["linear", "log", undefined]);
  const values = paramRange as readonly unknown[];
  const numeric = values.every((value) => Number.isFinite(value));
  const known = [...SCORE_CURVE_OPTIONS, "paramName", "paramRange", "scale"];
  const at = values.map((value) => (numeric ? (value as number) : textOf(value)));
  const spec = numeric ? numberAxis(paramName, values as number[], scale) : nameAxis(paramName, at as string[]);
  return Promise.resolve(plotScoreCurves(where, curves, options, known, { of: () => at, spec }));
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}

function numberAxis(title: string, values: readonly number[], asked: "linear" | "log" | undefined): VegaLiteSpec {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const type = asked ?? (low > 0 && high >= 50 * low ? "log" : "linear");
  return {
    field: "x",
    type: "quantitative",
    title,
    scale: { type, nice: false, padding: 12, ...(type === "log" ? {} : { zero: false }) },
    axis: type === "log" ? { format: "~g", tickCount: 6, labelOverlap: true } : { format: "~g", tickCount: 6 },
  };
}

function nameAxis(title: string, names: readonly string[]): VegaLiteSpec {
  return { field: "x", type: "ordinal", sort: names, title, scale: { type: "point" }, axis: { labelAngle: 0 } };
}
