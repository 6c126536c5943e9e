import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Table, vectorFromArray } from "apache-arrow";
import {
  Matrix,
  StandardScaler,
  TreelineError,
  fromBuffer,
  withConfig,
  type MatrixLike,
  type StandardScalerFitOptions,
} from "../../src/index.js";

const rows = [
  [1, 10, 5],
  [2, NaN, 5],
  [4, 30, 5],
];

interface Learnt {
  readonly name: string;
  readonly mean: number[];
  readonly var: number[];
  readonly scale: number[];
  readonly nSamplesSeen: number[];
  readonly transformed: number[][];
}

const parity = JSON.parse(
  readFileSync(new URL("../parity/standard_scaler.json", import.meta.url), "utf8"),
  (_, value) => (value === "NaN" ? NaN : (value as unknown)),
) as { X: number[][]; weight: number[]; cases: Learnt[] };

/** Equal to the last places; NaN only to NaN. */
function close(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    assert.ok(Object.is(a, e) || Math.abs(a - e) <= 1e-9 * Math.abs(e) + 1e-15, `${what}[${i}]: ${a}, expected ${e}`);
  }
}

async function refusal(promise: Promise<unknown>): Promise<TreelineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, TreelineError);
  return error as TreelineError;
}

for (const expected of parity.cases) {
  test(`learns what scikit-learn learns: ${expected.name}`, async () => {
    const { X, weight } = parity;
    const weighted = expected.name.startsWith("weighted");
    const cut = expected.name.endsWith("partial") ? 3 : X.length;
    const options = (from: number, to?: number): StandardScalerFitOptions =>
      weighted ? { sampleWeight: weight.slice(from, to) } : {};
    const scaler = await new StandardScaler().fit(X.slice(0, cut), undefined, options(0, cut));
    if (cut < X.length) await scaler.partialFit(X.slice(cut), undefined, options(cut));
    close(scaler.mean_, expected.mean, "mean");
    close(scaler.var_, expected.var, "var");
    close(scaler.scale_, expected.scale, "scale");
    const seen = scaler.nSamplesSeen_;
    close(typeof seen === "number" ? expected.nSamplesSeen.map(() => seen) : seen, expected.nSamplesSeen, "seen");
    const Z = await scaler.transform(X);
    close(Z.data, expected.transformed.flat(), "transformed");
  });
}

test("learns mean and standard deviation, leaving NaN out, as scikit-learn does", async () => {
  const scaler = await new StandardScaler().fit(rows);
  assert.equal(Array.from(scaler.mean_), [7 / 3, 20, 5]);
  assert.ok(Math.abs((scaler.var_[0] as number) - 14 / 9) < 1e-15);
  assert.equal(Array.from(scaler.scale_.subarray(1)), [10, 1]);
  assert.equal(Array.from(scaler.nSamplesSeen_ as Float64Array), [3, 2, 3]);
});

test("transforms to zero mean and unit variance; constant columns become 0 and NaN stays NaN", async () => {
  const Z = await new StandardScaler().fitTransform(rows);
  assert.equal(Z.shape, [3, 3]);
  assert.equal(Array.from(Z.column(2)), [0, 0, 0]);
  assert.ok(Number.isNaN(Z.at(1, 1)));
});

test("inverseTransform brings the rows back", async () => {
  for (const params of [{}, { withMean: false }, { withStd: false }, { withMean: false, withStd: false }]) {
    const scaler = new StandardScaler(params);
    const back = await scaler.inverseTransform(await scaler.fitTransform(rows));
    close(back.data, rows.flat(), JSON.stringify(params));
  }
});

test("a Matrix of float32 stays float32, and rounds once", async () => {
  const X = new Matrix(
    Float32Array.from({ length: 300 }, (_, i) => Math.fround(Math.sin(i) * 100)),
    [100, 3],
  );
  const wide = new Matrix(Float64Array.from(X.data), X.shape);
  const scaler = await new StandardScaler().fit(X);
  const Z = await scaler.transform<Float32Array>(X);
  assert.instance(Z.data, Float32Array);
  assert.equal(Z.data, Float32Array.from((await scaler.transform(wide)).data));
  assert.instance((await scaler.inverseTransform<Float32Array>(Z)).data, Float32Array);
});

