import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { ScoreCurve } from "../model-selection/curves.js";
import { checkOptions } from "../metrics/options.js";
import { namedOf, type OneOrNamed } from "./call.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { INK, PALETTE } from "./style.js";

/** Options of plots of scores on training and test rows. */
export interface ScorePlotOptions extends PlotOptions {
  /** What the scores are: the title of their axis. Default "Score". */
  readonly scoreName?: string | undefined;
  /** Draw losses, that is the negative of scores such as "negLogLoss". Default false. */
  readonly negate?: boolean | undefined;
}

export const SCORE_CURVE_OPTIONS = ["scoreName", "negate", "title", "width", "height"];

/** The horizontal axis: a position for each line of scores. */
export interface Positions<T extends ScoreCurve> {
  readonly of: (curve: T) => ArrayLike<number | string>;
  readonly spec: VegaLiteSpec;
}

const SETS = ["training", "test"] as const;

/** Mean scores over the folds, with a band of one standard deviation; solid: test rows, dashed: training rows. */
export function plotScoreCurves<T extends ScoreCurve>(
  where: string,
  curves: OneOrNamed<T>,
  options: ScorePlotOptions,
  known: readonly string[],
  positions: Positions<T>,
): Plot {
  checkOptions(where, options, known);
  const models = namedOf(where, curves, isScoreCurve as (value: unknown) => value is T, "a curve", (all) =>
    all.map((_, k) => (all.length === 1 ? "" : `model ${k + 1}`)),
  );
  if (models === undefined) {
    throw invalidArgument(`${where}: expected a curve of scores, or an object of them by name, got ${show(curves)}`);
  }
  const { scoreName = "Score", negate = false } = options;
  const rows: PlotRow[] = [];
  for (const { name, value } of models) {
    const at = positions.of(value);
    for (const set of SETS) {
      const scores = set === "test" ? value.testScores : value.trainScores;
      if (scores.rows !== at.length) {
        throw invalidData(`${where}: there are ${scores.rows} lines of scores, but ${at.length} positions`);
      }
      for (let k = 0; k < scores.rows; k++) {
        const { mean, std } = momentsOf(scores.row(k));
        const score = negate ? -mean : mean;
        rows.push({ model: name, set, x: at[k] as number | string, score, low: score - std, high: score + std });
      }
    }
  }
  const size = sizeOf(where, options, { width: 420, height: 320 });
  const names = models.map(({ name }) => name);
  return new Plot(rows, { ...size, layer: layersOf(names, positions.spec, scoreName) }, options);
}

function layersOf(names: readonly string[], x: VegaLiteSpec, scoreName: string): VegaLiteSpec[] {
  const several = names.length > 1 || names[0] !== "";
  const axis = { title: scoreName, scale: { zero: false } };
  const legend = { title: null, orient: "right", symbolType: "stroke", symbolSize: 250, symbolOpacity: 1 };
  const byModel = {
    field: "model",
    type: "nominal",
    sort: null,
    legend: { ...legend, symbolDash: [1, 0] },
    scale: { domain: names, range: names.map((_, k) => PALETTE[k % PALETTE.length]) },
  };
  const bySet = {
    field: "set",
    type: "nominal",
    sort: null,
    legend,
    scale: { domain: ["test", "training"], range: [PALETTE[0], PALETTE[1]] },
  };
  const strokeDash = {
    field: "set",
    type: "nominal",
    sort: null,
    legend: several ? { ...legend, encoding: { symbols: { stroke: { value: INK } } } } : legend,
    scale: {
      domain: ["test", "training"],
      range: [
        [1, 0],
        [5, 4],
      ],
    },
  };
  const color = several ? byModel : bySet;
  const score = { field: "score", type: "quantitative", ...axis };
  const detail = [
    { field: "model", type: "nominal" },
    { field: "set", type: "nominal" },
  ];
  return [
    {
      mark: { type: "area", opacity: 0.13 },
      encoding: { x, y: { field: "low", type: "quantitative", ...axis }, y2: { field: "high" }, color, detail },
    },
    { mark: { type: "line", strokeWidth: 2 }, encoding: { x, y: score, color, strokeDash, detail } },
    { mark: { type: "point", filled: true, size: 30, opacity: 1 }, encoding: { x, y: score, color, detail } },
  ];
}

function isScoreCurve(value: unknown): value is ScoreCurve {
  return typeof value === "object" && value !== null && "trainScores" in value && "testScores" in value;
}

/** Mean and standard deviation over the folds that have a score. */
function momentsOf(scores: ArrayLike<number>): { readonly mean: number; readonly std: number } {
  const known = Array.from(scores).filter((score) => !Number.isNaN(score));
  const mean = known.reduce((sum, score) => sum + score, 0) / known.length;
  return { mean, std: Math.sqrt(known.reduce((sum, score) => sum + (score - mean) ** 2, 0) / known.length) };
}
