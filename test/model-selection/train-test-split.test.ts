import { test } from "uvu";
import * as assert from "uvu/assert";
import * as arrow from "apache-arrow";
import {
  fromArrow,
  fromBatches,
  Matrix,
  trainTestSplit,
  TreelineError,
  withConfig,
  type TrainTestSplitOptions,
} from "../../src/index.js";

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

test("splits X alone and any number of arrays alike, each row in one part", async () => {
  const [train, test] = await trainTestSplit(range(10), { randomState: 0 });
  assert.is(train.length, 7);
  assert.is(test.length, 3);
  assert.equal(sorted([...train, ...test]), range(10));
  const names = range(10).map(String);
  const [aTrain, aTest, bTrain, bTest, cTrain, cTest] = await trainTestSplit(
    range(10),
    names,
    Float32Array.from(range(10)),
    { randomState: 0 },
  );
  assert.equal(aTrain, train);
  assert.equal(aTest, test);
  assert.equal(bTrain, train.map(String));
  assert.equal(bTest, test.map(String));
  assert.equal(Array.from(cTrain), train);
  assert.equal(cTest, Float32Array.from(test));
});

test("takes scikit-learn's sizes: test rounded up, train rounded down", async () => {
  // [n, options, train, test], from sklearn.model_selection.train_test_split 1.9.1
  const cases: [number, TrainTestSplitOptions, number, number][] = [
    [10, {}, 7, 3],
    [5, { testSize: 0.25 }, 3, 2],
    [11, { testSize: 0.2 }, 8, 3],
    [11, { trainSize: 0.2 }, 2, 9],
    [11, { trainSize: 0.5, testSize: 0.3 }, 5, 4],
    [11, { testSize: 3 }, 8, 3],
    [11, { trainSize: 3 }, 3, 8],
    [11, { trainSize: 3, testSize: 4 }, 3, 4],
    [11, { trainSize: 0.5, testSize: 1 }, 5, 1],
    [2, { testSize: 0.5 }, 1, 1],
    [284_807, { testSize: 0.2 }, 227_845, 56_962],
  ];
  for (const [n, options, train, test] of cases) {
    const [a, b] = await trainTestSplit(new Uint8Array(n), { randomState: 1, ...options });
    assert.equal([a.length, b.length], [train, test], JSON.stringify([n, options]));
  }
});

test("stratifies exactly: 394 and 98 of 492 frauds among 284,807", async () => {
  const y = new Int32Array(284_807);
  for (let i = 0; i < 492; i++) y[i * 500] = 1;
  const [train, test] = await trainTestSplit(y, { testSize: 0.2, stratify: y, randomState: 42 });
  const frauds = (part: Int32Array): number => part.reduce((sum, value) => sum + value, 0);
  assert.equal([train.length, test.length], [227_845, 56_962]);
  assert.equal([frauds(train), frauds(test)], [394, 98]);
});

test("stratifies by strings and many classes as scikit-learn rounds", async () => {
  // class sizes -> test counts of StratifiedShuffleSplit, testSize 0.3; no ties
  const sizes = { a: 50, b: 21, c: 9, d: 2 };
  const y = Object.entries(sizes).flatMap(([name, n]) => Array<string>(n).fill(name));
  const [train, test] = await trainTestSplit(y, { testSize: 0.3, stratify: y, randomState: 3 });
  const counts = (part: string[]): number[] => Object.keys(sizes).map((name) => part.filter((x) => x === name).length);
  assert.equal(counts(train), [35, 15, 6, 1]);
  assert.equal(counts(test), [15, 6, 3, 1]);
});

test("gives the same rows for the same seed, whatever nJobs, and others for another", async () => {
  const split = (randomState: number): Promise<number[]> =>
    trainTestSplit(range(1000), { randomState }).then(([train]) => train);
  const first = await split(7);
  for (const nJobs of [1, 2, 4]) assert.equal(await withConfig({ nJobs }, () => split(7)), first);
  assert.not.equal(await split(8), first);
  assert.not.equal((await trainTestSplit(range(1000)))[0], (await trainTestSplit(range(1000)))[0]);
});

test("picks each row about equally often", async () => {
  const hits = new Float64Array(50);
  for (let seed = 0; seed < 400; seed++) {
    const [, test] = await trainTestSplit(range(50), { testSize: 0.2, randomState: seed });
    for (const i of test) hits[i] = (hits[i] as number) + 1;
  }
  assert.ok(Math.min(...hits) > 50 && Math.max(...hits) < 115, String(hits)); // mean 80, sd 8
});

