// Fits trees one after the other on 120,000 × 30 numbers; prints the resident memory (MB) that they left behind.
import { readFileSync } from "node:fs";
import { DecisionTreeClassifier, Matrix } from "../../../src/index.js";

const [ROWS, COLS] = [120_000, 30];

function resident(): number {
  globalThis.gc?.();
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
}

const data = new Float64Array(ROWS * COLS);
let state = 1;
for (let i = 0; i < data.length; i++) data[i] = (state = (state * 48271) % 2147483647) / 2147483647;
const X = new Matrix(data, [ROWS, COLS]);
const y = Float64Array.from({ length: ROWS }, (_, i) =>
  Number((data[i * COLS] as number) + (data[i * COLS + 1] as number) > 1),
);
const fit = (table: Matrix, target: Float64Array) => new DecisionTreeClassifier({ maxDepth: 3 }).fit(table, target);
await fit(new Matrix(data.slice(0, 1000 * COLS), [1000, COLS]), y.slice(0, 1000)); // loads the addon
const before = resident();
for (let k = 0; k < 4; k++) await fit(X, y);
console.log(resident() - before);
