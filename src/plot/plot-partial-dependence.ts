import { invalidArgument, show } from "../base/errors.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { Label } from "../data/vector.js";
import {
  partialDependence,
  type PartialDependence,
  type PartialDependenceOptions,
  type Predictor,
} from "../inspection/partial-dependence.js";
import { checkOptions } from "../metrics/options.js";
import { indexOfLabel, showLabels } from "../metrics/targets.js";
import { namedModels, type Named, type OneOrNamed } from "./call.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { lineColours } from "./style.js";

/** Options of plotPartialDependence. */
export interface PartialDependencePlotOptions
  extends
    PlotOptions,
    Pick<
      PartialDependenceOptions,
      "kind" | "method" | "responseMethod" | "gridResolution" | "percentiles" | "sampleWeight" | "signal"
    > {
  /** Of more than two classes: the one whose predictions are drawn. */
  readonly target?: Label | undefined;
  /** Curves of single rows that are drawn where kind is not "average", evenly from all. Default 50. */
  readonly maxLines?: number | undefined;
  /** Pictures in a row. Default 3. */
  readonly columns?: number | undefined;
}

const ASKED = ["kind", "method", "responseMethod", "gridResolution", "percentiles", "sampleWeight", "signal"];
const OPTIONS = [...ASKED, "target", "maxLines", "columns", "title", "width", "height"];
const AVERAGE = -1;

/**
 * How predictions depend on features: a picture a feature with a line a model, or, for a pair of features, a map a model.
 * Thin lines are single rows, where kind is "individual" or "both". scikit-learn's PartialDependenceDisplay.
 *
 * @param features indices or names of features, and pairs of them.
 * @example await (await plotPartialDependence({ logistic, boosting }, X, ["age", "bmi"])).save("dependence.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function plotPartialDependence(
  models: OneOrNamed<Predictor>,
  X: MatrixLike,
  features: readonly (number | string | readonly [number | string, number | string])[],
  options: PartialDependencePlotOptions = {},
): Promise<Plot> {
  const where = "plotPartialDependence";
  checkOptions(where, options, OPTIONS);
  const named = namedModels(where, models);
  if (named === undefined) throw invalidArgument(`${where}: expected fitted estimators, got ${show(models)}`);
  if (!Array.isArray(features) || features.length === 0) {
    throw invalidArgument(`${where}: features must be an array of features and pairs of them, got ${show(features)}`);
  }
  const { maxLines = 50, columns = 3, target, kind } = options;
  for (const [name, value] of Object.entries({ maxLines, columns })) {
    if (!Number.isInteger(value) || value < 1) {
      throw invalidArgument(`${where}: ${name} must be a positive integer, got ${show(value)}`);
    }
  }
  const size = sizeOf(where, options, { width: 230, height: 200 });
  const rows: PlotRow[] = [];
  const pictures: ((domain: readonly [number, number]) => VegaLiteSpec)[] = [];
  const names = named.map(({ name }) => name);
  for (const feature of features as readonly (number | string | readonly (number | string)[])[]) {
    const isPair = Array.isArray(feature);
    const panel = isPair ? feature.map(nameOf).join(" × ") : nameOf(feature as number | string);
    for (const model of named) {
      const asked = Object.fromEntries(Object.entries(options).filter(([name]) => ASKED.includes(name)));
      const estimator = model.value as Predictor;
      const found = await partialDependence(estimator, X, feature, isPair ? { ...asked, kind: "average" } : asked);
      const output = outputOf(where, model, target, found);
      rows.push(...(isPair ? cells : lines)(panel, model.name, found, output, maxLines));
      if (isPair) pictures.push((domain) => mapOf(panel, model.name, feature.map(nameOf), named.length > 1, domain));
    }
    const isFirst = pictures.length % columns === 0;
    if (!isPair) pictures.push((domain) => linesOf(panel, names, kind ?? "average", isFirst, domain));
  }
  const domain = rangeOf(rows);
  const concat = pictures.map((picture) => ({ ...size, ...picture(domain) }));
  const body = concat.length === 1 ? (concat[0] as VegaLiteSpec) : { concat, columns, spacing: 24 };
  return new Plot(rows, body, options);
}

function nameOf(feature: number | string): string {
  return typeof feature === "number" ? `x${feature}` : feature;
}

/** Which output is drawn: the class asked for, the only one else. */
function outputOf(
  where: string,
  { name, value }: Named<Predictor>,
  target: Label | undefined,
  { average, individual }: PartialDependence,
): number {
  const outputs = average?.rows ?? individual?.length ?? 0;
  if (outputs === 1) return 0;
  const classes = value.classes_ ?? [];
  const place = target === undefined ? -1 : indexOfLabel(classes, target);
  if (place >= 0 && place < outputs) return place;
  throw invalidArgument(
    `${where}: ${name} predicts ${outputs} outputs: choose with target among ${showLabels(classes)}, got ${show(target)}`,
  );
}

