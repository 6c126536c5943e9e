import { execFile } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  fromArrow,
  FunctionTransformer,
  GridSearchCV,
  LogisticRegression,
  makePipeline,
  Matrix,
  OneHotEncoder,
  type Pipeline,
  QuantileTransformer,
  Ridge,
  SimpleImputer,
  StandardScaler,
  TargetEncoder,
  withCache,
} from "../../src/index.js";

const test = suite<{ directory: string }>("withCache");
test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), "treeline-cache-"));
});
test.after.each(({ directory }) => rmSync(directory, { recursive: true, force: true }));

const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), (i * 7) % 13, i % 5 === 0 ? NaN : i / 3]);
const y: number[] = X.map(([a, b]) => ((a as number) + (b as number) / 13 > 0.5 ? 1 : 0));
const model = (): Pipeline => makePipeline(new SimpleImputer(), new StandardScaler(), new LogisticRegression());
const entries = (directory: string): string[] => readdirSync(directory).sort();
const probabilities = async (fitted: Pipeline): Promise<number[][]> => (await fitted.predictProba(X)).toArray();

/** The warnings of a body. */
async function warningsOf(body: () => Promise<unknown>): Promise<string> {
  const heard: string[] = [];
  const listen = (warning: Error): void => void heard.push(warning.message);
  process.on("warning", listen);
  await body();
  await new Promise(setImmediate);
  process.off("warning", listen);
  return heard.join("\n");
}

test("the second fit reads what the first one kept: the same answers, bit for bit", async ({ directory }) => {
  const without = await probabilities(await model().fit(X, y));
  const first = await withCache(directory, () => model().fit(X, y));
  const kept = entries(directory);
  assert.is(kept.length, 2);
  assert.ok(kept.every((name) => /^(SimpleImputer|StandardScaler)-[0-9a-f]{64}\.treeline-cache$/.test(name)));
  const second = await withCache(directory, () => model().fit(X, y));
  assert.equal(entries(directory), kept);
  for (const fitted of [first, second]) assert.equal(await probabilities(fitted), without);
});

test("it is read indeed: another number in the file is another number in the model", async ({ directory }) => {
  const scaled = (): Pipeline => makePipeline(new StandardScaler(), new Ridge());
  const rows = X.map(([a, b]) => [a as number, b as number]);
  const before = (await (await withCache(directory, () => scaled().fit(rows, y))).predict(rows)) as Float64Array;
  const path = join(directory, entries(directory)[0] as string);
  const bytes = readFileSync(path);
  bytes.writeDoubleLE(1e3, bytes.length - 8); // the last value of the transformed table
  writeFileSync(path, bytes);
  const after = (await (await withCache(directory, () => scaled().fit(rows, y))).predict(rows)) as Float64Array;
  assert.not.equal([...after], [...before]);
});

test("other data, targets, weights or parameters are other entries", async ({ directory }) => {
  const fit = (pipeline: Pipeline, table: unknown = X, targets = y, options = {}) =>
    withCache(directory, () => pipeline.fit(table as number[][], targets, options));
  const count = (): number => entries(directory).length;
  const scaler = (params = {}): Pipeline => makePipeline(new StandardScaler(params), new SimpleImputer(), new Ridge());
  await fit(scaler());
  const once = count();
  await fit(scaler());
  assert.is(count(), once, "the same");
  await fit(scaler({ withMean: false }));
  assert.is(count(), once + 2, "a parameter");
  await fit(scaler(), X.with(3, [1, 2, 3]));
  assert.is(count(), once + 4, "a value");
  await fit(scaler(), Matrix.from(X));
  assert.is(count(), once + 5, "a container: what comes out is the same table for the second step");
  await fit(scaler(), X, y.with(0, 5));
  assert.is(count(), once + 7, "a target");
  await fit(scaler(), X, y, { standardScaler__sampleWeight: y.map((_, i) => 1 + (i % 2)) });
  assert.ok(count() >= once + 8, "weights");
});

test("words, sparse tables, Arrow and Frames; cross-fitted encodings", async ({ directory }) => {
  const words = y.map((_, i) => [`w${i % 7}`, i % 3 === 0 ? null : i % 4]);
  for (const step of [new OneHotEncoder(), new TargetEncoder({ randomState: 1 })]) {
    const pipeline = (): Pipeline => makePipeline(step, new LogisticRegression());
    const expected = (await (await pipeline().fit(words, y)).predictProba(words)).toArray();
    for (let round = 0; round < 2; round++) {
      const fitted = await withCache(directory, () => pipeline().fit(words, y));
      assert.equal((await fitted.predictProba(words)).toArray(), expected);
    }
  }
  assert.is(entries(directory).length, 2);
  const { tableFromArrays } = await import("apache-arrow");
  const table = tableFromArrays({
    a: Float64Array.from(y, (_, i) => Math.cos(i)),
    b: Float64Array.from(y, (_, i) => i),
  });
  const frame = await fromArrow(table as never);
  for (const [source, after] of [
    [table, 3],
    [table, 3],
    [frame, 4],
    [frame, 4],
  ] as const) {
    await withCache(directory, () => makePipeline(new StandardScaler(), new Ridge()).fit(source as never, y));
    assert.is(entries(directory).length, after);
  }
});

