// Fits one model and posts what it learned.
import { parentPort, workerData } from "node:worker_threads";
import { Matrix, StandardScaler } from "../../../src/index.js";

const seed = (workerData as { input: number }).input;
const X = new Matrix(
  Float64Array.from({ length: 90_000 }, (_, i) => (i * seed) % 1013),
  [30_000, 3],
);
const scaler = await new StandardScaler().fit(X);
parentPort?.postMessage(Array.from(scaler.mean_));
