/**
 * Synthetic tables for the benches: the same numbers on every machine (a counter generator, no state), so that figures
 * of different days and different libraries are of one task. Shapes follow the data the field measures on.
 */
import { Matrix } from "../src/index.js";

export interface BenchTable {
  readonly name: string;
  readonly X: Matrix<Float32Array>;
  readonly y: Float64Array;
}

/** A uniform number in [0, 1) for (seed, index): one round of a 64-bit-like mixing in two 32-bit halves. */
function uniform(seed: number, index: number): number {
  let h = Math.imul(index ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(seed + 1, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return (h >>> 0) / 4294967296;
}

/** A standard normal number (Box–Muller) for (seed, index). */
function normal(seed: number, index: number): number {
  const u = Math.max(uniform(seed, 2 * index), 1e-12);
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * uniform(seed, 2 * index + 1));
}

/**
 * Rows of correlated normals, some skewed, some coarse; labels from a smooth non-linear score of eight of them, with
 * noise, so that the best possible AUC is about 0.82.
 */
export function higgsLike(rows: number, cols: number, seed: number): BenchTable {
  const data = new Float32Array(rows * cols);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const shared = normal(seed + 1, i);
    const at = i * cols;
    for (let j = 0; j < cols; j++) {
      const z = normal(seed + 2 + j, i) + 0.4 * (j % 3 === 0 ? shared : 0);
      data[at + j] = j % 7 === 5 ? Math.exp(0.5 * z) : j % 7 === 6 ? Math.round(z) : z;
    }
    const x = (j: number): number => data[at + j] as number;
    const score =
      x(0) * x(1) + 0.8 * Math.sin(2 * x(2)) + 0.6 * x(3) + (x(4) > 0.5 ? 0.7 : -0.2) * x(7) - 0.3 * x(8) * x(8) + 0.2;
    y[i] = uniform(seed + 999, i) < 1 / (1 + Math.exp(-1.2 * score)) ? 1 : 0;
  }
  return { name: `higgs-like ${rows} × ${cols}`, X: new Matrix(data, [rows, cols]), y };
}

/**
 * The shape of the credit-card-fraud table: 30 columns of heavy-tailed numbers, 0.17 % positives that differ in a third
 * of the columns.
 */
export function fraudLike(rows: number, seed: number): BenchTable {
  const cols = 30;
  const data = new Float32Array(rows * cols);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const positive = uniform(seed, i) < 492 / 284_807;
    y[i] = positive ? 1 : 0;
    for (let j = 0; j < cols; j++) {
      const tail = Math.exp(0.6 * normal(seed + 50 + j, i));
      const shift = positive && j % 3 === 1 && uniform(seed + 90, i) < 0.8 ? 2.2 : 0;
      data[i * cols + j] = normal(seed + 1 + j, i) * tail + shift;
    }
  }
  return { name: `fraud shape ${rows} × ${cols}`, X: new Matrix(data, [rows, cols]), y };
}

/** The first `train` rows and the rest. */
export function split(table: BenchTable, train: number): { train: BenchTable; test: BenchTable } {
  const [rows, cols] = table.X.shape;
  const part = (from: number, to: number): BenchTable => ({
    name: table.name,
    X: new Matrix(table.X.data.subarray(from * cols, to * cols), [to - from, cols]),
    y: table.y.subarray(from, to),
  });
  return { train: part(0, train), test: part(train, rows) };
}
