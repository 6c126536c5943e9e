import type { VegaLiteSpec } from "./render.js";

/**
 * A picture for each value of a field, `columns` in a row, in the order of the names; of one name the picture alone.
 *
 * @param body what to draw; a function is told the name.
 */
export function panels(
  field: string,
  names: readonly string[],
  columns: number,
  body: VegaLiteSpec | ((name: string) => VegaLiteSpec),
): VegaLiteSpec {
  const of = (name: string): VegaLiteSpec => (typeof body === "function" ? body(name) : body);
  if (names.length === 1) return of(names[0] as string);
  const concat = names.map((name) => ({
    title: { text: name, fontSize: 12, offset: 6 },
    transform: [{ filter: { field, equal: name } }],
    ...of(name),
  }));
  return { concat, columns, spacing: 24 };
}
