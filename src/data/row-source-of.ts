import { invalidArgument, show } from "../base/errors.js";
import type { FloatArray } from "../native/addon.js";
import { MatrixSource, RowsSource } from "./array-source.js";
import { Matrix } from "./matrix.js";
import type { RowSource } from "./row-source.js";

/** Everything X may be. (Arrow tables and Frames join here.) */
export type MatrixLike = Matrix | readonly (readonly number[] | FloatArray)[] | RowSource;

/**
 * The RowSource behind any X.
 *
 * @param where what error messages start with, for example "LogisticRegression.fit: X".
 * @throws TreelineError ERR_INVALID_ARGUMENT for a value that is no table.
 */
export function rowSourceOf(X: MatrixLike, where: string): RowSource {
  if (X instanceof Matrix) return new MatrixSource(X, where);
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
