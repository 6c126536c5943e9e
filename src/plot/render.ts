import type * as Vega from "vega";
import type * as VegaLite from "vega-lite";
import { TreelineError } from "../base/errors.js";

/** A Vega-Lite specification: plain JSON. */
export type VegaLiteSpec = Readonly<Record<string, unknown>>;

/** What is used of vega and vega-lite. */
interface Renderer {
  readonly vega: typeof Vega;
  readonly vegaLite: typeof VegaLite;
}

async function loadRenderer(): Promise<Renderer> {
  try {
    const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
    return { vega, vegaLite };
  } catch (cause) {
    throw new TreelineError(
      "ERR_NATIVE",
      "Plot.toSVG needs vega and vega-lite, optional dependencies that are not installed: npm install vega vega-lite",
      { cause },
    );
  }
}

/** A specification as an SVG picture: no browser and no canvas needed, so widths of texts are estimated. */
export async function renderSvg(spec: VegaLiteSpec): Promise<string> {
  const { vega, vegaLite } = await loadRenderer();
  const compiled = vegaLite.compile(spec as never).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logLevel: vega.Error });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * The picture with names of its own for what it defines (clip paths, gradients): pictures count them from 0, and several in
 * one page would take each other's.
 */
export function withOwnIds(svg: string, prefix: string): string {
  return svg.replace(/(\sid="|url\(#|href="#)/g, (start) => `${start}${prefix}-`);
}
