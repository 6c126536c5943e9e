import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as arrow from "apache-arrow";
import {
  fromArrow,
  fromBatches,
  scanArrow,
  scanCsv,
  scanParquet,
  StandardScaler,
  TreelineError,
  withConfig,
  type Frame,
} from "../../src/index.js";
import { encodeLabels } from "../../src/data/vector.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const realData = process.env["TREELINE_DATA"] ?? join(root, "../shared/data");
const folder = mkdtempSync(join(tmpdir(), "treeline-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(text: string, name = `f${++files}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function failsWith(code: string, pattern: RegExp, body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    assert.instance(error, TreelineError, String(error));
    assert.is((error as TreelineError).code, code, String(error));
    assert.match((error as Error).message, pattern);
    return;
  }
  assert.unreachable(`did not fail: ${pattern}`);
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const numbersOf = async (frame: Frame, column: string): Promise<number[]> =>
  Array.from((await frame.column(column).toArray()) as Float64Array);

const small = (): Promise<Frame> =>
  fromBatches([
    { x: [1, 2, null, 4], flag: [true, false, true, null], kind: ["b", null, "a", "b"], id: [1n, 2n, 3n, 4n] },
  ]);

test("reads the Kaggle file's form: quoted header, quoted class, 1e+05", async () => {
  const rows = range(30_000).map((i) => `${i === 25_000 ? "1e+05" : i},${i / 8},"${i % 10 === 0 ? 1 : 0}"`);
  const frame = await scanCsv(file(`"Time","V1","Class"\n${rows.join("\n")}\n`));
  assert.equal(frame.columns, ["Time", "V1", "Class"]);
  assert.is(frame.nRows, undefined);
  const scaler = await new StandardScaler().fit(frame.drop("Class"));
  assert.is(frame.nRows, 30_000, "the first pass learns the number of rows");
  assert.equal(scaler.featureNamesIn_, ["Time", "V1"]);
  assert.is((await numbersOf(frame, "Time"))[25_000], 100_000);
  const { classes, codes } = await encodeLabels(frame.column("Class"), "y");
  assert.equal(Array.from(classes as Float64Array), [0, 1]);
  assert.is(codes.length, 30_000);
  assert.equal(
    [...(await frame.valueCounts("Class"))],
    [
      [0, 27_000],
      [1, 3_000],
    ],
  );
});

test("keeps fractions that come after the rows types are learnt from", async () => {
  const rows = range(30_000).map((i) => (i === 29_000 ? "0.25" : "7"));
  const frame = await scanCsv(file(`a\n${rows.join("\n")}\n`));
  assert.is((await numbersOf(frame, "a"))[29_000], 0.25);
});

test("says line, column and remedy when text comes after the rows types are learnt from", async () => {
  const path = file(
    `a,b\n${range(30_000)
      .map((i) => (i === 29_000 ? "x,1" : `${i},2`))
      .join("\n")}\n`,
  );
  const frame = await scanCsv(path);
  await failsWith("ERR_INVALID_DATA", /line 29002, column "a".*types: \{ "a": "VARCHAR" \}/, () =>
    new StandardScaler().fit(frame),
  );
  assert.is((await (await scanCsv(path, { types: { a: "VARCHAR" } })).head(1))[0]?.["a"], "0");
  assert.ok(Number.isNaN((await numbersOf(await scanCsv(path, { nullValues: ["x"] }), "a"))[29_000]));
});

test("reads dialects, missing values, CRLF, quotes and byte order marks", async () => {
  const cases: [string, Parameters<typeof scanCsv>[1], unknown[]][] = [
    [
      'a;b\r\n1;"x;\r\ny"\r\n2;z\r\n',
      {},
      [
        { a: 1, b: "x;\r\ny" },
        { a: 2, b: "z" },
      ],
    ],
    [
      "\uFEFFa,b\n1,\n,2\n",
      {},
      [
        { a: 1, b: null },
        { a: null, b: 2 },
      ],
    ],
    [
      "1|2\n3|4\n",
      { header: false, delimiter: "|" },
      [
        { column0: 1, column1: 2 },
        { column0: 3, column1: 4 },
      ],
    ],
    [
      "a,b\nNA,1\n2,n/a\n",
      { nullValues: ["NA", "n/a"] },
      [
        { a: null, b: 1 },
        { a: 2, b: null },
      ],
    ],
    [
      "a,b\ntrue,2024-05-06\nfalse,2024-05-07\n",
      {},
      [
        { a: true, b: new Date("2024-05-06") },
        { a: false, b: new Date("2024-05-07") },
      ],
    ],
    ["# hello\na,b\n1,2\n", { comment: "#" }, [{ a: 1, b: 2 }]],
    ["id\n9007199254740993\n", { types: { id: "BIGINT" } }, [{ id: 9007199254740993n }]],
  ];
  for (const [text, options, rows] of cases)
    assert.equal(await (await scanCsv(file(text), options)).head(), rows, text);
});

test("reads one row, a header alone, nothing but nulls; refuses an empty file", async () => {
  assert.equal(await (await scanCsv(file("a,b\n1,2\n"))).head(), [{ a: 1, b: 2 }]);
  const header = await scanCsv(file("a,b\n"));
  assert.equal([header.columns, await header.countRows(), await header.head()], [["a", "b"], 0, []]);
  const nulls = await fromBatches([{ a: [null, null], b: new Float64Array(2).fill(NaN) }]);
  assert.equal(await nulls.isNull(), { a: 2, b: 2 });
  const [a] = await nulls.describe();
  assert.equal([a?.count, a?.nulls, a?.mean, a?.min], [0, 2, NaN, NaN]);
  await failsWith("ERR_INVALID_DATA", /empty/, () => scanCsv(file("")));
  await failsWith("ERR_INVALID_DATA", /0 rows/, async () =>
    new StandardScaler().fit(await (await fromBatches([{ a: [1] }])).filter("a > 1")),
  );
});

test("reads 1,000 columns", async () => {
  const names = range(1000).map((j) => `c${j}`);
  const text = `${names.join(",")}\n${range(3)
    .map((i) => names.map((_, j) => i * j).join(","))
    .join("\n")}\n`;
  const frame = await scanCsv(file(text));
  assert.is((await new StandardScaler().fit(frame)).mean_[999], 999);
  await failsWith("ERR_INVALID_ARGUMENT", /no column "c1000"; did you mean c100\?/, async () => frame.column("c1000"));
});

test("takes names with quotes, spaces and other alphabets, and paths with quotes", async () => {
  const odd = ['say "hi"', "a b", "Größe", "名前", "it's", "self", "$&"];
  const path = file(`${odd.map((n) => `"${n.replaceAll('"', '""')}"`).join(",")}\n1,2,3,4,5,6,7\n`, "it's [1] odd.csv");
  const frame = await scanCsv(path);
  assert.equal(frame.columns, odd);
  for (const [j, name] of odd.entries()) {
    assert.equal(await numbersOf(frame, name), [j + 1]);
    assert.equal([...(await frame.valueCounts(name))], [[j + 1, 1]]);
  }
  assert.equal(
    (await frame.describe()).map((c) => c.mean),
    [1, 2, 3, 4, 5, 6, 7],
  );
  const more = await frame.withColumns({ 'new "one"': '"a b" + 1', "a b": '"it\'s" * 2 -- a comment' });
  assert.equal(more.columns, [...odd, 'new "one"']);
  assert.equal(Object.values((await more.head())[0] ?? {}), [1, 10, 3, 4, 5, 6, 7, 3]);
  const target = join(folder, "it's.parquet");
  await frame.writeParquet(target);
  assert.equal((await scanParquet(target)).columns, odd);
  assert.equal((await scanParquet(pathToFileURL(target))).nRows, 1);
});

test("reads globs and lists of files in order", async () => {
  for (const k of [0, 1, 2]) file(`a\n${k * 2}\n${k * 2 + 1}\n`, `part-${k}.csv`);
  assert.equal(await numbersOf(await scanCsv(join(folder, "part-*.csv")), "a"), range(6));
  const list = [2, 0].map((k) => join(folder, `part-${k}.csv`));
  assert.equal(await numbersOf(await scanCsv(list), "a"), [4, 5, 0, 1]);
});

test("paths that are not there, wrong names and bad SQL are named", async () => {
  const frame = await small();
  const cases: [string, RegExp, () => Promise<unknown>][] = [
    ["ERR_IO", /no file/i, () => scanCsv(join(folder, "nowhere.csv"))],
    ["ERR_IO", /no files found/i, () => scanParquet(join(folder, "nowhere.parquet"))],
    ["ERR_INVALID_DATA", /f\d+\.csv/, () => scanParquet(file("a\n1\n"))],
    ["ERR_IO", /cannot read/, () => scanArrow(join(folder, "nowhere.arrow"))],
    ["ERR_INVALID_ARGUMENT", /expected a path/, () => scanCsv([])],
    ["ERR_INVALID_ARGUMENT", /unknown parameter "sep"/, () => scanCsv("x", { sep: ";" } as never)],
    ["ERR_INVALID_ARGUMENT", /no column "nope"/, () => scanCsv(file("a\n1\n"), { types: { nope: "DOUBLE" } })],
    ["ERR_INVALID_ARGUMENT", /did you mean kind\?/, async () => frame.drop("knd")],
    ["ERR_INVALID_ARGUMENT", /no column would be left/, async () => frame.drop(...frame.columns)],
    ["ERR_INVALID_ARGUMENT", /named twice/, async () => frame.select("x", "x")],
    ["ERR_INVALID_ARGUMENT", /Frame.filter: .*"nope" not found/, () => frame.filter("nope > 1")],
    ["ERR_INVALID_ARGUMENT", /Frame.withColumns: /, () => frame.withColumns({ y: "sqrt(" })],
    ["ERR_INVALID_ARGUMENT", /Frame.sql: /, () => frame.sql("DROP TABLE self")],
    ["ERR_INVALID_ARGUMENT", /at least one aggregate/, () => frame.groupBy("kind").agg({})],
    ["ERR_INVALID_ARGUMENT", /either n or frac/, () => frame.sample({})],
    ["ERR_INVALID_ARGUMENT", /up to 4 rows/, () => frame.sample({ n: 5 })],
    ["ERR_INVALID_ARGUMENT", /dtype/, () => frame.toMatrix({ dtype: "int8" as never })],
    [
      "ERR_INVALID_DATA",
      /StandardScaler.fit: X: column "kind" holds VARCHAR.*categorize\("kind"\)/,
      () => new StandardScaler().fit(frame),
    ],
  ];
  for (const [code, pattern, body] of cases) await failsWith(code, pattern, body);
});

test("shows itself without reading: schema, and rows once they are known", async () => {
  const frame = await scanCsv(file("a,name\n1,x\n"));
  assert.match(inspect(frame), /^Frame, rows not counted yet × 2 columns\n {2}a {5}DOUBLE\n {2}name {2}VARCHAR$/);
  await frame.countRows();
  assert.match(inspect(frame), /1 rows/);
  assert.match(inspect(frame.column("a")), /FrameColumn "a" DOUBLE/);
  assert.equal(frame.schema, [
    { name: "a", type: "DOUBLE" },
    { name: "name", type: "VARCHAR" },
  ]);
});

test("describes numbers, booleans and texts as pandas does", async () => {
  const frame = await small();
  const summary = await frame.describe();
  // pandas: Series([1, 2, nan, 4]).describe()
  const { std = NaN, ...x } = summary[0] as NonNullable<(typeof summary)[0]>;
  assert.ok(Math.abs(std - Math.sqrt(7 / 3)) < 1e-15);
  assert.equal(x, {
    column: "x",
    type: "DOUBLE",
    count: 3,
    nulls: 1,
    mean: 7 / 3,
    min: 1,
    q25: 1.5,
    median: 2,
    q75: 3,
    max: 4,
  });
  assert.equal([summary[1]?.count, summary[1]?.mean], [3, 2 / 3]);
  assert.equal(summary[2], { column: "kind", type: "VARCHAR", count: 3, nulls: 1, unique: 2, top: "b", topCount: 2 });
  assert.equal(await frame.isNull(), { x: 1, flag: 1, kind: 1, id: 0 });
  assert.is((await frame.describe({ approximate: true }))[0]?.median, 2);
});

test("an infinite value does not stop describe", async () => {
  const [a] = await (await fromBatches([{ a: Float64Array.of(1, Infinity, 3) }])).describe();
  assert.is(a?.max, Infinity);
});

test("counts values, with and without missing ones, ties in order of value", async () => {
  const frame = await small();
  assert.equal(
    [...(await frame.valueCounts("kind"))],
    [
      ["b", 2],
      ["a", 1],
    ],
  );
  assert.equal(
    [...(await frame.valueCounts("flag", { dropna: false }))],
    [
      [true, 2],
      [false, 1],
      [null, 1],
    ],
  );
  assert.equal(
    [...(await frame.valueCounts("id"))].map(([id]) => id),
    [1, 2, 3, 4],
  );
});

test("filters, computes, groups and queries without touching the original", async () => {
  const frame = await small();
  assert.equal(await numbersOf(await frame.filter("x >= 2 -- some"), "x"), [2, 4]);
  const twice = await frame.withColumns({ x: "x * 2", y: "x + 1" });
  assert.equal(
    [await numbersOf(twice, "x"), await numbersOf(twice, "y")].map((v) => v[3]),
    [8, 5],
  );
  const groups = await frame.groupBy("kind").agg({ n: "count(*)", sum: "sum(x)" });
  assert.equal(await groups.head(), [
    { kind: "a", n: 1, sum: null },
    { kind: "b", n: 2, sum: 5 },
    { kind: null, n: 1, sum: 2 },
  ]);
  assert.equal(await (await frame.groupBy().agg({ n: "count(*)" })).head(), [{ n: 4 }]);
  const joined = await frame.sql(
    "WITH big AS (SELECT * FROM self WHERE x > 1) SELECT a.x FROM big a JOIN self b USING (id) ORDER BY a.x DESC;",
  );
  assert.equal(await numbersOf(joined, "x"), [4, 2]);
  assert.equal(frame.columns, ["x", "flag", "kind", "id"]);
});

test("makes categories of texts: codes in sorted order, one list for the frame", async () => {
  const frame = await (await small()).categorize();
  assert.equal(frame.categories, [undefined, undefined, ["a", "b"], undefined]);
  const matrix = await frame.select("kind", "x").toMatrix();
  assert.equal(Array.from(matrix.column(0)), [1, NaN, 0, 1]);
  assert.equal(await frame.column("kind").toArray(), ["b", null, "a", "b"]);
  assert.equal(await (await frame.filter("kind = 'b'")).countRows(), 2);
});

test("gives nulls as NaN to estimators and in batches, and as null in Arrow", async () => {
  const frame = await small();
  const scaler = await new StandardScaler().fit(frame.select("x", "flag", "id"));
  assert.equal(Array.from(scaler.mean_), [7 / 3, 2 / 3, 2.5]);
  const batches: Record<string, ArrayLike<unknown>>[] = [];
  for await (const batch of frame.batches()) batches.push(batch);
  assert.instance(batches[0]?.["x"], Float64Array);
  assert.equal(
    Object.values(batches[0] ?? {}).map((column) => Array.from(column)),
    [
      [1, 2, NaN, 4],
      [true, false, true, null],
      ["b", null, "a", "b"],
      [1, 2, 3, 4],
    ],
  );
  const again = await fromBatches(batches as never);
  assert.equal(await again.isNull(), await frame.isNull());
  const table = await frame.collect();
  assert.is(table.numRows, 4);
  assert.equal(
    table.toArray().map((row) => (row as { toJSON(): unknown }).toJSON()),
    [
      { x: 1, flag: true, kind: "b", id: 1n },
      { x: 2, flag: false, kind: null, id: 2n },
      { x: null, flag: true, kind: "a", id: 3n },
      { x: 4, flag: null, kind: "b", id: 4n },
    ],
  );
});

test("integers beyond 2^53 stay bigint, alone or among small ones", async () => {
  const big = 2n ** 60n + 1n;
  const frame = await fromBatches([{ id: [...Array<bigint>(70_000).fill(5n), big, null] }]);
  const values = await frame.column("id").toArray();
  assert.equal([values[0], values[70_000], values[70_001]], [5n, big, null]);
  const { classes } = await encodeLabels((await frame.filter("id IS NOT NULL")).column("id"), "y");
  assert.equal(classes, [5n, big]);
});

test("reads Arrow tables with nulls, dictionaries, booleans, times and 64-bit integers back as they were", async () => {
  const sometimes = <T>(make: (i: number) => T): (T | null)[] => range(5000).map((i) => (i % 7 === 3 ? null : make(i)));
  const dictionary = (a: string, b: string): arrow.Vector =>
    arrow.vectorFromArray(
      sometimes((i) => (i % 2 ? a : b)),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
    );
  const columns: Record<string, arrow.Vector> = {
    f: arrow.vectorFromArray(
      sometimes((i) => i / 3),
      new arrow.Float32(),
    ),
    i: arrow.vectorFromArray(
      sometimes((i) => BigInt(i) - 2n ** 61n),
      new arrow.Int64(),
    ),
    u: arrow.vectorFromArray(
      sometimes((i) => i % 256),
      new arrow.Uint8(),
    ),
    b: arrow.vectorFromArray(
      sometimes((i) => i % 3 === 0),
      new arrow.Bool(),
    ),
    s: arrow.vectorFromArray(
      sometimes((i) => `ä${i}`),
      new arrow.Utf8(),
    ),
    t: arrow.vectorFromArray(
      sometimes((i) => new Date(i * 1e7)),
      new arrow.TimestampMillisecond(),
    ),
  };
  const table = new arrow.Table({ ...columns, d: dictionary("x", "y").concat(dictionary("y", "z")).slice(2500, 7500) });
  const whole = table.slice(11, 4990);
  const frame = await fromArrow(whole);
  assert.equal([...(frame.categories?.at(-1) ?? [])].sort(), ["x", "y", "z"]);
  const back = await frame.collect();
  for (const { name } of whole.schema.fields) {
    assert.equal(
      [...(back.getChild(name as never) as arrow.Vector)],
      [...(whole.getChild(name as never) as arrow.Vector)],
      name as string,
    );
  }
  const path = join(folder, "table.arrow");
  writeFileSync(path, arrow.tableToIPC(new arrow.Table(columns), "file"));
  const scanned = await scanArrow(path);
  assert.is(scanned.nRows, 5000);
  assert.equal((await numbersOf(scanned, "f")).slice(11, 4990), await numbersOf(frame, "f"));
});

test("batches come from async generators, and must fit together", async () => {
  async function* cursor(): AsyncGenerator<{ a: Float64Array; s: string[] }> {
    for (let k = 0; k < 3; k++) {
      await new Promise(setImmediate);
      yield { a: Float64Array.from(range(3000), (i) => i + k * 3000), s: range(3000).map(String) };
    }
  }
  const frame = await fromBatches(cursor());
  assert.is(frame.nRows, 9000);
  assert.equal(await numbersOf(frame, "a"), range(9000));
  const one = { a: [1], s: ["x"] };
  const cases: [RegExp, () => Promise<unknown>][] = [
    [/no batch/, () => fromBatches([])],
    [/a batch has the columns a/, () => fromBatches([one, { a: [1] }])],
    [/has 2 values in a batch of 1 rows/, () => fromBatches([{ a: [1], s: ["x", "y"] }])],
    [
      /column "a" is DOUBLE, and a batch does not fit.*types: \{ "a"/,
      () => fromBatches([one, { a: ["no"], s: ["x"] }]),
    ],
    [/must hold numbers, strings/, () => fromBatches([{ a: [{}] as never }])],
    [/must be an object of columns/, () => fromBatches([[1, 2]] as never)],
  ];
  for (const [pattern, body] of cases) await failsWith("ERR_INVALID_DATA", pattern, body);
  const typed = await fromBatches([{ a: [1] }, { a: ["x"] }], { types: { a: "VARCHAR" } });
  assert.equal(await typed.column("a").toArray(), ["1", "x"]);
});

test("concurrent reads of one frame and any number of threads give the same", async () => {
  const path = file(
    `a,b\n${range(60_000)
      .map((i) => `${i},${Math.sin(i)}`)
      .join("\n")}\n`,
  );
  const fits = [1, 2, 4].flatMap((nJobs) =>
    [0, 1].map(() =>
      withConfig({ nJobs }, async () => {
        const frame = await scanCsv(path);
        const both = await Promise.all([
          new StandardScaler().fit(frame),
          new StandardScaler().fit(frame),
          frame.countRows(),
        ]);
        return [...both[0].var_, ...both[1].var_, ...both[0].mean_];
      }),
    ),
  );
  const [first, ...others] = await Promise.all(fits);
  for (const other of others) assert.equal(other, first);
});

test("an abort in mid-read rejects with the signal's reason, and the frame still works", async () => {
  const frame = await (
    await fromBatches([{ a: Float64Array.from(range(1000)) }])
  ).sql("SELECT x.a, y.a AS b FROM self x CROSS JOIN self y CROSS JOIN self z");
  const reason = new Error("enough");
  const started = [
    (signal: AbortSignal) => new StandardScaler().fit(frame, undefined, { signal }),
    (signal: AbortSignal) => frame.countRows({ signal }),
    (signal: AbortSignal) => frame.column("a").toArray({ signal }),
    async (signal: AbortSignal) => {
      for await (const batch of frame.batches({ signal })) assert.ok(batch);
    },
  ];
  for (const start of started) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    try {
      await start(controller.signal);
      assert.unreachable("it was not aborted");
    } catch (error) {
      assert.is(error, reason);
    }
  }
  assert.is((await frame.head(3)).length, 3);
});

test("leaving batches early stops the read; the frame can be read again", async () => {
  const frame = await fromBatches([{ a: Float64Array.from(range(500_000)) }]);
  for (let k = 0; k < 20; k++) {
    for await (const batch of frame.batches()) {
      assert.is(batch["a"]?.[0], 0);
      break;
    }
  }
  assert.is(await frame.countRows(), 500_000);
});

test("samples exactly n rows, in row order, the same for a seed", async () => {
  const frame = await fromBatches([{ a: Float64Array.from(range(10_000)) }]);
  const ids = await numbersOf(await frame.sample({ n: 100, randomState: 4 }), "a");
  assert.is(ids.length, 100);
  assert.equal(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  assert.equal(await numbersOf(await frame.sample({ frac: 0.01, randomState: 4 }), "a"), ids);
  assert.not.equal(await numbersOf(await frame.sample({ n: 100, randomState: 5 }), "a"), ids);
  const half = await frame.sample({ frac: 0.5, randomState: 1 });
  const fifth = await half.sample({ n: 1000, randomState: 1 });
  const halfIds = new Set(await numbersOf(half, "a"));
  assert.ok((await numbersOf(fifth, "a")).every((id) => halfIds.has(id)));
});

test("persist and toMatrix keep values; the memory limit is kept", async () => {
  const frame = await (await small()).select("x", "id").persist();
  assert.is(frame.nRows, 4);
  assert.equal((await frame.toMatrix()).toArray(), [
    [1, 1],
    [2, 2],
    [NaN, 3],
    [4, 4],
  ]);
  assert.instance((await frame.toMatrix({ dtype: "float32" })).data, Float32Array);
  const large = await fromBatches([{ a: new Float64Array(100_000) }]);
  await withConfig({ memoryLimit: "500KB" }, async () => {
    await failsWith("ERR_MEMORY_LIMIT", /Frame.toMatrix: needs 0.8 MB.*memoryLimit is 0.5 MB/, () => large.toMatrix());
    await failsWith("ERR_MEMORY_LIMIT", /Frame.collect/, () => large.collect());
  });
});

test("tables of frames that nobody holds are dropped", async () => {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) return;
  const keep = await fromBatches([{ a: [1] }]);
  const tables = async (): Promise<number> =>
    await (await keep.sql("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'treeline_%'")).countRows();
  for (let k = 0; k < 10; k++) await fromBatches([{ a: new Float64Array(10) }]);
  let left = await tables();
  for (let k = 0; k < 50 && left > 20; k++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
    left = await tables();
  }
  assert.is(await keep.countRows(), 1);
});

/** Runs a program of its own; returns what it printed. */
function program(text: string, ...flags: string[]): string {
  const path = join(folder, `p${++files}.mts`);
  writeFileSync(path, text.replaceAll("TREELINE", JSON.stringify(pathToFileURL(join(root, "src/index.ts")).href)));
  const result = spawnSync(process.execPath, [...flags, "--import", "tsx", path], {
    cwd: root,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.is(result.status, 0, `${String(result.signal)} ${result.stderr}`);
  return result.stdout;
}

test("a process ends after an early break, and in the middle of a read", () => {
  const path = file(
    `a,b\n${range(200_000)
      .map((i) => `${i},${i}`)
      .join("\n")}\n`,
  );
  const start = `import { scanCsv, StandardScaler } from TREELINE; const frame = await scanCsv(${JSON.stringify(path)});`;
  assert.is(program(`${start} for await (const b of frame.batches()) { console.log(b.a[0]); break; }`), "0\n");
  program(`${start} void new StandardScaler().fit(frame); setTimeout(() => process.exit(0), 20);`);
});

test("without DuckDB and apache-arrow arrays still work, and scans say what to install", () => {
  const hook = `export async function resolve(name, context, next) {
    if (/^(@duckdb\\/|apache-arrow)/.test(name)) throw Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(name, context);
  }`;
  const output = program(`import { register } from "node:module";
    register("data:text/javascript," + encodeURIComponent(${JSON.stringify(hook)}));
    const { scanCsv, scanArrow, StandardScaler, trainTestSplit } = await import(TREELINE);
    await new StandardScaler().fit([[1], [2]]);
    await trainTestSplit([1, 2, 3]);
    await scanCsv("x.csv").catch((error) => console.log(error.code, error.message));
    await scanArrow("x.arrow").catch((error) => console.log(error.code, error.message));`);
  assert.match(output, /^ERR_NATIVE scanCsv needs DuckDB.*npm install @duckdb\/node-api/m);
  assert.match(output, /^ERR_NATIVE scanArrow needs Apache Arrow.*npm install apache-arrow/m);
});

const hasRealData = existsSync(join(realData, "adult.parquet"));
if (!hasRealData) console.log(`no real data in ${realData}: tests on adult, titanic and creditcard_5k are left out`);

if (hasRealData) {
  test("reads adult: strings, nulls and categories", async () => {
    const frame = await scanParquet(join(realData, "adult.parquet"));
    assert.is(frame.nRows, 48_842);
    const missing = Object.values(await frame.isNull()).reduce((a, b) => a + b, 0);
    assert.is(missing, 6465);
    assert.equal(
      [...(await frame.valueCounts("income"))],
      [
        ["<=50K", 37_155],
        [">50K", 11_687],
      ],
    );
    const X = await frame.drop("income", "split").categorize();
    assert.is((await X.toMatrix()).cols, 14);
    const { classes } = await encodeLabels(frame.column("income"), "y");
    assert.equal(classes, ["<=50K", ">50K"]);
  });

  test("reads titanic: nulls in numbers are missing values", async () => {
    const frame = await scanParquet(join(realData, "titanic.parquet"));
    const missing = await frame.isNull();
    assert.is(missing["Age"], 177);
    const age = (await frame.describe()).find((column) => column.column === "Age");
    assert.ok(
      Math.abs((age?.mean ?? 0) - 29.69911764705882) < 1e-9 && Math.abs((age?.std ?? 0) - 14.526497332334044) < 1e-9,
    );
    assert.ok(
      Math.abs(((await new StandardScaler().fit(frame.select("Age"))).mean_[0] ?? 0) - 29.69911764705882) < 1e-9,
    );
  });

  test("reads creditcard_5k the same from Parquet, CSV and a Matrix", async () => {
    const frame = await scanParquet(join(realData, "creditcard_5k.parquet"));
    const path = join(folder, "creditcard.csv");
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(
      `COPY (SELECT * FROM '${join(realData, "creditcard_5k.parquet")}') TO '${path}' (HEADER, FORCE_QUOTE (Class))`,
    );
    const csv = await scanCsv(path);
    assert.ok(statSync(path).size > 1e6);
    const [a, b, c] = [
      await new StandardScaler().fit(frame),
      await new StandardScaler().fit(csv),
      await new StandardScaler().fit(await frame.toMatrix()),
    ];
    assert.equal(b.var_, a.var_);
    assert.equal(c.var_, a.var_);
    assert.is((await csv.valueCounts("Class")).get(1), 492);
  });
}

test("spilled files do not outlive their process", () => {
  const before = readdirSync(tmpdir()).filter((name) => /^treeline-\d+-/.test(name)).length;
  program(`import { fromBatches, withConfig } from TREELINE;
    await withConfig({ memoryLimit: "12MB", nJobs: 1 }, () =>
      fromBatches((function* () { for (let k = 0; k < 10; k++) yield { a: Float64Array.from({ length: 200000 }, Math.random) }; })()));`);
  assert.is(readdirSync(tmpdir()).filter((name) => /^treeline-\d+-/.test(name)).length, before);
});

test.run();
