import { readTarget, type VectorLike } from "../data/vector.js";
import { panels } from "../plot/panels.js";
import { Plot, type PlotRow } from "../plot/plot.js";
import { lineColours, PALETTE } from "../plot/style.js";

/** Points of a picture: more say no more. */
const MOST_POINTS = 1500;
const BINS = 41;

/** Predictions against truth, a picture a model. */
export async function plotPredictions(y: VectorLike, predictions: Readonly<Record<string, VectorLike>>): Promise<Plot> {
  const truth = await readTarget(y, "report: y");
  const step = Math.max(1, Math.ceil(truth.length / MOST_POINTS));
  const rows: PlotRow[] = [];
  for (const [model, answer] of Object.entries(predictions)) {
    const predicted = await readTarget(answer, "report: predictions");
    for (let i = 0; i < truth.length; i += step) {
      rows.push({ model, true: digits(truth[i] as number), predicted: digits(predicted[i] as number) });
    }
  }
  const all = rows.flatMap((row) => [row["true"] as number, row["predicted"] as number]);
  const [low, high] = [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))];
  const axis = (field: string, title: string): object => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [low, high], nice: true, zero: false },
  });
  const [x, right] = [axis("true", "True"), axis("predicted", "Predicted")];
  const layer = [
    {
      data: { values: [low, high].map((value) => ({ true: value, predicted: value })) },
      mark: { type: "line", strokeDash: [4, 4], strokeWidth: 1.2, color: "#8794a3" },
      encoding: { x, y: right },
    },
    { mark: { type: "circle", size: 14, opacity: 0.5, color: PALETTE[0] }, encoding: { x, y: right } },
  ];
  // The line has data of its own, which no filter for a model must meet.
  const body = panels("model", Object.keys(predictions), 3, (name) => ({
    width: 250,
    height: 250,
    layer:
      Object.keys(predictions).length === 1
        ? layer
        : [layer[0], { ...layer[1], transform: [{ filter: { field: "model", equal: name } }] }],
    ...(Object.keys(predictions).length === 1 ? {} : { transform: [] }),
  }));
  return new Plot(rows, body);
}

/** How the errors of all models are spread, a line a model, over bins from the 1st to the 99th percentile. */
export async function plotResiduals(y: VectorLike, predictions: Readonly<Record<string, VectorLike>>): Promise<Plot> {
  const truth = await readTarget(y, "report: y");
  const errors: [string, Float64Array][] = [];
  for (const [model, answer] of Object.entries(predictions)) {
    const predicted = await readTarget(answer, "report: predictions");
    errors.push([model, predicted.map((value, i) => value - (truth[i] as number))]);
  }
  const reach = errors.reduce((most, [, values]) => Math.max(most, percentile(values.map(Math.abs), 0.99)), 0) || 1;
  const width = (2 * reach) / BINS;
  const rows = errors.flatMap(([model, values]) => {
    const counts = new Float64Array(BINS);
    for (const value of values) {
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor((value + reach) / width)));
      counts[bin] = (counts[bin] as number) + 1;
    }
    return Array.from(counts, (count, k) => ({
      model,
      error: digits(-reach + (k + 0.5) * width),
      share: count / values.length,
    }));
  });
  const names = errors.map(([model]) => model);
  return new Plot(rows, {
    width: 380,
    height: 260,
    mark: { type: "line", interpolate: "step", strokeWidth: 2 },
    encoding: {
      x: { field: "error", type: "quantitative", title: "Prediction minus truth" },
      y: { field: "share", type: "quantitative", title: "Share of the rows", axis: { format: "%" } },
      ...lineColours("model", names),
    },
  });
}

function percentile(values: Float64Array, q: number): number {
  const sorted = values.slice().sort();
  return sorted[Math.floor(q * (sorted.length - 1))] ?? 0;
}

function digits(value: number): number {
  return Number(value.toPrecision(6));
}
