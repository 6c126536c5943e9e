// What treeline predict writes, block by block.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromBatches, GaussianNB, LinearRegression, Matrix, scanParquet, type Frame } from "../../src/index.js";
import { answersOf, typesOf } from "../../src/cli/answers.js";
import type { Predicting } from "../../src/cli/predict.js";
import { csvOf, writeTable, type Columns } from "../../src/cli/write-table.js";

const test = suite<{ folder: string }>("answers in blocks");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "treeline-test-"));
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

const ROWS = 140_000; // three blocks
const { signal } = new AbortController();
const x = Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i) + (i % 3));
const z = Float64Array.from({ length: ROWS }, (_, i) => Math.cos(7 * i));
/** A text that is missing in the first block, whole numbers with gaps, dates. */
const name = Array.from(x, (_, i) => (i < 70_000 || i % 5 === 0 ? null : `n,${i % 4}`));
const count = Array.from(x, (_, i) => (i % 6 === 1 ? null : i));
const when = Array.from(x, (_, i) => new Date(Date.UTC(2026, 0, 1 + (i % 28))));
const frame = await fromBatches([{ x, z, name, count, when }], { types: { name: "VARCHAR", count: "INTEGER" } });
const X = frame.select("x", "z");
const model = await new GaussianNB().fit(
  Matrix.from(Array.from({ length: 300 }, (_, i) => [x[i]!, z[i]!])),
  Array.from({ length: 300 }, (_, i) => ["low", "middle", "high"][i % 3]!),
);
const predicting = model as unknown as Predicting;
const answers = (kept?: Frame, proba = false): AsyncGenerator<Columns, void, undefined> =>
  answersOf(predicting, X, kept, proba, signal);

test("blocks one after another are the answers for all rows at once, beside the columns kept", async () => {
  const [predicted, p] = [await model.predict(X), await model.predictProba(X)];
  let [at, blocks] = [0, 0];
  for await (const columns of answers(frame.select("count", "name"), true)) {
    assert.equal([...columns.keys()], ["count", "name", "prediction", "proba_high", "proba_low", "proba_middle"]);
    const rows = columns.get("prediction")!.length;
    assert.ok([...columns.values()].every(({ length }) => length === rows));
    for (const i of [0, rows - 1]) {
      assert.is(columns.get("prediction")![i], predicted[at + i]);
      assert.is(columns.get("proba_low")![i], p.at(at + i, 1));
      assert.is(columns.get("name")![i], name[at + i]);
      assert.equal(columns.get("count")![i], count[at + i] ?? NaN);
    }
    at += rows;
    blocks++;
  }
  assert.equal([at, blocks], [ROWS, 3]);
});

test("a reader that leaves after a block ends the reading; an abort ends it too", async () => {
  for await (const columns of answers(frame.select("count"), true)) {
    assert.is(columns.get("prediction")!.length, 65_536);
    break;
  }
  const stop = new AbortController();
  const read = async (): Promise<void> => {
    for await (const _ of answersOf(predicting, X, undefined, false, stop.signal)) stop.abort(new Error("enough"));
  };
  await read().then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, "enough"),
  );
});

test("no rows give the columns without any; several targets give a column each", async () => {
  const none = await X.filter("x > 100");
  const texts: string[] = [];
  for await (const text of csvOf(answersOf(predicting, none, none.select("z"), true, signal))) texts.push(text);
  assert.is(texts.join(""), "z,prediction,proba_high,proba_low,proba_middle\n");
  const two = await new LinearRegression().fit([[0, 1], [1, 0], [2, 2]], [[0, 1], [1, 3], [2, 5]] as never); // prettier-ignore
  const few = await X.filter("x > 2.999999");
  const { value } = await answersOf(two as never, few, undefined, false, signal).next();
  assert.equal([...(value as Columns).keys()], ["prediction_0", "prediction_1"]);
});

test("a column kept must not have the name of an answer", async () => {
  const odd = await frame.withColumns({ prediction: "1" });
  await answers(odd.select("prediction"))
    .next()
    .then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /--keep prediction: the answers have a column of that name/),
    );
});

test("CSV and Parquet hold the same rows; whole numbers stay whole, texts may be missing at first", async ({
  folder,
}) => {
  const kept = frame.select("count", "name", "when");
  const [csv, parquet] = [join(folder, "p.csv"), join(folder, "p.parquet")];
  for (const path of [csv, parquet]) await writeTable(path, answers(kept), typesOf(kept), signal);
  const read = await scanParquet(parquet);
  assert.equal(
    read.schema.map(({ name, type }) => [name, type]),
    [["count", "INTEGER"], ["name", "VARCHAR"], ["when", "TIMESTAMP"], ["prediction", "VARCHAR"]], // prettier-ignore
  );
  assert.equal(await read.column("name").toArray(), name);
  assert.equal(Array.from(await read.column("count").toArray()), count.map((value) => value ?? NaN)); // prettier-ignore
  const lines = (await readFile(csv, "utf8")).trimEnd().split("\n");
  assert.is(lines.length, ROWS + 1);
  assert.match(lines[1]!, /^0,,2026-01-01T00:00:00\.000Z,\w+$/);
  assert.match(lines[100_002]!, /^100001,"n,1",/);
  assert.equal((await readdir(folder)).sort(), ["p.csv", "p.parquet"]);
});

test("what fails in a later block leaves the file that was there, and nothing beside it", async ({ folder }) => {
  async function* failing(): AsyncGenerator<Columns> {
    for await (const columns of answers()) {
      yield columns;
      throw new Error("a later block");
    }
  }
  for (const path of [join(folder, "p.csv"), join(folder, "p.parquet")]) {
    await writeTable(path, answersOf(predicting, await X.filter("x > 2.999"), undefined, false, signal), {}, signal);
    const before = await readFile(path);
    await writeTable(path, failing(), {}, signal).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, "a later block"),
    );
    assert.equal(await readFile(path), before);
  }
  assert.equal((await readdir(folder)).sort(), ["p.csv", "p.parquet"]);
});

test.run();
