// Several models at once: treeline compare and treeline report.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCli, shopCsv } from "./run-cli.js";

const test = suite<{ folder: string; shop: string }>("treeline compare");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
  context.shop = join(context.folder, "shop.csv");
  await writeFile(context.shop, shopCsv());
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

interface Row {
  readonly model: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly scores: Readonly<Record<string, number>>;
  readonly std?: Readonly<Record<string, number>>;
  readonly fitSeconds: number;
}
const rowsOf = (stdout: string): readonly Row[] => (JSON.parse(stdout) as { results: Row[] }).results;
const ARGS = ["--target", "bought", "--drop", "id"];

test("the usual models are compared, best average precision first, with a report", async ({ folder, shop }) => {
  const page = join(folder, "report.html");
  const { code, stdout, stderr } = await runCli(["compare", shop, ...ARGS, "--report", page]);
  assert.is(code, 0, stderr);
  const [head, ...lines] = stdout.trimEnd().split("\n");
  assert.match(head!, /^model +averagePrecision +rocAuc +f1 +precision +recall +balancedAccuracy +negLogLoss +fit s$/);
  const names = lines.map((line) => line.split(/ +/)[0]!);
  assert.equal([...names].sort(), ["bayes", "boosting", "dummy", "forest", "logistic"]);
  assert.is(names.at(-1), "dummy");
  const scores = lines.map((line) => Number(line.split(/ +/)[1]));
  assert.equal(
    scores,
    [...scores].sort((a, b) => b - a),
  );
  const html = await readFile(page, "utf8");
  for (const name of names) assert.ok(html.includes(`<h3>${name}</h3>`), name);
});

test("the scores are those of treeline fit, and the same for any --jobs", async ({ folder, shop }) => {
  const compared = [];
  for (const jobs of ["1", "2"]) {
    const more = ["--models", "logistic,tree,svm", "--jobs", jobs, "--json"];
    const { code, stdout, stderr } = await runCli(["compare", shop, ...ARGS, ...more]);
    assert.is(code, 0, stderr);
    compared.push(rowsOf(stdout).map(({ model, scores }) => ({ model, scores })));
  }
  assert.equal(compared[0], compared[1]);
  for (const { model, scores } of compared[0]!) {
    const { stdout } = await runCli(["fit", shop, ...ARGS, "--model", model, "--out", join(folder, "m"), "--json"]);
    assert.equal((JSON.parse(stdout) as Row).scores, scores, model);
  }
});

test("--set gives parameters to one of the models: the scores are those of fit with them", async ({ folder, shop }) => {
  const settings = ["tree.maxDepth=2", "RandomForestClassifier.nEstimators=7", "tree.criterion=entropy"];
  const more = settings.flatMap((setting) => ["--set", setting]);
  const models = ["--models", "tree,RandomForestClassifier,bayes"];
  const { code, stdout, stderr } = await runCli(["compare", shop, ...ARGS, ...models, ...more, "--json"]);
  assert.is(code, 0, stderr);
  const rows = rowsOf(stdout);
  const of = (name: string): Row => rows.find(({ model }) => model === name)!;
  assert.equal(of("tree").params, { criterion: "entropy", maxDepth: 2, randomState: 0 });
  assert.equal(of("RandomForestClassifier").params, { nEstimators: 7, randomState: 0 });
  assert.equal(of("bayes").params, {});
  const own = ["--model", "tree", "--set", "maxDepth=2", "--set", "criterion=entropy"];
  const fit = await runCli(["fit", shop, ...ARGS, ...own, "--out", join(folder, "m"), "--json"]);
  assert.equal((JSON.parse(fit.stdout) as Row).scores, of("tree").scores);
});

test("--cv gives means and deviations over the folds, of the metrics asked for", async ({ folder, shop }) => {
  const page = join(folder, "r.html");
  const more = ["--models", "ridge,dummy", "--cv", "3", "--scoring", "r2", "--report", page];
  const args = ["compare", shop, "--target", "amount", "--drop", "id", ...more];
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assert.is(code, 0, stderr);
  const rows = rowsOf(stdout);
  assert.equal(
    rows.map(({ model }) => model),
    ["ridge", "dummy"],
  );
  for (const { scores, std } of rows) {
    assert.equal(Object.keys(scores), ["r2"]);
    assert.ok(std!["r2"]! > 0 && scores["r2"]! < 1);
  }
  assert.match((await runCli(args)).stdout, /^ridge +-?0\.\d{4} ± 0\.\d{4} /m);
  assert.ok((await readFile(page, "utf8")).includes("Trained on 320 rows, compared on 80 others."));
});

test("report compares saved models on a table", async ({ folder, shop }) => {
  for (const model of ["logistic", "boosting"]) {
    const out = join(folder, `${model}.treeline`);
    assert.is((await runCli(["fit", shop, ...ARGS, "--model", model, "--out", out])).code, 0);
  }
  const models = ["logistic", "boosting"].map((name) => join(folder, `${name}.treeline`));
  const page = join(folder, "r.html");
  const args = ["report", ...models, shop, "--target", "bought", "--out", page, "--title", "Who buys?"];
  const { code, stdout, stderr } = await runCli([...args, "--json"]);
  assert.is(code, 0, stderr);
  const { results } = JSON.parse(stdout) as { results: { model: string; rocAuc: number }[] };
  assert.equal(
    results.map(({ model }) => model),
    ["logistic", "boosting"],
  );
  assert.ok(results.every(({ rocAuc }) => rocAuc > 0.85));
  assert.match(await readFile(page, "utf8"), /<h1>Who buys\?<\/h1>/);
});

test("Ctrl-C ends a comparison with 130 and leaves no page", async ({ folder, shop }) => {
  const endless = [
    "--models",
    "boosting,bayes",
    "--set",
    "boosting.maxIter=10000000",
    "--set",
    "boosting.earlyStopping=false",
  ];
  const args = ["compare", shop, ...ARGS, ...endless, "--report", join(folder, "r.html")];
  const { code, stdout, stderr } = await runCli(args, {
    onTalk: (text, child) => {
      if (text.includes("Training on")) child.kill("SIGINT");
    },
  });
  assert.equal([code, stdout], [130, ""], stderr);
  assert.match(stderr, /\ntreeline: interrupted\n$/);
  assert.equal(await readdir(folder), ["shop.csv"]);
});

test.run();
