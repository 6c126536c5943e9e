import { invalidArgument, invalidData, show } from "../base/errors.js";
import { isArrowRecordBatch, isArrowTable, isStringType, ArrowTypeId, valueTypeOf } from "./arrow.js";
import { CsrMatrix } from "./csr-matrix.js";
import { Frame } from "./frame.js";
import { Matrix } from "./matrix.js";
import type { RowSource } from "./row-source.js";
import { rowSourceOf, type MatrixLike } from "./row-source-of.js";
import { readColumn, type ColumnValues, type Label, type VectorLike } from "./vector.js";

// Tables by column, whatever their columns hold: what encoders, imputers of strings and column transformers read.

/** A value of a table: null and undefined are missing, as NaN is. */
export type CellValue = Label | null | undefined;

/** Everything X may be where columns need not be numbers: rows of any values too. */
export type TableLike = MatrixLike | readonly (readonly CellValue[])[];

/** What a column holds. */
export type ColumnKind = "number" | "boolean" | "string" | "category" | "other";

/** Number and names of the columns, without a look at what they hold. */
export interface TableShape {
  readonly nFeatures: number;
  readonly featureNames: readonly string[] | undefined;
}

function isRows(X: TableLike): X is readonly (readonly CellValue[])[] {
  return Array.isArray(X);
}

/** @throws TreelineError ERR_INVALID_ARGUMENT for a value that is no table. */
export function tableShape(X: TableLike, where: string): TableShape {
  if (X instanceof Frame) return { nFeatures: X.columns.length, featureNames: X.columns };
  if (isArrowTable(X) || isArrowRecordBatch(X)) {
    const names = X.schema.fields.map((field) => String(field.name));
    return { nFeatures: names.length, featureNames: names };
  }
  if (isRows(X) && X.length > 0 && (Array.isArray(X[0]) || ArrayBuffer.isView(X[0]))) {
    const nFeatures = (X[0] as ArrayLike<unknown>).length;
    const odd = X.findIndex((row) => (row as ArrayLike<unknown> | undefined)?.length !== nFeatures);
    if (odd < 0) return { nFeatures, featureNames: undefined };
    throw invalidData(
      `${where}: row ${odd} has ${show((X[odd] as ArrayLike<unknown>).length)} values, row 0 has ${nFeatures}`,
    );
  }
  const { nFeatures, featureNames } = rowSourceOf(X as MatrixLike, where, { categories: true });
  return { nFeatures, featureNames };
}

/** What every column holds; rows of values: what their first value that is there is. */
export function columnKinds(X: TableLike, where: string): ColumnKind[] {
  if (X instanceof Frame) return X.schema.map(({ type }) => kindOfSqlType(type));
  if (isArrowTable(X) || isArrowRecordBatch(X)) {
    return X.schema.fields.map(({ type }) => {
      const values = valueTypeOf(type);
      if (isStringType(values)) return type.typeId === ArrowTypeId.Dictionary ? "category" : "string";
      return values.typeId === ArrowTypeId.Bool ? "boolean" : "number";
    });
  }
  const { nFeatures } = tableShape(X, where);
  if (!isRows(X)) {
    const { categories } = rowSourceOf(X as MatrixLike, where, { categories: true });
    return Array.from({ length: nFeatures }, (_, j) => (categories?.[j] === undefined ? "number" : "category"));
  }
  return Array.from({ length: nFeatures }, (_, j) => {
    const value = X.find((row) => row[j] !== null && row[j] !== undefined)?.[j];
    return typeof value === "string" ? "string" : typeof value === "boolean" ? "boolean" : "number";
  });
}

function kindOfSqlType(type: string): ColumnKind {
  if (type.startsWith("ENUM")) return "category";
  if (type === "VARCHAR") return "string";
  if (type === "BOOLEAN") return "boolean";
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*)$/.test(type) ? "number" : "other";
}

/** The values of column j, in memory. Numbers are typed arrays or arrays, NaN or null where missing. */
export async function tableColumn(
  X: TableLike,
  j: number,
  where: string,
  signal: AbortSignal | undefined,
): Promise<ColumnValues> {
  if (X instanceof Matrix) return X.column(j);
  if (X instanceof Frame) return readColumn(X.column(X.columns[j] as string), where, signal);
  if (isArrowTable(X) || isArrowRecordBatch(X)) {
    return readColumn((X as unknown as { getChildAt(j: number): VectorLike }).getChildAt(j), where, signal);
  }
  if (isRows(X)) return X.map((row) => row[j]) as ColumnValues;
  return sourceColumn(rowSourceOf(X as MatrixLike, where, { categories: true }), j, signal);
}

