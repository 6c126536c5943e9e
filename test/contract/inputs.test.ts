import { type RecordBatch, type Table, tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, type MatrixLike } from "../../src/index.js";
import { answers, errorOf, flat, problemFor, TABULAR, type Entry } from "./estimators.js";
import { matrixOf } from "./problems.js";
import { rechunked } from "./rechunked.js";

/** The same numbers in every kind of table. */
function tables(X: number[][]): [string, MatrixLike][] {
  const { data, shape } = matrixOf(X);
  const transposed = Float64Array.from(
    { length: data.length },
    (_, k) => X[k % shape[0]]?.[Math.floor(k / shape[0])] as number,
  );
  const shared = new Float64Array(new SharedArrayBuffer(data.byteLength));
  shared.set(data);
  const padded = new Float64Array(data.length + 3);
  padded.set(data, 3);
  const columns = Object.fromEntries(
    (X[0] ?? []).map((_, j) => [`c${j}`, Float64Array.from(X, (row) => row[j] as number)]),
  );
  const table: Table = tableFromArrays(columns);
  return [
    ["a Float64Array matrix", new Matrix(data, shape)],
    ["a column-major matrix", new Matrix(transposed, shape, "column")],
    ["a Float32Array matrix", new Matrix(Float32Array.from(data), shape)],
    ["a matrix in shared memory", new Matrix(shared, shape)],
    ["a view into a larger array", new Matrix(padded.subarray(3), shape)],
    ["rows of typed arrays", X.map((row) => Float64Array.from(row))],
    ["an Arrow table", table],
    [
      "an Arrow table of float32",
      tableFromArrays(
        Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, Float32Array.from(column)])),
      ),
    ],
    ["an Arrow record batch", table.batches[0] as RecordBatch],
    ["a source of chunks", rechunked(new Matrix(data, shape), 13)],
  ];
}

function close(actual: readonly unknown[], expected: readonly unknown[]): boolean {
  return actual.every((value, i) => value === expected[i] || Math.abs(Number(value) - Number(expected[i])) < 1e-4);
}

