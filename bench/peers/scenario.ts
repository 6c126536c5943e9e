/**
 * `node --import tsx bench/peers/scenario.ts [--only "MODEL;…"] [--rounds 3] [--write]`: the founding scenario beside scikit-learn: every model's
 * fit and predict, grid searches beside joblib's workers and Dask's, and what a search of boosted trees costs beside its fits one
 * by one. Each measurement runs in a process of its own; the median of the rounds counts (peers: once).
 */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import {
  averagePrecisionScore,
  clone,
  GaussianNB,
  type HistGradientBoostingClassifier,
  Matrix,
  ParameterGrid,
  rocAucScore,
  type StratifiedKFold,
  withConfig,
} from "treeline";
import { machine } from "../machine.js";
import { median, readPart } from "./measured.js";
import { lastLine, python, run, versions } from "./python.js";
import { GRID_NAMES, gridSearch, MODELS, type Fittable, type GridName } from "./scenario-models.js";
import { writeSection } from "./section.js";
import { synthetic } from "./tables.js";

const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};

interface Measured {
  /** Seconds. */
  readonly fit: number;
  readonly predict: number;
  readonly averagePrecision: number;
  readonly rocAuc: number;
}

interface Searched {
  readonly seconds: number;
  readonly best: number;
}

async function warm({ X, y }: { X: Matrix; y: Float64Array }): Promise<void> {
  await new GaussianNB().fit(new Matrix(X.data.slice(0, 1000 * X.cols), [1000, X.cols]), y.slice(0, 1000)); // loads the addon
}

async function scoresOf(model: Fittable, X: Matrix): Promise<Float64Array> {
  if (model.scoreSamples !== undefined) return (await model.scoreSamples(X)).map((score) => -score);
  if (model.predictProba !== undefined) return (await model.predictProba(X)).column(1) as Float64Array;
  return (await model.decisionFunction?.(X)) as Float64Array;
}

async function fitOnce(name: string, folder: string): Promise<Measured> {
  const train = readPart(folder, "train");
  const test = readPart(folder, "test");
  await warm(train);
  const model = (MODELS[name] as () => Fittable)();
  const start = performance.now();
  await model.fit(train.X, train.y);
  const fitted = performance.now();
  const scores = await scoresOf(model, test.X);
  const predict = (performance.now() - fitted) / 1e3;
  return {
    fit: (fitted - start) / 1e3,
    predict,
    averagePrecision: await averagePrecisionScore(test.y, scores),
    rocAuc: await rocAucScore(test.y, scores),
  };
}

async function searchOnce(name: GridName, folder: string, nJobs: number): Promise<Searched> {
  const train = readPart(folder, "train");
  await warm(train);
  const search = gridSearch(name);
  const start = performance.now();
  await withConfig({ nJobs }, () => search.fit(train.X, train.y)); // the fits inside too
  return { seconds: (performance.now() - start) / 1e3, best: search.bestScore_ };
}

/** The grid of boosted trees without a search: each candidate on each fold's rows, and scored, one after the other. */
async function separately(folder: string): Promise<Searched> {
  const { X, y } = readPart(folder, "train");
  await warm({ X, y });
  const search = gridSearch("gradient boosting, 4 × 3");
  const { estimator, paramGrid, cv } = search.getParams({ deep: false });
  const folds: { XTrain: Matrix; yTrain: Float64Array; XTest: Matrix; yTest: Float64Array }[] = [];
  const part = (rows: Int32Array): { X: Matrix; y: Float64Array } => {
    const data = new Float64Array(rows.length * X.cols);
    rows.forEach((row, i) => data.set(X.row(row), i * X.cols));
    return { X: new Matrix(data, [rows.length, X.cols]), y: Float64Array.from(rows, (row) => y[row] as number) };
  };
  for await (const [train, test] of (cv as StratifiedKFold).split(X, y)) {
    const [a, b] = [part(train), part(test)];
    folds.push({ XTrain: a.X, yTrain: a.y, XTest: b.X, yTest: b.y });
  }
  let best = 0;
  const start = performance.now();
  for (const params of new ParameterGrid(paramGrid as never)) {
    let sum = 0;
    for (const fold of folds) {
      const model = clone(estimator as HistGradientBoostingClassifier);
      model.setParams(params as never);
      await model.fit(fold.XTrain, fold.yTrain);
      sum += await averagePrecisionScore(fold.yTest, (await model.predictProba(fold.XTest)).column(1));
    }
    best = Math.max(best, sum / folds.length);
  }
  return { seconds: (performance.now() - start) / 1e3, best };
}