/** A column of a table that is read in chunks: a pass over it. */
async function sourceColumn(source: RowSource, j: number, signal: AbortSignal | undefined): Promise<ColumnValues> {
  const values: number[] = [];
  for await (const chunk of source.chunks(signal)) {
    signal?.throwIfAborted();
    if (chunk.columns === undefined) {
      const { values: from, offset, rowStride, colStride } = chunk;
      for (let i = 0; i < chunk.rows; i++) values.push(Number(from[offset + i * rowStride + j * colStride]));
      continue;
    }
    const column = chunk.columns[j] as (typeof chunk.columns)[number];
    const { values: from, offset = 0, stride = 1, bits, validity, validityOffset = 0 } = column;
    const bit = (array: Uint8Array, at: number): number => ((array[at >> 3] as number) >> (at & 7)) & 1;
    for (let i = 0; i < chunk.rows; i++) {
      if (validity !== undefined && bit(validity, validityOffset + i) === 0) values.push(NaN);
      else values.push(bits === true ? bit(from as Uint8Array, offset + i) : Number(from[offset + i * stride]));
    }
  }
  const names = source.categories?.[j];
  return names === undefined ? Float64Array.from(values) : values.map((code) => names[code] ?? null);
}

/** Some columns of a table, in the container it came in; of other sources a source. */
export function selectColumns(X: TableLike, columns: readonly number[], where: string): TableLike {
  if (X instanceof Frame) return X.select(...columns.map((j) => X.columns[j] as string));
  if (isArrowTable(X) || isArrowRecordBatch(X)) {
    return (X as unknown as { selectAt(columns: readonly number[]): TableLike }).selectAt(columns);
  }
  if (X instanceof Matrix) return matrixColumns(X, columns);
  if (X instanceof CsrMatrix) return csrColumns(X, columns);
  if (isRows(X)) return X.map((row) => columns.map((j) => row[j]));
  return sourceColumns(rowSourceOf(X as MatrixLike, where, { categories: true }), columns);
}

function matrixColumns(X: Matrix, columns: readonly number[]): Matrix {
  const { data, rows, cols, order } = X;
  const out = new (data.constructor as new (n: number) => Float64Array)(rows * columns.length);
  if (order === "column") {
    columns.forEach((j, k) => out.set(data.subarray(j * rows, (j + 1) * rows), k * rows));
  } else {
    const n = columns.length;
    columns.forEach((j, k) => {
      for (let i = 0; i < rows; i++) out[i * n + k] = data[i * cols + j] as number;
    });
  }
  return new Matrix(out, [rows, columns.length], order);
}

function csrColumns(X: CsrMatrix, columns: readonly number[]): CsrMatrix {
  const placeOf = new Int32Array(X.cols).fill(-1);
  const sorted = columns.every((j, k) => k === 0 || j > (columns[k - 1] as number));
  columns.forEach((j, k) => (placeOf[j] = k));
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < X.rows; i++) {
    const { indices, values: of } = X.row(i);
    const entries: [number, number][] = [];
    indices.forEach((j, k) => {
      if ((placeOf[j] as number) >= 0) entries.push([placeOf[j] as number, of[k] as number]);
    });
    if (!sorted) entries.sort(([a], [b]) => a - b);
    for (const [j, value] of entries) {
      rows.push(i);
      cols.push(j);
      values.push(value);
    }
  }
  return CsrMatrix.fromTriplets(rows, cols, values, [X.rows, columns.length]);
}

/** Some columns of a table that is read in chunks, read past the others. */
export function sourceColumns(source: RowSource, columns: readonly number[]): RowSource {
  const { nRows, featureNames, categories } = source;
  return {
    nFeatures: columns.length,
    nRows,
    featureNames: featureNames && columns.map((j) => featureNames[j] as string),
    categories: categories && columns.map((j) => categories[j]),
    async *chunks(signal) {
      for await (const chunk of source.chunks(signal)) {
        const { rows, firstRow } = chunk;
        const of =
          chunk.columns ??
          Array.from({ length: source.nFeatures }, (_, j) => ({
            values: chunk.values,
            offset: chunk.offset + j * chunk.colStride,
            stride: chunk.rowStride,
          }));
        yield { rows, firstRow, columns: columns.map((j) => of[j] as (typeof of)[number]) };
      }
    },
  };
}

/** Rows of a table, counted if need be. */
export async function tableRows(X: TableLike, where: string, signal: AbortSignal | undefined): Promise<number> {
  if (isRows(X)) return X.length;
  if (X instanceof Frame) return X.countRows({ signal });
  if (isArrowTable(X) || isArrowRecordBatch(X)) return X.numRows;
  const source = rowSourceOf(X as MatrixLike, where, { categories: true });
  if (source.nRows !== undefined) return source.nRows;
  let rows = 0;
  for await (const chunk of source.chunks(signal)) {
    signal?.throwIfAborted();
    rows += chunk.rows;
  }
  return rows;
}

/** The columns that names or numbers mean. @throws TreelineError ERR_INVALID_ARGUMENT for one that is not there. */
export function columnNumbers(
  columns: readonly (string | number)[],
  { nFeatures, featureNames }: TableShape,
  where: string,
): number[] {
  return columns.map((column) => {
    const j =
      typeof column === "number" ? (column < 0 ? nFeatures + column : column) : (featureNames?.indexOf(column) ?? -1);
    if (Number.isInteger(j) && j >= 0 && j < nFeatures) return j;
    const there =
      featureNames === undefined ? `${nFeatures} columns without names` : featureNames.slice(0, 20).join(", ");
    throw invalidArgument(`${where}: there is no column ${show(column)}; there are ${there}`);
  });
}
