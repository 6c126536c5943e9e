// Fits without end, several at once. argv[2] says how it comes to an end; as a worker it waits to be terminated.
import { parentPort } from "node:worker_threads";
import { LogisticRegression, Matrix, StandardScaler } from "../../../src/index.js";

const X = new Matrix(
  Float64Array.from({ length: 800_000 }, (_, i) => i % 1013),
  [100_000, 8],
);

async function forever(): Promise<never> {
  for (;;) await new StandardScaler().fit(X);
}
for (let i = 0; i < 3; i++) void forever();
// And one long native call, which says how far it is.
const y = Int32Array.from({ length: 100_000 }, (_, i) => i % 2);
const onProgress = (): void => undefined;
process.on("warning", () => undefined);
void new LogisticRegression({ tol: 1e-300, maxIter: 1_000_000 }).fit(X, y, { onProgress });
// Two rounds of the event loop later there is native work under way.
await new Promise((resolve) => setTimeout(resolve, 20));
parentPort?.postMessage("fitting");

switch (process.argv[2]) {
  case "exit":
    process.exit(7);
    break;
  case "uncaught":
    setTimeout(() => {
      throw new Error("nobody catches this");
    });
    break;
  case "rejection":
    void Promise.reject(new Error("nobody handles this"));
    break;
  default:
}
