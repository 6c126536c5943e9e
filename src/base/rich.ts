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
