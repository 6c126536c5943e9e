import { mkdirSync, writeFileSync } from "node:fs";
import type { Bench } from "tinybench";
import { machine } from "./machine.js";

/** Prints a bench as a table of medians and keeps it in bench/results/. */
export function report(title: string, bench: Bench): void {
  const failed = bench.tasks.find((task) => task.result !== undefined && "error" in task.result);
  if (failed) throw (failed.result as { error: Error }).error;
  const rows = bench.tasks.map((task) => {
    const latency = (task.result as unknown as { latency: { p50: number; min: number; samplesCount: number } }).latency;
    return {
      task: task.name,
      "median ms": round(latency.p50),
      "min ms": round(latency.min),
      runs: latency.samplesCount,
    };
  });
  console.log(`\n${title}\n${machine()}`);
  console.table(rows);
  mkdirSync(new URL("results/", import.meta.url), { recursive: true });
  const file = new URL(`results/${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`, import.meta.url);
  writeFileSync(file, JSON.stringify({ title, machine: machine(), rows }, null, 2));
}

function round(ms: number): number {
  return Number(ms.toPrecision(4));
}
