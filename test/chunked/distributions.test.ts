// Quantiles, histograms and unique values of data that are awkward or large.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ChunkedMatrix, compute, Matrix, withConfig, type TreelineError } from "../../src/index.js";
import { bits, matrixOf, tables } from "./tables.js";

/** The order statistic at a rank, by sorting. */
function sortedAt(values: ArrayLike<number>, rank: number): number {
  return Float64Array.from(values).sort()[rank] as number;
}

/** A hash of a row: numbers spread over many magnitudes. */
function spread(i: number): number {
  const hash = Math.imul(i ^ (i >>> 7), 0x9e3779b1) >>> 0;
  return ((hash % 7) - 3) * Math.exp((hash >>> 8) / 2 ** 22 - 2);
}

test("exact quantiles are order statistics, of spread, tied, constant and infinite values", async () => {
  const makers: ((i: number) => number)[] = [
    spread,
    (i) => i % 3,
    () => 4.25,
    (i) => (i % 10 === 0 ? -Infinity : i % 10 === 1 ? Infinity : i),
    (i) => 1 + i * 1e-13,
    (i) => (i % 2 === 0 ? -0 : 5e-324 * i),
  ];
  const rows = 9001;
  const matrix = matrixOf((i, j) => (makers[j] as (i: number) => number)(i), rows, makers.length);
  const X = await ChunkedMatrix.from(matrix);
  for (const q of [0, 0.1, 0.5, 0.999, 1]) {
    const found = await X.quantile(q, { axis: 0, interpolation: "lower" });
    const expected = makers.map((_, j) => sortedAt(matrix.column(j), Math.floor(q * (rows - 1))));
    expected.forEach((value, j) =>
      assert.ok(found[j] === value, `q ${q}, column ${j}: ${found[j]}, expected ${value}`),
    );
  }
});

test("a column of ties larger than what may be collected takes refined bins, and is exact", async () => {
  const rows = 1_200_000;
  const column = new Float64Array(rows).map((_, i) => 1 + (Math.imul(i, 0x9e3779b1) >>> 12) * 2 ** -27);
  const X = await ChunkedMatrix.from(new Matrix(column, [rows, 1]));
  const found = await X.quantile([0.25, 0.5], { interpolation: "lower" });
  const sorted = column.slice().sort();
  assert.equal(Array.from(found), [sorted[Math.floor(0.25 * (rows - 1))], sorted[Math.floor(0.5 * (rows - 1))]]);
});

test("a sketched quantile is within 1/128 of the exact one, in one pass, the same for any chunks and nJobs", async () => {
  const X = await ChunkedMatrix.from(matrixOf((i) => spread(i), 20_000, 1));
  const q = [0.01, 0.2, 0.5, 0.8, 0.99];
  const exact = await X.quantile(q, { interpolation: "lower" });
  const sketched = await X.quantile(q, { method: "sketch", interpolation: "lower" });
  exact.forEach((value, k) => {
    assert.ok(
      Math.abs((sketched[k] as number) - value) <= Math.abs(value) / 128,
      `q ${q[k]}: ${sketched[k]}, ${value}`,
    );
  });
  const kept = await withConfig({ memoryLimit: 1, nJobs: 3 }, () => X.rechunk(1024).persist());
  const again = await withConfig({ nJobs: 3 }, () => kept.quantile(q, { method: "sketch", interpolation: "lower" }));
  assert.is(bits(again), bits(sketched));
});

test("NaN makes a quantile NaN, of its column only; the nan twins leave it out", async () => {
  const X = await ChunkedMatrix.from([
    [1, NaN],
    [2, 5],
    [4, 7],
    [3, NaN],
  ]);
  assert.equal(Array.from(await X.median({ axis: 0 })), [2.5, NaN]);
  assert.equal(await X.median(), NaN);
  assert.equal(Array.from(await X.nanMedian({ axis: 0 })), [2.5, 6]);
  assert.is(await X.nanMedian(), 3.5);
  const none = await ChunkedMatrix.from([[NaN]]);
  assert.equal([await none.nanMedian(), await none.quantile(0.5)], [NaN, NaN]);
});

