// What the command line says to what is wrong.
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCli, shopCsv } from "./run-cli.js";

const test = suite("treeline's refusals");

const folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
const shop = join(folder, "shop.csv");
await writeFile(shop, shopCsv(100));
test.after(() => rm(folder, { recursive: true, force: true }));

const fit = (...more: string[]): string[] => ["fit", shop, "--target", "bought", "--out", join(folder, "m"), ...more];
const compare = (models: string, setting: string): string[] => [
  ...["compare", shop, "--target", "bought", "--models", models, "--set", setting, "--quiet"],
];
const CASES: readonly (readonly [string, string[], number, RegExp])[] = [
  ["a command", ["frobnicate"], 2, /unknown command 'frobnicate'/],
  ["no target", ["fit", shop], 2, /required option '--target <column>' not specified/],
  ["an option", ["describe", shop, "--targte", "x"], 2, /unknown option '--targte'/],
  ["a model", fit("--model", "boostin"), 2, /there is no model "boostin"; did you mean boosting\?/],
  ["a class", fit("--model", "LogisticRegresion"), 2, /did you mean LogisticRegression\?/],
  ["a transformer", fit("--model", "PCA"), 2, /PCA is no classifier and no regressor/],
  [
    "a parameter",
    fit("--model", "boosting", "--set", "maxItr=3"),
    2,
    /unknown parameter "maxItr"; did you mean maxIter/,
  ],
  ["parameters", fit("--model", "tree", "--params", "[1]"), 2, /--params must be a JSON object/],
  ["a setting", fit("--model", "tree", "--set", "maxDepth"), 2, /--set must be name=value/],
  ["a metric", fit("--model", "tree", "--scoring", "rocAux"), 2, /unknown scorer "rocAux"; did you mean rocAuc\?/],
  ["threads", fit("--model", "tree", "--jobs", "0"), 2, /--jobs must be a whole number other than 0/],
  ["memory", fit("--model", "tree", "--memory-limit", "lots"), 2, /memoryLimit must be a positive number of bytes/],
  ["a share", fit("--model", "tree", "--test-size", "1.5"), 2, /--test-size must be a share/],
  ["a label", fit("--model", "tree", "--pos-label", "maybe"), 2, /--pos-label maybe is no class .* none, sale/],
  ["texts to regress on", fit("--model", "linear", "--quiet"), 1, /y must be finite numbers, got "none"|regression/],
  ["a value", fit("--model", "tree", "--set", "maxDepth=-1", "--quiet"), 1, /maxDepth must be/],
  ["no file", ["describe", join(folder, "no.csv")], 1, /cannot read .*no\.csv: there is no such file/],
  ["a column", ["describe", shop, "--target", "bough"], 1, /shop\.csv has no column "bough"; did you mean bought\?/],
  ["a condition", ["describe", shop, "--where", "age >"], 1, /Frame\.filter: /],
  ["a feature", fit("--model", "tree", "--drop", "ID"), 1, /has no column "ID"; did you mean id\?/],
  [
    "a folder",
    [...fit("--model", "tree"), "--out", join(folder, "x", "m")],
    1,
    /cannot write .*: there is no such folder/,
  ],
  ["no model file", ["predict", shop, shop], 1, /shop\.csv: this is not a Treeline model file/],
  ["models", ["compare", shop, "--target", "bought", "--models", "tree,boostin"], 2, /no model "boostin"/],
  ["a setting without a model", compare("tree", "maxDepth=2"), 2, /--set must be model\.name=value, got "maxDepth=2"/],
  ["a setting's model", compare("tree", "tre.maxDepth=2"), 2, /there is no model "tre"; did you mean tree\?/],
  [
    "a model not compared",
    compare("tree", "svm.C=2"),
    2,
    /--set svm: there is no such model among those compared, tree/,
  ],
  ["a model's parameter", compare("svm", "svm.c=2"), 2, /unknown parameter "c"; did you mean C\?/],
  ["a parameter of the task's", compare("tree", "tree.maxDeth=2"), 2, /unknown parameter "maxDeth"; did you mean/],
  ["a task", ["compare", shop, "--target", "bought", "--models", "linear"], 2, /linear is no model for classification/],
  ["folds", ["compare", shop, "--target", "bought", "--cv", "1"], 2, /--cv must be a whole number from 2 on/],
  ["no test rows", ["compare", shop, "--target", "bought", "--test-size", "0"], 2, /leaves no rows to compare on/],
  ["no models", ["report", shop, "--target", "bought", "--out", "r.html"], 2, /report needs one model or more/],
  ["no such model", ["predict", join(folder, "none"), shop], 1, /load: cannot read .*none/],
];

for (const [what, args, expected, message] of CASES) {
  test(`${what}: one line on stderr, exit code ${expected}, nothing on stdout and no file`, async () => {
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, expected, stderr);
    assert.is(stdout, "");
    const lines = stderr.trimEnd().split("\n");
    assert.match(lines[0]!, message);
    assert.match(lines[0]!, /^treeline: /);
    assert.ok(lines.length === 1 || (lines.length === 2 && lines[1]!.startsWith("(Did you mean")), stderr);
    assert.equal(await readdir(folder), ["shop.csv"]);
  });
}

test("TREELINE_DEBUG=1 shows where an error comes from", async () => {
  const { stderr } = await runCli(["describe", join(folder, "no.csv")], { env: { TREELINE_DEBUG: "1" } });
  assert.match(stderr, /^treeline: cannot read .*\n(.*\n)* +at /);
});

test.run();
