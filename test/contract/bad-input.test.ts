import { type RecordBatch, tableFromArrays, Table } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  clone,
  DummyClassifier,
  DummyRegressor,
  LabelEncoder,
  LogisticRegression,
  makePipeline,
  Matrix,
  StandardScaler,
  TreelineError,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";
import { errorOf } from "./estimators.js";

const [A, D] = ["ERR_INVALID_ARGUMENT", "ERR_INVALID_DATA"];
const X = [
  [1, 2],
  [3, 4],
  [5, 6],
];
const y = [0, 1, 1];
const bad = (value: unknown): never => value as never;
const x = (value: unknown): MatrixLike => value as MatrixLike;
const v = (value: unknown): VectorLike => value as VectorLike;
const fitLogistic = (X: MatrixLike, y: VectorLike) => new LogisticRegression().fit(X, y);
const scale = (X: MatrixLike) => new StandardScaler().fit(X);

// What is wrong, the call, the exact message, the code.
const CASES: [string, () => unknown, string, string][] = [
  // X
  [
    "X: nothing",
    () => scale(x(undefined)),
    "StandardScaler.fit: X must be number[][], a Matrix, an Arrow table or a Frame, got undefined",
    A,
  ],
  [
    "X: null",
    () => scale(x(null)),
    "StandardScaler.fit: X must be number[][], a Matrix, an Arrow table or a Frame, got null",
    A,
  ],
  [
    "X: text",
    () => scale(x("data.csv")),
    'StandardScaler.fit: X must be number[][], a Matrix, an Arrow table or a Frame, got "data.csv"',
    A,
  ],
  [
    "X: an object",
    () => scale(x({ a: [1] })),
    "StandardScaler.fit: X must be number[][], a Matrix, an Arrow table or a Frame, got a Object",
    A,
  ],
  [
    "X: a flat array",
    () => scale(x([1, 2])),
    "StandardScaler.fit: X must have two dimensions (rows of features), got a flat Array(2) of 1: wrap one feature as X.map((x) => [x]), one row as [X]",
    A,
  ],
  [
    "X: a typed array",
    () => scale(x(Float64Array.of(1, 2))),
    "StandardScaler.fit: X must have two dimensions, got Float64Array(2): use new Matrix(data, [rows, columns])",
    A,
  ],
  [
    "X: an Arrow vector",
    () => scale(x(tableFromArrays({ a: [1, 2] }).getChild("a"))),
    "StandardScaler.fit: X must have two dimensions, got an Arrow Vector: use new Table({ x: vector })",
    A,
  ],
  [
    "X: text in a cell",
    () =>
      scale(
        x([
          [1, 2],
          [3, "4"],
        ]),
      ),
    'StandardScaler.fit: X: row 1, column 1 must be a number (NaN: missing), got "4"',
    D,
  ],
  [
    "X: null in a cell",
    () => scale(x([[1, null]])),
    "StandardScaler.fit: X: row 0, column 1 must be a number (NaN: missing), got null",
    D,
  ],
  [
    "X: a bigint in a cell",
    () => scale(x([[1n]])),
    "StandardScaler.fit: X: row 0, column 0 must be a number (NaN: missing), got 1n",
    D,
  ],
  [
    "X: rows of unequal length",
    () => scale([[1, 2], [3]]),
    "StandardScaler.fit: X: row 1 has 1 values, but row 0 has 2",
    D,
  ],
  [
    "X: a hole in the rows",
    () => scale(x([[1], undefined])),
    "StandardScaler.fit: X: row 1 has 0 values, but row 0 has 1",
    D,
  ],
  [
    "X: no rows",
    () => scale(new Matrix(new Float64Array(0), [0, 3])),
    "StandardScaler.fit: X has 0 rows; at least 1 is needed",
    D,
  ],
  ["X: no columns", () => scale([[], []]), "StandardScaler.fit: X has 0 features; at least 1 is needed", D],
  [
    "X: infinity",
    () => scale([[1, Infinity]]),
    "StandardScaler.fit: X contains Infinity in row 0, column 1: replace such values or drop such rows first",
    D,
  ],
  [
    "X: infinity in a named column",
    () => scale(tableFromArrays({ a: Float64Array.of(1), b: Float64Array.of(-Infinity) })),
    'StandardScaler.fit: X contains -Infinity in row 0, column 1 ("b"): replace such values or drop such rows first',
    D,
  ],
  [
    "X: strings in a column",
    () => scale(tableFromArrays({ a: ["u", "v"] })),
    'StandardScaler.fit: X: column "a" holds categories (strings), but numbers are needed here: drop it, or encode it as numbers first',
    D,
  ],
  // Matrix
  [
    "Matrix: a shape that does not fit",
    () => new Matrix(new Float64Array(5), [2, 3]),
    "Matrix: shape [2, 3] does not fit data of 5 numbers",
    A,
  ],
  [
    "Matrix: a negative shape",
    () => new Matrix(new Float64Array(4), [-2, -2]),
    "Matrix: shape [-2, -2] does not fit data of 4 numbers",
    A,
  ],
  [
    "Matrix: integers",
    () => new Matrix(bad(Int32Array.of(1)), [1, 1]),
    "Matrix: data must be a Float32Array or Float64Array, got Int32Array(1)",
    A,
  ],
  [
    "Matrix: an unknown order",
    () => new Matrix(new Float64Array(1), [1, 1], bad("C")),
    'Matrix: order must be "row" or "column", got "C"',
    A,
  ],
  [
    "Matrix: an index beyond",
    () => new Matrix(new Float64Array(1), [1, 1]).at(0, 1),
    "Matrix: column must be in 0 … 0, got 1",
    A,
  ],
  // y of classifiers
  [
    "y: nothing",
    () => fitLogistic(X, v(undefined)),
    "LogisticRegression.fit: y is missing: this estimator learns from X and y",
    A,
  ],
  [
    "y: a number",
    () => fitLogistic(X, v(1)),
    "LogisticRegression.fit: y must be an array, a typed array, an Arrow vector or a Frame column, got 1",
    A,
  ],
  [
    "y: null inside",
    () => fitLogistic(X, [0, null, 1]),
    "LogisticRegression.fit: y has a missing label in row 1: drop such rows first",
    D,
  ],
  [
    "y: NaN inside",
    () => fitLogistic(X, [0, NaN, 1]),
    "LogisticRegression.fit: y has a missing label in row 1: drop such rows first",
    D,
  ],
  [
    "y: infinity",
    () => fitLogistic(X, [0, Infinity, 1]),
    "LogisticRegression.fit: y must be finite, got Infinity in row 1",
    D,
  ],
  [
    "y: objects",
    () => fitLogistic(X, v([{}, {}, {}])),
    "LogisticRegression.fit: y must hold numbers, strings or booleans, got a Object in row 0",
    D,
  ],
  [
    "y: mixed types",
    () => fitLogistic(X, [0, "1", 1]),
    "LogisticRegression.fit: y must hold labels of one type, got numbers and a string (row 1)",
    D,
  ],
  [
    "y: fractions",
    () => fitLogistic(X, [0.5, 1, 2]),
    "LogisticRegression.fit: y: Unknown label type: continuous (for example 0.5). A classifier needs discrete classes; use a regressor, or strings for labels",
    D,
  ],
  [
    "y: another length",
    () => new DummyClassifier().fit(X, [0, 1]),
    "DummyClassifier.fit: X has 3 rows, but y has 2 values",
    D,
  ],
  // y of regressors
  [
    "y: text to regress",
    () => new DummyRegressor().fit(X, ["a", "b", "c"]),
    'DummyRegressor.fit: y must be finite numbers, got "a" in row 0',
    D,
  ],
  [
    "y: infinity to regress",
    () => new DummyRegressor().fit(X, [1, 2, -Infinity]),
    "DummyRegressor.fit: y must be finite numbers, got -Infinity in row 2",
    D,
  ],
  [
    "y: null to regress",
    () => new DummyRegressor().fit(X, [1, null, 2]),
    "DummyRegressor.fit: y must be finite numbers, got null in row 1",
    D,
  ],
  // sampleWeight
  [
    "weights: negative",
    () => new DummyClassifier().fit(X, y, { sampleWeight: [1, -2, 1] }),
    "DummyClassifier.fit: sampleWeight must not be negative, got -2 in row 1",
    D,
  ],
  [
    "weights: all zero",
    () => new DummyClassifier().fit(X, y, { sampleWeight: [0, 0, 0] }),
    "DummyClassifier.fit: all values of sampleWeight are zero",
    D,
  ],
  [
    "weights: too few",
    () => new DummyClassifier().fit(X, y, { sampleWeight: [1] }),
    "DummyClassifier.fit: sampleWeight has 1 values, but X has 3 rows",
    D,
  ],
  [
    "weights: text",
    () => new DummyClassifier().fit(X, y, { sampleWeight: ["1", "1", "1"] }),
    'DummyClassifier.fit: sampleWeight must be finite numbers, got "1" in row 0',
    D,
  ],
  // parameters
  [
    "parameters: no object",
    () => new LogisticRegression(bad(1)),
    "LogisticRegression: parameters must be an object such as { C: … }",
    A,
  ],
  [
    "parameters: snake case",
    () => new LogisticRegression(bad({ max_iter: 5 })),
    'LogisticRegression: unknown parameter "max_iter"; it is spelt maxIter here',
    A,
  ],
  [
    "parameters: a slip",
    () => new LogisticRegression(bad({ maxIters: 5 })),
    'LogisticRegression: unknown parameter "maxIters"; did you mean maxIter?',
    A,
  ],
  [
    "parameters: out of range",
    () => new LogisticRegression({ C: -1 }).fit(X, y),
    "LogisticRegression: C must be a positive number, got -1",
    A,
  ],
  [
    "parameters: nJobs 0",
    () => new LogisticRegression({ nJobs: 0 }).fit(X, y),
    "LogisticRegression: nJobs must be a non-zero integer (-1: all cores), or null, got 0",
    A,
  ],
  [
    "parameters: a choice that is none",
    () => new DummyClassifier({ strategy: bad("most_frequent") }).fit(X, y),
    'DummyClassifier: strategy must be one of "prior", "mostFrequent", "stratified", "uniform", "constant", got "most_frequent"',
    A,
  ],
  // use
  [
    "use: before fit",
    () => new LogisticRegression().predict(X),
    "LogisticRegression: predict needs a fitted model; call fit first",
    "ERR_NOT_FITTED",
  ],
  [
    "use: an attribute before fit",
    () => new StandardScaler().mean_,
    "StandardScaler: mean_ needs a fitted model; call fit first",
    "ERR_NOT_FITTED",
  ],
  [
    "use: another width",
    async () => (await scale(X)).transform([[1, 2, 3]]),
    "StandardScaler.transform: X has 3 features, but StandardScaler is expecting 2 features as input",
    D,
  ],
  [
    "use: other names",
    async () => (await scale(tableFromArrays({ a: [1, 2], b: [3, 4] }))).transform(tableFromArrays({ a: [1], c: [2] })),
    'StandardScaler.transform: the feature names should match those of fit, in the same order: column 1 is "c", was "b" in fit',
    D,
  ],
  [
    "use: clone of something else",
    () => clone(bad("model")),
    "clone: expected an estimator: an object with getParams() and a constructor that takes them",
    A,
  ],
  [
    "use: a label never seen",
    async () => (await new LabelEncoder().fit(["a"])).transform(["b"]),
    'LabelEncoder.transform: y has the label "b", which fit did not see',
    D,
  ],
  [
    "use: a pipeline of nothing",
    () => makePipeline().fit(X),
    "Pipeline: steps must be a non-empty array of [name, step] pairs, got Array(0)",
    A,
  ],
];

for (const [what, call, message, code] of CASES) {
  test(what, async () => {
    const error = await errorOf(call);
    assert.is(error.message, message);
    assert.instance(error, TreelineError);
    assert.is(error.code, code);
  });
}

test("an Arrow record batch or table without rows is refused like any other", async () => {
  const empty = new Table({
    a: tableFromArrays({ a: Float64Array.of(1) })
      .getChild("a")
      ?.slice(0, 0) as never,
  });
  assert.is((await errorOf(() => scale(empty))).message, "StandardScaler.fit: X has 0 rows; at least 1 is needed");
  const batch = tableFromArrays({ a: Float64Array.of(1) }).batches[0] as RecordBatch;
  assert.is(
    (await errorOf(() => scale(batch.slice(0, 0)))).message,
    "StandardScaler.fit: X has 0 rows; at least 1 is needed",
  );
});

test.run();