/** Points of lines: of the average, and of some rows. */
function lines(panel: string, model: string, found: PartialDependence, output: number, maxLines: number): PlotRow[] {
  const { gridValues, average, individual } = found;
  const grid = gridValues[0] as Float64Array;
  const table = individual?.[output];
  const rows: PlotRow[] = [];
  const n = table?.rows ?? 0;
  const shown = Math.min(n, maxLines);
  for (let k = 0; k < shown; k++) {
    const row = Math.floor((k * n) / shown);
    grid.forEach((x, p) => rows.push({ panel, model, row, x, prediction: table?.at(row, p) ?? NaN }));
  }
  if (average !== undefined) {
    grid.forEach((x, p) => rows.push({ panel, model, row: AVERAGE, x, prediction: average.at(output, p) }));
  }
  return rows;
}

/** Cells of a map: the grid's points are their middles. */
function cells(panel: string, model: string, { gridValues, average }: PartialDependence, output: number): PlotRow[] {
  const [a, b] = gridValues.map(edges) as [Float64Array, Float64Array];
  const [n, m] = [a.length - 1, b.length - 1];
  return Array.from({ length: n * m }, (_, p) => {
    const [i, j] = [Math.floor(p / m), p % m];
    const prediction = average?.at(output, p) ?? NaN;
    return {
      panel,
      model,
      x: a[i] as number,
      x2: a[i + 1] as number,
      y: b[j] as number,
      y2: b[j + 1] as number,
      prediction,
    };
  });
}

function edges(grid: Float64Array): Float64Array {
  const n = grid.length;
  const at = (k: number): number => grid[Math.min(n - 1, Math.max(0, k))] as number;
  if (n === 1) return Float64Array.of(at(0) - 0.5, at(0) + 0.5);
  return Float64Array.from({ length: n + 1 }, (_, k) => (at(k - 1) + at(k)) / 2);
}

function rangeOf(rows: readonly PlotRow[]): [number, number] {
  const values = rows.map((row) => row["prediction"] as number);
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const margin = 0.04 * (high - low || 1);
  return [low - margin, high + margin];
}

function linesOf(
  panel: string,
  names: readonly string[],
  kind: string,
  isFirst: boolean,
  domain: readonly [number, number],
): VegaLiteSpec {
  const x = {
    field: "x",
    type: "quantitative",
    title: panel,
    scale: { zero: false, nice: false },
    axis: { tickCount: 5 },
  };
  const title = isFirst ? "Prediction" : null;
  const y = { field: "prediction", type: "quantitative", title, scale: { domain, nice: false } };
  const colours = lineColours("model", names);
  const color = names.length > 1 ? colours : { color: { ...(colours["color"] as object), legend: null } };
  const filter = { field: "panel", equal: panel };
  const single = {
    transform: [{ filter }, { filter: `datum.row !== ${AVERAGE}` }],
    mark: { type: "line", strokeWidth: 0.8, opacity: 0.25 },
    encoding: { x, y, ...color, detail: { field: "row", type: "nominal" } },
  };
  const mean = {
    transform: [{ filter }, { filter: `datum.row === ${AVERAGE}` }],
    mark: { type: "line", strokeWidth: 2.5 },
    encoding: { x, y, ...color },
  };
  return { layer: [...(kind === "average" ? [] : [single]), ...(kind === "individual" ? [] : [mean])] };
}

function mapOf(
  panel: string,
  model: string,
  features: readonly string[],
  showsModel: boolean,
  domain: readonly [number, number],
): VegaLiteSpec {
  const axis = (field: string, title: string | undefined): object => ({
    field,
    type: "quantitative",
    title,
    scale: { zero: false, nice: false },
    axis: { tickCount: 5, grid: false },
  });
  const prediction = { field: "prediction", type: "quantitative", scale: { scheme: "viridis", domain } };
  return {
    ...(showsModel ? { title: { text: model, fontSize: 12, offset: 6 } } : {}),
    transform: [{ filter: { field: "panel", equal: panel } }, { filter: { field: "model", equal: model } }],
    mark: { type: "rect", strokeWidth: 0.6 }, // strokes cover the seams of neighbours
    encoding: {
      x: axis("x", features[0]),
      x2: { field: "x2" },
      y: axis("y", features[1]),
      y2: { field: "y2" },
      color: { ...prediction, title: "Prediction", legend: { gradientLength: 140 } },
      stroke: { ...prediction, legend: null },
    },
  };
}
