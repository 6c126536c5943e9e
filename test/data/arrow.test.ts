import { test } from "uvu";
import * as assert from "uvu/assert";
import * as arrow from "apache-arrow";
import { Matrix, StandardScaler, TreelineError } from "../../src/index.js";
import type { MatrixLike } from "../../src/index.js";
import { rowSourceOf } from "../../src/data/row-source-of.js";
import { encodeLabels, readColumn } from "../../src/data/vector.js";

/** What native code reads, row by row: an identity transform. */
async function cells(X: MatrixLike): Promise<number[][]> {
  const scaler = await new StandardScaler({ withMean: false, withStd: false }).fit(X);
  return (await scaler.transform(X)).toArray();
}

const failsWith = async (code: string, pattern: RegExp, body: () => unknown): Promise<void> => {
  try {
    await body();
  } catch (error) {
    assert.instance(error, TreelineError);
    assert.is((error as TreelineError).code, code);
    assert.match((error as TreelineError).message, pattern);
    return;
  }
  assert.unreachable("it did not fail");
};

/** Any table read through vector.get, the reference. */
function reference(table: arrow.Table): number[][] {
  return Array.from({ length: table.numRows }, (_, i) =>
    table.schema.fields.map((_, j) => {
      const value: unknown = table.getChildAt(j)?.get(i);
      return value === null ? NaN : Number(value);
    }),
  );
}

const count = 50;
const withNulls = <T>(make: (i: number) => T): (T | null)[] =>
  Array.from({ length: count }, (_, i) => (i % 7 === 3 ? null : make(i)));
const types: Record<string, [arrow.DataType, (i: number) => unknown]> = {
  float64: [new arrow.Float64(), (i) => Math.sin(i)],
  float32: [new arrow.Float32(), (i) => i / 4],
  int8: [new arrow.Int8(), (i) => i - 25],
  int16: [new arrow.Int16(), (i) => i * 100 - 2500],
  int32: [new arrow.Int32(), (i) => -i * 100_000],
  int64: [new arrow.Int64(), (i) => BigInt(i) * -(2n ** 40n)],
  uint8: [new arrow.Uint8(), (i) => i * 5],
  uint16: [new arrow.Uint16(), (i) => i * 1000],
  uint32: [new arrow.Uint32(), (i) => i * 80_000_000],
  uint64: [new arrow.Uint64(), (i) => BigInt(i) * 2n ** 45n],
  bool: [new arrow.Bool(), (i) => i % 3 === 0],
};

for (const [name, [type, make]] of Object.entries(types)) {
  test(`reads ${name} columns, whole, with nulls, sliced and sliced again`, async () => {
    const full = arrow.vectorFromArray(
      Array.from({ length: count }, (_, i) => make(i)),
      type,
    );
    const nulls = arrow.vectorFromArray(withNulls(make), type);
    const table = new arrow.Table({ full, nulls });
    for (const part of [table, table.slice(3), table.slice(11, 37).slice(2, 20), table.slice(8, 9)]) {
      assert.equal(await cells(part), reference(part));
    }
    const y = await readColumn(nulls.slice(9, 30), "y");
    assert.equal(Array.from(y as ArrayLike<unknown>), Array.from(nulls.slice(9, 30)));
  });
}

