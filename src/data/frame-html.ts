import { escapeHtml, htmlTable } from "../base/rich.js";
import type { Cell } from "./cell.js";

const MOST_COLUMNS = 40;

/** Rows of a frame as an HTML table: names and types of the columns at its head, the size below. */
export function frameHtml(
  columns: readonly { readonly name: string; readonly type: string }[],
  rows: readonly Readonly<Record<string, Cell>>[],
  nRows: number | undefined,
): string {
  const shown = columns.slice(0, MOST_COLUMNS);
  const more = columns.length > shown.length ? ["…"] : [];
  const head = shown.map(
    ({ name, type }) => `${escapeHtml(name)}<br><small>${escapeHtml(shortened(type, 24))}</small>`,
  );
  const lines = rows.map((row, i) => [String(i), ...shown.map(({ name }) => cellHtml(row[name])), ...more]);
  const count = nRows === undefined ? "rows not counted yet" : `${nRows} rows`;
  return htmlTable(["", ...head, ...more], lines, `<p>${count} × ${columns.length} columns</p>`);
}

function cellHtml(value: Cell | undefined): string {
  if (value === null || value === undefined) return "<i>null</i>";
  if (typeof value === "number") return String(Number(value.toPrecision(8)));
  return escapeHtml(shortened(value instanceof Date ? value.toISOString() : String(value), 60));
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