test("without shuffle the first rows train and the next ones test", async () => {
  const [train, test] = await trainTestSplit(range(6), { shuffle: false, trainSize: 3, testSize: 2 });
  assert.equal(train, [0, 1, 2]);
  assert.equal(test, [3, 4]);
});

test("every container keeps its kind and gets the same rows", async () => {
  const n = 300;
  const ids = Float64Array.from(range(n));
  const table = arrow
    .tableFromArrays({ id: ids })
    .concat(arrow.tableFromArrays({ id: Float64Array.from(ids, (x) => x + n) }));
  const all = range(2 * n);
  const frame = await fromArrow(table);
  const y = frame.column("id");
  const rows = all.map((i) => [i, -i]);
  const rowMajor = Matrix.from(rows);
  const columnMajor = new Matrix(Float32Array.from([...all, ...all.map((i) => -i)]), [2 * n, 2], "column");
  const [train, test, mTrain, mTest, cTrain, , tTrain, tTest, vTrain, , fTrain, fTest, yTrain, yTest, rTrain] =
    await trainTestSplit(all, rowMajor, columnMajor, table, table.getChild("id") as arrow.Vector, frame, y, rows, {
      randomState: 5,
      stratify: all.map((i) => i % 3),
    });
  assert.equal(Array.from(mTrain.column(0)), train);
  assert.equal(
    Array.from(mTest.column(1)),
    test.map((i) => -i),
  );
  assert.equal(cTrain.order, "column");
  assert.instance(cTrain.data, Float32Array);
  assert.equal(
    cTrain.toArray(),
    train.map((i) => [i, -i]),
  );
  assert.instance(tTrain, arrow.Table);
  assert.equal(Array.from(tTrain.getChild("id") as Iterable<number>), train);
  assert.equal(Array.from(tTest.getChild("id") as Iterable<number>), test);
  assert.equal(Array.from(vTrain as Iterable<number>), train);
  assert.equal(Array.from((await fTrain.column("id").toArray()) as Float64Array), train);
  assert.equal(fTest.nRows, test.length);
  assert.equal(Array.from((await yTrain.toArray()) as Float64Array), train);
  assert.equal(Array.from((await yTest.toArray()) as Float64Array), test);
  assert.equal(
    rTrain,
    train.map((i) => [i, -i]),
  );
});

test("Arrow columns of all kinds keep their values and nulls", async () => {
  const n = 100;
  const sometimes = <T>(make: (i: number) => T): (T | null)[] => range(n).map((i) => (i % 6 === 2 ? null : make(i)));
  const columns: Record<string, arrow.Vector> = {
    float: arrow.vectorFromArray(
      sometimes((i) => i / 2),
      new arrow.Float64(),
    ),
    big: arrow.vectorFromArray(
      sometimes((i) => BigInt(i) << 40n),
      new arrow.Int64(),
    ),
    flag: arrow.vectorFromArray(
      sometimes((i) => i % 3 === 1),
      new arrow.Bool(),
    ),
    text: arrow.vectorFromArray(
      sometimes((i) => "ü".repeat(i % 4) + String(i)),
      new arrow.Utf8(),
    ),
    category: arrow.vectorFromArray(
      sometimes((i) => "abc"[i % 3]),
      new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8()),
    ),
    time: arrow.vectorFromArray(
      sometimes((i) => new Date(i * 1e9)),
      new arrow.TimestampMillisecond(),
    ),
  };
  const table = new arrow.Table(columns).slice(7, 91);
  const [ids, , train] = await trainTestSplit(range(84), table, { randomState: 1 });
  for (const name of Object.keys(columns)) {
    const whole = table.getChild(name) as arrow.Vector;
    const part = train.getChild(name) as arrow.Vector;
    assert.equal(
      [...part],
      ids.map((i) => whole.get(i) as unknown),
      name,
    );
    assert.is(part.nullCount, ids.filter((i) => whole.get(i) === null).length);
  }
  assert.is(arrow.tableFromIPC(arrow.tableToIPC(train)).numRows, ids.length);
  const [half, rest] = await trainTestSplit(table.batches[0] as arrow.RecordBatch, { randomState: 1 });
  assert.equal([half.numRows, rest.numRows], [63, 21]);
});

