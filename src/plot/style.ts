import type { VegaLiteSpec } from "./render.js";

/**
 * Colours that people with any kind of colour vision can tell apart (Okabe and Ito 2008), those of best contrast on white
 * first.
 */
export const PALETTE = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#e69f00",
  "#000000",
  "#b8a800",
] as const;

/** Strokes that tell further lines apart once all colours are used. */
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
  [8, 3, 2, 3],
] as const;

export const INK = "#1d2733";
const GRID = "#e3e7ec";

/** One look for all plots. */
export const CONFIG: VegaLiteSpec = {
  font: "Helvetica, Arial, sans-serif",
  background: "#ffffff",
  view: { stroke: "#b6bfca" },
  axis: {
    gridColor: GRID,
    domainColor: "#8794a3",
    tickColor: "#8794a3",
    labelColor: INK,
    titleColor: INK,
    titleFontWeight: "normal",
    labelFontSize: 11,
    titleFontSize: 12,
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 12, labelLimit: 360, symbolStrokeWidth: 2.5 },
  title: { color: INK, fontSize: 15, anchor: "start", offset: 12 },
  header: { labelColor: INK, labelFontSize: 12, labelFontWeight: "bold", title: null },
  range: { category: [...PALETTE] },
};

/** Colour, and dashes from the ninth on, for lines of several names; the legend keeps their order. */
export function lineColours(field: string, names: readonly string[]): VegaLiteSpec {
  const legend = { title: null, orient: "right" };
  const colour = (k: number): string => PALETTE[k % PALETTE.length] as string;
  const dash = (k: number): readonly number[] =>
    DASHES[Math.floor(k / PALETTE.length) % DASHES.length] as readonly number[];
  const scale = { domain: names, range: names.map((_, k) => colour(k)) };
  const color = { field, type: "nominal", scale, sort: null, legend };
  if (names.length <= PALETTE.length) return { color };
  const dashes = { domain: names, range: names.map((_, k) => dash(k)) };
  return { color, strokeDash: { field, type: "nominal", scale: dashes, sort: null, legend } };
}
