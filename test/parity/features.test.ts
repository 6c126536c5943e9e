import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  fromSklearn,
  Matrix,
  type KBinsDiscretizer,
  type MatrixLike,
  type PolynomialFeatures,
  type PowerTransformer,
  type QuantileTransformer,
} from "../../src/index.js";

// What scikit-learn makes of small tables (make_features.py). Strings are NaN and infinities.

type Table = (number | string)[][];
interface Expected {
  readonly params: Readonly<Record<string, unknown>>;
}
const values = JSON.parse(readFileSync("test/parity/features.json", "utf8")) as {
  numbers: Table;
  few: Table;
  holes: Table;
  bins: (Expected & { weights: number[] | null; edges: Table; bins: Table; back: Table; names: string[] })[];
  holed: Table;
  stretched: Table;
  quantiles: (Expected & { quantiles: Table; forth: Table; back: Table; beyond: Table })[];
  sparseQuantiles: (Expected & { table: Table; shown: Table; quantiles: Table; forth: Table; back: Table })[];
  powers: (Expected & { table: Table; lambdas: number[]; forth: Table; back: Table })[];
  polynomials: (Expected & { dense: Table; sparse: Table; powers: number[][]; names: string[] })[];
};
const numbers = (table: Table): number[][] =>
  table.map((row) => row.map((value) => (value === "inf" ? Infinity : value === "-inf" ? -Infinity : Number(value))));

function same(actual: unknown, expected: Table, what: string, tolerance = 1e-12): void {
  const table = actual instanceof CsrMatrix ? actual.toDense() : actual;
  const rows = table instanceof Matrix ? table.toArray() : (table as ArrayLike<number>[]).map((row) => Array.from(row));
  assert.equal(
    rows.map(({ length }) => length),
    expected.map(({ length }) => length),
    `${what}: shape`,
  );
  numbers(expected).forEach((row, i) =>
    row.forEach((value, j) => {
      const got = rows[i]?.[j] as number;
      const close = Object.is(got, value) || Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value));
      assert.ok(close, `${what} [${i}, ${j}]: ${got} is not ${value}`);
    }),
  );
}

const X = Matrix.from(numbers(values.numbers));
const wider: MatrixLike = Matrix.from(X.toArray().map((row) => row.map((x) => x * 1.5)));

for (const [k, { params, weights, edges, bins, back, names }] of values.bins.entries()) {
  test(`KBinsDiscretizer (${k}) ${JSON.stringify(params)}${weights ? ", weighted" : ""}`, async () => {
    const model = fromSklearn<KBinsDiscretizer>("KBinsDiscretizer", { encode: "ordinal", ...params });
    await model.fit(X, undefined, weights === null ? {} : { sampleWeight: weights });
    same(model.binEdges_, edges, "edges");
    const Z = await model.transform(wider);
    assert.is(Z instanceof CsrMatrix, params["encode"] === "onehot");
    same(Z, bins, "bins");
    same(await model.inverseTransform(Z), back, "back");
    assert.equal(model.getFeatureNamesOut(), names);
  });
}

for (const [k, { params, dense, sparse, powers, names }] of values.polynomials.entries()) {
  test(`PolynomialFeatures (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<PolynomialFeatures>("PolynomialFeatures", params);
    const Z = await model.fitTransform(numbers(values.few));
    same(Z, dense, "dense", 0);
    assert.is((Z as Matrix).order, "row");
    assert.equal(model.powers_.toArray(), powers);
    assert.equal(model.getFeatureNamesOut(), names);
    assert.is(model.nOutputFeatures_, names.length);
    const S = await model.transform(CsrMatrix.fromDense(numbers(values.holes)));
    assert.instance(S, CsrMatrix);
    same(S, sparse, "sparse");
    same(await model.setParams({ order: "F" }).transform(numbers(values.few)), dense, "column-major", 0);
  });
}

for (const [k, { params, quantiles, forth, back, beyond }] of values.quantiles.entries()) {
  test(`QuantileTransformer (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<QuantileTransformer>("QuantileTransformer", params);
    await model.fit(numbers(values.holed));
    same(model.quantiles_, quantiles, "quantiles");
    const Z = await model.transform(numbers(values.stretched));
    same(Z, forth, "forth");
    same(await model.inverseTransform(Z), back, "back");
    const narrow = numbers(values.stretched).map((row) => row.map((x) => x / 20));
    same(await model.inverseTransform(narrow), beyond, "beyond");
  });
}

for (const [k, { params, table, shown, quantiles, forth, back }] of values.sparseQuantiles.entries()) {
  test(`QuantileTransformer of sparse tables (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<QuantileTransformer>("QuantileTransformer", params);
    await model.fit(CsrMatrix.fromDense(numbers(table)));
    same(model.quantiles_, quantiles, "quantiles");
    const Z = await model.transform(CsrMatrix.fromDense(numbers(shown)));
    assert.instance(Z, CsrMatrix);
    same(Z, forth, "forth");
    same(await model.inverseTransform(Z), back, "back");
  });
}

for (const [k, { params, table, lambdas, forth, back }] of values.powers.entries()) {
  test(`PowerTransformer (${k}) ${JSON.stringify(params)}`, async () => {
    const model = fromSklearn<PowerTransformer>("PowerTransformer", params);
    const Z = await model.fitTransform(numbers(table));
    same([model.lambdas_], [lambdas], "lambdas", 1e-6);
    same(Z, forth, "forth", 1e-5);
    same(
      await model.inverseTransform(Matrix.from(Z.toArray().map((row) => row.map((z) => z * 0.9)))),
      back,
      "back",
      1e-5,
    );
  });
}

test.run();
