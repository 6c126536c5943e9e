/**
 * Does a boosting fit use the cores there are, on small tables too, and what does a busy neighbour process cost it? Median
 * seconds of a fit by number of threads, alone and beside a process that keeps one core busy; "fair" is what the scheduler
 * takes from a fit that shares its cores evenly.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { HistGradientBoostingClassifier, type BoostingTrace } from "../src/index.js";
import { higgsLike, type BenchTable } from "./data.js";
import { machine } from "./machine.js";

const CORES = availableParallelism();
const THREADS = [1, 2, 4, 8, 16, 32, 64].filter((n) => n <= CORES);

interface Fit {
  readonly seconds: number;
  readonly trace: BoostingTrace;
}

/** The median of a few fits, after one to warm up. */
async function fit({ X, y }: BenchTable, maxLeafNodes: number, nJobs: number, repeats: number): Promise<Fit> {
  const params = { maxIter: 50, maxLeafNodes, earlyStopping: false, nJobs } as const;
  const fits: Fit[] = [];
  for (let i = 0; i <= repeats; i++) {
    const start = performance.now();
    const model = await new HistGradientBoostingClassifier(params).fit(X, y);
    fits.push({ seconds: (performance.now() - start) / 1000, trace: model.trace_ as BoostingTrace });
  }
  const timed = fits.slice(1).sort((a, b) => a.seconds - b.seconds);
  return timed[timed.length >> 1] as Fit;
}

/** Runs `body` while another process keeps a core busy. */
async function besideNeighbour<T>(body: () => Promise<T>): Promise<T> {
  const neighbour = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  try {
    return await body();
  } finally {
    neighbour.kill("SIGKILL");
  }
}

const round = (x: number, digits = 3): number => Number(x.toPrecision(digits));

console.log(machine());
for (const rows of [1_000, 10_000, 100_000, 1_000_000]) {
  const table = higgsLike(rows, 28, 7);
  const repeats = rows > 100_000 ? 3 : 9;
  for (const maxLeafNodes of [31, 255]) {
    const lines: object[] = [];
    let alone = 0;
    for (const nJobs of THREADS) {
      const own = await fit(table, maxLeafNodes, nJobs, repeats);
      const beside = await besideNeighbour(() => fit(table, maxLeafNodes, nJobs, repeats));
      if (nJobs === 1) alone = own.seconds;
      lines.push({
        nJobs,
        seconds: round(own.seconds),
        "× 1 thread": round(alone / own.seconds),
        "ns per row × feature × tree": round((1e9 * own.seconds) / (rows * 28 * own.trace.trees)),
        "bytes a row": round(own.trace.peakBytes / rows),
        "beside a neighbour": round(beside.seconds),
        "× alone": round(beside.seconds / own.seconds),
        fair: round(Math.max(1, (nJobs + 1) / CORES)),
      });
    }
    console.log(`\n${table.name}, ${maxLeafNodes} leaves, 50 trees`);
    console.table(lines);
  }
}
