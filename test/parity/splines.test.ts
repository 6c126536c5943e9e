import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CsrMatrix, fromSklearn, type Matrix, type SplineTransformer } from "../../src/index.js";

// What scikit-learn makes of a small table (make_splines.py). Strings are NaN.

type Table = (number | string)[][];
interface Case {
  readonly params: Readonly<Record<string, unknown>>;
  readonly fitted: "table" | "holed";
  readonly columns: number;
  readonly weights: number[] | null;
  readonly shown: Table;
  readonly knots: Table;
  readonly values: Table;
  readonly names: string[];
}
const values = JSON.parse(readFileSync("test/parity/splines.json", "utf8")) as {
  readonly table: Table;
  readonly holed: Table;
  readonly cases: Case[];
};
const numbers = (table: Table, columns?: number): number[][] => table.map((row) => row.slice(0, columns).map(Number));

/** Values far beyond the knots are large, and so are their errors. */
function same(actual: readonly (readonly number[])[], expected: Table, what: string): void {
  assert.is(actual.length, expected.length);
  numbers(expected).forEach((row, i) => {
    assert.is(actual[i]?.length, row.length);
    const largest = Math.max(1, ...row.map(Math.abs));
    row.forEach((value, j) => {
      const got = actual[i]?.[j] as number;
      assert.ok(Math.abs(got - value) <= 1e-12 * largest, `${what} [${i}, ${j}]: ${got} is not ${value}`);
    });
  });
}

for (const [k, { params, fitted, columns, weights, shown, knots, values: expected, names }] of values.cases.entries()) {
  test(`SplineTransformer (${k}) ${JSON.stringify(params)}${weights ? ", weighted" : ""}`, async () => {
    const model = fromSklearn<SplineTransformer>("SplineTransformer", params);
    const X = numbers(values[fitted], columns);
    await model.fit(X, undefined, weights === null ? {} : { sampleWeight: weights });
    knots.forEach((row, j) => {
      const scale = Math.max(...row.map((t) => Math.abs(Number(t))));
      row.forEach((t, i) => {
        const got = model.knots_[j]?.[i] as number;
        assert.ok(Math.abs(got - Number(t)) <= 1e-12 * scale, `knot ${i} of ${j}: ${got} is not ${t}`);
      });
    });
    const Z = await model.transform(numbers(shown));
    assert.is(Z instanceof CsrMatrix, params["sparse_output"] === true);
    same((Z instanceof CsrMatrix ? (Z.toDense() as Matrix) : Z).toArray(), expected, "values");
    assert.equal(model.getFeatureNamesOut(), names);
    assert.is(model.nFeaturesOut_, names.length);
  });
}

test.run();
