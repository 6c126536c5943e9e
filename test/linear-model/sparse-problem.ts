import * as assert from "uvu/assert";
import { CsrMatrix, Matrix, type MatrixLike, type VectorLike } from "../../src/index.js";
import type { RunOptions } from "../../src/native/job.js";
import { random } from "../contract/problems.js";

export interface Linear {
  fit(X: MatrixLike, y: VectorLike, options?: RunOptions & { sampleWeight?: VectorLike | undefined }): Promise<unknown>;
  predict(X: MatrixLike): Promise<unknown>;
  readonly coef_: Float64Array | Matrix;
  readonly intercept_: number | Float64Array;
}

export interface Problem {
  readonly X: CsrMatrix;
  readonly score: Float64Array;
}

/** Few entries a row; empty rows, an empty column, explicit zeros, entries given twice. */
export function problem(rows: number, cols: number, perRow: number, seed = 3): Problem {
  const next = random(seed);
  const [at, columns, values] = [[] as number[], [] as number[], [] as number[]];
  const score = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    score[i] = next() - 0.5;
    if (i % 13 === 0) continue;
    for (let k = 0; k < perRow; k++) {
      const column = 1 + Math.floor(next() ** 2 * (cols - 1));
      const value = k === 0 && i % 7 === 0 ? 0 : Math.ceil(next() * 8) / 4;
      at.push(i);
      columns.push(column);
      values.push(value);
      score[i] = (score[i] as number) + (column % 3 === 0 ? value : -value / 2);
    }
  }
  return { X: CsrMatrix.fromTriplets(at, columns, values, [rows, cols]), score };
}

/** Coefficients, whatever they lie in. */
export const numbers = (values: number | Float64Array | Matrix): number[] =>
  typeof values === "number" ? [values] : Array.from(values instanceof Matrix ? values.data : values);
/** Coefficients and intercepts. */
export const learned = (model: Pick<Linear, "coef_" | "intercept_">): number[] => [
  ...numbers(model.coef_),
  ...numbers(model.intercept_),
];

/** Equal but for so much of the largest entry. */
export function near(got: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.is(got.length, expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  got.forEach((value, i) => {
    assert.ok(Math.abs(value - (expected[i] as number)) <= tolerance * size, `entry ${i}: ${value}, ${expected[i]}`);
  });
}
