/** A cell of a table on the terminal; undefined and null are empty. */
export type TextCell = string | number | bigint | boolean | Date | null | undefined;

/** Rows under a heading, in columns wide enough for them: numbers to the right, texts to the left. */
export function textTable(head: readonly string[], rows: readonly (readonly TextCell[])[]): string {
  const cells = rows.map((row) => row.map(textOf));
  const widths = head.map((title, j) => Math.max(title.length, ...cells.map((row) => row[j]?.length ?? 0)));
  const right = head.map((_, j) => rows.some((row) => typeof row[j] === "number"));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, j) => (right[j] === true ? text.padStart(widths[j] as number) : text.padEnd(widths[j] as number)))
      .join("  ")
      .trimEnd();
  return [line(head), ...cells.map(line)].join("\n");
}

function textOf(cell: TextCell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return numberText(cell);
  if (cell instanceof Date) return cell.toISOString().replace(/(T00:00:00)?\.000Z$/, "");
  const text = String(cell).replace(/\s+/g, " ");
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Integers as they are, others with six digits; NaN is no value. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : String(value);
}
