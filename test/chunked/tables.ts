import { Matrix } from "../../src/index.js";

export const ROWS = 2500;
export const COLS = 4;

/** A matrix of f(row, column). */
export function matrixOf(f: (i: number, j: number) => number, rows = ROWS, cols = COLS): Matrix {
  return new Matrix(
    Float64Array.from({ length: rows * cols }, (_, k) => f(Math.floor(k / cols), k % cols)),
    [rows, cols],
  );
}

/** The matrices of test/parity/make_chunked.py. */
export const tables = {
  X: matrixOf((i, j) => ((i * (j + 3) * 7919 + j * 104729) % 1009) / 101 - 4.99),
  Y: matrixOf((i, j) => ((i * 31 + j * 17) % 97) / 13 + 0.25),
  N: matrixOf((i, j) => ((i * 7 + j * 3) % 41 === 0 ? NaN : ((i * (j + 3) * 7919 + j * 104729) % 1009) / 101 - 4.99)),
  K: matrixOf((i, j) => Math.floor(((i * 31 + j * 17) % 97) / 13 + 0.25)),
};

/** The bits of numbers: NaN equals NaN, 0 differs from -0. */
export function bits(values: number | ArrayLike<number>): string {
  const all = typeof values === "number" ? [values] : values;
  return Buffer.from(Float64Array.from(all).buffer).toString("hex");
}
