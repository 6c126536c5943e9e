import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  checkCv,
  GroupKFold,
  GroupShuffleSplit,
  KFold,
  LeaveOneOut,
  RepeatedKFold,
  RepeatedStratifiedKFold,
  ShuffleSplit,
  StratifiedGroupKFold,
  StratifiedKFold,
  StratifiedShuffleSplit,
  TimeSeriesSplit,
  trainTestSplit,
  type Splitter,
} from "../../src/index.js";

type Pair = [train: Int32Array, test: Int32Array];
const n = 97;
const y = Array.from({ length: n }, (_, i) => (i % 7 === 0 ? "rare" : i % 3 === 0 ? "some" : "many"));
const groups = Array.from({ length: n }, (_, i) => `g${(i * 31) % 11}`);

async function all(splitter: Splitter): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for await (const pair of splitter.split(n, y, { groups })) pairs.push(pair);
  return pairs;
}

const shared = (a: Int32Array, b: Int32Array, of: (row: number) => unknown): number => {
  const left = new Set(Array.from(a, of));
  return Array.from(b, of).filter((value) => left.has(value)).length;
};
const share = (rows: Int32Array, label: string): number =>
  Array.from(rows).filter((row) => y[row] === label).length / rows.length;

for (const Type of [KFold, StratifiedKFold, GroupKFold, StratifiedGroupKFold]) {
  test(`${Type.name}, shuffled: every row is tested once; the seed decides; another seed, other folds`, async () => {
    const folds = await all(new Type({ nSplits: 4, shuffle: true, randomState: 3 }));
    assert.is(folds.length, 4);
    assert.equal(
      folds.flatMap(([, rows]) => Array.from(rows)).sort((a, b) => a - b),
      Array.from({ length: n }, (_, i) => i),
    );
    for (const [train, rows] of folds) assert.is(train.length + rows.length, n);
    for (const [train, rows] of folds)
      assert.is(
        shared(train, rows, (row) => row),
        0,
      );
    assert.equal(await all(new Type({ nSplits: 4, shuffle: true, randomState: 3 })), folds);
    assert.not.equal(await all(new Type({ nSplits: 4, shuffle: true, randomState: 4 })), folds);
    assert.not.equal(await all(new Type({ nSplits: 4 })), folds);
  });
}

test("stratified folds have every class's share; groups are never in both parts", async () => {
  for (const [, rows] of await all(new StratifiedKFold({ nSplits: 4, shuffle: true, randomState: 0 }))) {
    assert.ok(
      Math.abs(
        share(rows, "rare") -
          share(
            Int32Array.from({ length: n }, (_, i) => i),
            "rare",
          ),
      ) < 0.03,
    );
  }
  for (const Type of [GroupKFold, StratifiedGroupKFold]) {
    for (const params of [{}, { shuffle: true, randomState: 1 }]) {
      for (const [train, rows] of await all(new Type({ nSplits: 3, ...params }))) {
        assert.is(
          shared(train, rows, (row) => groups[row]),
          0,
        );
      }
    }
  }
  for (const [train, rows] of await all(new GroupShuffleSplit({ nSplits: 6, randomState: 0 }))) {
    assert.is(
      shared(train, rows, (row) => groups[row]),
      0,
    );
    assert.is(new Set(Array.from(rows, (row) => groups[row])).size, 3); // ceil(0.2 · 11)
  }
});

test("repeated folds test every row once a repeat, in other folds each time", async () => {
  for (const Type of [RepeatedKFold, RepeatedStratifiedKFold]) {
    const splitter = new Type({ nSplits: 3, nRepeats: 4, randomState: 0 });
    const folds = await all(splitter);
    assert.is(folds.length, await splitter.getNSplits());
    const times = new Int32Array(n);
    for (const [, rows] of folds) rows.forEach((row) => (times[row] = (times[row] as number) + 1));
    assert.ok(times.every((time) => time === 4));
    assert.is(new Set(folds.map(([, rows]) => rows.join())).size, folds.length);
  }
});

