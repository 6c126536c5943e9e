import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeConsumer, packProject, run } from "../../tools/lib/consumer.mjs";
import { codeCells, runCells, sourceOf } from "../../tools/lib/notebook.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules/.bin", name);
const node = process.execPath;

const test = suite("the packed package");
let tarball = "";
let files: string[] = [];
let user = "";
let notebooks = "";
const NOTEBOOK = "examples/credit-card-fraud/notebook.ipynb";

test.before(async () => {
  const before = readFileSync(join(root, "package.json"), "utf8");
  ({ tarball, files } = await packProject());
  assert.is(readFileSync(join(root, "package.json"), "utf8"), before, "package.json is as it was");
  user = await makeConsumer([tarball], "--omit=optional");
});

test.after(() => {
  for (const folder of [dirname(tarball), user, notebooks])
    if (folder.includes("treeline-")) rmSync(folder, { recursive: true });
});

test("holds the compiled code, the binary, the data sets and the documents, and nothing else", () => {
  const places =
    /^(dist\/.*\.(js|d\.ts)|prebuilds\/[\w-]+\.node|datasets\/.*|(LICENSE|README\.md|CHANGELOG\.md|package\.json))$/;
  assert.equal(
    files.filter((file) => !places.test(file)),
    [],
  );
  for (const needed of [
    "dist/index.js",
    "dist/index.d.ts",
    "dist/cli/main.js",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
  ]) {
    assert.ok(files.includes(needed), needed);
  }
  assert.ok(files.some((file) => file.startsWith("prebuilds/")));
});

test("runs nothing when it is installed and asks for no development package", () => {
  const manifest = JSON.parse(readFileSync(join(user, "node_modules/treeline/package.json"), "utf8")) as object;
  for (const absent of ["scripts", "devDependencies", "gypfile"]) assert.not(absent in manifest, absent);
});

test("can be imported and required, with install scripts blocked and without the optional packages", async () => {
  for (const program of ["smoke.mjs", "smoke.cjs"]) {
    assert.match(await run(node, [program], { cwd: user }), /^ok v/);
  }
});

test("has types that a strict program compiles against, library files checked too", async () => {
  await run("npm", ["install", "--no-audit", "--no-fund", "--omit=optional", "--prefer-offline", "@types/node@20"], {
    cwd: user,
  });
  await run(node, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"], { cwd: user });
  assert.match(await run(node, ["user.js"], { cwd: user }), /^ok \[ 3, 2 \] 2(\.\d+)? 1/);
});

test("fits both models from an Arrow table and from a CSV file, in a program of strict TypeScript", async () => {
  const full = await makeConsumer([tarball, "@types/node@20"]);
  try {
    await run(node, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.models.json"], { cwd: full });
    assert.match(await run(node, ["models.js"], { cwd: full }), /^ok true true true$/m);
  } finally {
    rmSync(full, { recursive: true });
  }
});

test("brings a command line, treeline, which fits and predicts", async () => {
  const full = await makeConsumer([tarball]);
  try {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    const program = join(full, "node_modules/.bin/treeline");
    assert.is(await run(program, ["--version"], { cwd: full }), `${version}\n`);
    const rows = Array.from({ length: 200 }, (_, i) => `${i % 40},${["a", "b"][i % 2]},${Number(i % 40 > 15)}`);
    writeFileSync(join(full, "t.csv"), `x,kind,y\n${rows.join("\n")}\n`);
    const fit = ["treeline", "fit", "t.csv", "--target", "y", "--model", "logistic", "--out", "m.treeline"];
    assert.match(await run("npx", fit, { cwd: full }), /^averagePrecision +1$/m);
    const predicted = await run(program, ["predict", "m.treeline", "t.csv", "--quiet"], { cwd: full });
    assert.is(predicted.split("\n").length, 202);
  } finally {
    rmSync(full, { recursive: true });
  }
});

test("pleases publint and attw", async () => {
  await run(node, [bin("publint"), tarball, "--strict"]);
  await run(node, [bin("attw"), tarball, "--profile", "esm-only"]);
});

test("loads apache-arrow, DuckDB, the progress bar and commander only when they are needed", async () => {
  for (const name of ["cli-progress", "commander"]) rmSync(join(user, "node_modules", name), { recursive: true });
  for (const name of ["apache-arrow", "@duckdb", "cli-progress", "commander"]) {
    assert.throws(() => readFileSync(join(user, "node_modules", name, "package.json")), /ENOENT/);
  }
  assert.match(await run(node, ["smoke.mjs"], { cwd: user }), /^ok v/);
});

test("runs the example's notebook under tslab: every cell; tables, models and pictures are shown; the numbers are those that are committed", async () => {
  notebooks = await makeConsumer([tarball, "tslab@1.0.22"]);
  const cells = codeCells(JSON.parse(readFileSync(join(root, NOTEBOOK), "utf8")) as never);
  const outputs = await runCells(cells.map(sourceOf), notebooks);
  const types = outputs.map((of) => of.flatMap(({ data, name }) => name ?? Object.keys(data ?? {})));
  const [html, svg, text] = ["text/html", "image/svg+xml", "stdout"];
  assert.equal(types, [[], [html], [html, svg], [text], [html], [html], [svg], [svg, svg], [text], [text], [text]]);
  for (const { data } of outputs.flat()) {
    if (data?.[svg as string] !== undefined) assert.match(String(data[svg as string]), /^<svg[^>]*>.*<\/svg>\s*$/s);
  }
  const said = (k: number): string =>
    outputs[k]?.map(({ text, data }) => text ?? data?.["text/html"] ?? "").join("") ?? "";
  assert.match(said(1), /100000 rows × 31 columns/);
  assert.match(said(4), /Pipeline.*StandardScaler.*LogisticRegression/s);
  assert.is(said(9).trim(), "the same bits: true");
  for (const k of [3, 5, 8]) {
    const committed = cells[k]?.outputs.map(({ text, data }) => (text ?? data?.["text/html"] ?? []).join("")).join("");
    assert.is(said(k), committed, `cell ${k + 1}`);
  }
  assert.match(readFileSync(join(notebooks, "report.html"), "utf8"), /Which model finds credit-card frauds\?/);
});

test("a cell of a notebook that fails is told with what it wrote", async () => {
  await runCells(['console.log("so far");', 'throw new Error("no further");'], notebooks).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, /cell 2 ended with error:.*no further/s),
  );
});

test.run();
