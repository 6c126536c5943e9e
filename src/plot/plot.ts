import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { inspect } from "node:util";
import { invalidArgument, show, TreelineError } from "../base/errors.js";
import { escapeHtml, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import { renderSvg, type VegaLiteSpec } from "./render.js";
import { CONFIG } from "./style.js";

/** A row of the table that a plot draws. */
export type PlotRow = Readonly<Record<string, number | string | boolean | null>>;

/** What every plot takes. */
export interface PlotOptions {
  /** A line above the picture. Default: none. */
  readonly title?: string | undefined;
  /** Width of the plotting area, in pixels. */
  readonly width?: number | undefined;
  /** Height of the plotting area, in pixels. */
  readonly height?: number | undefined;
}

/**
 * A picture as a Vega-Lite specification with its data inside. It is drawn, as SVG and without a browser, when it is asked
 * for: by toSVG, by save, by a notebook. Drawing needs the optional dependencies vega and vega-lite; the specification does
 * not.
 *
 * @example
 * const plot = await plotRocCurve(yTest, (await model.predictProba(XTest)).column(1));
 * await plot.save("roc.svg");
 */
export class Plot {
  /** The Vega-Lite specification: plain JSON, for any Vega tool. */
  readonly spec: VegaLiteSpec;
  /** The rows that are drawn. */
  readonly data: readonly PlotRow[];
  #svg: Promise<string> | undefined;

  /** @internal */
  constructor(data: readonly PlotRow[], body: VegaLiteSpec, { title }: PlotOptions = {}) {
    this.data = data;
    this.spec = {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      ...(title === undefined ? {} : { title }),
      data: { values: data },
      config: CONFIG,
      ...body,
    };
  }

  /** The picture as SVG text; drawn once. @throws TreelineError ERR_NATIVE where vega or vega-lite are not installed. */
  toSVG(): Promise<string> {
    this.#svg ??= renderSvg(this.spec);
    return this.#svg;
  }

  /** A page that holds the picture and nothing from elsewhere. @throws TreelineError ERR_NATIVE */
  async toHTML(): Promise<string> {
    const title = typeof this.spec["title"] === "string" ? this.spec["title"] : "Plot";
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(title)}</title>\n${await this.toSVG()}\n</html>\n`;
  }

  /**
   * Writes the picture to a file, as its name says: .svg, .html, or .json for the specification.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for another ending, ERR_IO where it cannot be written, ERR_NATIVE.
   */
  async save(path: string): Promise<void> {
    const write = typeof path === "string" ? FORMATS[extname(path).toLowerCase()] : undefined;
    if (write === undefined) {
      throw invalidArgument(`Plot.save: the file must end in .svg, .html or .json, got ${show(path)}`);
    }
    await writeText(path, await write(this), "Plot.save");
  }

  /** For notebooks. */
  async [JUPYTER_DISPLAY](): Promise<MimeBundle> {
    return {
      "application/vnd.vegalite.v6+json": this.spec,
      "image/svg+xml": await this.toSVG(),
      "text/plain": inspect(this),
    };
  }

  [inspect.custom](): string {
    const title = this.spec["title"];
    return `Plot${typeof title === "string" ? ` ${JSON.stringify(title)}` : ""} of ${this.data.length} rows`;
  }
}

const FORMATS: Readonly<Record<string, (plot: Plot) => Promise<string>>> = {
  ".svg": (plot) => plot.toSVG(),
  ".html": (plot) => plot.toHTML(),
  ".json": (plot) => Promise.resolve(`${JSON.stringify(plot.spec)}\n`),
};

/** Writes a text. @throws TreelineError ERR_IO */
export async function writeText(path: string, text: string, where: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    throw new TreelineError("ERR_IO", `${where}: cannot write ${show(path)}: ${(cause as Error).message}`, { cause });
  }
}

/** Throws unless width and height, where given, are positive numbers. Returns them, or what is usual for this plot. */
export function sizeOf(
  where: string,
  { width, height }: PlotOptions,
  usual: { readonly width: number; readonly height: number },
): { readonly width: number; readonly height: number } {
  for (const [name, value] of Object.entries({ width, height })) {
    if (value !== undefined && !(typeof value === "number" && value > 0 && Number.isFinite(value))) {
      throw invalidArgument(`${where}: ${name} must be a positive number of pixels, got ${show(value)}`);
    }
  }
  return { width: width ?? usual.width, height: height ?? usual.height };
}