test("gives the same bits for any number of threads", async () => {
  const X = new Matrix(
    Float64Array.from({ length: 70_001 * 3 }, (_, i) => Math.sin(i) * 1e3),
    [70_001, 3],
  );
  const sampleWeight = Float64Array.from({ length: 70_001 }, (_, i) => i % 3);
  for (const options of [{}, { sampleWeight }]) {
    const results = await Promise.all(
      [1, 2, 3, 4].map((nJobs) =>
        withConfig({ nJobs }, async () => (await new StandardScaler().fit(X, undefined, options)).var_),
      ),
    );
    for (const variance of results) assert.equal(variance, results[0]);
  }
});

test("a weight of k counts as k equal rows", async () => {
  const X = Array.from({ length: 2500 }, (_, i) => [Math.sin(i), Math.cos(i) * 1e3]);
  const sampleWeight = X.map((_, i) => i % 3);
  const weighted = await new StandardScaler().fit(X, undefined, { sampleWeight });
  const repeated = await new StandardScaler().fit(X.flatMap((row, i) => Array.from({ length: i % 3 }, () => row)));
  close(weighted.mean_, repeated.mean_, "mean");
  close(weighted.var_, repeated.var_, "var");
  assert.is(weighted.nSamplesSeen_, repeated.nSamplesSeen_);
});

test("partialFit alone is a fit; a failed one changes nothing", async () => {
  const scaler = await new StandardScaler().partialFit(rows);
  close(scaler.mean_, (await new StandardScaler().fit(rows)).mean_, "mean");
  const before = scaler.mean_;
  const error = await refusal(scaler.partialFit([[1, 2]]));
  assert.match(error.message, /^StandardScaler.partialFit: X has 2 features, but StandardScaler is expecting 3/);
  assert.is(scaler.mean_, before);
});

test("a column without values so far learns from the next rows, where scikit-learn's stays NaN", async () => {
  const scaler = await new StandardScaler().fit([[NaN], [NaN]]);
  assert.ok(Number.isNaN(scaler.mean_[0]) && Number.isNaN(scaler.scale_[0]));
  await scaler.partialFit([[3], [4]]);
  assert.is(scaler.mean_[0], 3.5);
  await scaler.partialFit([[NaN]]);
  assert.is(scaler.mean_[0], 3.5);
  assert.is(scaler.nSamplesSeen_, 2);
});

test("names its output columns", async () => {
  const table = new Table({ a: vectorFromArray([1, 2]), b: vectorFromArray([3, 5]) });
  const named = await new StandardScaler().fit(table);
  assert.equal(named.getFeatureNamesOut(), ["a", "b"]);
  assert.throws(() => named.getFeatureNamesOut(["a", "c"]), /must be the feature names of fit/);
  const unnamed = await new StandardScaler().fit(rows);
  assert.equal(unnamed.getFeatureNamesOut(), ["x0", "x1", "x2"]);
  assert.equal(unnamed.getFeatureNamesOut(["p", "q", "r"]), ["p", "q", "r"]);
  assert.throws(() => unnamed.getFeatureNamesOut(["p"]), /inputFeatures has 1 names, expected 3/);
});

for (const [name, X, options, message] of [
  ["no rows", new Matrix(new Float64Array(0), [0, 2]), {}, "StandardScaler.fit: X has 0 rows; at least 1 is needed"],
  ["no columns", [[], []], {}, "StandardScaler.fit: X has 0 features; at least 1 is needed"],
  [
    "an infinity",
    [
      [1, 2],
      [3, Infinity],
    ],
    {},
    "StandardScaler.fit: X contains Infinity in row 1, column 1: replace such values or drop such rows first",
  ],
  [
    "too few weights",
    [[1], [2]],
    { sampleWeight: [1] },
    "StandardScaler.fit: sampleWeight has 1 values, but X has 2 rows",
  ],
] as [string, MatrixLike, StandardScalerFitOptions, string][]) {
  test(`refuses ${name}`, async () => {
    const error = await refusal(new StandardScaler().fit(X, undefined, options));
    assert.is(error.message, message);
    assert.is(error.code, "ERR_INVALID_DATA");
  });
}

test("comes back from its bytes with the same transform", async () => {
  const scaler = await new StandardScaler({ withMean: false }).fit(rows);
  const copy = fromBuffer<StandardScaler>(scaler.toBuffer());
  assert.equal(copy.getParams(), scaler.getParams());
  const [before, after] = [await scaler.transform(rows), await copy.transform(rows)];
  assert.ok(before.data.every((value, i) => Object.is(value, after.data[i])));
});

test.run();
