/**
 * How long do matrix products, PCA and k-means take beside numpy and scikit-learn, and beside reading the memory once? With
 * PYTHON=/path/to/python (numpy, scikit-learn) the twin bench/peers/linalg.py is timed in the same run.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { gram, KMeans, Matrix, PCA, withConfig } from "../src/index.js";
import { addon } from "../src/native/load.js";
import { machine } from "./machine.js";

const REPEATS = 5;

function table(rows: number, cols: number): Matrix<Float64Array> {
  const data = new Float64Array(new SharedArrayBuffer(8 * rows * cols)); // borrowed, as numpy borrows
  let state = 1;
  for (let i = 0; i < data.length; i++) data[i] = (state = (state * 48271) % 2147483647) / 2147483647;
  return new Matrix(data, [rows, cols]);
}

async function median(body: () => Promise<unknown>): Promise<number> {
  await body();
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    await body();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[REPEATS >> 1] as number;
}

/** One pass over the memory, on this thread: what any algorithm that reads X once takes at least. */
function readFloor(X: Matrix<Float64Array>): number {
  const start = performance.now();
  const found = X.data.indexOf(-1); // not there: reads all
  return found < 0 ? performance.now() - start : NaN;
}

async function measure(nJobs: number): Promise<Record<string, number>> {
  return withConfig({ nJobs }, async () => {
    const results: Record<string, number> = {};
    const [a, b] = [table(2048, 2048).data, table(2048, 2048).data];
    const job = { nJobs };
    const check = await addon().multiply(a, b, 2048, 2048, 2048, job);
    const first = a.subarray(0, 2048).reduce((sum, x, k) => sum + x * (b[k * 2048] as number), 0);
    if (Math.abs((check[0] as number) / first - 1) > 1e-12) throw new Error("the bench would time a wrong product");
    results["product 2048 x 2048 x 2048"] = await median(() => addon().multiply(a, b, 2048, 2048, 2048, job));
    for (const [rows, cols] of [
      [1_000_000, 30],
      [200_000, 200],
    ] as const) {
      const X = table(rows, cols);
      results[`memory read ${rows} x ${cols}`] = readFloor(X);
      results[`gram ${rows} x ${cols}`] = await median(() => gram(X));
      results[`PCA ${rows} x ${cols}`] = await median(() => new PCA({ nComponents: 10 }).fit(X));
      if (cols !== 30) continue;
      const init = Array.from({ length: 20 }, (_, i) => Array.from(X.row(i)));
      results[`KMeans ${rows} x ${cols}, 20 centres, 10 iterations`] = await median(() =>
        new KMeans({ nClusters: 20, init, maxIter: 10, tol: 0 }).fit(X),
      );
    }
    return results;
  });
}

function peer(threads: number): Record<string, number> {
  const python = process.env["PYTHON"];
  if (python === undefined) return {};
  const script = fileURLToPath(new URL("peers/linalg.py", import.meta.url));
  const run = spawnSync(python, [script, "--threads", String(threads)], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as Record<string, number>;
}

console.log(`Linear algebra, medians of ${REPEATS}\n${machine()}`);
for (const threads of new Set([1, availableParallelism()])) {
  const ours = await measure(threads);
  const theirs = peer(threads);
  console.log(`\n${threads} thread${threads === 1 ? "" : "s"}`);
  console.table(
    Object.entries(ours).map(([task, ms]) => ({
      task,
      "treeline ms": Number(ms.toPrecision(4)),
      "numpy, scikit-learn ms": theirs[task] === undefined ? "" : Number(theirs[task].toPrecision(4)),
      ratio: theirs[task] === undefined ? "" : Number((theirs[task] / ms).toPrecision(3)),
    })),
  );
}