test("what differs from fit to fit, or has no words, is not kept", async ({ directory }) => {
  await withCache(directory, async () => {
    const full = X.map((row) => row.map((x) => (Number.isNaN(x) ? 0 : x)));
    const drawing = new QuantileTransformer({ nQuantiles: 10, subsample: 20 });
    await makePipeline(drawing, new Ridge()).fit(full, y);
    await makePipeline(new FunctionTransformer({ func: (table: never) => table }), new Ridge()).fit(full, y);
  });
  assert.equal(entries(directory), []);
});

test("a search's folds are kept, its scores are the same", async ({ directory }) => {
  const search = () => new GridSearchCV({ estimator: model(), paramGrid: { logisticRegression__C: [0.1, 1] }, cv: 3 });
  const scores = async (fitting: Promise<GridSearchCV>): Promise<unknown> =>
    JSON.stringify(((await fitting).cvResults_ as Record<string, unknown>)["meanTestScore"]);
  const expected = await scores(search().fit(X, y) as Promise<GridSearchCV>);
  for (let round = 0; round < 2; round++) {
    assert.is(await scores(withCache(directory, () => search().fit(X, y)) as Promise<GridSearchCV>), expected);
    assert.is(entries(directory).length, 8); // two steps: three folds and the whole
  }
});

test("a damaged file is told of and replaced; so is a directory that cannot be written", async ({ directory }) => {
  await withCache(directory, () => model().fit(X, y));
  const expected = await probabilities(await model().fit(X, y));
  for (const damage of [
    (path: string) => truncateSync(path, 100),
    (path: string) => writeFileSync(path, "something else altogether"),
    (path: string) => truncateSync(path, 0),
  ]) {
    const path = join(directory, entries(directory)[0] as string);
    const size = statSync(path).size;
    damage(path);
    const heard = await warningsOf(async () => {
      assert.equal(await probabilities(await withCache(directory, () => model().fit(X, y))), expected);
    });
    assert.match(heard, /withCache: .*SimpleImputer-.* is computed anew/);
    assert.is(statSync(path).size, size);
  }
  const file = join(directory, "file");
  writeFileSync(file, "");
  const heard = await warningsOf(async () => {
    assert.equal(await probabilities(await withCache(join(file, "below"), () => model().fit(X, y))), expected);
  });
  assert.match(heard, /withCache: .*ENOTDIR/);
});

test("limit: what was not used for longest goes first; leftovers of a day ago go", async ({ directory }) => {
  const stale = join(directory, ".0.treeline.tmp");
  writeFileSync(stale, "half");
  const old = new Date(Date.now() - 2 * 24 * 3600 * 1000);
  utimesSync(stale, old, old);
  await withCache(directory, () => model().fit(X, y));
  const [imputer, scaler] = entries(directory) as [string, string];
  assert.ok(imputer.startsWith("SimpleImputer"), "the leftover is gone");
  utimesSync(join(directory, scaler), old, old);
  const size = statSync(join(directory, imputer)).size;
  const other = makePipeline(new StandardScaler({ withStd: false }), new SimpleImputer(), new Ridge());
  await withCache(directory, () => other.fit(X, y), { limit: 3.5 * size });
  assert.not.ok(entries(directory).includes(scaler));
  assert.ok(entries(directory).includes(imputer));
});

test("processes share the directory", async ({ directory }) => {
  const program = `
    import { LogisticRegression, makePipeline, SimpleImputer, StandardScaler, withCache } from "./src/index.js";
    const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i), (i * 7) % 13, i % 5 === 0 ? NaN : i / 3]);
    const y = X.map(([a, b]) => (a + b / 13 > 0.5 ? 1 : 0));
    const model = makePipeline(new SimpleImputer(), new StandardScaler(), new LogisticRegression());
    await withCache(${JSON.stringify(directory)}, () => model.fit(X, y));
    console.log(JSON.stringify((await model.predictProba(X)).toArray()));`;
  const run = () =>
    promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
      maxBuffer: 1 << 26,
    });
  const said = await Promise.all([run(), run(), run()]);
  const expected = JSON.stringify(await probabilities(await model().fit(X, y)));
  for (const { stdout, stderr } of said) assert.equal([stdout.trim(), stderr], [expected, ""]);
  assert.is(entries(directory).length, 2);
});

test("an aborted fit keeps nothing half and stays unfitted; bad arguments", async ({ directory }) => {
  const pipeline = model();
  const controller = new AbortController();
  const fitting = withCache(directory, () => pipeline.fit(X, y, { signal: controller.signal }));
  controller.abort();
  await fitting.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, "AbortError"),
  );
  assert.not(pipeline.isFitted);
  assert.ok(entries(directory).every((name) => name.endsWith(".treeline-cache")));
  assert.throws(() => withCache("", () => 1), /withCache: directory must be the path of a directory, got ""/);
  assert.throws(() => withCache(directory, 3 as never), /withCache: body must be a function, got 3/);
  assert.throws(
    () => withCache(directory, () => 1, { limit: "much" }),
    /withCache: limit must be a positive number of bytes/,
  );
  assert.throws(() => withCache(directory, () => 1, { max: 1 } as never), /unknown option "max"/);
});

test.run();
