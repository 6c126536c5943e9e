import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  Binarizer,
  CsrMatrix,
  Matrix,
  MaxAbsScaler,
  MinMaxScaler,
  MissingIndicator,
  Normalizer,
  OneHotEncoder,
  OrdinalEncoder,
  RobustScaler,
  SimpleImputer,
} from "../../src/index.js";

// What scikit-learn's scalers, encoders and imputers make of small tables (make_preparation.py). null is NaN, or missing.

type Cell = number | string | null;
type Table = Cell[][];
const values = JSON.parse(readFileSync("test/parity/preparation.json", "utf8")) as {
  numbers: Table;
  holed: Table;
  empty: Table;
  words: Table;
  other: Table;
  text: Table;
  scalers: [string, object, Table, Table][];
  rows: [string, object, Table][];
  oneHot: [object, Table, string[], Table | null][];
  ordinal: [object, Table, Table | null][];
  imputers: [object, Table][];
  textImputed: Table;
  indicator: Table;
};
const numbers = (table: Table): number[][] =>
  table.map((row) => row.map((value) => (value === null ? NaN : Number(value))));

function same(actual: Matrix | CsrMatrix, expected: Table, what: string): void {
  const rows = (actual instanceof CsrMatrix ? actual.toDense() : actual).toArray();
  assert.equal([rows.length, rows[0]?.length], [expected.length, expected[0]?.length], what);
  numbers(expected).forEach((row, i) =>
    row.forEach((value, j) => {
      const got = rows[i]?.[j] as number;
      const close = Math.abs(got - value) <= 1e-12 * Math.max(1, Math.abs(value));
      assert.ok(close || (Number.isNaN(got) && Number.isNaN(value)), `${what} [${i}, ${j}]: ${got} is not ${value}`);
    }),
  );
}

const SCALERS = { MinMaxScaler, MaxAbsScaler, RobustScaler };
values.scalers.forEach(([name, params, expected, back], k) => {
  test(`${name} (${k}): there and back, with missing values and a constant column`, async () => {
    const scaler = new SCALERS[name as keyof typeof SCALERS](params);
    const X = Matrix.from(numbers(values.holed));
    same(await scaler.fitTransform(X), expected, name);
    same(await scaler.inverseTransform(await scaler.transform(X)), back, `${name} back`);
  });
});

const ROWS = { Normalizer, Binarizer };
values.rows.forEach(([name, params, expected], k) => {
  test(`${name} (${k})`, async () => {
    same(await new ROWS[name as keyof typeof ROWS](params).fitTransform(numbers(values.numbers)), expected, name);
  });
});

values.oneHot.forEach(([params, expected, names, unknown], k) => {
  test(`OneHotEncoder (${k}) ${JSON.stringify(params)}`, async () => {
    const encoder = new OneHotEncoder(params);
    same(await encoder.fitTransform(values.words), expected, "known");
    // Missing is null here, None there; infrequent ones are called infrequent.
    const theirs = names.map((name) => name.replace("_None", "_null").replace("infrequent_sklearn", "infrequent"));
    assert.equal(encoder.getFeatureNamesOut(), theirs);
    if (unknown !== null) same(await encoder.transform(values.other), unknown, "unknown");
    const dense = new OneHotEncoder({ ...params, sparseOutput: false });
    assert.instance(await dense.fitTransform(values.words), Matrix);
    same(await dense.transform(values.words), expected, "dense");
  });
});

values.ordinal.forEach(([params, expected, unknown], k) => {
  test(`OrdinalEncoder (${k}) ${JSON.stringify(params)}`, async () => {
    const nan = "unknownValue" in params && params.unknownValue === null ? { unknownValue: NaN } : {};
    const encoder = new OrdinalEncoder({ ...params, ...nan });
    same(await encoder.fitTransform(values.words), expected, "known");
    if (unknown !== null) same(await encoder.transform(values.other), unknown, "unknown");
  });
});

values.imputers.forEach(([params, expected], k) => {
  test(`SimpleImputer (${k}) ${JSON.stringify(params)}`, async () => {
    same(await new SimpleImputer(params).fitTransform(numbers(values.empty)), expected, "imputed");
  });
});

test("SimpleImputer of strings, MissingIndicator", async () => {
  const imputed = await new SimpleImputer({ strategy: "mostFrequent" }).fitTransform(values.text);
  assert.equal(imputed as unknown as Table, values.textImputed);
  same(await new MissingIndicator().fitTransform(numbers(values.empty)), values.indicator, "indicator");
});

test.run();
