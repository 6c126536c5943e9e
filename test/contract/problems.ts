import { Matrix } from "../../src/index.js";

/** Data to learn from. The numbers are multiples of 1/64 below 2^10: exact in float32 too. */
export interface Problem {
  readonly X: number[][];
  readonly y: number[];
}

/** A generator of uniform numbers in [0, 1): the same everywhere. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let h = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
    return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Nearly normal: the sum of four uniform numbers, rounded to 1/64. */
function noise(next: () => number, scale: number): number {
  return Math.round((next() + next() + next() + next() - 2) * 1.7 * scale * 64) / 64;
}

/** `classes` clouds in `features` dimensions, labels 0, 1, … in turn; the clouds hardly touch. */
export function blobs(rows: number, classes = 3, features = 4, seed = 1): Problem {
  const next = random(seed);
  const centres = Array.from({ length: classes }, () =>
    Array.from({ length: features }, () => Math.round(next() * 12 - 6)),
  );
  const y = Array.from({ length: rows }, (_, i) => i % classes);
  return { X: y.map((label) => (centres[label] as number[]).map((centre) => centre + noise(next, 1))), y };
}

/** y is linear in X, with noise. */
export function linear(rows: number, features = 4, seed = 2): Problem {
  const next = random(seed);
  const slopes = Array.from({ length: features }, (_, j) => j + 1);
  const X = Array.from({ length: rows }, () => slopes.map(() => noise(next, 4)));
  const y = X.map((row) => 3 + row.reduce((sum, x, j) => sum + x * (slopes[j] as number), 0) + noise(next, 1));
  return { X, y };
}

/** y is positive, its logarithm linear in X, with noise. */
export function positive(rows: number, features = 4, seed = 2): Problem {
  const { X, y } = linear(rows, features, seed);
  return { X, y: y.map((value) => 1 + Math.round(64 * Math.exp(value / 20)) / 64) };
}

/** Grades from 0 to 4, the higher where y is. */
export function graded(rows: number, features = 4, seed = 2): Problem {
  const { X, y } = linear(rows, features, seed);
  return { X, y: y.map((value) => Math.max(0, Math.min(4, Math.floor(value / 8) + 2))) };
}

export function matrixOf(X: number[][]): Matrix<Float64Array> {
  return Matrix.from(X);
}