test("quantiles of rows are those of the columns of the transposed matrix, NaN and all", async () => {
  const wide = [
    [3, -1, 2, 5, 4],
    [NaN, 1, Infinity, -2, 0],
    [-0, 0, 7, 7, 7],
    [NaN, NaN, NaN, NaN, NaN],
  ];
  const X = await ChunkedMatrix.from(wide);
  const turned = await ChunkedMatrix.from(wide[0]!.map((_, j) => wide.map((row) => row[j] as number)));
  const q = [0, 0.1, 0.375, 0.5, 0.625, 1];
  for (const interpolation of ["linear", "lower", "higher", "midpoint", "nearest"] as const) {
    const rows = await X.quantile(q, { axis: 1, interpolation }).toMatrix();
    const columns = await turned.quantile(q, { axis: 0, interpolation });
    const omitted = await X.nanQuantile(q, { axis: 1, interpolation }).toMatrix();
    const expected = await turned.nanQuantile(q, { axis: 0, interpolation });
    for (let i = 0; i < wide.length; i++) {
      assert.equal(Array.from(rows.row(i)), Array.from(columns.column(i)), `${interpolation} of row ${i}`);
      assert.equal(Array.from(omitted.row(i)), Array.from(expected.column(i)), `${interpolation} of row ${i}`);
    }
  }
  const long = await ChunkedMatrix.from(tables.X);
  assert.equal(long.median({ axis: 1 }).shape, [2500, 1]);
  const lower = { axis: 1, interpolation: "lower" } as const;
  const centred = long.subtract(long.quantile(0.5, lower)).quantile(0.5, lower);
  assert.is(await centred.abs().max(), 0);
});

test("quantiles share passes with other reductions", async () => {
  const X = await ChunkedMatrix.from(tables.X);
  const [median, mean, low, both] = await compute(
    X.median(),
    X.mean(),
    X.quantile([0.1], { axis: 0 }),
    X.quantile([0.1, 0.2]),
  );
  assert.is(median, await X.median());
  assert.is(mean, await X.mean());
  assert.equal(low.shape, [1, 4]);
  assert.is(both.length, 2);
});

async function rejects(body: () => unknown, code: string, message: RegExp): Promise<void> {
  try {
    await body();
  } catch (error) {
    assert.is((error as TreelineError).code, code, String(error));
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("expected an error");
}

test("what has no histogram, counts or quantiles says so", async () => {
  const X = await ChunkedMatrix.from(tables.X);
  const infinite = await ChunkedMatrix.from([[1], [Infinity]]);
  await rejects(() => infinite.histogram(), "ERR_INVALID_DATA", /give a finite range/);
  assert.equal((await infinite.histogram({ range: [0, 2], bins: 1 })).counts, Float64Array.of(1));
  await rejects(() => X.histogram({ bins: 0 }), "ERR_INVALID_ARGUMENT", /bins must be a positive integer/);
  await rejects(() => X.histogram({ bins: [1, 0] }), "ERR_INVALID_ARGUMENT", /ascending order/);
  await rejects(() => X.histogram({ range: [1, 0] }), "ERR_INVALID_ARGUMENT", /the lower one first/);
  await rejects(() => X.bincount(), "ERR_INVALID_ARGUMENT", /counts one column/);
  await rejects(() => X.select(0).bincount(), "ERR_INVALID_DATA", /expected non-negative integers/);
  await rejects(() => X.quantile(1.5), "ERR_INVALID_ARGUMENT", /q must be in 0 … 1/);
  await rejects(() => X.quantile(-1, { axis: 1 }), "ERR_INVALID_ARGUMENT", /q must be in 0 … 1/);
  await rejects(() => X.quantile(0.5, { method: "tdigest" as never }), "ERR_INVALID_ARGUMENT", /"exact" or "sketch"/);
  await withConfig({ memoryLimit: 1000 }, () =>
    rejects(() => X.unique(), "ERR_MEMORY_LIMIT", /different values, which memoryLimit does not allow/),
  );
});

test("unique puts NaN last, once, and takes -0 for 0", async () => {
  const X = await ChunkedMatrix.from([
    [0, NaN],
    [-0, 2],
    [NaN, 2],
  ]);
  const { values, counts } = await X.unique();
  assert.equal(
    [Array.from(values), Array.from(counts)],
    [
      [0, 2, NaN],
      [2, 2, 2],
    ],
  );
});

test("unique and bincount of each column", async () => {
  const X = await ChunkedMatrix.from([
    [0, 3, NaN],
    [2, 3, 1.5],
    [2, 0, 1.5],
  ]);
  const columns = await X.unique({ axis: 0 });
  assert.equal(
    columns.map(({ values, counts }) => [Array.from(values), Array.from(counts)]),
    [
      [
        [0, 2],
        [1, 2],
      ],
      [
        [0, 3],
        [1, 2],
      ],
      [
        [1.5, NaN],
        [2, 1],
      ],
    ],
  );
  const counts = await X.select(0, 1).bincount({ axis: 0, minLength: 5 });
  assert.equal(
    counts.toArray().map((row) => Array.from(row)),
    [
      [1, 0, 2, 0, 0],
      [1, 0, 0, 2, 0],
    ],
  );
  assert.equal(Array.from(await X.select(0).bincount()), [1, 0, 2]);
  await rejects(() => X.bincount({ axis: 0 }), "ERR_INVALID_DATA", /got 1.5/);
  await rejects(() => X.unique({ axis: 1 as never }), "ERR_INVALID_ARGUMENT", /axis must be 0/);
});

test.run();
