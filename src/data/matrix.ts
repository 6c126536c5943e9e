import { inspect, type InspectOptions } from "node:util";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { htmlBundle, htmlTable, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import type { FloatArray } from "../native/addon.js";
import { columnsToArrow } from "./arrow-table.js";
import type { CollectedTable } from "./collected-table.js";

/** Memory order of a Matrix: rows one after another ("row", C order) or columns ("column", Fortran order). */
export type Order = "row" | "column";

/**
 * A dense numeric matrix over a Float32Array or Float64Array that it does not copy.
 *
 * @example const X = new Matrix(new Float64Array([1, 2, 3, 4, 5, 6]), [3, 2]); // 3 rows, 2 columns
 */
export class Matrix<T extends FloatArray = FloatArray> {
  /** The numbers, as given. */
  readonly data: T;
  /** [number of rows, number of columns]. */
  readonly shape: readonly [number, number];
  readonly order: Order;

  /** @throws TreelineError ERR_INVALID_ARGUMENT when data, shape and order do not fit together. */
  constructor(data: T, shape: readonly [number, number], order: Order = "row") {
    const [rows, cols] = shape;
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
      throw invalidArgument(`Matrix: data must be a Float32Array or Float64Array, got ${show(data)}`);
    }
    if (!isCount(rows) || !isCount(cols) || rows * cols !== data.length) {
      throw invalidArgument(`Matrix: shape [${rows}, ${cols}] does not fit data of ${data.length} numbers`);
    }
    if (order !== "row" && order !== "column") {
      throw invalidArgument(`Matrix: order must be "row" or "column", got ${show(order)}`);
    }
    this.data = data;
    this.shape = [rows, cols];
    this.order = order;
  }

  /**
   * Copies rows of numbers into a row-major Float64Array matrix.
   *
   * @throws TreelineError ERR_INVALID_DATA for rows of unequal length or values that are not numbers.
   */
  static from(rows: readonly (readonly number[] | FloatArray)[]): Matrix<Float64Array> {
    const cols = rows[0]?.length ?? 0;
    const data = new Float64Array(rows.length * cols);
    rows.forEach((row, i) => writeRow(row, i, cols, data));
    return new Matrix(data, [rows.length, cols]);
  }

  get rows(): number {
    return this.shape[0];
  }

  get cols(): number {
    return this.shape[1];
  }

  /** Element (i, j). */
  at(i: number, j: number): number {
    this.#check(i, this.rows, "row");
    this.#check(j, this.cols, "column");
    return this.data[this.order === "row" ? i * this.cols + j : j * this.rows + i] as number;
  }

  /** Row i: a view where the rows lie one after another, else a copy. */
  row(i: number): T {
    this.#check(i, this.rows, "row");
    return this.order === "row"
      ? (this.data.subarray(i * this.cols, (i + 1) * this.cols) as T)
      : this.#gather(i, this.rows, this.cols);
  }

  /** Column j: a view where the columns lie one after another, else a copy. */
  column(j: number): T {
    this.#check(j, this.cols, "column");
    return this.order === "column"
      ? (this.data.subarray(j * this.rows, (j + 1) * this.rows) as T)
      : this.#gather(j, this.cols, this.rows);
  }

  /** The rows as arrays of numbers: a copy. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)));
  }

  /**
   * The columns as an Arrow table, copied, without missing values: NaN stays NaN.
   *
   * @param names of the columns, all different: those of a transformer's `getFeatureNamesOut`. Default x0, x1, …
   * @example
   * const encoder = new OneHotEncoder({ sparseOutput: false });
   * const Z = (await encoder.fitTransform([["red"], ["blue"]])) as Matrix;
   * const table = await Z.toArrow(encoder.getFeatureNamesOut()); // columns x0_blue, x0_red
   * @throws TreelineError ERR_INVALID_ARGUMENT for other names; ERR_NATIVE where apache-arrow is not installed.
   */
  async toArrow(names?: readonly string[]): Promise<CollectedTable> {
    const { cols } = this;
    const given = names ?? Array.from({ length: cols }, (_, j) => `x${j}`);
    if (!isArray(given) || given.length !== cols || given.some((name) => typeof name !== "string")) {
      throw invalidArgument(`Matrix.toArrow: names must be ${cols} strings, one a column, got ${show(names)}`);
    }
    const twice = given.find((name, j) => given.indexOf(name) < j);
    if (twice !== undefined)
      throw invalidArgument(`Matrix.toArrow: names must differ, but ${show(twice)} is there twice`);
    return columnsToArrow(this, given, "Matrix.toArrow");
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const shown = Array.from({ length: Math.min(this.rows, 6) }, (_, i) => {
      const row = Array.from(this.row(i).subarray(0, 8), (x) => Number(x.toPrecision(6)));
      return `  ${inspect(row, { ...options, breakLength: Infinity })}${this.cols > 8 ? " …" : ""}`;
    });
    const more = this.rows > 6 ? ["  …"] : [];
    return [`Matrix ${this.rows} × ${this.cols} (${this.data.constructor.name})`, ...shown, ...more].join("\n");
  }

  /** The first rows and columns as an HTML table, for notebooks. */
  toHTML(): string {
    const [rows, cols] = [Math.min(this.rows, HTML_ROWS), Math.min(this.cols, HTML_COLS)];
    const more = this.cols > cols ? ["…"] : [];
    const head = ["", ...Array.from({ length: cols }, (_, j) => String(j)), ...more];
    const lines = Array.from({ length: rows }, (_, i) => [
      String(i),
      ...Array.from(this.row(i).subarray(0, cols), (x) => String(Number(x.toPrecision(6)))),
      ...more,
    ]);
    if (this.rows > rows) lines.push(head.map(() => "…"));
    return htmlTable(head, lines, `<p>${this.rows} × ${this.cols}, ${this.data.constructor.name}</p>`);
  }

  /** For notebooks. */
  [JUPYTER_DISPLAY](): MimeBundle {
    return htmlBundle(this.toHTML(), inspect(this));
  }

  #check(index: number, size: number, what: string): void {
    if (!Number.isInteger(index) || index < 0 || index >= size) {
      throw invalidArgument(`Matrix: ${what} must be in 0 … ${size - 1}, got ${show(index)}`);
    }
  }

  #gather(start: number, stride: number, count: number): T {
    const out = new (this.data.constructor as new (n: number) => T)(count);
    for (let k = 0; k < count; k++) out[k] = this.data[start + k * stride] as number;
    return out;
  }
}

const isArray = (value: unknown): boolean => Array.isArray(value); // narrows nothing

const HTML_ROWS = 10;
const HTML_COLS = 12;

function isCount(n: number): boolean {
  return Number.isInteger(n) && n >= 0;
}

/** Checks row i of a number[][] and writes it at its place in a row-major array. */
export function writeRow(
  row: readonly number[] | FloatArray,
  i: number,
  cols: number,
  out: Float64Array,
  at = i * cols,
  where = "X",
): void {
  if (row?.length !== cols) {
    throw invalidData(`${where}: row ${i} has ${row?.length ?? 0} values, but row 0 has ${cols}`);
  }
  for (let j = 0; j < cols; j++) {
    const value: unknown = row[j];
    if (typeof value !== "number") {
      throw invalidData(`${where}: row ${i}, column ${j} must be a number (NaN: missing), got ${show(value)}`);
    }
    out[at + j] = value;
  }
}
