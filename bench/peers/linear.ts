/**
 * `node --import tsx bench/peers/linear.ts [--quick] [--only higgs,fraud] [--python PATH] [--write]`: linear models beside
 * scikit-learn's, and Dask-ML's logistic regression where it is installed and runs: fits of a matrix in memory, median of
 * the rounds. Beside every time: the objective both reach (mean loss plus penalty; the same function computes both) and how
 * far the coefficients lie apart, relative to the largest. The time to read the matrix once (a pass that only adds) is
 * printed as the floor of one pass.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ChunkedMatrix,
  GaussianNB,
  Lasso,
  LinearRegression,
  LogisticRegression,
  Matrix,
  Ridge,
  SGDClassifier,
  withConfig,
} from "treeline";
import { machine } from "../machine.js";
import { lastLine, python, run, versions } from "./python.js";
import { writeSection } from "./section.js";
import { synthetic, type PeerTable } from "./tables.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const repeats = process.argv.includes("--quick") ? 1 : 3;
const interpreter = argument("python") ?? python();

interface Data {
  readonly X: Matrix;
  readonly y: Float64Array;
}

function read({ folder, rows, cols }: PeerTable, dtype: string): Data {
  const bytes = (name: string): ArrayBuffer => Uint8Array.from(readFileSync(join(folder, name))).buffer;
  const values = dtype === "float32" ? new Float32Array(bytes("X_train.bin")) : new Float64Array(bytes("X_train.bin"));
  return { X: new Matrix(values, [rows, cols]), y: new Float64Array(bytes("y_train.bin")) };
}

type Numbers = readonly number[];
interface Linear {
  readonly coef_: Matrix<Float64Array> | Float64Array;
  readonly intercept_: Float64Array | number;
}

function numbersOf({ coef_, intercept_ }: Linear): Numbers {
  const coef = coef_ instanceof Matrix ? coef_.data : coef_;
  return [...coef, ...(typeof intercept_ === "number" ? [intercept_] : intercept_)];
}

/** Fits by the name of their objective (linear_peer.py). */
const TASKS: Record<string, (data: Data) => Promise<Numbers>> = {
  logistic: async ({ X, y }) => numbersOf(await new LogisticRegression({ maxIter: 1000 }).fit(X, y)),
  "least squares": async ({ X, y }) => numbersOf((await new LinearRegression().fit(X, y)) as unknown as Linear),
  ridge: async ({ X, y }) => numbersOf((await new Ridge().fit(X, y)) as unknown as Linear),
  lasso: async ({ X, y }) => numbersOf((await new Lasso({ alpha: 0.001 }).fit(X, y)) as unknown as Linear),
  sgd: async ({ X, y }) =>
    numbersOf(await new SGDClassifier({ loss: "logLoss", maxIter: 5, tol: null, randomState: 0 }).fit(X, y)),
  "gaussian bayes": async ({ X, y }) => {
    const model = await new GaussianNB().fit(X, y);
    return [...model.theta_.data, ...model.var_.data];
  },
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

async function timed<T>(task: () => Promise<T>): Promise<{ result: T; seconds: number[] }> {
  let result = await task();
  const seconds: number[] = [];
  for (let k = 0; k < repeats; k++) {
    const start = performance.now();
    result = await task();
    seconds.push((performance.now() - start) / 1e3);
  }
  return { result, seconds };
}

interface PeerResult {
  readonly task: string;
  readonly seconds: readonly number[];
  readonly objective: number;
  readonly ours: number;
  readonly apart: number;
}

function peers(folder: string, threads: number): Record<string, PeerResult> {
  const args = [here("linear_peer.py"), folder, "--threads", String(threads), "--repeats", String(repeats)];
  const { results, failures } = lastLine<{
    results: Record<string, PeerResult>;
    failures: Record<string, string>;
  }>(run(interpreter, args));
  for (const [name, why] of Object.entries(failures)) console.log(`${name} could not be measured: ${why}`);
  return results;
}

const lines: string[] = [];
function say(line: string): void {
  console.log(line);
  lines.push(line);
}

const ms = (seconds: number): string => (seconds * 1e3).toFixed(1);

async function compare(kind: "higgs" | "fraud", dtype: "float32" | "float64", nJobs: number): Promise<void> {
  const table = synthetic(kind, dtype);
  const data = read(table, dtype);
  await withConfig({ nJobs }, async () => {
    const kept = await (await ChunkedMatrix.from(data.X)).persist();
    const floor = median((await timed(async () => kept.sum())).seconds);
    const numbers: Record<string, Numbers> = {};
    const times: Record<string, number> = {};
    for (const [name, task] of Object.entries(TASKS)) {
      const { result, seconds } = await timed(() => task(data));
      numbers[name] = result;
      times[name] = median(seconds);
    }
    writeFileSync(join(table.folder, "treeline.json"), JSON.stringify(numbers));
    say(`\n### ${table.name}, ${nJobs} thread${nJobs === 1 ? "" : "s"}\n`);
    say(`Reading the matrix once: ${ms(floor)} ms.\n`);
    say("| | Treeline ms | peer ms | ratio | objective, Treeline | objective, peer | coefficients apart |");
    say("|---|---|---|---|---|---|---|");
    for (const [name, { task, seconds, objective, ours, apart }] of Object.entries(peers(table.folder, nJobs))) {
      const own = times[task] as number;
      const values = task === "gaussian bayes" ? ["", ""] : [ours.toFixed(9), objective.toFixed(9)];
      say(
        `| ${name} | ${ms(own)} | ${ms(median(seconds))} | ${(median(seconds) / own).toFixed(1)} | ` +
          `${values.join(" | ")} | ${apart.toExponential(1)} |`,
      );
    }
  });
}

const pinned = versions(interpreter, ["scikit-learn", "numpy", "dask-ml"]);
say("## Linear models\n");
say(`${machine()}; ${pinned}; ${new Date().toISOString().slice(0, 10)}`);
const only = argument("only")?.split(",");
for (const kind of ["higgs", "fraud"] as const) {
  if (only !== undefined && !only.includes(kind)) continue;
  for (const dtype of ["float32", "float64"] as const) {
    for (const nJobs of new Set([1, availableParallelism()])) await compare(kind, dtype, nJobs);
  }
}
if (process.argv.includes("--write")) writeSection("linear", lines);