for (const entry of TABULAR) {
  const { name, make, tags } = entry;
  const { X, y } = problemFor(entry);

  test(`${name}: every kind of table gives the same model and the same answers`, async () => {
    const plain = make();
    await plain.fit(X, y);
    const expected = await answers(plain, X);
    for (const [kind, table] of tables(X)) {
      const estimator = make();
      await estimator.fit(table, y);
      const fitted = await answers(estimator, X);
      const given = await answers(plain, table);
      for (const [method, wanted] of Object.entries(expected)) {
        for (const [values, what] of [
          [fitted[method], `fit on ${kind}: ${method}`],
          [given[method], `${method} of ${kind}`],
        ] as const) {
          // What transforms float32 gives float32, and so does a pipeline of such in between.
          if (kind.includes("loat32")) assert.ok(close(values as unknown[], wanted as unknown[]), what);
          else assert.equal(values, wanted, what);
        }
      }
    }
  });

  test(`${name}: every kind of y and of weights gives the same model`, async () => {
    if (!tags.requiresY) return;
    const weights = y.map((_, i) => 1 + (i % 3));
    const plain = make();
    await plain.fit(X, y, tags.sampleWeight ? { sampleWeight: weights } : {});
    const expected = await answers(plain, X);
    for (const type of [Float64Array, Float32Array, tags.kind === "classifier" ? Int32Array : Float64Array] as const) {
      const estimator = make();
      await estimator.fit(X, type.from(y), tags.sampleWeight ? { sampleWeight: type.from(weights) } : {});
      assert.equal(await answers(estimator, X), expected, type.name);
    }
  });

  test(`${name}: X, y and weights are not changed by anything`, async () => {
    const given = { X: matrixOf(X), y: Float64Array.from(y), sampleWeight: Float64Array.from(y, () => 1.5) };
    const before = structuredClone([given.X.data, given.y, given.sampleWeight]);
    const estimator = make();
    await estimator.fit(given.X, given.y, tags.sampleWeight ? { sampleWeight: given.sampleWeight } : {});
    await answers(estimator, given.X);
    assert.equal([given.X.data, given.y, given.sampleWeight], before);
  });

  test(`${name}: the answer for a row does not depend on the rows around it`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const all = await answers(estimator, X);
    const order = X.map((_, i) => (i * 37) % X.length);
    const shuffled = await answers(
      estimator,
      order.map((i) => X[i] as number[]),
    );
    for (const [method, values] of Object.entries(all)) {
      const width = values.length / X.length;
      const row = (list: unknown[], i: number): unknown[] => list.slice(i * width, (i + 1) * width);
      order.forEach((i, k) => assert.equal(row(shuffled[method] as unknown[], k), row(values, i), method));
    }
    for (const size of [1, 7]) {
      const parts = [];
      for (let i = 0; i < X.length; i += size) parts.push(await answers(estimator, X.slice(i, i + size)));
      for (const [method, values] of Object.entries(all)) {
        assert.equal(
          parts.flatMap((part) => part[method] as unknown[]),
          values,
          `${method} by ${size}`,
        );
      }
    }
  });

  test(`${name}: the answers of predictSync and predictProbaSync are those of predict and predictProba`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const expected = await answers(estimator, X);
    if (estimator.predictSync) assert.equal(flat(estimator.predictSync(X)), expected["predict"]);
    if (estimator.predictProbaSync) assert.equal(flat(estimator.predictProbaSync(X)), expected["predictProba"]);
  });

  test(`${name}: tables of no rows, of no columns, and flat arrays are refused by name`, async () => {
    const none = await errorOf(() => make().fit([], []));
    assert.is(none.code, "ERR_INVALID_DATA");
    assert.match(none.message, /: X has 0 (rows|features)|: y (is empty|has 0)/);
    const oneD = await errorOf(() => make().fit([1, 2, 3] as never, [0, 1, 0]));
    assert.is(oneD.code, "ERR_INVALID_ARGUMENT");
    assert.match(oneD.message, /fit: X must have two dimensions .*wrap one feature as/);
    const estimator = make();
    await estimator.fit(X, y);
    const call = estimator.predict ?? estimator.transform ?? estimator.kneighbors;
    assert.match(
      (await errorOf(() => call?.call(estimator, [1, 2, 3, 4] as never))).message,
      /X must have two dimensions/,
    );
    if (tags.ignoresX === true) return;
    const columns = await errorOf(() =>
      make().fit(
        X.map(() => []),
        y,
      ),
    );
    assert.is(columns.code, "ERR_INVALID_DATA");
    assert.match(columns.message, /X has 0 features; at least 1 is needed/);
  });

  test(`${name}: one row works or is refused in words; one column works`, async () => {
    const single = make();
    try {
      await single.fit(X.slice(0, 1), y.slice(0, 1));
      await answers(single, X.slice(0, 1));
    } catch (error) {
      assert.is((error as { code?: string }).code, "ERR_INVALID_DATA", (error as Error).message);
      assert.match((error as Error).message, /1 row|row|class|sample/);
    }
    const narrow = make();
    await narrow.fit(
      X.map((row) => row.slice(0, 1)),
      y,
    );
    await answers(
      narrow,
      X.map((row) => row.slice(0, 1)),
    );
    assert.is(narrow.nFeaturesIn_, 1);
  });

  test(`${name}: no rows to answer for give no answers`, async () => {
    const estimator = make();
    await estimator.fit(X, y);
    const none = await answers(estimator, new Matrix(new Float64Array(0), [0, 4]));
    for (const [method, values] of Object.entries(none)) assert.equal(values, [], method);
  });

  test(`${name}: NaN is a missing value or refused by its place, in fit and in answers`, async () => {
    const holed = holes(entry, NaN);
    if (tags.allowNaN) {
      const estimator = make();
      await estimator.fit(holed, y);
      await answers(estimator, holed);
      return;
    }
    const error = await errorOf(() => make().fit(holed, y));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, /NaN|missing|finite/);
    const estimator = make();
    await estimator.fit(X, y);
    for (const method of ["predict", "predictProba", "transform"] as const) {
      const call = estimator[method];
      if (typeof call !== "function") continue;
      const refused = await errorOf(() => call.call(estimator, holed));
      assert.is(refused.code, "ERR_INVALID_DATA", method);
      assert.match(refused.message, /NaN|missing|finite/);
    }
  });

  test(`${name}: infinities are refused, or answered with finite numbers`, async () => {
    for (const infinity of [Infinity, -Infinity]) {
      const estimator = make();
      try {
        await estimator.fit(holes(entry, infinity), y);
      } catch (error) {
        assert.is((error as { code?: string }).code, "ERR_INVALID_DATA");
        assert.match((error as Error).message, /nfinit|finite/);
        continue;
      }
      for (const [method, values] of Object.entries(await answers(estimator, X))) {
        assert.ok(
          method === "predictLogProba" || values.every((v) => typeof v !== "number" || Number.isFinite(v)),
          method,
        );
      }
    }
  });

  test(`${name}: y that is missing, too short, or has NaN is refused`, async () => {
    if (!tags.requiresY) return;
    const missing = await errorOf(() => make().fit(X));
    assert.is(missing.code, "ERR_INVALID_ARGUMENT");
    assert.match(missing.message, /fit: y is missing/);
    const short = await errorOf(() => make().fit(X, y.slice(1)));
    assert.is(short.code, "ERR_INVALID_DATA");
    assert.match(short.message, /120 (rows|values|labels).* 119|119 (rows|values|labels).* 120/);
    const nan = await errorOf(() =>
      make().fit(
        X,
        y.map((v, i) => (i === 5 ? NaN : v)),
      ),
    );
    assert.is(nan.code, "ERR_INVALID_DATA");
    assert.match(nan.message, /fit: y .*(missing label in row 5|finite numbers, got NaN in row 5)/);
  });
}

/** The problem's X with `value` in three places. */
function holes(entry: Entry, value: number): number[][] {
  const { X } = problemFor(entry);
  return X.map((row, i) => (i % 40 === 3 ? row.map((x, j) => (j === i % 4 ? value : x)) : row));
}

test.run();
