// The credit-card-fraud example on small and simulated data, and on the real data where it is there (TREELINE_DATA,
// default ../shared/data).
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loadData } from "../../examples/credit-card-fraud/load-data.js";
import { readOptions, type Options } from "../../examples/credit-card-fraud/options.js";
import { creditCardFraudBatches } from "../../src/datasets/index.js";
import { runExample } from "./run-example.js";

const test = suite<{ folder: string }>("credit-card-fraud example");
const MAIN = "credit-card-fraud/main.ts";

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

/** Numbers of the table's row that begins with a model's name. */
function scores(stdout: string, model: string): number[] {
  const line = stdout.split("\n").find((text) => text.includes(`│ ${model} `));
  assert.ok(line, `no row of ${model} in\n${stdout}`);
  return line
    .split("│")
    .slice(2, -1)
    .map((cell) => Number(cell.trim()));
}
const MODELS = [
  "Dummy (class frequencies)",
  "Logistic regression",
  "Logistic regression, balanced",
  "Linear SVM, calibrated",
  "Gaussian naive Bayes",
  "Decision tree",
  "Random forest",
  "Extra trees",
  "Histogram gradient boosting",
];

test("a CSV file as Kaggle's is read as it is, and every model gets a row of scores", async ({ folder }) => {
  const [batch] = creditCardFraudBatches({ nSamples: 12_000, randomState: 1 });
  const names = Object.keys(batch!);
  const lines = [names.map((name) => `"${name}"`).join(",")];
  for (let i = 0; i < 12_000; i++) {
    lines.push(names.map((name) => (name === "Class" ? `"${batch![name]![i]}"` : String(batch![name]![i]))).join(","));
  }
  const path = join(folder, "creditcard.csv");
  await writeFile(path, `${lines.join("\n")}\n`);
  const { code, stdout, stderr } = await runExample(MAIN, ["--data", path, "--report", join(folder, "report.html")]);
  assert.is(code, 0, stderr);
  assert.is(stdout.split("\n")[0], `Data: ${path}`);
  assert.match(stdout, /12,000 transactions: 11,979 normal, 21 frauds \(0\.175 %\)/);
  assert.match(stdout, /Training on 9600 rows, testing on 2400/);
  for (const model of MODELS) {
    const numbers = scores(stdout, model);
    assert.is(numbers.length, 8);
    assert.ok(numbers.every(Number.isFinite), `${model}: ${numbers.join(" ")}`);
    assert.match(stdout, `${model}: fitted in`);
  }
  for (const params of ["learningRate 0.05, maxLeafNodes 7", "learningRate 0.1, maxLeafNodes 31"]) {
    assert.is(scores(stdout, params).length, 2, stdout);
  }
  assert.match(stdout, /the threshold that is best on folds/);
  const page = await readFile(join(folder, "report.html"), "utf8");
  for (const model of MODELS) assert.ok(page.includes(`<h3>${model}</h3>`), model);
});

test("without a network the data are simulated, and the first line says so", async ({ folder }) => {
  const env = { TREELINE_DATA_HOME: folder };
  const { code, stdout, stderr } = await runExample(
    MAIN,
    ["--offline", "--rows", "20000", "--jobs", "1", "--report", join(folder, "r.html")],
    { env },
  );
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    /^Data: simulated data, seed 0 \(makeCreditCardFraud\), because openml\.org was not to be asked\n/,
  );
  assert.equal(scores(stdout, "Dummy")[0], 0.5);
  assert.ok((scores(stdout, "Logistic regression")[0] as number) > 0.8);
});

test("Ctrl-C ends the fits and the program with 130", async ({ folder }) => {
  let sent = false;
  const { code, stdout, stderr } = await runExample(MAIN, ["--offline", "--rows", "100000"], {
    env: { TREELINE_DATA_HOME: folder },
    onOutput: (text, child) => {
      if (!sent && text.includes("Training on")) sent = child.kill("SIGINT");
    },
  });
  assert.is(code, 130, stdout);
  assert.is(stderr.trim(), "interrupted");
});

test("a wrong option is one line of error and exit code 1", async () => {
  const { code, stdout, stderr } = await runExample(MAIN, ["--data", "nowhere.csv"]);
  assert.is(code, 1);
  assert.is(stdout, "");
  assert.is(stderr, "--data: there is no file nowhere.csv\n");
});

test("options are read, and refused by name", () => {
  assert.equal(readOptions([]), {
    data: undefined,
    offline: false,
    rows: 284807,
    seed: 0,
    jobs: undefined,
    report: "report.html",
  });
  assert.is(readOptions(["--help"]), "help");
  assert.throws(() => readOptions(["--date", "x"]), /Unknown option '--date'/);
  assert.throws(() => readOptions(["--seed", "x"]), /--seed must be a whole number from 0 on, got "x"/);
});

test("a table without the columns is refused by name", async ({ folder }) => {
  const path = join(folder, "x.csv");
  await writeFile(path, "Time,Class\n1,0\n2,1\n");
  const options = { ...(readOptions([]) as Options), data: path };
  const error = await loadData(options, new AbortController().signal).catch((e: Error) => e);
  assert.match((error as Error).message, /has no column V1, V2/);
});

const real = join(process.env["TREELINE_DATA"] ?? resolve("..", "shared", "data"), "creditcard_real.parquet");
if (existsSync(real)) {
  test("on the real data the models reach what the references reach", async ({ folder }) => {
    const { code, stdout, stderr } = await runExample(MAIN, ["--data", real, "--report", join(folder, "report.html")]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /with its weights 284,807, 0\.173 % frauds/);
    for (const model of ["Logistic regression", "Histogram gradient boosting"]) {
      const [rocAuc, averagePrecision] = scores(stdout, model) as [number, number];
      assert.ok(rocAuc > 0.95, `${model}: ROC-AUC ${rocAuc}`);
      assert.ok(averagePrecision > 0.68, `${model}: average precision ${averagePrecision}`);
    }
  });
} else {
  console.log(`no ${real}: the example is not tried on the real data`);
}

test.run();
