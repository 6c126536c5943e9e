import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, OneHotEncoder, StandardScaler, makePipeline } from "../../src/index.js";

const errorOf = (call: () => Promise<unknown>): Promise<Error> =>
  call().then(
    () => assert.unreachable() as never,
    (error: Error) => error,
  );

test("toArrow: columns in order under the names given, of either order and width; NaN stays", async () => {
  const rows = [
    [1, 2.5, NaN],
    [-0, 1e300, 4],
  ];
  for (const matrix of [Matrix.from(rows), new Matrix(Float64Array.of(1, -0, 2.5, 1e300, NaN, 4), [2, 3], "column")]) {
    const table = await matrix.toArrow(["10", "2", "a b"]); // names like numbers keep their places
    assert.equal(
      table.schema.fields.map(({ name, nullable }) => [name, nullable]),
      [
        ["10", false],
        ["2", false],
        ["a b", false],
      ],
    );
    const columns = [0, 1, 2].map((j) => Array.from(table.getChildAt(j)?.toArray() as Float64Array));
    rows.forEach((row, i) => row.forEach((value, j) => assert.ok(Object.is(columns[j]?.[i], value), `[${i}, ${j}]`)));
  }
  const narrow = await new Matrix(Float32Array.of(0.1), [1, 1]).toArrow();
  assert.equal([narrow.schema.fields[0]?.name, String(narrow.schema.fields[0]?.type)], ["x0", "Float32"]);
  assert.equal([(await new Matrix(new Float64Array(0), [0, 2]).toArrow()).numRows], [0]);
});

test("names in, names out, Arrow out, and in again", async () => {
  const X = await Matrix.from([
    [1, 10],
    [2, 30],
    [3, 20],
  ]).toArrow(["age", "pay"]);
  const pipeline = makePipeline(new StandardScaler());
  const Z = await (await pipeline.fitTransform(X as never)).toArrow(pipeline.getFeatureNamesOut());
  assert.equal(Z.schema.names, ["age", "pay"]);
  const again = await new StandardScaler().fit(Z as never);
  assert.equal(again.featureNamesIn_, ["age", "pay"]);
  const encoder = new OneHotEncoder({ sparseOutput: false });
  const ones = (await encoder.fitTransform([["a"], ["b"], ["a"]])) as Matrix;
  assert.equal((await ones.toArrow(encoder.getFeatureNamesOut())).schema.names, ["x0_a", "x0_b"]);
});

test("toArrow: wrong names are refused", async () => {
  const matrix = Matrix.from([[1, 2]]);
  for (const [names, expected] of [
    [["a"], /Matrix\.toArrow: names must be 2 strings, one a column, got Array\(1\)/],
    ["ab", /names must be 2 strings/],
    [[1, 2], /names must be 2 strings/],
    [["a", "a"], /names must differ, but "a" is there twice/],
  ] as const) {
    assert.match((await errorOf(() => matrix.toArrow(names as never))).message, expected);
  }
});

test.run();
