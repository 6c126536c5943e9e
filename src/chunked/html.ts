import { megabytes } from "./explain.js";
import type { Node } from "./node.js";

/** A chunked matrix for notebooks, as Dask shows its arrays: a table of sizes and a picture of the chunks. */
export function tableOf(node: Node, chunkRows: number): string {
  const { rows, cols, dtype } = node;
  const width = dtype === "float64" ? 8 : 4;
  const chunk = Math.min(chunkRows, rows);
  const nChunks = Math.ceil(rows / chunkRows);
  const line = (name: string, whole: string, part: string): string =>
    `<tr><th style="text-align:left">${name}</th><td>${whole}</td><td>${part}</td></tr>`;
  const table =
    `<table><thead><tr><th></th><th>Matrix</th><th>Chunk</th></tr></thead><tbody>` +
    line("Bytes", megabytes(rows * cols * width), megabytes(chunk * cols * width)) +
    line("Shape", `${rows} × ${cols}`, `${chunk} × ${cols}`) +
    line("Count", `${nChunks} chunk${nChunks === 1 ? "" : "s"}`, node.kind === "store" ? "kept" : "lazy") +
    line("Type", dtype, "") +
    `</tbody></table>`;
  return `<table style="border:none"><tr><td>${table}</td><td>${chunkPicture(rows, cols, nChunks)}</td></tr></table>`;
}

const MOST_LINES = 24;

/** The matrix as a rectangle, a line between chunks (some of them where there are many). */
function chunkPicture(rows: number, cols: number, nChunks: number): string {
  const aspect = Math.min(6, Math.max(1 / 6, Math.sqrt(Math.max(1, rows) / Math.max(1, cols)) / 4));
  const height = Math.round(aspect >= 1 ? 120 : 120 * aspect);
  const width = Math.round(aspect >= 1 ? 120 / aspect : 120);
  const shown = Math.min(nChunks, MOST_LINES);
  const lines = Array.from({ length: Math.max(0, shown - 1) }, (_, i) => {
    const y = Math.round(((i + 1) * height) / shown) + 10;
    return `<line x1="10" y1="${y}" x2="${width + 10}" y2="${y}"/>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 90}" height="${height + 40}" font-family="sans-serif" font-size="12">` +
    `<rect x="10" y="10" width="${width}" height="${height}" fill="#e8c4a0" stroke="#7a5230" stroke-width="1.5"/>` +
    `<g stroke="#7a5230" stroke-opacity="0.7">${lines.join("")}</g>` +
    `<text x="${10 + width / 2}" y="${height + 28}" text-anchor="middle">${cols}</text>` +
    `<text x="${width + 18}" y="${10 + height / 2}" dominant-baseline="middle">${rows}</text></svg>`
  );
}