test("takes names, rows and columns from tables and record batches", async () => {
  const table = arrow.tableFromArrays({ a: Float64Array.of(1, 2, 3), b: Int32Array.of(4, 5, 6) });
  const scaler = await new StandardScaler().fit(table);
  assert.equal(scaler.featureNamesIn_, ["a", "b"]);
  assert.equal(await cells(table.batches[0] as arrow.RecordBatch), [
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});

test("reads columns in chunks with unequal borders and of unequal lengths", async () => {
  const concat = (...parts: Float64Array[]): arrow.Vector =>
    parts.map((part) => arrow.makeVector(part)).reduce((a, b) => a.concat(b));
  const table = new arrow.Table({
    a: concat(Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8, 9, 10)),
    b: concat(Float64Array.of(1, 2), Float64Array.of(3, 4, 5, 6, 7), Float64Array.of(8, 9, 10)),
  });
  assert.equal(await cells(table), reference(table));
  const ragged = arrow.tableFromArrays({ long: Float64Array.of(1, 2, 3, 4, 5, 6), short: Int32Array.of(1, 2, 3, 4) });
  assert.equal(
    (await cells(ragged)).map(([, b]) => b),
    [1, 2, 3, 4, NaN, NaN],
  );
});

test("reads what IPC gives back, from any byte offset", async () => {
  const table = new arrow.Table({
    x: arrow.vectorFromArray(
      withNulls((i) => i / 3),
      new arrow.Float64(),
    ),
    flag: arrow.vectorFromArray(
      withNulls((i) => i % 2 === 0),
      new arrow.Bool(),
    ),
    big: arrow.vectorFromArray(
      withNulls((i) => BigInt(i)),
      new arrow.Int64(),
    ),
  });
  const bytes = arrow.tableToIPC(table);
  for (const offset of [0, 1, 4, 8]) {
    const moved = new Uint8Array(bytes.length + offset);
    moved.set(bytes, offset);
    assert.equal(await cells(arrow.tableFromIPC(moved.subarray(offset))), reference(table));
  }
});

test("cuts large batches into chunks of a few megabytes, the same bits as a Matrix", async () => {
  const rows = 150_001;
  const columns = Array.from({ length: 3 }, (_, j) =>
    Float64Array.from({ length: rows }, (_, i) => Math.sin(i * 3 + j)),
  );
  const table = arrow.tableFromArrays({ a: columns[0], b: columns[1], c: columns[2] } as Record<string, Float64Array>);
  const data = new Float64Array(rows * 3);
  columns.forEach((column, j) => data.set(column, j * rows));
  const chunks = Array.from(rowSourceOf(table, "X").chunks() as Iterable<{ rows: number }>, (chunk) => chunk.rows);
  assert.ok(chunks.length > 2 && Math.max(...chunks) <= 65_536);
  const [fromTable, fromMatrix] = [
    await new StandardScaler().fit(table),
    await new StandardScaler().fit(new Matrix(data, [rows, 3], "column")),
  ];
  assert.equal(fromTable.var_, fromMatrix.var_);
});

const dictionary = (values: unknown[], type: arrow.DataType): arrow.Vector =>
  arrow.vectorFromArray(values, new arrow.Dictionary(type, new arrow.Int32()));

test("unifies different dictionaries of chunks by value", async () => {
  const utf8 = dictionary(["x", "y", null], new arrow.Utf8()).concat(dictionary(["y", "z", "x"], new arrow.Utf8()));
  const source = rowSourceOf(new arrow.Table({ c: utf8 }), "X", { categories: true });
  assert.equal(source.categories, [["x", "y", "z"]]);
  const codes = [...(source.chunks() as Iterable<{ columns: { values: Float64Array }[] }>)].flatMap((chunk) =>
    Array.from(chunk.columns[0]?.values ?? []),
  );
  assert.equal(codes, [0, 1, NaN, 1, 2, 0]);
  const y = await readColumn(utf8, "y");
  assert.equal(y, ["x", "y", null, "y", "z", "x"]);
  const labels = await encodeLabels(utf8.slice(3), "y");
  assert.equal(labels.classes, ["x", "y", "z"]);
  assert.equal(Array.from(labels.codes), [1, 2, 0]);
});

test("decodes dictionaries of numbers to their values", async () => {
  const column = dictionary([10.5, 20.5, 10.5, null], new arrow.Float64());
  assert.equal(await cells(new arrow.Table({ column })), [[10.5], [20.5], [10.5], [NaN]]);
});

test("refuses columns that are not numbers by name, and says what to do", async () => {
  const tables: [arrow.Vector, RegExp][] = [
    [arrow.vectorFromArray(["a", "b"], new arrow.Utf8()), /"c" is Utf8.*Dictionary/],
    [arrow.vectorFromArray([new Date(0)], new arrow.DateDay()), /"c" is Date.*derive numbers/],
    [arrow.vectorFromArray([1, 2], new arrow.Float16()), /"c" is Float16.*cast/],
    [arrow.vectorFromArray([[1], [2]], new arrow.List(new arrow.Field("item", new arrow.Float64()))), /"c" is List/],
    [dictionary(["a", "b"], new arrow.Utf8()), /"c" holds categories/],
  ];
  for (const [c, pattern] of tables) {
    await failsWith("ERR_INVALID_DATA", pattern, () => new StandardScaler().fit(new arrow.Table({ c })));
  }
  await failsWith("ERR_INVALID_ARGUMENT", /two dimensions.*Vector/, () =>
    new StandardScaler().fit(arrow.makeVector(Float64Array.of(1)) as never),
  );
});

test("reads y from vectors of any label type", async () => {
  const cases: [arrow.Vector, unknown[], number[]][] = [
    [arrow.vectorFromArray([3n, 1n, 3n], new arrow.Int64()), [1, 3], [1, 0, 1]],
    [arrow.vectorFromArray([2n ** 60n, 1n], new arrow.Int64()), [1n, 2n ** 60n], [1, 0]],
    [arrow.vectorFromArray([true, false], new arrow.Bool()), [false, true], [1, 0]],
    [arrow.vectorFromArray(["b", "a"], new arrow.Utf8()), ["a", "b"], [1, 0]],
    [arrow.makeVector(Int8Array.of(5, 4, 4)), [4, 5], [1, 0, 0]],
  ];
  for (const [vector, classes, codes] of cases) {
    const labels = await encodeLabels(vector, "y");
    assert.equal(Array.from<unknown>(labels.classes), classes);
    assert.equal(Array.from(labels.codes), codes);
  }
  await failsWith("ERR_INVALID_DATA", /missing label in row 1/, () =>
    encodeLabels(arrow.vectorFromArray([1, null], new arrow.Int32()), "y"),
  );
  await failsWith("ERR_INVALID_DATA", /Arrow vector of Date/, () =>
    encodeLabels(arrow.vectorFromArray([new Date(0)], new arrow.DateDay()), "y"),
  );
});

test("an empty table has no rows", async () => {
  const empty = arrow.tableFromArrays({ a: new Float64Array(0) });
  await failsWith("ERR_INVALID_DATA", /0 rows/, () => new StandardScaler().fit(empty));
});

test.run();
