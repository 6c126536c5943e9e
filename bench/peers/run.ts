/**
 * `npm run bench:peers [-- --quick] [-- --only higgs,fraud] [-- --beside lightgbm,sklearn] [-- --write]`: Treeline beside LightGBM, scikit-learn and
 * XGBoost, one run, one machine, the same numbers in, accuracy shown beside every time. Peers take turns, round by round;
 * the median over rounds is printed, and the ratio to Treeline. --write puts the tables into docs/benchmarks.md.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { machine } from "../machine.js";
import { lastLine, python, run, versions } from "./python.js";
import { writeSection } from "./section.js";
import { isSynthetic, realTable, synthetic, type PeerTable } from "./tables.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : (process.argv[at + 1] ?? "");
};
const quick = process.argv.includes("--quick");
const rounds = quick ? 1 : 3;
const repeats = quick ? 1 : 2;
const only = argument("only")?.split(",");
const beside = argument("beside")?.split(",");

interface Measurement {
  fit: number[];
  predict: number[];
  auc: number;
  logLoss: number;
}

function measure(library: string, table: PeerTable, threads: number, params: object): Measurement {
  const json = JSON.stringify(params);
  const output =
    library === "treeline"
      ? run(process.execPath, [
          "--import",
          "tsx",
          here("treeline.ts"),
          table.folder,
          String(threads),
          String(repeats),
          json,
        ])
      : run(interpreter, [
          here("peer.py"),
          library,
          table.folder,
          "--threads",
          String(threads),
          "--repeats",
          String(repeats),
          "--params",
          json,
        ]);
  return lastLine<Measurement>(output);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

/** One table, one thread count: every library in turn, `rounds` times. */
function compare(table: PeerTable, threads: number, contenders: Record<string, object>): void {
  const results = new Map<string, { fit: number[]; predict: number[]; auc: number; logLoss: number }>();
  for (let round = 0; round < rounds; round++) {
    for (const [library, params] of Object.entries(contenders)) {
      if (library !== "treeline" && beside !== undefined && !beside.includes(library)) continue;
      const { fit, predict, auc, logLoss } = measure(library, table, threads, params);
      const kept = results.get(library) ?? { fit: [], predict: [], auc, logLoss };
      kept.fit.push(...fit);
      kept.predict.push(...predict);
      results.set(library, kept);
    }
  }
  const ours = results.get("treeline") as Measurement;
  say(`\n### ${table.name}, ${threads} thread${threads === 1 ? "" : "s"}\n`);
  say("| | fit s | × Treeline | predict s | × Treeline | ROC-AUC | log loss |");
  say("|---|---|---|---|---|---|---|");
  for (const [library, { fit, predict, auc, logLoss }] of results) {
    const fitRatio = median(fit) / median(ours.fit);
    const predictRatio = median(predict) / median(ours.predict);
    say(
      `| ${library} | ${median(fit).toFixed(3)} | ${fitRatio.toFixed(2)} | ${median(predict).toFixed(4)} | ` +
        `${predictRatio.toFixed(1)} | ${auc.toFixed(5)} | ${logLoss.toFixed(5)} |`,
    );
  }
}

const interpreter = python();
const peers = versions(interpreter, ["lightgbm", "scikit-learn", "xgboost", "numpy"]);
say(`${machine()}; ${peers}; ${new Date().toISOString().slice(0, 10)}`);

const wanted = (name: string): boolean => only === undefined || only.includes(name);
const threadCounts = [...new Set([1, availableParallelism()])];
const boosting = { maxIter: 100, maxLeafNodes: 31, learningRate: 0.1, minSamplesLeaf: 20, l2Regularization: 0 };
const regularised = { maxIter: 100, maxLeafNodes: 31, learningRate: 0.05, minSamplesLeaf: 50, l2Regularization: 10 };
const boosters = (params: object): Record<string, object> => ({
  treeline: params,
  lightgbm: params,
  "lightgbm-quantized": params,
  sklearn: params,
  xgboost: params,
});

say("\n## Histogram gradient boosting\n");
say("Fit includes binning; 100 trees of 31 leaves, 255 bins; LightGBM in the faster of its two layouts.");
const REGULARISED = ["fraud", "real-frauds"];
for (const name of [
  "small",
  "fraud",
  "higgs",
  "wide",
  "real-frauds",
  "flights",
  "kddcup99",
  "fars",
  "connect4",
  "covtype",
]) {
  if (!wanted(name)) continue;
  const table = await (isSynthetic(name) ? synthetic(name) : realTable(name));
  if (table === undefined) continue;
  const params = REGULARISED.includes(name) ? regularised : boosting;
  for (const threads of threadCounts) compare(table, threads, boosters(params));
}

say("\n## The same with trees of 255 leaves\n");
for (const name of ["higgs-255", "fraud-255", "wide-255"]) {
  if (!wanted(name)) continue;
  const short = name.replace("-255", "");
  if (!isSynthetic(short)) continue;
  const params = { ...(short === "fraud" ? regularised : boosting), maxLeafNodes: 255 };
  for (const threads of threadCounts) compare(synthetic(short), threads, boosters(params));
}

if (process.argv.includes("--write")) writeSection("peers", lines);
