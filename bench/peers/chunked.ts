/**
 * `node --import tsx bench/peers/chunked.ts [--quick] [--write]`: ChunkedMatrix beside NumPy and Dask on 1 M × 28 of float64:
 * a fused expression with reductions, moments of columns, exact medians of columns, a histogram. NumPy has one thread. The
 * time to read the matrix once (a pass that only adds) is printed as the floor. Checksums must agree. --write puts the
 * tables into docs/benchmarks.md.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChunkedMatrix, compute, Matrix, withConfig } from "../../src/index.js";
import { machine } from "../machine.js";
import { lastLine, python, versions } from "./python.js";
import { writeSection } from "./section.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const quick = process.argv.includes("--quick");
const interpreter = python();
const [rows, cols] = [quick ? 200_000 : 1_000_000, 28];
const repeats = quick ? 3 : 5;

/** Numbers around 0, a tenth of them large; the same every time. */
function element(i: number): number {
  const hash = Math.imul(i ^ (i >>> 15), 0x9e3779b1) >>> 0;
  return ((hash >>> 4) / 2 ** 28 - 0.5) * (hash % 10 === 0 ? 12 : 4);
}

interface Timing {
  readonly seconds: readonly number[];
  readonly check: number;
}

async function timed(task: () => Promise<readonly unknown[]>): Promise<Timing> {
  let numbers = await task();
  const seconds: number[] = [];
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    numbers = await task();
    seconds.push((performance.now() - start) / 1e3);
  }
  const first = numbers[0] as number | Float64Array;
  return { seconds, check: typeof first === "number" ? first : first.reduce((a, b) => a + b, 0) };
}

function peer(library: string, threads: number): Record<string, Timing> | undefined {
  const flags = ["--threads", String(threads), "--repeats", String(repeats)];
  const args = [here("chunked_peer.py"), library, file, String(rows), String(cols), ...flags];
  const { status, stdout, stderr } = spawnSync(interpreter, args, { encoding: "utf8" });
  if (status === 0) return lastLine<Record<string, Timing>>(stdout);
  console.log(`${library} could not be measured: ${stderr.trim().split("\n").at(-1)}`);
  return undefined;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const folder = mkdtempSync(join(tmpdir(), "treeline-bench-"));
const file = join(folder, "X.bin");
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const data = new Float64Array(rows * cols).map((_, i) => element(i));
writeFileSync(file, data);

const matrix = await ChunkedMatrix.from(new Matrix(data, [rows, cols]));
const kept = await matrix.persist();
const spilled = await withConfig({ memoryLimit: 1 }, () => matrix.persist());

const tasks = (X: ChunkedMatrix): Record<string, () => Promise<readonly unknown[]>> => ({
  read: () => compute(X.sum()),
  fused: () => {
    const y = X.subtract(0.5).divide(1.7).clip(-3, 3).abs().log1p();
    return compute(y.sum({ axis: 0 }), y.mean(), y.max({ axis: 0 }));
  },
  moments: () => compute(X.mean({ axis: 0 }), X.std({ axis: 0 }), X.min({ axis: 0 }), X.max({ axis: 0 })),
  median: () => compute(X.median({ axis: 0 })),
  histogram: async () => [(await X.histogram({ bins: 100, range: [-5, 5] })).counts],
});

const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

const names = Object.keys(tasks(kept));
say("## Chunked matrices\n");
say(`${machine()}; ${versions(interpreter, ["numpy", "dask"])}; ${new Date().toISOString().slice(0, 10)}\n`);
say(
  `${rows} × ${cols} float64, ${((rows * cols * 8) / 1e6).toFixed(0)} MB; medians of ${repeats}, ms. ` +
    "`node --import tsx bench/peers/chunked.ts --write`",
);
for (const nJobs of new Set([1, availableParallelism()])) {
  const ours = async (X: ChunkedMatrix): Promise<Record<string, Timing>> => {
    const result: Record<string, Timing> = {};
    for (const [name, task] of Object.entries(tasks(X))) result[name] = await withConfig({ nJobs }, () => timed(task));
    return result;
  };
  const results: Record<string, Record<string, Timing> | undefined> = {
    "treeline, kept in memory": await ours(kept),
    "treeline, in a spill file": await ours(spilled),
    "treeline, over a Matrix": await ours(matrix),
    numpy: peer("numpy", nJobs),
    dask: peer("dask", nJobs),
  };
  say(`\n### ${nJobs} thread${nJobs === 1 ? "" : "s"}\n`);
  say(`| | ${names.join(" | ")} |`);
  say(`|---|${names.map(() => "---|").join("")}`);
  const expected = results["treeline, kept in memory"] as Record<string, Timing>;
  for (const [library, timings] of Object.entries(results)) {
    if (timings === undefined) continue;
    for (const name of names) {
      const [check, wanted] = [timings[name]?.check, expected[name]?.check as number];
      if (check !== undefined && Math.abs(check - wanted) > 1e-9 * Math.abs(wanted)) {
        throw new Error(`${library} and treeline disagree on ${name}: ${check}, ${wanted}`);
      }
    }
    const shown = names.map((name) => (timings[name] ? (median(timings[name].seconds) * 1e3).toFixed(1) : ""));
    say(`| ${library} | ${shown.join(" | ")} |`);
  }
}
if (process.argv.includes("--write")) writeSection("chunked", lines);