test("drawn splits have the sizes asked for; the first is trainTestSplit's", async () => {
  const rows = Array.from({ length: n }, (_, i) => i);
  for (const [Type, stratify] of [
    [ShuffleSplit, null],
    [StratifiedShuffleSplit, y],
  ] as const) {
    const folds = await all(new Type({ nSplits: 3, testSize: 0.3, randomState: 5 }));
    for (const [train, test] of folds) assert.equal([train.length, test.length], [67, 30]);
    assert.is(new Set(folds.map(([, test]) => test.join())).size, 3);
    const [train, test] = await trainTestSplit(rows, { testSize: 0.3, stratify, randomState: 5 });
    assert.equal([Array.from((folds[0] as Pair)[0]), Array.from((folds[0] as Pair)[1])], [train, test]);
  }
  const [[train, test]] = (await all(new ShuffleSplit({ nSplits: 1, randomState: 0 }))) as [Pair];
  assert.equal([train.length, test.length], [87, 10]); // a tenth, rounded up
});

test("checkCv: numbers, splitters, pairs, null", async () => {
  assert.instance(checkCv(3, y, { classifier: true }), StratifiedKFold);
  assert.instance(checkCv(null, y), KFold);
  assert.is(await checkCv(null).getNSplits(), 5);
  const mine = new TimeSeriesSplit();
  assert.is(checkCv(mine), mine);
  const pairs = await all(
    checkCv([
      [[0, 1], [2]],
      [Int32Array.of(2), [5, 3]],
    ] as never),
  );
  assert.equal(
    pairs.map(([train, test]) => [Array.from(train), Array.from(test)]),
    [
      [[0, 1], [2]],
      [[2], [3, 5]],
    ],
  );
  assert.throws(() => checkCv(1), /an integer of at least 2/);
  assert.throws(() => checkCv([[1, 2, 3]] as never), /pairs \[train, test\]/);
});

const REFUSED: [string, () => Promise<unknown>, string, RegExp][] = [
  ["too few rows", () => all2(new KFold({ nSplits: 5 }), 4), "ERR_INVALID_DATA", /KFold.split: X has 4 rows/],
  [
    "no class with rows enough",
    () => all2(new StratifiedKFold({ nSplits: 3 }), 4, [0, 0, 1, 1]),
    "ERR_INVALID_DATA",
    /3 folds/,
  ],
  ["no y", () => all2(new StratifiedKFold(), 10), "ERR_INVALID_ARGUMENT", /StratifiedKFold.split: y is missing/],
  ["no groups", () => all2(new GroupKFold(), 10), "ERR_INVALID_ARGUMENT", /groups is missing/],
  [
    "y of another length",
    () => all2(new StratifiedKFold(), 10, [0, 1]),
    "ERR_INVALID_DATA",
    /y has 2 values, but X has 10/,
  ],
  ["one row left out of one", () => all2(new LeaveOneOut(), 1), "ERR_INVALID_DATA", /needs more/],
  [
    "too few rows in time",
    () => all2(new TimeSeriesSplit({ nSplits: 3, testSize: 4 }), 12),
    "ERR_INVALID_DATA",
    /too few/,
  ],
];
async function all2(splitter: Splitter, rows: number, labels?: number[]): Promise<void> {
  for await (const _ of splitter.split(rows, labels));
}
for (const [name, run, code, message] of REFUSED) {
  test(`refused: ${name}`, async () => {
    const error = await run().then(
      () => undefined,
      (e: unknown) => e as Error & { code: string },
    );
    assert.is(error?.code, code);
    assert.match(error?.message ?? "", message);
  });
}

test("parameters are checked at once", () => {
  assert.throws(() => new KFold({ nSplits: 1 }), /nSplits must be an integer >= 2/);
  assert.throws(() => new KFold({ randomState: 1 }), /randomState needs shuffle/);
  assert.throws(() => new KFold({ nsplits: 3 } as never), /did you mean nSplits/);
  assert.throws(() => new ShuffleSplit({ testSize: 1.5 }), /testSize/);
  assert.is(String(new KFold({ nSplits: 3 })), "KFold(nSplits: 3, shuffle: false, randomState: null)");
});

test.run();
