/**
 * `node --import tsx bench/peers/forest.ts [--only fraud,real-frauds] [--tasks tree,forest] [--trees 100] [--python PATH] [--write]`:
 * trees and forests beside
 * scikit-learn's, and npm's ml-cart on a part of the table. Each fit runs in a process of its own, once (Treeline's three times,
 * the median counts), from a matrix in memory; peak memory is what a fit took beyond the tables.
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { DecisionTreeClassifier as CartClassifier } from "ml-cart";
import {
  averagePrecisionScore,
  DecisionTreeClassifier,
  ExtraTreesClassifier,
  IsolationForest,
  Matrix,
  RandomForestClassifier,
} from "treeline";
import { machine } from "../machine.js";
import { median, readPart, startPeak, status } from "./measured.js";
import { lastLine, python, run, versions } from "./python.js";
import { writeSection } from "./section.js";
import { realTable, synthetic, type PeerTable } from "./tables.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const TASKS = ["tree", "forest", "extra trees", "isolation forest"] as const;
type Task = (typeof TASKS)[number];
const nTrees = Number(argument("trees") ?? 100);

interface Measured {
  /** Seconds. */
  readonly fit: number;
  readonly predict: number;
  /** MB. */
  readonly peak: number;
  readonly averagePrecision: number;
}

async function fitOnce(task: Task, folder: string, seed: number): Promise<Measured> {
  const { X, y } = readPart(folder, "train");
  const test = readPart(folder, "test");
  const few = new Matrix(X.data.slice(0, 1000 * X.cols), [1000, X.cols]);
  await new DecisionTreeClassifier().fit(few, y.slice(0, 1000)); // loads the addon
  const before = startPeak();
  const start = performance.now();
  const model =
    task === "tree"
      ? await new DecisionTreeClassifier({ randomState: seed }).fit(X, y)
      : task === "forest"
        ? await new RandomForestClassifier({ nEstimators: nTrees, randomState: seed }).fit(X, y)
        : task === "extra trees"
          ? await new ExtraTreesClassifier({ nEstimators: nTrees, randomState: seed }).fit(X, y)
          : await new IsolationForest({ randomState: seed }).fit(X);
  const fitted = performance.now();
  const peak = status("VmHWM") - before;
  const score =
    model instanceof IsolationForest
      ? (await model.scoreSamples(test.X)).map((value) => -value)
      : (await model.predictProba(test.X)).column(1);
  const predict = (performance.now() - fitted) / 1e3;
  const averagePrecision = await averagePrecisionScore(test.y, score);
  return { fit: (fitted - start) / 1e3, predict, peak, averagePrecision };
}

/** npm's ml-cart on the first rows: its time grows faster than the rows. */
function cart(folder: string, rows: number): number {
  const { X, y } = readPart(folder, "train");
  const some = Array.from({ length: rows }, (_, i) => Array.from(X.row(i)));
  const start = performance.now();
  new CartClassifier({ maxDepth: 8 }).train(some, Array.from(y.subarray(0, rows)));
  return (performance.now() - start) / 1e3;
}

const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

function ours(task: Task, folder: string): Measured {
  const once = (seed: number): Measured =>
    lastLine(
      run(process.execPath, [
        ...process.execArgv,
        fileURLToPath(import.meta.url),
        "--child",
        task,
        folder,
        String(seed),
        "--trees",
        String(nTrees),
      ]),
    );
  const all = [0, 1, 2].map(once);
  const of = (key: keyof Measured): number => median(all.map((measured) => measured[key]));
  return { fit: of("fit"), predict: of("predict"), peak: of("peak"), averagePrecision: of("averagePrecision") };
}

function compare(table: PeerTable, interpreter: string): void {
  const threads = availableParallelism();
  say(`\n### ${table.name}, ${threads} threads, forests of ${nTrees} trees\n`);
  say(
    "| | fit s | scikit-learn s | ratio | predict s | scikit-learn s | peak MB | scikit-learn MB | average precision | scikit-learn's |",
  );
  say("|---|---|---|---|---|---|---|---|---|---|");
  const tasks = argument("tasks")?.split(",");
  for (const task of TASKS.filter((one) => tasks === undefined || tasks.includes(one))) {
    const own = ours(task, table.folder);
    const peer = lastLine<Measured>(
      run(interpreter, [
        here("forest_peer.py"),
        task,
        table.folder,
        "--threads",
        String(threads),
        "--trees",
        String(nTrees),
      ]),
    );
    say(
      `| ${task} | ${own.fit.toFixed(3)} | ${peer.fit.toFixed(2)} | ${(peer.fit / own.fit).toFixed(0)} | ` +
        `${own.predict.toFixed(3)} | ${peer.predict.toFixed(3)} | ${own.peak.toFixed(0)} | ${peer.peak.toFixed(0)} | ` +
        `${own.averagePrecision.toFixed(4)} | ${peer.averagePrecision.toFixed(4)} |`,
    );
  }
}

if (process.argv.includes("--child")) {
  const [task, folder, seed] = process.argv.slice(process.argv.indexOf("--child") + 1) as [Task, string, string];
  console.log(JSON.stringify(await fitOnce(task, folder, Number(seed))));
} else {
  const interpreter = argument("python") ?? python();
  say("## Trees and forests\n");
  say(`${machine()}; ${versions(interpreter, ["scikit-learn", "numpy"])}; ${new Date().toISOString().slice(0, 10)}`);
  const only = argument("only")?.split(",");
  const wanted = (name: string): boolean => only === undefined || only.includes(name);
  const tables = [
    wanted("fraud") ? synthetic("fraud", "float64") : undefined,
    wanted("real-frauds") ? await realTable("real-frauds") : undefined,
  ];
  for (const table of tables) if (table !== undefined) compare(table, interpreter);
  const [table] = tables.filter((one) => one !== undefined);
  if (table !== undefined) {
    const rows = 20_000;
    say(
      `\nnpm's ml-cart 2.1: a tree of depth 8 on the first ${rows} rows of ${table.name}: ${cart(table.folder, rows).toFixed(1)} s.`,
    );
  }
  if (process.argv.includes("--write")) writeSection("forest", lines);
}
