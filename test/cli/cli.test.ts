// The command line as its users run it: the real program, its output, its exit codes.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ColumnTransformer,
  load,
  LogisticRegression,
  makePipeline,
  scanCsv,
  scanParquet,
  StandardScaler,
  TfidfVectorizer,
  type HistGradientBoostingClassifier,
} from "../../src/index.js";
import { cliArgs, runCli, shopCsv } from "./run-cli.js";

const test = suite<{ folder: string; shop: string }>("treeline");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  context.shop = join(context.folder, "shop.csv");
  await writeFile(context.shop, shopCsv());
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

const json = <T>(text: string): T => JSON.parse(text) as T;

interface DescribeDocument {
  readonly file: string;
  readonly rows: number;
  readonly columns: readonly Readonly<Record<string, unknown>>[];
  readonly target: { readonly classes: readonly { readonly label: string; readonly count: number }[] };
}

interface FitDocument {
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly features: readonly string[];
  readonly rows: { readonly train: number; readonly test: number };
  readonly posLabel: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** Fits a model on the shop and gives its path. */
async function fitted({ folder, shop }: { folder: string; shop: string }, model: string, ...more: string[]) {
  const out = join(folder, `${model}.treeline`);
  const args = ["fit", shop, "--target", "bought", "--drop", "id", "--model", model, "--out", out, ...more];
  const { code, stdout, stderr } = await runCli(args);
  assert.is(code, 0, stderr);
  return { out, stdout, stderr };
}

test("--version and --help speak on stdout; no command is wrong usage", async () => {
  const { version } = json<{ version: string }>(await readFile("package.json", "utf8"));
  assert.equal(await runCli(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  const help = await runCli(["--help"]);
  assert.is(help.code, 0);
  for (const command of ["describe", "fit", "predict", "compare", "report"]) {
    assert.match(help.stdout, `  ${command} `);
    const one = await runCli([command, "--help"]);
    assert.is(one.code, 0);
    assert.match(one.stdout, /Examples:\n {2}\$ treeline /);
  }
  const nothing = await runCli([]);
  assert.equal([nothing.code, nothing.stdout], [2, ""]);
  assert.match(nothing.stderr, /^Usage: treeline/);
});

test("describe tells types, gaps, moments and distinct values, and the balance of the target", async ({ shop }) => {
  const { code, stdout, stderr } = await runCli(["describe", shop, "--target", "bought"]);
  assert.equal([code, stderr], [0, ""]);
  assert.match(stdout, /400 rows, 6 columns/);
  assert.match(stdout, /^column +type +missing +distinct +min +mean +median +max +std +most frequent$/m);
  assert.match(stdout, /^age +DOUBLE +20 +\d+ /m);
  assert.match(stdout, /^Target bought:\nclass +rows +share$/m);

  const document = json<DescribeDocument>(
    (await runCli(["describe", "-", "--target", "bought", "--json"], { input: shopCsv() })).stdout,
  );
  const summary = await (await scanCsv(shop)).describe();
  assert.equal([document.file, document.rows], ["stdin", 400]);
  for (const [j, one] of summary.entries()) {
    const { column, type, missing, distinct, mean, std } = document.columns[j]!;
    assert.equal([column, type, missing], [one.column, one.type, one.nulls]);
    if (one.unique !== undefined) assert.is(distinct, one.unique);
    assert.equal([mean, std], [one.mean, one.std]);
  }
  assert.is(document.columns[0]!["distinct"], 400);
  const counts = document.target.classes.map(({ count }) => count);
  assert.is(counts[0]! + counts[1]!, 400);
  const rough = json<DescribeDocument>((await runCli(["describe", shop, "--approximate", "--json"])).stdout);
  const distinct = Number(rough.columns[0]!["distinct"]);
  assert.ok(Math.abs(distinct - 400) < 100, String(distinct));
});

test("boosting takes texts as categories; predict gives what the loaded model predicts", async (context) => {
  const { folder, shop } = context;
  const { out, stdout, stderr } = await fitted(context, "boosting", "--set", "maxIter=30");
  assert.match(stdout, /^metric +test\naveragePrecision +0\.\d+\nrocAuc +0\.9\d+\n/);
  assert.match(stderr, /Training on 320 rows, testing on 80\nSaved HistGradientBoostingClassifier/);
  const model = await load<HistGradientBoostingClassifier>(out);
  assert.equal(model.featureNamesIn_, ["age", "city", "member", "amount"]);
  assert.is(model.getParams().maxIter, 30);
  const frame = (await (await scanCsv(shop)).categorize()).select("age", "city", "member", "amount");
  const proba = (await model.predictProba(frame)).column(1);

  const csv = await runCli(["predict", out, shop, "--proba", "--keep", "id,city", "--quiet"]);
  assert.equal([csv.code, csv.stderr], [0, ""]);
  const lines = csv.stdout.trimEnd().split("\n");
  assert.is(lines[0], "id,city,prediction,proba_none,proba_sale");
  assert.is(lines.length, 401);
  assert.ok(
    lines.some((line) => line.includes(',"Ulm, am Fluss",')),
    "texts with commas are quoted",
  );
  for (const i of [0, 17, 399]) assert.is(Number(lines[i + 1]!.split(",").at(-1)), proba[i]);

  for (const name of ["p.csv", "p.parquet"]) {
    const path = join(folder, name);
    const { code, stdout: text } = await runCli(["predict", out, shop, "--proba", "--out", path]);
    assert.equal([code, text], [0, ""]);
    const read = await (name.endsWith("csv") ? scanCsv(path) : scanParquet(path));
    assert.equal(read.columns, ["prediction", "proba_none", "proba_sale"]);
    assert.equal(Array.from(await read.column("proba_sale").toArray()), Array.from(proba));
  }
  assert.equal((await readdir(folder)).sort(), ["boosting.treeline", "p.csv", "p.parquet", "shop.csv"]);
});

test("other models get imputed, scaled and encoded columns, and read stdin with unseen texts", async (context) => {
  for (const model of ["logistic", "RandomForestClassifier", "svm"]) {
    const { out, stdout } = await fitted(context, model, "--json");
    const { scores, rows, params, posLabel } = json<FitDocument>(stdout);
    assert.ok(scores["rocAuc"]! > 0.85, `${model}: ${scores["rocAuc"]}`);
    assert.is("negLogLoss" in scores, model !== "svm");
    assert.equal(rows, { train: 320, test: 80 });
    assert.is(posLabel, "sale");
    if (model === "logistic") assert.is(params["maxIter"], 1000);
    const input = "amount,city,age,member\n10,Hamburg,,true\n99,7,60,false\n5,,30,true\n";
    const { code, stdout: csv, stderr } = await runCli(["predict", out, "-", "--quiet"], { input });
    assert.is(code, 0, stderr);
    assert.match(csv, /^prediction\n(none|sale)\n(none|sale)\n(none|sale)\n$/);
  }
  const { code, stderr } = await runCli(["predict", join(context.folder, "svm.treeline"), context.shop, "--proba"]);
  assert.is(code, 1);
  assert.match(stderr, /^treeline: the model in .* gives no probabilities: leave out --proba\n$/);
});

test("texts that look like numbers, or are all missing, are still texts to a model of texts", async (context) => {
  const { out } = await fitted(context, "boosting", "--set", "maxIter=5");
  for (const city of ["12", ""]) {
    const input = `age,city,member,amount\n50,${city},true,80\n30,${city},false,10\n`;
    const { code, stdout, stderr } = await runCli(["predict", out, "-", "--json"], { input });
    assert.is(code, 0, stderr);
    assert.is(json<{ columns: { prediction: unknown[] } }>(stdout).columns.prediction.length, 2);
  }
});

test("predict takes a pipeline of texts that a program saved, of a table or of documents", async ({ folder, shop }) => {
  const [path, out] = [join(folder, "texts.csv"), join(folder, "texts.treeline")];
  const texts = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? `good ${i}, fine` : `bad ${i}, poor`));
  const y = texts.map((_, i) => (i % 2 === 0 ? "yes" : "no"));
  await writeFile(path, `text,n\n${texts.map((text, i) => `"${text}",${i}`).join("\n")}\n`);
  const columns = new ColumnTransformer({
    transformers: [
      ["terms", new TfidfVectorizer(), "text"],
      ["numbers", new StandardScaler(), ["n"]],
    ],
  });
  await (await makePipeline(columns, new LogisticRegression()).fit(await scanCsv(path), y)).save(out);
  const beside = await runCli(["predict", out, path, "--quiet"]);
  assert.equal(beside, { code: 0, stdout: `prediction\n${y.join("\n")}\n`, stderr: "" });
  await (await makePipeline(new TfidfVectorizer(), new LogisticRegression()).fit(texts, y)).save(out);
  await writeFile(shop, `text\n"good, 3"\npoor\n`);
  const alone = await runCli(["predict", out, shop, "--quiet"]);
  assert.equal(alone, { code: 0, stdout: "prediction\nyes\nno\n", stderr: "" });
});

test("a regression by the target's values; scores and seeds as asked; the same bits for any --jobs", async (context) => {
  const { folder, shop } = context;
  const documents: FitDocument[] = [];
  for (const jobs of ["1", "2"]) {
    const out = join(folder, `r${jobs}`);
    const args = ["--target", "amount", "--drop", "id", "--model", "forest", "--set", "nEstimators=10", "--scoring"];
    const more = [
      "r2,negMaxError",
      "--test-size",
      "100",
      "--random-state",
      "5",
      "--jobs",
      jobs,
      "--json",
      "--out",
      out,
    ];
    const { code, stdout, stderr } = await runCli(["fit", shop, ...args, ...more, "--memory-limit", "512MB"]);
    assert.is(code, 0, stderr);
    documents.push(json<FitDocument>(stdout));
  }
  const [one, two] = documents as [FitDocument, FitDocument];
  assert.is(one.model, "RandomForestRegressor");
  assert.equal(one.params, { nEstimators: 10, randomState: 5 });
  assert.equal(Object.keys(one.scores), ["r2", "negMaxError"]);
  assert.equal(one.rows, { train: 300, test: 100 });
  assert.equal(one.scores, two.scores);
  assert.is(Buffer.compare(await readFile(join(folder, "r1")), await readFile(join(folder, "r2"))), 0);
});

test("a target with missing values is refused, with the condition that leaves them out", async ({ folder }) => {
  const path = join(folder, "gaps.csv");
  const lines = shopCsv(60).trimEnd().split("\n");
  await writeFile(path, `${lines.map((line, i) => (i % 9 === 4 ? line.replace(/[^,]*$/, "") : line)).join("\n")}\n`);
  const args = ["fit", path, "--target", "bought", "--model", "dummy", "--out", join(folder, "m")];
  const { code, stderr } = await runCli(args);
  assert.is(code, 1);
  assert.match(stderr, /gaps\.csv: the target "bought" is missing in 7 of 60 rows: .*--where '"bought" IS NOT NULL'/);
  assert.is((await runCli([...args, "--where", '"bought" IS NOT NULL'])).code, 0);
});

test("dates are refused by name; columns without any value are left out", async ({ folder }) => {
  const path = join(folder, "d.csv");
  const lines = Array.from({ length: 40 }, (_, i) => `2026-01-${10 + (i % 20)},${i},,${i % 2}`);
  await writeFile(path, `when,x,nothing,y\n${lines.join("\n")}\n`);
  const args = ["fit", path, "--target", "y", "--model", "tree", "--out", join(folder, "m")];
  const { code, stderr } = await runCli(args);
  assert.is(code, 1);
  assert.match(stderr, /column "when" holds DATE, which no model learns from: leave it out with --drop "when"/);
  const without = await runCli([...args, "--drop", "when", "--json"]);
  assert.is(without.code, 0, without.stderr);
  assert.match(without.stderr, /Left out, without any value: nothing/);
  assert.equal(json<FitDocument>(without.stdout).features, ["x"]);
});

test("a reader that has seen enough ends the program quietly", async (context) => {
  await writeFile(context.shop, shopCsv(4000)); // more than a pipe holds
  const { out } = await fitted(context, "bayes");
  const child = spawn(process.execPath, await cliArgs(["predict", out, context.shop, "--proba", "--quiet"]));
  let stderr = "";
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  assert.equal([code, stderr], [0, ""]);
});

test("Ctrl-C ends a fit with 130 and leaves no file", async ({ folder, shop }) => {
  await writeFile(shop, shopCsv(2000));
  const params = '{"maxIter": 100000, "earlyStopping": false}';
  const args = ["fit", shop, "--target", "bought", "--model", "boosting", "--params", params];
  const { code, stdout, stderr } = await runCli([...args, "--out", join(folder, "m.treeline")], {
    onTalk: (text, child) => {
      if (text.includes("Training on")) child.kill("SIGINT");
    },
  });
  assert.equal([code, stdout], [130, ""], stderr);
  assert.match(stderr, /^Training on 1600 rows, testing on 400\ntreeline: interrupted\n$/);
  assert.equal(await readdir(folder), ["shop.csv"]);
});

test.run();
