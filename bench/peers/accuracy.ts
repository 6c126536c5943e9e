/**
 * `npm run bench:accuracy [-- --only adult,digits] [-- --write]`: test scores of Treeline, scikit-learn and LightGBM with
 * the same parameters, on the bundled data and on the tables in TREELINE_DATA, the mean of five splits. --write puts the
 * table into docs/benchmarks.md. Larger tables are sampled down; scores say nothing about speed.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRanker,
  HistGradientBoostingRegressor,
  Matrix,
  trainTestSplit,
} from "../../src/index.js";
import { accuracyTable, TABLES, type AccuracyTable } from "./accuracy-tables.js";
import { lastLine, python, run, versions } from "./python.js";
import { writeSection } from "./section.js";

const SEEDS = 5;
const PARAMS = { maxIter: 100, maxLeafNodes: 31, learningRate: 0.1, minSamplesLeaf: 20 };
const ROOT = new URL("../../.cache/bench/accuracy/", import.meta.url).pathname;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

type Scores = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** One byte a row: 1 to test on. Classes are spread alike; queries stay whole. */
async function testRows({ task, y, query }: AccuracyTable, randomState: number): Promise<Uint8Array> {
  const units = query ? [...new Set(query)] : Array.from(y.keys());
  const stratify = task === "binary" || task === "multiclass" ? y : undefined;
  const [, test] = await trainTestSplit(Float64Array.from(units), { testSize: 0.25, randomState, stratify });
  const chosen = new Set(test);
  return Uint8Array.from(query ?? y.keys(), (unit) => Number(chosen.has(unit)));
}

/** Treeline's answers for the test rows: probabilities, numbers or scores. */
async function answers({ task, X, y, query }: AccuracyTable, test: Uint8Array, seed: number): Promise<Float64Array> {
  const rowsOf = (use: number): number[] => Array.from(test.keys()).filter((i) => test[i] === use);
  const pick = (values: Float64Array, rows: number[]): Float64Array =>
    Float64Array.from(rows, (i) => values[i] as number);
  const table = (rows: number[]): Matrix<Float64Array> => {
    const data = new Float64Array(rows.length * X.cols);
    rows.forEach((row, i) => data.set(X.data.subarray(row * X.cols, (row + 1) * X.cols), i * X.cols));
    return new Matrix(data, [rows.length, X.cols]);
  };
  const [train, held] = [rowsOf(0), rowsOf(1)];
  const params = { ...PARAMS, randomState: seed, earlyStopping: false };
  if (task === "ranking" && query) {
    const groupId = pick(query, train);
    const ranker = await new HistGradientBoostingRanker(params).fit(table(train), pick(y, train), { groupId });
    return ranker.predict(table(held));
  }
  if (task === "regression") {
    const regressor = await new HistGradientBoostingRegressor(params).fit(table(train), pick(y, train));
    return regressor.predict(table(held));
  }
  const classifier = await new HistGradientBoostingClassifier(params).fit(table(train), pick(y, train));
  return (await classifier.predictProba(table(held))).data;
}

async function compare(table: AccuracyTable, interpreter: string): Promise<Scores> {
  const folder = join(ROOT, table.name);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, { buffer, byteOffset, byteLength }: Float64Array | Uint8Array): void =>
    writeFileSync(join(folder, name), new Uint8Array(buffer, byteOffset, byteLength));
  write("X.bin", table.X.data);
  write("y.bin", table.y);
  if (table.query) write("query.bin", table.query);
  writeFileSync(join(folder, "meta.json"), JSON.stringify({ task: table.task, cols: table.X.cols }));
  for (let seed = 0; seed < SEEDS; seed++) {
    const test = await testRows(table, seed);
    write(`test-${seed}.bin`, test);
    write(`treeline-${seed}.bin`, await answers(table, test, seed));
  }
  const args = [here("accuracy.py"), folder, "--seeds", String(SEEDS), "--params", JSON.stringify(PARAMS)];
  return lastLine<Scores>(run(interpreter, args));
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean of the differences seed by seed, and its standard error: the split is the same for all. */
function difference(ours: readonly number[], theirs: readonly number[] | undefined): string {
  if (theirs === undefined) return "";
  const each = ours.map((value, i) => value - (theirs[i] as number));
  const middle = mean(each);
  const error = Math.sqrt(mean(each.map((d) => (d - middle) ** 2)) / (each.length - 1));
  return `${middle >= 0 ? "+" : "−"}${Math.abs(middle).toFixed(4)} ± ${error.toFixed(4)}`;
}

const lines: string[] = [];
const say = (line: string): void => {
  console.log(line);
  lines.push(line);
};

const only = process.argv.includes("--only") ? process.argv[process.argv.indexOf("--only") + 1]?.split(",") : undefined;
const interpreter = python();
say("## Test scores beside scikit-learn and LightGBM\n");
say(
  `The mean of ${SEEDS} splits (75 % to learn from), the same for all; ${PARAMS.maxIter} iterations of ` +
    `${PARAMS.maxLeafNodes} leaves, learning rate ${PARAMS.learningRate}, at least ${PARAMS.minSamplesLeaf} rows a leaf, 255 bins, ` +
    `no early stopping, texts as ordinal codes; tables of more than 20,000 rows sampled. Differences: Treeline minus the peer, with ` +
    `the standard error of the mean. ${versions(interpreter, ["scikit-learn", "lightgbm"])}; ${new Date().toISOString().slice(0, 10)}\n`,
);
say("| table | rows × columns | score | Treeline | scikit-learn | LightGBM | − scikit-learn | − LightGBM |");
say("|---|---|---|---|---|---|---|---|");
for (const name of only ?? TABLES) {
  const table = await accuracyTable(name);
  if (table === undefined) continue;
  const { treeline = {}, "scikit-learn": sklearn, lightgbm } = await compare(table, interpreter);
  for (const [metric, ours] of Object.entries(treeline)) {
    const shown = (values?: readonly number[]): string => (values ? mean(values).toFixed(4) : "");
    say(
      `| ${name} | ${table.X.rows.toLocaleString("en")} × ${table.X.cols} | ${metric} | ${shown(ours)} | ` +
        `${shown(sklearn?.[metric])} | ${shown(lightgbm?.[metric])} | ${difference(ours, sklearn?.[metric])} | ` +
        `${difference(ours, lightgbm?.[metric])} |`,
    );
  }
}

if (process.argv.includes("--write")) writeSection("accuracy", lines);
