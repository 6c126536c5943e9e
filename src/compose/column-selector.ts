import { invalidArgument, show } from "../base/errors.js";
import { columnKinds, columnNumbers, tableShape, type ColumnKind, type TableLike } from "../data/table-columns.js";

/** What a function that selects columns is told. */
export interface ColumnInfo {
  /** The column's name; undefined where X has none. */
  readonly name: string | undefined;
  readonly index: number;
  readonly kind: ColumnKind;
}

/** Chooses columns by a function of yours; a model with one cannot be saved. */
export type ColumnFunction = (columns: readonly ColumnInfo[]) => readonly (string | number)[];

/** Chooses columns by name and by what they hold: what makeColumnSelector gives. Plain data, so that models can be saved. */
export interface ColumnSelector {
  /** A regular expression that names match; null: any name. */
  readonly pattern: string | null;
  readonly dtypeInclude: readonly ColumnKind[] | null;
  readonly dtypeExclude: readonly ColumnKind[] | null;
}

/** Columns of a table: a name or number, several, a mask of booleans, a selector or a function. Numbers below 0 count from the end. */
export type Columns =
  string | number | readonly (string | number)[] | readonly boolean[] | ColumnSelector | ColumnFunction;

/** Options of makeColumnSelector. */
export interface ColumnSelectorOptions {
  /** Names that match. */
  readonly pattern?: string | RegExp | undefined;
  /** What the columns hold: one kind, or several. */
  readonly dtypeInclude?: ColumnKind | readonly ColumnKind[] | undefined;
  /** What they do not hold. */
  readonly dtypeExclude?: ColumnKind | readonly ColumnKind[] | undefined;
}

const KINDS: readonly ColumnKind[] = ["number", "boolean", "string", "category", "other"];

/**
 * Chooses columns by name and by what they hold: scikit-learn's make_column_selector. Kinds are "number", "boolean", "string",
 * "category" and "other".
 *
 * @example
 * const encode = makeColumnTransformer(
 *   [new StandardScaler(), makeColumnSelector({ dtypeInclude: "number" })],
 *   [new OneHotEncoder(), makeColumnSelector({ dtypeInclude: ["string", "category"] })],
 * );
 * @throws TreelineError ERR_INVALID_ARGUMENT for an unknown kind.
 */
export function makeColumnSelector({
  pattern,
  dtypeInclude,
  dtypeExclude,
}: ColumnSelectorOptions = {}): ColumnSelector {
  const list = (kinds: ColumnKind | readonly ColumnKind[] | undefined): readonly ColumnKind[] | null => {
    if (kinds === undefined) return null;
    const given = typeof kinds === "string" ? [kinds] : [...kinds];
    const odd = given.find((kind) => !KINDS.includes(kind));
    if (odd === undefined) return given;
    throw invalidArgument(`makeColumnSelector: there is no kind ${show(odd)}; there are ${KINDS.join(", ")}`);
  };
  return {
    pattern: pattern === undefined ? null : new RegExp(pattern).source,
    dtypeInclude: list(dtypeInclude),
    dtypeExclude: list(dtypeExclude),
  };
}

function chosenBy({ pattern, dtypeInclude, dtypeExclude }: ColumnSelector, columns: readonly ColumnInfo[]): number[] {
  const matcher = pattern === null ? undefined : new RegExp(pattern);
  return columns
    .filter(({ kind }) => (dtypeInclude?.includes(kind) ?? true) && !(dtypeExclude?.includes(kind) ?? false))
    .filter(({ name }) => matcher === undefined || (name !== undefined && matcher.test(name)))
    .map(({ index }) => index);
}

function infosOf(X: TableLike, names: readonly string[] | undefined, where: string): ColumnInfo[] {
  return columnKinds(X, where).map((kind, index) => ({ name: names?.[index], index, kind }));
}

/** The numbers of the columns meant. @throws TreelineError ERR_INVALID_ARGUMENT for columns that are not there. */
export function selectedColumns(columns: Columns, X: TableLike, where: string): number[] {
  const shape = tableShape(X, where);
  if (typeof columns === "function") {
    return columnNumbers(columns(infosOf(X, shape.featureNames, where)), shape, where);
  }
  if (typeof columns === "object" && !Array.isArray(columns)) {
    return chosenBy(columns as ColumnSelector, infosOf(X, shape.featureNames, where));
  }
  if (typeof columns === "string" || typeof columns === "number") return columnNumbers([columns], shape, where);
  const list = columns as readonly (string | number | boolean)[];
  if (list.length > 0 && list.every((column) => typeof column === "boolean")) {
    if (list.length !== shape.nFeatures) {
      throw invalidArgument(`${where}: a mask of columns must have ${shape.nFeatures} values, got ${show(list)}`);
    }
    return list.flatMap((is, j) => (is ? [j] : []));
  }
  return columnNumbers(list as readonly (string | number)[], shape, where);
}
