import { inspect } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFromArrays } from "apache-arrow";
import {
  ChunkedMatrix,
  compute,
  fromArrow,
  hstack,
  LogisticRegression,
  Matrix,
  StandardScaler,
  vstack,
  where,
  withConfig,
  type TreelineError,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";
import { bits, COLS, matrixOf, ROWS, tables } from "./tables.js";

const X = await ChunkedMatrix.from(tables.X);

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

/** Every element, row-major. */
async function elements(matrix: ChunkedMatrix): Promise<number[]> {
  return (await matrix.toMatrix()).toArray().flat();
}

const source = Array.from(tables.X.data);

test("it gives back what it was made of: a Matrix, rows, Arrow, a Frame, batches", async () => {
  const names = ["a", "b", "c", "d"];
  const columns = Object.fromEntries(names.map((name, j) => [name, tables.X.column(j)]));
  const arrow = tableFromArrays(columns);
  async function* batches(): AsyncGenerator<Record<string, Float64Array>> {
    for (let row = 0; row < ROWS; row += 777) {
      yield Object.fromEntries(names.map((name) => [name, (columns[name] as Float64Array).slice(row, row + 777)]));
    }
  }
  const parts = [tables.X.toArray().slice(0, 999), new Matrix(tables.X.data.slice(999 * COLS), [ROWS - 999, COLS])];
  const sources = [
    tables.X,
    tables.X.toArray(),
    arrow,
    await fromArrow(arrow),
    batches(),
    parts.values(),
    rechunked(tables.X, 7),
  ];
  for (const from of sources) {
    const matrix = await ChunkedMatrix.from(from);
    assert.equal(matrix.shape, [ROWS, COLS]);
    assert.equal(await elements(matrix), source);
  }
  assert.equal((await ChunkedMatrix.from(arrow)).featureNames, names);
  assert.equal((await ChunkedMatrix.from(batches())).select("c", "a").featureNames, ["c", "a"]);
});

test("results are the same bits for any chunks of the source, nJobs, chunk size and place of storage", async () => {
  const results = async (matrix: ChunkedMatrix): Promise<string> => {
    const y = matrix.subtract(matrix.select(1)).multiply(0.1).exp();
    const all = await compute(y.sum(), y.mean({ axis: 0 }), y.variance(), y.std({ axis: 0 }), y.max(), y.norm());
    return all.map(bits).join() + bits(await elements(y.sum({ axis: 1 })));
  };
  const expected = await results(X);
  for (const size of [1, 7, 1000, 1024, 1025]) {
    assert.is(await results(await ChunkedMatrix.from(rechunked(tables.X, size))), expected);
  }
  for (const nJobs of [1, 2, 5]) {
    for (const memoryLimit of ["1B", "40KB", null]) {
      await withConfig({ nJobs, memoryLimit }, async () => {
        const kept = await X.rechunk(nJobs * 1024).persist();
        assert.is(kept.isPersisted, true);
        assert.is(await withConfig({ memoryLimit: null }, () => results(kept)), expected);
        kept.dispose();
      });
    }
  }
});

test("persisting changes no bit, float32 included", async () => {
  const narrow = X.astype("float32").multiply(0.1).add(X.astype("float32"));
  assert.is(narrow.dtype, "float32");
  const kept = await narrow.persist();
  assert.is(bits(await kept.sum({ axis: 0 })), bits(await narrow.sum({ axis: 0 })));
  assert.ok((await kept.toMatrix()).data instanceof Float32Array);
  const first = Math.fround(Math.fround(source[0] as number) * Math.fround(0.1));
  assert.is((await kept.toMatrix()).at(0, 0), Math.fround(first + Math.fround(source[0] as number)));
});

test("dtypes: float32 with numbers stays, float64 wins, comparisons keep their operands'", async () => {
  const narrow = X.astype("float32");
  assert.is(narrow.add(1).dtype, "float32");
  assert.is(narrow.add([1, 2, 3, 4]).dtype, "float32");
  assert.is(narrow.add(X).dtype, "float64");
  assert.is(narrow.less(0).dtype, "float32");
  assert.is(where(X.less(0), narrow, 0).dtype, "float32");
  assert.is(narrow.sum({ axis: 1 }).dtype, "float64");
  assert.is(narrow.astype("float64").dtype, "float64");
  assert.is((await ChunkedMatrix.from(new Matrix(new Float32Array(4), [2, 2]))).dtype, "float32");
});

test("slices, selections and stacks of each other, before and after operations", async () => {
  const stacked = vstack([X.slice(0, 1500), X.slice(-1100).negative(), tables.X]).slice(10, -5);
  const rows = tables.X.toArray();
  const expected = [...rows.slice(0, 1500), ...rows.slice(-1100).map((row) => row.map((x) => -x)), ...rows].slice(
    10,
    -5,
  );
  assert.equal(
    await elements(stacked.add(1)),
    expected.flat().map((x) => x + 1),
  );
  const wide = hstack([stacked.select(-1), stacked, stacked.abs()]).select(0, 8, 2, 2);
  const wanted = expected.map((row) => [row[3], Math.abs(row[3] as number), row[1], row[1]]);
  assert.equal(await elements(wide), wanted.flat());
  assert.equal((await X.slice(ROWS).toMatrix()).shape, [0, COLS]);
  assert.equal(await elements(X.slice(5, 2)), []);
  const lag = X.slice(1).subtract(X.slice(0, -1));
  assert.equal(
    await elements(lag),
    source.slice(COLS).map((x, k) => x - (source[k] as number)),
  );
});

test("a chunk at a time comes in order, in chunks of the size asked for", async () => {
  const seen: number[] = [];
  const sizes: number[] = [];
  for await (const chunk of X.multiply(2).rechunk(1)) {
    sizes.push(chunk.rows);
    seen.push(...chunk.toArray().flat());
  }
  assert.equal(sizes, [1024, 1024, 452]);
  assert.equal(
    seen,
    source.map((x) => 2 * x),
  );
  for await (const chunk of X.rechunk(1)) {
    assert.is(chunk.rows, 1024); // leaving the loop early is fine
    break;
  }
});

test("several reductions share one pass; awaiting one twice computes it once", async () => {
  let passes = 0;
  const counted = await ChunkedMatrix.from(rechunked(tables.X, 500, (firstRow) => (passes += firstRow === 0 ? 1 : 0)));
  const scaled = counted.multiply(3);
  await compute(counted.sum(), scaled.mean(), scaled.log().nanMax({ axis: 0 }), counted.argmin());
  assert.is(passes, 1);
  const sum = scaled.sum();
  assert.is(await sum, await sum);
  assert.is(passes, 2);
  assert.equal(await compute(), []);
});

test("an empty matrix, one row and one column reduce as NumPy's do", async () => {
  const none = await ChunkedMatrix.from(new Matrix(new Float64Array(0), [0, 2]));
  assert.equal(await compute(none.sum(), none.count(), none.any(), none.all()), [0, 0, false, true]);
  assert.equal(Array.from(await none.mean({ axis: 0 })), [NaN, NaN]);
  await rejects(() => none.min(), "ERR_INVALID_DATA", /0 × 2 has no such value/);
  const narrow = (await ChunkedMatrix.from(new Matrix(new Float64Array(0), [3, 0]))).add(1);
  assert.equal(narrow.shape, [3, 0]);
  assert.equal(await compute(narrow.sum(), narrow.count(), narrow.any()), [0, 0, false]);
  assert.equal(await elements(narrow.sum({ axis: 1 })), [0, 0, 0]);
  assert.equal(await elements(narrow.all({ axis: 1 })), [1, 1, 1]);
  await rejects(() => narrow.max({ axis: 1 }), "ERR_INVALID_DATA", /3 × 0 has no such value/);
  const one = await ChunkedMatrix.from([[5]]);
  assert.equal(await compute(one.sum(), one.variance(), one.argmax(), one.std({ ddof: 1 })), [5, 0, 0, NaN]);
});

test("huge, tiny and infinite values", async () => {
  const wild = await ChunkedMatrix.from([
    [1e308, 1e-308],
    [-1e308, 5e-324],
    [-Infinity, 0],
  ]);
  assert.equal(Array.from(await wild.sum({ axis: 0 })), [-Infinity, 1e-308 + 5e-324]);
  assert.is(await wild.select(0).abs().slice(0, 2).sum(), Infinity);
  const shifted = await ChunkedMatrix.from(matrixOf((i) => 1e9 + (i % 2), 5000, 1));
  assert.ok(Math.abs((await shifted.variance()) - 0.25) < 1e-9);
  const cancelling = await ChunkedMatrix.from(
    matrixOf((i) => (i % 1024 === 0 ? ([1e16, 1, -1e16][i / 1024] as number) : 0), 3000, 1),
  );
  assert.is(await cancelling.sum(), 1);
});

test("it is an X for estimators: the same model as of a Matrix", async () => {
  const y = Array.from({ length: ROWS }, (_, i) => ((source[i * COLS] as number) > 0 ? "up" : "down"));
  const model = await new LogisticRegression().fit(tables.X, y);
  const kept = await X.rechunk(1000).persist();
  for (const matrix of [X, kept, X.multiply(2).divide(2)]) {
    assert.equal((await new LogisticRegression().fit(matrix, y)).coef_.data, model.coef_.data);
    assert.equal(await model.predict(matrix), await model.predict(tables.X));
  }
  assert.equal((await new StandardScaler().fit(X)).mean_, (await new StandardScaler().fit(tables.X)).mean_);
});

test("past memoryLimit toMatrix says what to do, and nothing is left of a disposed matrix", async () => {
  await withConfig({ memoryLimit: "10KB" }, async () => {
    await rejects(() => X.toMatrix(), "ERR_MEMORY_LIMIT", /needs 0\.1 MB.*persist\(\) or writeParquet/s);
  });
  const kept = await X.persist();
  const derived = kept.add(1);
  kept.dispose();
  kept.dispose();
  await rejects(() => derived.sum(), "ERR_INVALID_ARGUMENT", /was disposed of/);
});

test("a spill directory that is not there, or a full disk, is ERR_IO", async () => {
  await withConfig({ memoryLimit: 1, spillDirectory: "/no/such/place" }, async () => {
    await rejects(() => X.persist(), "ERR_IO", /\/no\/such\/place.*spillDirectory/s);
  });
});

test("a pass is aborted in its middle, and other passes go on", async () => {
  const controller = new AbortController();
  const slow = await ChunkedMatrix.from(
    rechunked(tables.X, 10, (row) => row === 1500 && controller.abort(new Error("enough"))),
  );
  const other = X.exp().sum();
  for (const run of [
    () => slow.sum().run({ signal: controller.signal }),
    () => slow.persist({ signal: controller.signal }),
    () => slow.toMatrix({ signal: controller.signal }),
  ]) {
    try {
      await run();
      assert.unreachable("expected an abort");
    } catch (error) {
      assert.is((error as Error).message, "enough");
    }
  }
  assert.ok((await other) > 0);
});

test("a table that is shorter in a later pass is noticed", async () => {
  let rows = ROWS;
  const shrinking = {
    ...rechunked(tables.X, 100),
    *chunks() {
      for (const chunk of rechunked(tables.X, 100).chunks() as Iterable<{ firstRow: number; rows: number }>) {
        if (chunk.firstRow + chunk.rows <= rows) yield chunk as never;
      }
    },
  };
  const matrix = await ChunkedMatrix.from(shrinking);
  await matrix.sum();
  rows = 2000;
  await rejects(() => matrix.sum(), "ERR_INVALID_DATA", /gave 2000 rows in this pass, but has 2500/);
});

test("shapes that do not fit, unknown options and wrong values are refused with what to do", async () => {
  const refusals: [() => unknown, RegExp][] = [
    [() => X.add([1, 2, 3]), /3 numbers do not fit 4 columns/],
    [() => X.add(new Float64Array(ROWS)), /new Matrix\(values, \[n, 1\]\)/],
    [() => X.add(X.slice(1)), /2500 × 4 and 2499 × 4|2499 × 4 and 2500 × 4/],
    [() => X.add("1" as never), /expected a number, an array/],
    [() => X.add([[1]] as never), /Matrix\.from\(rows\)/],
    [() => X.select("a"), /there is no column "a"/],
    [() => X.select(4), /a column must be in 0 … 3/],
    [() => X.slice(0.5), /start must be an integer/],
    [() => X.rechunk(0), /chunkRows must be a positive integer/],
    [() => X.astype("int8" as never), /dtype must be "float32" or "float64"/],
    [() => X.sum({ axis: 2 as never }), /axis must be 0 \(of each column\)/],
    [() => X.std({ dof: 1 } as never), /unknown option "dof"; did you mean ddof\?/],
    [() => X.norm({ ord: 3 }), /ord must be 1, 2 or Infinity/],
    [() => X.clip(null), /give a lower or an upper bound/],
    [() => hstack([X, X.slice(1)]), /all matrices must have 2500 rows/],
    [() => vstack([X, X.select(0)]), /all matrices must have 4 columns/],
    [() => where(1, 2, 3), /one operand at least must be a ChunkedMatrix/],
    [() => compute(X as never), /must be a reduction such as X\.sum\(\)/],
    [() => ChunkedMatrix.from(tables.X, { dtype: "int32" as never }), /dtype must be/],
    [() => ChunkedMatrix.from(tables.X, { chunkrows: 3 } as never), /did you mean chunkRows\?/],
    [() => ChunkedMatrix.from(3 as never), /must be number\[\]\[\], a Matrix/],
  ];
  for (const [body, message] of refusals) await rejects(body, "ERR_INVALID_ARGUMENT", message);
  await rejects(() => ChunkedMatrix.from([][Symbol.iterator]()), "ERR_INVALID_DATA", /there is no batch/);
  await rejects(() => ChunkedMatrix.from([{ a: ["x"] }].values()), "ERR_INVALID_DATA", /column "a": value 0.*"x"/);
});

test("console.log shows shape, dtype and chunks", () => {
  assert.is(inspect(X), "ChunkedMatrix 2500 × 4 float64, 1 chunks of 65536 rows (reads a Matrix)");
  assert.match(inspect(X.add(1)), /\(lazy\)$/);
});

test.run();
