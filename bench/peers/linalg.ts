/**
 * `node --import tsx bench/peers/linalg.ts [--quick] [--write]`: products, decompositions, clustering and distances beside
 * numpy and scikit-learn on the same shapes, and beside reading the memory once. --write puts the tables into
 * docs/benchmarks.md.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { euclideanDistances, gram, KMeans, Matrix, matmul, PCA, TruncatedSVD, withConfig } from "../../src/index.js";
import { addon } from "../../src/native/load.js";
import { machine } from "../machine.js";
import { lastLine, python, run, versions } from "./python.js";
import { writeSection } from "./section.js";

const quick = process.argv.includes("--quick");
const repeats = quick ? 3 : 5;
const [tall, wide] = quick ? [200_000, 40_000] : [1_000_000, 200_000];

/** Numbers in (0, 1), the same every time; in shared memory, which is read where it lies, as numpy reads its own. */
function table(rows: number, cols: number): Matrix<Float64Array> {
  const data = new Float64Array(new SharedArrayBuffer(8 * rows * cols));
  let state = 1;
  for (let i = 0; i < data.length; i++) data[i] = (state = (state * 48271) % 2147483647) / 2147483647;
  return new Matrix(data, [rows, cols]);
}

/** The same about 50 points. */
function clouds(rows: number, cols: number): Matrix<Float64Array> {
  const X = table(rows, cols);
  for (let i = 0; i < rows; i++) {
    const row = X.data.subarray(i * cols, (i + 1) * cols);
    row.forEach((x, j) => (row[j] = x + 2 * Math.sin((i % 50) * (j + 1))));
  }
  return X;
}

async function median(body: () => unknown): Promise<number> {
  await body();
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await body();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[repeats >> 1] as number;
}

async function checkProduct(a: Float64Array, b: Float64Array): Promise<void> {
  const product = await addon().multiply(a, b, 2048, 2048, 2048, { nJobs: 1 });
  const first = a.subarray(0, 2048).reduce((sum, x, k) => sum + x * (b[k * 2048] as number), 0);
  if (Math.abs((product[0] as number) / first - 1) > 1e-12) throw new Error("the bench would time a wrong product");
}

async function measure(nJobs: number): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  const [a, b] = [table(2048, 2048).data, table(2048, 2048).data];
  await checkProduct(a, b);
  results["product 2048 x 2048 x 2048"] = await median(() => addon().multiply(a, b, 2048, 2048, 2048, { nJobs }));
  const [x, y] = [new Matrix(Float32Array.from(a), [2048, 2048]), new Matrix(Float32Array.from(b), [2048, 2048])];
  results["product 2048 x 2048 x 2048, float32"] = await median(() => matmul(x, y, { dtype: "float32" }));
  for (const [rows, cols] of [
    [tall, 30],
    [wide, 200],
  ] as const) {
    const X = table(rows, cols);
    results[`memory read ${rows} x ${cols}`] = await median(() => X.data.indexOf(-1)); // not there: reads all
    results[`gram ${rows} x ${cols}`] = await median(() => gram(X));
    results[`PCA(10) ${rows} x ${cols}`] = await median(() => new PCA({ nComponents: 10 }).fit(X));
    results[`TruncatedSVD(10) ${rows} x ${cols}`] = await median(() =>
      new TruncatedSVD({ nComponents: 10, randomState: 0 }).fit(X),
    );
    if (cols === 30) Object.assign(results, await measureClusters(X));
  }
  return results;
}

async function measureClusters(X: Matrix<Float64Array>): Promise<Record<string, number>> {
  const results: Record<string, number> = {};
  const C = clouds(X.rows / 5, 30);
  for (const algorithm of ["lloyd", "elkan"] as const) {
    for (const [what, Z, nClusters, maxIter] of [
      [`noise ${X.rows} x 30, 20 centres, 10 iterations`, X, 20, 10],
      [`50 clouds ${C.rows} x 30, 50 centres, to the end`, C, 50, 300],
    ] as const) {
      const init = Array.from({ length: nClusters }, (_, i) => Array.from(Z.row(i * 7)));
      const model = new KMeans({ nClusters, init, maxIter, tol: 0, algorithm });
      results[`KMeans ${algorithm}, ${what}`] = await median(() => model.fit(Z));
    }
  }
  const rows = Matrix.from(Array.from({ length: 500 }, (_, i) => Array.from(X.row(i))));
  const some = new Matrix(X.data.subarray(0, 20_000 * 30), [20_000, 30]);
  results["euclidean distances 20000 x 30 from 500 rows"] = await median(() => euclideanDistances(some, rows));
  return results;
}

const interpreter = python();
const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

say("## Products, decompositions, clustering\n");
say(`${machine()}; ${versions(interpreter, ["numpy", "scikit-learn"])}; ${new Date().toISOString().slice(0, 10)}\n`);
say(
  `Medians of ${repeats}, ms; float64. numpy's BLAS is OpenBLAS. \`node --import tsx bench/peers/linalg.ts --write\``,
);
for (const threads of new Set([1, availableParallelism()])) {
  const ours = await withConfig({ nJobs: threads }, () => measure(threads));
  const script = fileURLToPath(new URL("linalg.py", import.meta.url));
  const flags = ["--threads", String(threads), "--repeats", String(repeats), "--rows", String(tall), String(wide)];
  const theirs = lastLine<Record<string, number>>(run(interpreter, [script, ...flags]));
  say(`\n### ${threads} thread${threads === 1 ? "" : "s"}\n`);
  say("| | treeline | numpy, scikit-learn | × Treeline |");
  say("|---|---|---|---|");
  for (const [task, ms] of Object.entries(ours)) {
    const other = theirs[task];
    say(`| ${task} | ${ms.toFixed(1)} | ${other?.toFixed(1) ?? ""} | ${other ? (other / ms).toFixed(2) : ""} |`);
  }
}
if (process.argv.includes("--write")) writeSection("linalg", lines);
