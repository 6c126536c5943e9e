import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, either, integer, nullable, number, choice, type ParamSpec } from "../base/params.js";
import { tableColumn, tableShape, type CellValue, type TableLike, type TableShape } from "../data/table-columns.js";
import { isBreak, takeBreak, type ColumnValues } from "../data/vector.js";

// What the categories of columns are, and how often they occur: OneHotEncoder, OrdinalEncoder and TargetEncoder.

/** A category: a number, string or boolean; null is "missing" (null, undefined or NaN). */
export type Category = string | number | boolean | bigint | null;

/** Categories by column, "auto" for those of the data in sorted order. */
export type CategoriesParam = "auto" | readonly (readonly Category[])[];

/** The rule of a categories parameter. */
export function categoriesSpec(): ParamSpec<CategoriesParam> {
  return either<"auto", readonly (readonly Category[])[]>(
    choice("auto", ["auto"]),
    custom<readonly (readonly Category[])[]>(
      [],
      "an array of the categories of every column",
      (value) => Array.isArray(value) && value.every((column) => Array.isArray(column)),
    ),
  ) as ParamSpec<CategoriesParam>;
}

/** The rule of minFrequency: a number of rows or a share of them. */
export function minFrequencySpec(): ParamSpec<number | null> {
  return nullable(
    either(integer(1, { min: 1 }), number(0.5, { min: 0, max: 1, exclusiveMin: true, exclusiveMax: true })),
  ) as ParamSpec<number | null>;
}

/** The categories of a column and the rows of each. */
export interface ColumnCategories {
  readonly categories: readonly Category[];
  readonly counts: Float64Array;
}

/** A value as a category: all missing values are one. */
export function categoryOf(value: CellValue): Category {
  return value === undefined || value === null || (typeof value === "number" && Number.isNaN(value)) ? null : value;
}

/** Sorted order: numbers, then booleans, then strings; missing last. */
function compare(a: Category, b: Category): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const rank = (x: Category): number => (typeof x === "string" ? 2 : typeof x === "boolean" ? 1 : 0);
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

async function countValues(values: ColumnValues, signal: AbortSignal | undefined): Promise<Map<Category, number>> {
  const counts = new Map<Category, number>();
  for (let i = 0; i < values.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    const category = categoryOf(values[i]);
    counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  return counts;
}

/**
 * The categories of every column: found, or checked against those given.
 *
 * @param unknownAllowed values that are not among the categories given are no error.
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function learnCategories(
  X: TableLike,
  given: CategoriesParam,
  unknownAllowed: boolean,
  where: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly shape: TableShape; readonly columns: ColumnCategories[]; readonly rows: number }> {
  const shape = tableShape(X, `${where}: X`);
  if (shape.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (given !== "auto" && given.length !== shape.nFeatures) {
    throw invalidArgument(`${where}: categories has ${given.length} columns, but X has ${shape.nFeatures} features`);
  }
  signal?.throwIfAborted();
  const columns: ColumnCategories[] = [];
  let rows = 0;
  for (let j = 0; j < shape.nFeatures; j++) {
    const values = await tableColumn(X, j, `${where}: X`, signal);
    rows = values.length;
    if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const counts = await countValues(values, signal);
    const categories =
      given === "auto" ? [...counts.keys()].sort(compare) : (given[j] as readonly Category[]).map(categoryOf);
    if (new Set(categories).size !== categories.length) {
      throw invalidArgument(`${where}: the categories of ${columnName(shape, j)} must differ from one another`);
    }
    const known = new Set(categories);
    const odd = [...counts.keys()].find((category) => !known.has(category));
    if (odd !== undefined && !unknownAllowed) {
      throw invalidData(`${where}: ${columnName(shape, j)} holds ${show(odd)}, which is not among its categories`);
    }
    columns.push({ categories, counts: Float64Array.from(categories, (category) => counts.get(category) ?? 0) });
  }
  return { shape, columns, rows };
}

/** How messages call a column. */
export function columnName({ featureNames }: TableShape, j: number): string {
  return `column ${featureNames === undefined ? j : show(featureNames[j])}`;
}

/**
 * Which categories are infrequent: those of fewer rows than minFrequency (a share of all rows where it is a fraction), then
 * the rarest until, with one place for all infrequent ones, maxCategories are left (scikit-learn's _identify_infrequent).
 */
export function infrequentOf(
  { counts }: ColumnCategories,
  rows: number,
  minFrequency: number | null,
  maxCategories: number | null,
): boolean[] {
  const least = minFrequency === null ? 0 : Number.isInteger(minFrequency) ? minFrequency : minFrequency * rows;
  const infrequent = Array.from(counts, (count) => minFrequency !== null && count < least);
  const rare = infrequent.filter(Boolean).length;
  const places = counts.length - rare + (rare > 0 ? 1 : 0);
  if (maxCategories !== null && maxCategories < places) {
    const kept = maxCategories - 1;
    const order = Array.from(counts, (_, k) => k).sort((a, b) => (counts[a] as number) - (counts[b] as number)); // stable
    for (const k of kept === 0 ? order : order.slice(0, -kept)) infrequent[k] = true;
  }
  return infrequent;
}

/** The place of every value of a column among its categories; -1 for one that is not there. */
export async function codesOfColumn(
  values: ColumnValues,
  categories: readonly Category[],
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  const places = new Map(categories.map((category, k) => [category, k]));
  const codes = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    codes[i] = places.get(categoryOf(values[i])) ?? -1;
  }
  return codes;
}

/** Refuses values that fit did not see. @throws TreelineError ERR_INVALID_DATA */
export function refuseUnknownCodes(codes: Int32Array, values: ColumnValues, column: string, where: string): void {
  const row = codes.indexOf(-1);
  if (row < 0) return;
  throw invalidData(
    `${where}: ${column} holds ${show(values[row])} in row ${row}, which fit did not see; handleUnknown says what to do with such`,
  );
}