const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

function child<T>(...args: readonly string[]): T {
  return lastLine(run(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "--child", ...args]));
}

function several<T extends object>(rounds: number, once: () => T): T {
  const all = Array.from({ length: rounds }, once);
  return Object.fromEntries(
    Object.keys(all[0] as T).map((key) => [key, median(all.map((one) => one[key as keyof T] as number))]),
  ) as T;
}

function main(): void {
  const interpreter = argument("python") ?? python();
  const peer = fileURLToPath(new URL("scenario_peer.py", import.meta.url));
  const threads = availableParallelism();
  const rounds = Number(argument("rounds") ?? 3);
  const only = argument("only")?.split(";");
  const wanted = (name: string): boolean => only === undefined || only.includes(name);
  const { folder, name: table } = synthetic("fraud", "float64");
  const theirs = <T>(...args: readonly string[]): T =>
    lastLine(run(interpreter, [peer, ...args, "--threads", String(threads)]));
  say("## The founding scenario\n");
  say(
    `${machine()}; ${versions(interpreter, ["scikit-learn", "numpy", "joblib", "distributed"])}; ` +
      `${new Date().toISOString().slice(0, 10)}\n\n${table}, ${threads} threads.\n`,
  );
  say("| | fit s | scikit-learn s | ratio | predict s | scikit-learn s | ratio | average precision | scikit-learn's |");
  say("|---|---|---|---|---|---|---|---|---|");
  for (const name of Object.keys(MODELS).filter(wanted)) {
    const own = several(rounds, () => child<Measured>("model", name, folder));
    const other = theirs<Measured>("model", name, folder);
    say(
      `| ${name} | ${own.fit.toFixed(3)} | ${other.fit.toFixed(3)} | ${(other.fit / own.fit).toFixed(1)} | ` +
        `${own.predict.toFixed(4)} | ${other.predict.toFixed(4)} | ${(other.predict / own.predict).toFixed(1)} | ` +
        `${own.averagePrecision.toFixed(4)} | ${other.averagePrecision.toFixed(4)} |`,
    );
  }
  say(
    "\n| grid search | s | on 1 thread | share of that | joblib's workers s | ratio | Dask's workers s | ratio | best score | scikit-learn's |",
  );
  say("|---|---|---|---|---|---|---|---|---|---|");
  for (const name of GRID_NAMES.filter(wanted)) {
    const own = several(rounds, () => child<Searched>("search", name, folder, String(threads)));
    const alone = several(rounds, () => child<Searched>("search", name, folder, "1"));
    const [loky, dask] = ["loky", "dask"].map((backend) =>
      theirs<Searched>("search", name, folder, "--backend", backend),
    ) as [Searched, Searched];
    say(
      `| ${name} | ${own.seconds.toFixed(2)} | ${alone.seconds.toFixed(2)} | ${(own.seconds / alone.seconds).toFixed(2)} | ` +
        `${loky.seconds.toFixed(2)} | ${(loky.seconds / own.seconds).toFixed(1)} | ${dask.seconds.toFixed(2)} | ` +
        `${(dask.seconds / own.seconds).toFixed(1)} | ${own.best.toFixed(4)} | ${loky.best.toFixed(4)} |`,
    );
    if (name !== "gradient boosting, 4 × 3") continue;
    const apart = several(rounds, () => child<Searched>("separately", name, folder));
    say(
      `\nTwelve separate fits of boosted trees, each on all ${threads} threads and scored: ${apart.seconds.toFixed(2)} s; the search costs ` +
        `${(own.seconds / apart.seconds).toFixed(2)} of them (best score ${apart.best.toFixed(4)}).`,
    );
  }
  if (process.argv.includes("--write")) writeSection("scenario", lines);
}

if (process.argv.includes("--child")) {
  const [task, name, folder, nJobs] = process.argv.slice(process.argv.indexOf("--child") + 1) as string[];
  const result =
    task === "model"
      ? await fitOnce(name as string, folder as string)
      : task === "search"
        ? await searchOnce(name as GridName, folder as string, Number(nJobs))
        : await separately(folder as string);
  console.log(JSON.stringify(result));
} else main();
