import { invalidData, show } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { columnKinds, type TableLike } from "../data/table-columns.js";
import { isBreak, takeBreak } from "../data/vector.js";

// Tables of equally many rows side by side: what ColumnTransformer and FeatureUnion give.

/** A table of numbers in memory. */
export type Numbers = Matrix | CsrMatrix;

/** What a transformer gave as numbers. @throws TreelineError ERR_INVALID_DATA for columns of strings. */
export async function numbersOf(table: TableLike, who: string, signal: AbortSignal | undefined): Promise<Numbers> {
  if (table instanceof Matrix || table instanceof CsrMatrix) return table;
  const text = columnKinds(table, who).findIndex((kind) => kind !== "number" && kind !== "boolean");
  if (text >= 0) {
    throw invalidData(
      `${who} gives strings in column ${text}: encode them first (OneHotEncoder, OrdinalEncoder), or drop them`,
    );
  }
  const given = Array.isArray(table)
    ? (table as unknown[][]).map((row) => row.map((value) => Number(value ?? NaN)))
    : table;
  return (await ChunkedMatrix.from(given as MatrixLike, { signal, dtype: "float64" })).toMatrix({ signal });
}

/**
 * Tables side by side: sparse where one of them is and less than `sparseThreshold` of all values would be stored, else dense.
 *
 * @throws TreelineError ERR_INVALID_DATA where numbers of rows differ.
 */
export async function sideBySide(
  parts: readonly { readonly name: string; readonly table: Numbers }[],
  sparseThreshold: number,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Numbers> {
  const [first] = parts;
  const rows = first?.table.rows ?? 0;
  const odd = parts.find(({ table }) => table.rows !== rows);
  if (odd !== undefined) {
    throw invalidData(`${where}: ${show(odd.name)} gives ${odd.table.rows} rows, ${show(first?.name)} gives ${rows}`);
  }
  const tables = parts.map(({ table }) => table);
  const cols = tables.reduce((sum, table) => sum + table.cols, 0);
  const stored = tables.reduce((sum, table) => sum + (table instanceof CsrMatrix ? table.nnz : nonZeros(table)), 0);
  const isSparse = tables.some((table) => table instanceof CsrMatrix) && stored < sparseThreshold * rows * cols;
  return isSparse ? sparse(tables, rows, cols, stored, signal) : dense(tables, rows, cols, signal);
}

function nonZeros({ data }: Matrix): number {
  let n = 0;
  for (let i = 0; i < data.length; i++) if (data[i] !== 0) n++;
  return n;
}

async function dense(
  tables: readonly Numbers[],
  rows: number,
  cols: number,
  signal: AbortSignal | undefined,
): Promise<Matrix> {
  const narrow = tables.length > 0 && tables.every((table) => table.data instanceof Float32Array);
  const data = narrow ? new Float32Array(rows * cols) : new Float64Array(rows * cols);
  let first = 0;
  let written = 0;
  for (const table of tables) {
    for (let i = 0; i < rows; i++) {
      if (isBreak(written++)) await takeBreak(signal);
      const at = i * cols + first;
      if (table instanceof Matrix) {
        data.set(table.row(i) as Float64Array, at);
      } else {
        const { indices, values } = table.row(i);
        for (let k = 0; k < indices.length; k++) data[at + (indices[k] as number)] = values[k] as number;
      }
    }
    first += table.cols;
  }
  return new Matrix(data, [rows, cols]);
}

async function sparse(
  tables: readonly Numbers[],
  rows: number,
  cols: number,
  stored: number,
  signal: AbortSignal | undefined,
): Promise<CsrMatrix<Float64Array>> {
  const data = new Float64Array(stored);
  const indices = new Int32Array(stored);
  const indptr = stored < 2 ** 31 ? new Int32Array(rows + 1) : new Float64Array(rows + 1);
  let n = 0;
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak(signal);
    let first = 0;
    for (const table of tables) {
      const row = table.row(i);
      const of = row instanceof Float64Array || row instanceof Float32Array ? { values: row, indices: undefined } : row;
      for (let k = 0; k < of.values.length; k++) {
        const value = of.values[k] as number;
        if (of.indices === undefined && value === 0) continue;
        data[n] = value;
        indices[n++] = first + (of.indices?.[k] ?? k);
      }
      first += table.cols;
    }
    indptr[i + 1] = n;
  }
  return new CsrMatrix(data, indices, indptr, [rows, cols]);
}

/** A table times a number: transformer weights. */
export function scaled(table: Numbers, weight: number): Numbers {
  if (weight === 1) return table;
  const data = Float64Array.from(table.data, (value) => value * weight);
  return table instanceof Matrix
    ? new Matrix(data, table.shape, table.order)
    : new CsrMatrix(data, table.indices, table.indptr, table.shape);
}
