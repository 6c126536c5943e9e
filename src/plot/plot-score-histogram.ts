import { invalidArgument, show } from "../base/errors.js";
import type { InputLike } from "../data/documents.js";
import type { VectorLike } from "../data/vector.js";
import { BINARY_OPTIONS, binaryScores, type BinaryPlotOptions, type NamedScores } from "./binary-scores.js";
import { readCall, type Models, type OneOrNamed } from "./call.js";
import { panels } from "./panels.js";
import { Plot, sizeOf, type PlotRow } from "./plot.js";
import { PALETTE } from "./style.js";

/** Options of plotScoreHistogram. */
export interface ScoreHistogramOptions extends BinaryPlotOptions {
  /** Number of bins between the smallest score and the greatest; probabilities: between 0 and 1. Default 40. */
  readonly nBins?: number | undefined;
}

/**
 * How the scores of both classes are spread, a picture a model: the share of each class in each bin, so that a rare class is
 * seen beside a frequent one. From scores, or from fitted classifiers.
 *
 * @example await plotScoreHistogram(model, XTest, yTest);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export function plotScoreHistogram(
  models: Models,
  X: InputLike,
  y: VectorLike,
  options?: ScoreHistogramOptions,
): Promise<Plot>;
export function plotScoreHistogram(
  yTrue: VectorLike,
  scores: OneOrNamed<VectorLike & object>,
  options?: ScoreHistogramOptions,
): Promise<Plot>;
export async function plotScoreHistogram(...given: unknown[]): Promise<Plot> {
  const where = "plotScoreHistogram";
  const call = readCall<ScoreHistogramOptions>(where, given, [...BINARY_OPTIONS, "nBins"]);
  const { nBins = 40 } = call.options;
  if (!Number.isInteger(nBins) || nBins < 1 || nBins > 1000) {
    throw invalidArgument(`${where}: nBins must be an integer from 1 to 1000, got ${show(nBins)}`);
  }
  const size = sizeOf(where, call.options, { width: 420, height: 160 });
  const { y, weights, models, positive, negative } = await binaryScores(where, call);
  const names = [negative === undefined ? "other" : String(negative), String(positive)] as const;
  const rows = models.flatMap((model) => histogram(model, y, weights, nBins, names));
  const color = {
    field: "class",
    type: "nominal",
    title: "class",
    sort: null,
    scale: { domain: names, range: [PALETTE[0], PALETTE[1]] },
  };
  const scale = models.every(({ scores }) => scores.every((score) => score >= 0 && score <= 1))
    ? { domain: [0, 1] }
    : {};
  const bars = {
    ...size,
    mark: { type: "bar", opacity: 0.55, binSpacing: 0 },
    encoding: {
      x: { field: "from", type: "quantitative", bin: "binned", title: "Score", scale },
      x2: { field: "to" },
      y: { field: "share", type: "quantitative", stack: null, title: "Share of the class", axis: { format: "%" } },
      color,
    },
  };
  const body = panels(
    "model",
    models.map((model) => model.name),
    models.length > 3 ? 2 : 1,
    bars,
  );
  return new Plot(rows, body, call.options);
}

/** Bins of one model's scores: a row a bin and class that has rows in it. */
function histogram(
  { name, scores }: NamedScores,
  y: Uint8Array,
  weights: Float64Array | undefined,
  nBins: number,
  names: readonly [string, string],
): PlotRow[] {
  let [low, high] = [Infinity, -Infinity];
  for (const score of scores) [low, high] = [Math.min(low, score), Math.max(high, score)];
  if (low >= 0 && high <= 1) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const sums = [new Float64Array(nBins), new Float64Array(nBins)] as const;
  const totals = [0, 0];
  for (let i = 0; i < scores.length; i++) {
    const weight = weights === undefined ? 1 : (weights[i] as number);
    const bin = Math.min(nBins - 1, Math.floor((((scores[i] as number) - low) / (high - low)) * nBins));
    const side = y[i] as 0 | 1;
    sums[side][bin] = (sums[side][bin] as number) + weight;
    totals[side] = (totals[side] as number) + weight;
  }
  const edge = (bin: number): number => Number((low + ((high - low) * bin) / nBins).toPrecision(12));
  return ([0, 1] as const).flatMap((side) =>
    Array.from(sums[side], (sum, bin) => ({
      model: name,
      class: names[side],
      from: edge(bin),
      to: edge(bin + 1),
      share: sum / (totals[side] as number),
    })).filter(({ share }) => share > 0),
  );
}
