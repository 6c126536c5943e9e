import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { FloatArray } from "../native/addon.js";
import { MatrixSource, RowsSource } from "./array-source.js";
import { isArrowRecordBatch, isArrowTable, isArrowVector, type ArrowRecordBatch, type ArrowTable } from "./arrow.js";
import { ArrowSource } from "./arrow-source.js";
import { CsrMatrix } from "./csr-matrix.js";
import { CsrSource } from "./csr-source.js";
import { Matrix } from "./matrix.js";
import type { RowSource } from "./row-source.js";

/** Everything X may be: rows of numbers, a Matrix, a CsrMatrix, an Arrow Table or RecordBatch, a Frame or any other RowSource. */
export type MatrixLike =
  Matrix | CsrMatrix | readonly (readonly number[] | FloatArray)[] | ArrowTable | ArrowRecordBatch | RowSource;

/** What the caller can do with a table. */
export interface RowSourceOptions {
  /** It understands columns of category codes (RowSource.categories); default false: they are refused by name. */
  readonly categories?: boolean;
}

/**
 * The RowSource behind any X.
 *
 * @param where what error messages start with, for example "LogisticRegression.fit: X".
 * @throws TreelineError ERR_INVALID_ARGUMENT for a value that is no table, ERR_INVALID_DATA for columns that are not
 * numbers.
 */
export function rowSourceOf(X: MatrixLike, where: string, options: RowSourceOptions = {}): RowSource {
  const source = sourceOf(X, where);
  source.check?.(where);
  const category = options.categories ? -1 : (source.categories?.findIndex((names) => names !== undefined) ?? -1);
  if (category >= 0) {
    throw invalidData(
      `${where}: column ${show(source.featureNames?.[category] ?? category)} holds categories (strings), but numbers are ` +
        "needed here: drop it, or encode it as numbers first",
    );
  }
  return source;
}

function sourceOf(X: MatrixLike, where: string): RowSource {
  if (X instanceof Matrix) return new MatrixSource(X, where);
  if (X instanceof CsrMatrix) return new CsrSource(X, where);
  if (isRowSource(X)) return X;
  if (Array.isArray(X)) {
    if (X.length > 0 && !isRow(X[0])) {
      throw invalidArgument(
        `${where} must have two dimensions (rows of features), got a flat ${show(X)} of ${show(X[0])}: ` +
          "wrap one feature as X.map((x) => [x]), one row as [X]",
      );
    }
    return new RowsSource(X as readonly (readonly number[])[], where);
  }
  if (isArrowTable(X) || isArrowRecordBatch(X)) return new ArrowSource(X, where);
  if (isArrowVector(X)) {
    throw invalidArgument(`${where} must have two dimensions, got an Arrow Vector: use new Table({ x: vector })`);
  }
  if (ArrayBuffer.isView(X)) {
    throw invalidArgument(`${where} must have two dimensions, got ${show(X)}: use new Matrix(data, [rows, columns])`);
  }
  throw invalidArgument(`${where} must be number[][], a Matrix, an Arrow table or a Frame, got ${show(X)}`);
}

function isRow(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Float64Array || value instanceof Float32Array;
}

function isRowSource(value: unknown): value is RowSource {
  return typeof value === "object" && value !== null && typeof (value as RowSource).chunks === "function";
}