test("parts of frames answer questions, can be filtered and split again", async () => {
  const frame = await fromBatches([
    { id: Float64Array.from(range(5000)), kind: range(5000).map((i) => "xyz"[i % 3] as string) },
  ]);
  const [train, test, ids] = await trainTestSplit(frame, range(5000), { testSize: 0.4, randomState: 2 });
  assert.is(await test.countRows(), 2000);
  const [summary] = await train.describe();
  assert.is(summary?.count, 3000);
  assert.ok(Math.abs((summary?.mean ?? 0) - ids.reduce((a, b) => a + b, 0) / 3000) < 1e-9);
  const counts = await train.valueCounts("kind");
  assert.is(
    [...counts.values()].reduce((a, b) => a + b, 0),
    3000,
  );
  const large = await train.filter("id >= 2500");
  assert.equal(
    Array.from((await large.column("id").toArray()) as Float64Array),
    ids.filter((i) => i >= 2500),
  );
  const [again, rest] = await trainTestSplit(train, { testSize: 0.5, randomState: 9 });
  const both = [again, rest].map((part) => part.column("id").toArray() as Promise<Float64Array>);
  const [a, b] = await Promise.all(both);
  assert.equal(sorted([...(a ?? []), ...(b ?? [])]), ids);
  const matrix = await test.select("id").toMatrix();
  assert.is(matrix.rows, 2000);
});

test("refuses what cannot be split, in scikit-learn's words", async () => {
  const y = [0, 0, 1, 1, 2];
  const cases: [() => Promise<unknown>, string, RegExp][] = [
    [() => trainTestSplit([1, 2, 3], [1, 2]), "ERR_INVALID_DATA", /inconsistent numbers of samples: 3, 2/],
    [() => trainTestSplit(y, { stratify: y }), "ERR_INVALID_DATA", /least populated.*only 1 member.*less than 2/],
    [() => trainTestSplit(y, { stratify: [0, 0, 1, 1] }), "ERR_INVALID_DATA", /inconsistent.*5, 4/],
    [
      () => trainTestSplit([1, 1, 2, 2], { stratify: [1, 1, 2, 2], testSize: 1 }),
      "ERR_INVALID_ARGUMENT",
      /testSize = 1.*number of classes = 2/,
    ],
    [() => trainTestSplit(y, { testSize: 1.5 }), "ERR_INVALID_ARGUMENT", /testSize = 1.5 should be/],
    [() => trainTestSplit(y, { testSize: 0 }), "ERR_INVALID_ARGUMENT", /testSize = 0 should be/],
    [() => trainTestSplit(y, { testSize: 5 }), "ERR_INVALID_ARGUMENT", /testSize = 5/],
    [
      () => trainTestSplit(y, { testSize: 0.6, trainSize: 0.6 }),
      "ERR_INVALID_ARGUMENT",
      /sum of testSize and trainSize/,
    ],
    [() => trainTestSplit(y, { testSize: 3, trainSize: 3 }), "ERR_INVALID_ARGUMENT", /not be larger than the number/],
    [() => trainTestSplit([1]), "ERR_INVALID_ARGUMENT", /training part would be empty/],
    [() => trainTestSplit([1, 2], { trainSize: 0.2 }), "ERR_INVALID_ARGUMENT", /would be empty/],
    [() => trainTestSplit(y, { shuffle: false, stratify: y }), "ERR_INVALID_ARGUMENT", /shuffle: false/],
    [() => trainTestSplit(y, { randomState: -1 }), "ERR_INVALID_ARGUMENT", /randomState/],
    [() => trainTestSplit(y, { test_size: 0.2 } as never), "ERR_INVALID_ARGUMENT", /spelt testSize here/],
    [() => trainTestSplit(7 as never), "ERR_INVALID_ARGUMENT", /expected arrays/],
    [() => (trainTestSplit as () => Promise<unknown>)(), "ERR_INVALID_ARGUMENT", /at least one/],
    [() => trainTestSplit(y, { stratify: [0, 0, null, 1, 1] }), "ERR_INVALID_DATA", /missing label in row 2/],
  ];
  for (const [body, code, pattern] of cases) {
    try {
      await body();
    } catch (error) {
      assert.instance(error, TreelineError, String(error));
      assert.is((error as TreelineError).code, code, String(error));
      assert.match((error as Error).message, pattern);
      continue;
    }
    assert.unreachable(String(pattern));
  }
});

test.run();
