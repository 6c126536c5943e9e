/**
 * Where does a boosting fit spend its time, and what does it hold in memory? Nanoseconds per stage beside the floor of
 * the histograms: one 8-byte read-modify-write a cycle, 0.25 ns at 4 GHz. One fit a line of settings, after one to warm up.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { HistGradientBoostingClassifier, scanParquet, type BoostingTrace, type Matrix } from "../src/index.js";
import { fraudLike, higgsLike } from "./data.js";
import { machine } from "./machine.js";

interface Task {
  readonly name: string;
  readonly X: Matrix;
  readonly y: Float64Array;
}

const DATA = process.env["TREELINE_DATA"] ?? new URL("../../shared/data", import.meta.url).pathname;

/** A real table of many flags and few-valued columns; nothing where the file is not there. */
async function flags(file: string, target: string, positive: number): Promise<Task[]> {
  const path = join(DATA, file);
  if (!existsSync(path)) return [];
  const frame = await scanParquet(path);
  const labels = await frame.select(target).toMatrix({ dtype: "float64" });
  const X = await frame.drop(target).toMatrix({ dtype: "float32" });
  return [
    { name: `${file} ${X.rows} × ${X.cols}`, X, y: Float64Array.from(labels.data, (y) => (y === positive ? 1 : 0)) },
  ];
}

const PER_CELL = ["sketch", "bin"] as const;
const PER_TREE = ["gradient", "histogram", "partition", "split", "score"] as const;

function show(name: string, trace: BoostingTrace, seconds: number): void {
  const { rows, features, storedColumns, trees, histogramUpdates, peakBytes } = trace;
  const staged = Object.values(trace.seconds).reduce((a, b) => a + b, 0);
  const line = (stage: string, s: number, times: number): object => ({
    stage,
    seconds: Number(s.toFixed(4)),
    "% of fit": Number(((100 * s) / seconds).toFixed(1)),
    "ns per row × feature (× tree)": Number(((1e9 * s) / (rows * features * times)).toPrecision(3)),
  });
  console.log(`\n${name}`);
  console.table([
    ...PER_CELL.map((stage) => line(stage, trace.seconds[stage], 1)),
    ...PER_TREE.map((stage) => line(stage, trace.seconds[stage], trees)),
    line("reading X, and all else", seconds - staged, 1),
  ]);
  const perUpdate = (s: number): string => ((1e9 * s) / histogramUpdates).toFixed(3);
  console.log(
    `${(histogramUpdates / 1e9).toFixed(2)} G histogram updates (${storedColumns} stored columns for ${features} features): ` +
      `${perUpdate(trace.seconds.histogram)} ns each, floor 0.25; whole fit ${perUpdate(seconds)} ns each\n` +
      `peak ${(peakBytes / rows).toFixed(1)} bytes a row, ${(peakBytes / rows / features).toFixed(2)} a cell`,
  );
}

const tasks: Task[] = [
  higgsLike(1_000_000, 28, 7),
  fraudLike(284_807, 3),
  higgsLike(200_000, 200, 7),
  higgsLike(10_000, 20, 7),
  ...(await flags("kddcup99_10pct.parquet", "target", 18)),
  ...(await flags("connect_4.parquet", "target", 2)),
  ...(await flags("fars.parquet", "target", 1)),
];
console.log(machine());
for (const { name, X, y } of tasks) {
  for (const maxLeafNodes of [31, 255]) {
    const params = { maxIter: 100, maxLeafNodes, earlyStopping: false, minSumHessian: 10, nJobs: 1 } as const;
    await new HistGradientBoostingClassifier({ ...params, maxIter: 2 }).fit(X, y);
    const start = performance.now();
    const { trace_ } = await new HistGradientBoostingClassifier(params).fit(X, y);
    show(`${name}, ${maxLeafNodes} leaves`, trace_ as BoostingTrace, (performance.now() - start) / 1000);
  }
}
