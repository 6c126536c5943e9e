import { CsrMatrix } from "../data/csr-matrix.js";
import { holdsTexts, inMemory, inputShape, isDocuments, type InputLike } from "../data/documents.js";
import { drawn, DrawnRows } from "../data/drawn-table.js";
import { Frame } from "../data/frame.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { rowsAt, type Splittable } from "../data/split.js";
import { selectColumns, sourceColumns, type TableLike, type TableShape } from "../data/table-columns.js";

/** A table of which estimators see some rows and columns. */
export interface BagTable extends TableShape {
  /** The columns, and the rows as often as `times` says (default: every row once), without a copy where that can be. */
  part(features: Int32Array, times?: ArrayLike<number>): Promise<InputLike>;
}

/** The table behind X: numbers are drawn as they are read, texts and rows with texts out of memory. */
export function bagTable(X: InputLike, where: string, signal?: AbortSignal): BagTable {
  const shape = inputShape(X, where);
  const isAll = (features: Int32Array): boolean =>
    features.length === shape.nFeatures && features.every((feature, j) => feature === j);
  if (!holdsTexts(X, where)) return { ...shape, part: drawnAsRead(X as MatrixLike, isAll, where) };
  let held: Promise<InputLike> | undefined;
  const inside = (): Promise<InputLike> => (held ??= inMemory(X, signal));
  const part: BagTable["part"] = async (features, times) => {
    const repeats = new Set(features).size < features.length;
    const rows = times === undefined && !repeats ? X : await inside();
    const table = isAll(features) || isDocuments(rows) ? rows : selectColumns(rows, Array.from(features), where);
    return times === undefined ? table : (rowsAt(table as Splittable, drawn(times, 0, times.length)) as InputLike);
  };
  return { ...shape, part };
}

function drawnAsRead(X: MatrixLike, isAll: (features: Int32Array) => boolean, where: string): BagTable["part"] {
  const source = rowSourceOf(X, where, { categories: true });
  const columns = (features: Int32Array): TableLike => {
    if (isAll(features)) return X;
    const isUnique = new Set(features).size === features.length;
    if (isUnique && (X instanceof Frame || X instanceof CsrMatrix))
      return selectColumns(X, Array.from(features), where);
    const view = sourceColumns(source, Array.from(features));
    return isUnique ? view : { ...view, featureNames: undefined };
  };
  // eslint-disable-next-line @typescript-eslint/require-await -- where texts are drawn it waits for them
  return async (features, times) => {
    const table = columns(features);
    if (times === undefined) return table;
    return new DrawnRows(rowSourceOf(table as MatrixLike, where, { categories: true }), times);
  };
}
