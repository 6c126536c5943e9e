import { inspect } from "node:util";
import { invalidArgument, show } from "./errors.js";

/**
 * What a value looks like by MIME type: "text/html", "image/svg+xml", "text/plain", … The kernels of Jupyter for JavaScript
 * (Deno's among them) ask a value for such a bundle by calling its method of the name JUPYTER_DISPLAY.
 */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** The name of the method that notebooks call to show a value. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for("Jupyter.display") as never;

/** A value as HTML, and as text where that is all that can be shown. */
export function htmlBundle(html: string, text: string): MimeBundle {
  return { "text/html": html, "text/plain": text };
}

/** Text as it must be written into HTML and SVG, also in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** An HTML table; cells are HTML already. Columns but the first are right-aligned: they are numbers. */
export function htmlTable(head: readonly string[], rows: readonly (readonly string[])[], more = ""): string {
  const cell = (tag: string, text: string, j: number): string =>
    `<${tag} style="text-align:${j === 0 ? "left" : "right"};padding:2px 8px">${text}</${tag}>`;
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((text, j) => cell(j === 0 ? "th" : tag, text, j)).join("")}</tr>`;
  return (
    `<table><thead>${line("th", head)}</thead>` +
    `<tbody>${rows.map((cells) => line("td", cells)).join("")}</tbody></table>${more}`
  );
}

/** What writes into a notebook's cell, as tslab's `display`. */
export interface NotebookDisplay {
  /** Shows content of a MIME type. */
  raw(type: string, content: string): unknown;
}

/**
 * A function that shows tables, estimators, plots and reports in a notebook whose kernel does not ask values for their bundle
 * (JUPYTER_DISPLAY) by itself: tslab. Other values are shown as text.
 *
 * @example
 * // In a notebook: import { display } from "tslab";
 * const show = displayWith({ raw: (type, content) => console.log(type, content) });
 * await show("a text");
 */
export function displayWith(display: NotebookDisplay): (...values: readonly unknown[]) => Promise<void> {
  if (typeof (display as Partial<NotebookDisplay> | null)?.raw !== "function") {
    throw invalidArgument(`displayWith: expected the display of a notebook's kernel, got ${show(display)}`);
  }
  return async (...values) => {
    for (const value of values) {
      const bundle = await bundleOf(value);
      const type = SHOWN.find((known) => typeof bundle[known] === "string") ?? "text/plain";
      display.raw(type, String(bundle[type]));
    }
  };
}

/** The richest first. */
const SHOWN = ["text/html", "image/svg+xml", "text/plain"];

async function bundleOf(value: unknown): Promise<MimeBundle> {
  const method = (value as Readonly<Record<symbol, unknown>> | null | undefined)?.[JUPYTER_DISPLAY];
  if (typeof method === "function") return (await method.call(value)) as MimeBundle;
  return { "text/plain": typeof value === "string" ? value : inspect(value) };
}
