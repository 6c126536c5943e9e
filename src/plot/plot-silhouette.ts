import { invalidArgument, show } from "../base/errors.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, type VectorLike } from "../data/vector.js";
import { checkOptions } from "../metrics/options.js";
import { silhouetteSamples, type SilhouetteOptions } from "../metrics/silhouette.js";
import { isVector, namedOf, type OneOrNamed } from "./call.js";
import { panels } from "./panels.js";
import { Plot, sizeOf, type PlotOptions, type PlotRow } from "./plot.js";
import type { VegaLiteSpec } from "./render.js";
import { PALETTE } from "./style.js";

/** Options of plotSilhouette. */
export interface SilhouettePlotOptions extends PlotOptions, Pick<SilhouetteOptions, "metric" | "signal"> {}

/** A clustering, ready to be drawn. */
interface Drawn {
  readonly rows: readonly PlotRow[];
  readonly names: readonly string[];
  /** The middle of each cluster, on the axis. */
  readonly middles: readonly number[];
  readonly total: number;
  readonly mean: number;
}

/**
 * Silhouettes of all rows as bars, sorted within each cluster; the dashed line is their mean. Clusters that are thin, or
 * end before the mean, are poor. Of one clustering, or of several by name: a picture each.
 *
 * @example
 * const { labels_ } = await new KMeans({ nClusters: 3, randomState: 0 }).fit(X);
 * await (await plotSilhouette(X, labels_)).save("silhouettes.svg");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
 */
export async function plotSilhouette(
  X: MatrixLike,
  labels: OneOrNamed<VectorLike & object>,
  options: SilhouettePlotOptions = {},
): Promise<Plot> {
  const where = "plotSilhouette";
  checkOptions(where, options, ["metric", "signal", "title", "width", "height"]);
  const columns = namedOf(where, labels, isVector, "a column of labels", (all) =>
    all.map((_, k) => (all.length === 1 ? "" : `clustering ${k + 1}`)),
  );
  if (columns === undefined) {
    throw invalidArgument(`${where}: expected labels, or columns of labels by name, got ${show(labels)}`);
  }
  const size = sizeOf(where, options, { width: 340, height: 360 });
  const { metric, signal } = options;
  const drawn = new Map<string, Drawn>();
  for (const { name, value } of columns) {
    const samples = await silhouetteSamples(X, value, { metric, signal });
    const { classes, codes } = await encodeLabels(value, `${where}: labels`);
    drawn.set(name, bars(name, samples, codes, Array.from<unknown>(classes).map(String), size.height));
  }
  const rows = [...drawn.values()].flatMap((one) => one.rows);
  const low = Math.min(0, ...rows.map((row) => row["silhouette"] as number));
  const clusters = [...new Set([...drawn.values()].flatMap(({ names }) => names))];
  const body = (name: string): VegaLiteSpec => ({ ...size, layer: layersOf(drawn.get(name) as Drawn, low, clusters) });
  return new Plot(rows, panels("model", [...drawn.keys()], 2, body), options);
}

/** Bars of one clustering, a cluster below the other; neighbours that share a pixel as one bar of their mean. */
function bars(
  model: string,
  samples: Float64Array,
  codes: Int32Array,
  names: readonly string[],
  height: number,
): Drawn {
  const gap = Math.max(1, Math.round(samples.length / 40));
  const perBar = Math.max(1, Math.ceil(samples.length / (2 * height)));
  const rows: PlotRow[] = [];
  const middles: number[] = [];
  let at = gap / 2;
  names.forEach((cluster, code) => {
    const own = samples
      .filter((_, i) => codes[i] === code)
      .sort()
      .reverse();
    middles.push(at + own.length / 2);
    for (let begin = 0; begin < own.length; begin += perBar) {
      const some = own.subarray(begin, begin + perBar);
      const silhouette = some.reduce((sum, value) => sum + value, 0) / some.length;
      rows.push({ model, cluster, silhouette, from: at + begin, to: at + begin + some.length });
    }
    at += own.length + gap;
  });
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  return { rows, names, middles, total: at - gap / 2, mean };
}

function layersOf({ names, middles, total, mean }: Drawn, low: number, clusters: readonly string[]): VegaLiteSpec[] {
  const axis = {
    values: middles,
    labelExpr: `${JSON.stringify(names)}[indexof(${JSON.stringify(middles)}, datum.value)]`,
    grid: false,
    ticks: false,
    domain: false,
  };
  const y = {
    field: "from",
    type: "quantitative",
    title: "Cluster",
    scale: { domain: [0, total], reverse: true },
    axis,
  };
  const title = `Silhouette (mean ${mean.toFixed(3)})`;
  const x = { type: "quantitative", title, scale: { domain: [low, 1], nice: true }, axis: { tickCount: 6 } };
  const color = {
    field: "cluster",
    type: "nominal",
    legend: null,
    scale: { domain: clusters, range: clusters.map((_, k) => PALETTE[k % PALETTE.length]) },
  };
  return [
    {
      mark: { type: "rect", strokeWidth: 0.5, opacity: 1 },
      encoding: { y, y2: { field: "to" }, x: { ...x, field: "silhouette" }, x2: { datum: 0 }, color, stroke: color },
    },
    {
      data: { values: [{ mean }] },
      mark: { type: "rule", strokeDash: [4, 4], strokeWidth: 1.5, color: "#1d2733" },
      encoding: { x: { ...x, field: "mean" } },
    },
  ];
}
