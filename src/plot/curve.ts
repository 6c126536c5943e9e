import type { Call } from "./call.js";
import {
  binaryScores,
  metricOptions,
  type BinaryPlotOptions,
  type BinaryScores,
  type MetricOptions,
} from "./binary-scores.js";
import { Plot, sizeOf, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { lineColours } from "./style.js";
import { thinned, type Line } from "./thin.js";

/** The line of one model, and the number its name is followed by in the legend. */
export interface ModelLine {
  readonly line: Line;
  /** "AUC 0.981" */
  readonly note: string;
}

/** An axis: the field it shows, its title, the numbers it spans, and what Vega-Lite is told besides. */
export interface AxisSpec {
  readonly field: string;
  readonly title: string;
  readonly domain: readonly [number, number];
  readonly axis?: VegaLiteSpec;
}

/** What a plot of curves over all thresholds is made of. */
export interface CurvePlot {
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  /** Ends of a dashed line: what guessing gives. */
  readonly chance: readonly (readonly [number, number])[] | undefined;
  /** The curve of one model. */
  readonly lineOf: (y: Uint8Array, scores: Float64Array, options: MetricOptions) => Promise<ModelLine>;
}

/** Draws a curve a model. */
export async function plotCurves(
  where: string,
  call: Call<BinaryPlotOptions>,
  describe: (problem: BinaryScores) => CurvePlot,
): Promise<Plot> {
  const size = sizeOf(where, call.options, { width: 420, height: 420 });
  const problem = await binaryScores(where, call);
  const { x, y, chance, lineOf } = describe(problem);
  const pixels = [x, y].map(({ domain: [from, to] }, k) => (k === 0 ? size.width : size.height) / (to - from));
  const rows: PlotRow[] = [];
  const names: string[] = [];
  for (const model of problem.models) {
    const { line, note } = await lineOf(problem.y, model.scores, metricOptions(problem));
    const name = model.name === "" ? note : `${model.name} (${note})`;
    names.push(name);
    const few = thinned(line, pixels as [number, number]);
    few.x.forEach((value, k) =>
      rows.push({ model: name, [x.field]: rounded(value), [y.field]: rounded(few.y[k] as number) }),
    );
  }
  return new Plot(rows, { ...size, layer: [...chanceLayer(chance, x, y), lineLayer(x, y, names)] }, call.options);
}

function lineLayer(x: AxisSpec, y: AxisSpec, names: readonly string[]): VegaLiteSpec {
  return {
    mark: { type: "line", strokeWidth: 2, clip: true, strokeJoin: "round" },
    encoding: { x: channel(x), y: channel(y), ...lineColours("model", names), order: { value: null } },
  };
}

function chanceLayer(ends: CurvePlot["chance"], x: AxisSpec, y: AxisSpec): VegaLiteSpec[] {
  if (ends === undefined) return [];
  const values = ends.map(([a, b]) => ({ [x.field]: a, [y.field]: b }));
  const mark = { type: "line", strokeDash: [4, 4], strokeWidth: 1.2, color: "#8794a3", clip: true };
  return [{ data: { values }, mark, encoding: { x: channel(x), y: channel(y), order: { value: null } } }];
}

function channel({ field, title, domain, axis = {} }: AxisSpec): VegaLiteSpec {
  return { field, type: "quantitative", title, scale: { domain, nice: false }, axis };
}

/** Six digits: a thousandth of a pixel. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
