import { test } from "uvu";
import * as assert from "uvu/assert";
import { Table, vectorFromArray } from "apache-arrow";
import {
  LogisticRegression,
  Matrix,
  StandardScaler,
  TreelineError,
  clone,
  fromBuffer,
  loadBreastCancer,
  loadIris,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";

/** A table of numbers that look random and are the same everywhere; y depends on the first columns. */
function synthetic(rows: number, cols: number, nClasses = 2): { X: Matrix<Float64Array>; y: number[] } {
  const X = Float64Array.from({ length: rows * cols }, (_, i) => Math.sin(i * 12.9898) * 43758.5453);
  X.forEach((x, i) => (X[i] = (x - Math.floor(x) - 0.5) * 10 ** (i % cols)));
  const y = Array.from({ length: rows }, (_, i) => {
    const noise = Math.sin(i * 78.233) * 43758.5453;
    const score = X[i * cols]! * 3 + (noise - Math.floor(noise)) - 0.5;
    return Math.min(nClasses - 1, Math.max(0, Math.floor((score + 1.2) / (2.4 / nClasses))));
  });
  return { X: new Matrix(X, [rows, cols]), y };
}

function sameBits(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  return a.length === b.length && Array.from(a).every((value, i) => Object.is(value, b[i]));
}

function close(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): boolean {
  const size = Array.from(a).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]!) <= tolerance * size);
}

async function rejection(promise: Promise<unknown>): Promise<TreelineError> {
  try {
    await promise;
  } catch (error) {
    assert.instance(error, TreelineError);
    return error as TreelineError;
  }
  throw new Error("expected a rejection");
}

/** The messages of warnings emitted while `body` runs. */
async function warnings(body: () => Promise<unknown>): Promise<string[]> {
  const messages: string[] = [];
  const listen = (warning: Error): void => void messages.push(`${warning.name}: ${warning.message}`);
  process.on("warning", listen);
  try {
    await body();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", listen);
  }
  return messages;
}

test("separates two classes and says how sure it is", async () => {
  const X = [[1], [2], [3], [4], [5], [6]];
  const model = await new LogisticRegression().fit(X, [0, 0, 0, 1, 1, 1]);
  assert.equal(Array.from((await model.predict(X)) as Float64Array), [0, 0, 0, 1, 1, 1]);
  const p = await model.predictProba(X);
  assert.equal(p.shape, [6, 2]);
  assert.ok(p.at(0, 1) < 0.2 && p.at(5, 1) > 0.8);
  assert.ok(Math.abs(p.at(2, 0) + p.at(2, 1) - 1) < 1e-15);
  assert.equal(model.coef_.shape, [1, 1]);
  assert.is(model.intercept_.length, 1);
  assert.equal(Array.from(model.classes_ as Float64Array), [0, 1]);
  assert.ok(model.nIter_ >= 1);
  assert.is(await model.score(X, [0, 0, 0, 1, 1, 1]), 1);
});

for (const [name, y, classes] of [
  ["strings", ["no", "no", "yes", "yes"], ["no", "yes"]],
  ["booleans", [false, false, true, true], [false, true]],
  ["-1 and 1", [-1, -1, 1, 1], [-1, 1]],
  ["64-bit integers", new BigInt64Array([3n, 3n, 7n, 7n]), [3, 7]],
  ["huge integers", [2n ** 60n, 2n ** 60n, 2n ** 61n, 2n ** 61n], [2n ** 60n, 2n ** 61n]],
] as [string, VectorLike, unknown[]][]) {
  test(`labels may be ${name}`, async () => {
    const X = [[0], [1], [5], [6]];
    const model = await new LogisticRegression().fit(X, y);
    assert.equal(Array.from<unknown>(model.classes_), classes);
    assert.equal(Array.from<unknown>(await model.predict(X)), [classes[0], classes[0], classes[1], classes[1]]);
    assert.equal(Array.from<unknown>(model.predictSync(X)), Array.from<unknown>(await model.predict(X)));
    const copy = fromBuffer<LogisticRegression>(model.toBuffer());
    assert.equal(Array.from<unknown>(copy.classes_), classes);
  });
}

test("several classes: probabilities sum to 1, log-probabilities are their logarithms, the largest margin wins", async () => {
  const { data, target } = await loadIris();
  const model = await new LogisticRegression().fit(data, target);
  assert.equal(model.coef_.shape, [3, 4]);
  const [p, log, margins, labels] = await Promise.all([
    model.predictProba(data),
    model.predictLogProba(data),
    model.decisionFunction(data),
    model.predict(data),
  ]);
  assert.instance(margins, Matrix);
  for (let i = 0; i < data.rows; i++) {
    assert.ok(Math.abs(p.row(i).reduce((sum, x) => sum + x, 0) - 1) < 1e-15);
    for (let k = 0; k < 3; k++) assert.ok(Math.abs(Math.log(p.at(i, k)) - log.at(i, k)) < 1e-12);
    const row = Array.from((margins as Matrix).row(i));
    assert.is(row.indexOf(Math.max(...row)), labels[i]);
  }
  assert.ok((await model.score(data, target)) > 0.96);
});

test("log-probabilities stay finite where probabilities are 0", async () => {
  const model = await new LogisticRegression({ C: 1e6 }).fit([[0], [1], [2], [3]], [0, 0, 1, 1]);
  const log = await model.predictLogProba([[-1e6], [1e6]]);
  assert.ok(log.at(0, 1) < -1e6 && Number.isFinite(log.at(0, 1)));
  assert.ok(log.at(1, 0) < -1e6 && Number.isFinite(log.at(1, 0)));
  assert.is(log.at(0, 0), 0);
});

for (const nClasses of [2, 3]) {
  for (const solver of ["lbfgs", "newton-cholesky"] as const) {
    for (const l1Ratio of [0, 1])
      test(`${solver}, ${nClasses} classes, l1Ratio ${l1Ratio}: the same bits for any nJobs, chunking and float type`, async () => {
        const { X, y } = synthetic(2500, 4, nClasses);
        const narrow = new Matrix(Float32Array.from(X.data), X.shape);
        const widened = new Matrix(Float64Array.from(narrow.data), X.shape);
        const fit = async (nJobs: number, table: MatrixLike): Promise<number[]> => {
          const model = await new LogisticRegression({ nJobs, solver, l1Ratio, tol: 1e-8 }).fit(table, y);
          return [...model.coef_.data, ...model.intercept_, model.nIter_];
        };
        const expected = await fit(1, X);
        for (const nJobs of [1, 2, 3, 4]) {
          for (const size of [7, 1000, 2500]) {
            assert.ok(sameBits(await fit(nJobs, rechunked(X, size)), expected), `nJobs ${nJobs}, chunks of ${size}`);
          }
        }
        assert.ok(sameBits(await fit(2, rechunked(X, 1)), expected), "chunks of 1");
        assert.ok(sameBits(await fit(2, narrow), await fit(1, widened)), "float32");
      });
  }
}

test("a table large enough to be sampled: the same bits for any nJobs, and the same optimum as Newton's", async () => {
  const { X, y } = synthetic(40_000, 3);
  const fits = await Promise.all([1, 2, 4].map((nJobs) => new LogisticRegression({ nJobs, tol: 1e-9 }).fit(X, y)));
  for (const model of fits) assert.ok(sameBits(model.coef_.data, fits[0]!.coef_.data));
  const newton = await new LogisticRegression({ solver: "newton-cholesky", tol: 1e-9 }).fit(X, y);
  newton.coef_.data.forEach((c, j) => assert.ok(Math.abs(c - fits[0]!.coef_.data[j]!) <= 1e-6 * Math.abs(c)));
});

test("the same with an L1 penalty, whose zeros are exact", async () => {
  const { X, y } = synthetic(40_000, 5);
  const params = { l1Ratio: 1, C: 1e-3, tol: 1e-9 };
  const fits = await Promise.all([1, 2, 4].map((nJobs) => new LogisticRegression({ ...params, nJobs }).fit(X, y)));
  for (const model of fits) assert.ok(sameBits(model.coef_.data, fits[0]!.coef_.data));
  const newton = await new LogisticRegression({ ...params, solver: "newton-cholesky" }).fit(X, y);
  assert.ok(close(newton.coef_.data, fits[0]!.coef_.data, 1e-6));
  const zeros = (model: LogisticRegression): boolean[] => Array.from(model.coef_.data, (c) => c === 0);
  assert.equal(zeros(newton), zeros(fits[0]!));
  assert.ok(zeros(newton).includes(true) && zeros(newton).includes(false));
});

test("down a path of penalties coefficients come in, each fit from the last", async () => {
  const { data, target } = await loadBreastCancer();
  const X = await new StandardScaler().fitTransform(data);
  const path = new LogisticRegression({ l1Ratio: 1, tol: 1e-7, maxIter: 500, warmStart: true });
  const count: number[] = [];
  for (const C of [1e-4, 0.01, 0.1, 1]) {
    await path.setParams({ C }).fit(X, target);
    const alone = await new LogisticRegression({ l1Ratio: 1, tol: 1e-7, maxIter: 500, C }).fit(X, target);
    assert.ok(close(path.coef_.data, alone.coef_.data, 1e-4));
    count.push(path.coef_.data.filter((c) => c !== 0).length);
  }
  assert.is(count[0], 0);
  assert.ok(
    count.every((n, i) => i === 0 || n > count[i - 1]!),
    String(count),
  );
});

test("L1 and elastic net: labels of every kind, an early stop that says so", async () => {
  const { data, target } = await loadBreastCancer();
  const params = { l1Ratio: 0.5, tol: 1e-9, maxIter: 500 };
  const expected = await new LogisticRegression(params).fit(data, target);
  const labels: VectorLike[] = [
    Array.from(target, (t) => t * 2 - 1),
    Array.from(target, (t) => t === 1),
    Array.from(target, (t) => "ab".charAt(t)),
  ];
  for (const y of labels) {
    const model = await new LogisticRegression(params).fit(data, y);
    assert.ok(sameBits(model.coef_.data, expected.coef_.data));
  }
  const messages = await warnings(() => new LogisticRegression({ ...params, maxIter: 1 }).fit(data, target));
  assert.is(messages.length, 1);
  assert.match(messages[0]!, /did not converge in maxIter: 1 iterations/);
});

test("rows sorted by class are sampled fairly", async () => {
  const { X, y } = synthetic(40_000, 3);
  const order = y.map((_, i) => i).sort((a, b) => y[a]! - y[b]!);
  const sorted = Matrix.from(order.map((i) => X.row(i)));
  const model = await new LogisticRegression({ tol: 1e-9 }).fit(
    sorted,
    order.map((i) => y[i]!),
  );
  const straight = await new LogisticRegression({ tol: 1e-9 }).fit(X, y);
  assert.ok(close(model.coef_.data, straight.coef_.data, 1e-6));
});

test("a weight of k counts as k equal rows, a weight of 0 as none", async () => {
  const { X, y } = synthetic(300, 3);
  const sampleWeight = y.map((_, i) => i % 4);
  const repeated = y.flatMap((_, i) => Array.from({ length: i % 4 }, () => i));
  const params = { tol: 1e-10, maxIter: 500 };
  const weighted = await new LogisticRegression(params).fit(X, y, { sampleWeight });
  const rows = await new LogisticRegression(params).fit(
    repeated.map((i) => X.row(i)),
    repeated.map((i) => y[i]!),
  );
  assert.ok(close(weighted.coef_.data, rows.coef_.data, 1e-8));
  assert.ok(close(weighted.intercept_, rows.intercept_, 1e-8));
});

test("class weights count as sample weights", async () => {
  const { X, y } = synthetic(500, 3, 3);
  const counts = [0, 1, 2].map((k) => y.filter((label) => label === k).length);
  const balanced = await new LogisticRegression({ classWeight: "balanced" }).fit(X, y);
  const sampleWeight = y.map((label) => y.length / (3 * counts[label]!));
  const weighted = await new LogisticRegression().fit(X, y, { sampleWeight });
  assert.ok(sameBits(balanced.coef_.data, weighted.coef_.data));
  const map = await new LogisticRegression({ classWeight: new Map([[1, 3]]) }).fit(X, y);
  const same = await new LogisticRegression().fit(X, y, { sampleWeight: y.map((label) => (label === 1 ? 3 : 1)) });
  assert.ok(sameBits(map.coef_.data, same.coef_.data));
});

test("every kind of table gives the same model", async () => {
  const rows = [
    [1, 10],
    [2, 8],
    [3, 13],
    [4, 4],
    [5, 15],
    [6, 9],
  ];
  const y = [0, 0, 1, 0, 1, 1];
  const table = new Table({
    a: vectorFromArray(Float64Array.from(rows.map((row) => row[0]!))),
    b: vectorFromArray(Int32Array.from(rows.map((row) => row[1]!))),
  });
  const columns = new Matrix(
    Float64Array.from([...rows.map((r) => r[0]!), ...rows.map((r) => r[1]!)]),
    [6, 2],
    "column",
  );
  const expected = await new LogisticRegression().fit(rows, y);
  for (const X of [Matrix.from(rows), columns, rows.map((row) => Float32Array.from(row)), table]) {
    const model = await new LogisticRegression().fit(X, y);
    assert.ok(sameBits(model.coef_.data, expected.coef_.data));
    assert.ok(sameBits((await model.predictProba(X)).data, (await expected.predictProba(rows)).data));
    assert.ok(sameBits(model.predictProbaSync(X).data, (await model.predictProba(X)).data));
  }
  assert.equal((await new LogisticRegression().fit(table, vectorFromArray(y))).featureNamesIn_, ["a", "b"]);
});

test("raw columns of very different scales converge, in few iterations", async () => {
  const { data, target } = await loadBreastCancer();
  const messages = await warnings(async () => {
    const model = await new LogisticRegression().fit(data, target);
    assert.ok(model.nIter_ < 60, String(model.nIter_));
  });
  assert.equal(messages, []);
});

test("a fit that stops early says so, and keeps what it has", async () => {
  const { data, target } = await loadBreastCancer();
  let model: LogisticRegression | undefined;
  const messages = await warnings(async () => {
    model = await new LogisticRegression({ maxIter: 1, tol: 1e-8 }).fit(data, target);
  });
  assert.is(messages.length, 1);
  assert.match(
    messages[0]!,
    /^ConvergenceWarning: LogisticRegression.fit: did not converge in maxIter: 1 iterations; the largest gradient entry is \S+, tol is 1e-8\. Raise maxIter/,
  );
  assert.is(model!.nIter_, 1);
});

test("warmStart goes on from the last fit; other classes start anew", async () => {
  const { data, target } = await loadBreastCancer();
  const cold = await new LogisticRegression({ tol: 1e-6 }).fit(data, target);
  const warm = await new LogisticRegression({ tol: 1e-6, warmStart: true }).fit(data, target);
  const once = warm.nIter_;
  await warm.fit(data, target);
  assert.ok(warm.nIter_ < once && warm.nIter_ <= 2, `${once}, then ${warm.nIter_}`);
  assert.ok(close(warm.coef_.data, cold.coef_.data, 1e-4));
  const names = Array.from(target, (t) => (t === 1 ? "benign" : "malignant"));
  await warm.fit(data, names);
  assert.is(warm.nIter_, once);
  assert.equal(warm.classes_, ["benign", "malignant"]);
});

test("without an intercept the intercept is 0", async () => {
  const { X, y } = synthetic(200, 2);
  const model = await new LogisticRegression({ fitIntercept: false }).fit(X, y);
  assert.equal(Array.from(model.intercept_), [0]);
});

test("constant columns get coefficients of 0", async () => {
  const X = [
    [1, 0.1, 1e9],
    [2, 0.1, 1e9],
    [3, 0.1, 1e9],
    [4, 0.1, 1e9],
  ];
  for (const C of [1, Infinity]) {
    const model = await new LogisticRegression({ C, maxIter: 500 }).fit(X, [0, 1, 0, 1]);
    assert.equal(Array.from(model.coef_.data.subarray(1)), [0, 0]);
    assert.ok(model.coef_.data[0]! > 0);
  }
});

test("comes back from its bytes with the same predictions, bit for bit", async () => {
  const { data, target } = await loadIris();
  const model = await new LogisticRegression({ C: Infinity, tol: 1e-3 }).fit(data, target);
  const copy = fromBuffer<LogisticRegression>(model.toBuffer());
  assert.equal(copy.getParams(), model.getParams());
  assert.ok(sameBits((await copy.predictProba(data)).data, (await model.predictProba(data)).data));
  assert.is(copy.nIter_, model.nIter_);
});

test("an aborted fit rejects with the signal's reason and leaves the model as it was", async () => {
  const { X, y } = synthetic(20_000, 6);
  const model = await new LogisticRegression().fit(X, y);
  const before = model.coef_.data;
  const reason = new Error("enough");
  const controller = new AbortController();
  const promise = model.fit(
    X,
    y.map((label) => 1 - label),
    { signal: controller.signal },
  );
  setImmediate(() => controller.abort(reason));
  try {
    await promise;
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  }
  assert.is(model.coef_.data, before);
});

test("reports its iterations", async () => {
  const { X, y } = synthetic(5000, 4);
  const seen: number[] = [];
  const model = await new LogisticRegression({ tol: 1e-8 }).fit(X, y, { onProgress: (p) => seen.push(p.done) });
  assert.ok(seen.length >= 1);
  assert.is(seen.at(-1), model.nIter_);
});

const NAN = "impute missing values or drop such rows first";
for (const [name, params, X, y, options, code, message] of [
  [
    "C of 0",
    { C: 0 },
    [[1], [2]],
    [0, 1],
    {},
    "ERR_INVALID_ARGUMENT",
    "LogisticRegression: C must be a positive number, got 0",
  ],
  [
    "more L1 than there is",
    { l1Ratio: 1.5 },
    [[1], [2]],
    [0, 1],
    {},
    "ERR_INVALID_ARGUMENT",
    "LogisticRegression: l1Ratio must be a number >= 0 and <= 1, got 1.5",
  ],
  [
    "an unknown solver",
    { solver: "liblinear" },
    [[1], [2]],
    [0, 1],
    {},
    "ERR_INVALID_ARGUMENT",
    'LogisticRegression: solver must be one of "lbfgs", "newton-cg", "newton-cholesky", "sag", "saga", got "liblinear"',
  ],
  [
    "one class",
    {},
    [[1], [2]],
    ["a", "a"],
    {},
    "ERR_INVALID_DATA",
    'LogisticRegression.fit: y has only one class, "a"; at least 2 classes are needed',
  ],
  ["no rows", {}, [], [], {}, "ERR_INVALID_DATA", "LogisticRegression.fit: X has 0 features; at least 1 is needed"],
  [
    "no columns",
    {},
    [[], []],
    [0, 1],
    {},
    "ERR_INVALID_DATA",
    "LogisticRegression.fit: X has 0 features; at least 1 is needed",
  ],
  [
    "too few labels",
    {},
    [[1], [2], [3]],
    [0, 1],
    {},
    "ERR_INVALID_DATA",
    "LogisticRegression.fit: X has 3 rows, but y has 2 values",
  ],
  [
    "NaN",
    {},
    [
      [1, 2],
      [3, NaN],
    ],
    [0, 1],
    {},
    "ERR_INVALID_DATA",
    `LogisticRegression.fit: X contains NaN in row 1, column 1: ${NAN}`,
  ],
  [
    "infinity",
    {},
    [
      [1, -Infinity],
      [3, 4],
    ],
    [0, 1],
    {},
    "ERR_INVALID_DATA",
    `LogisticRegression.fit: X contains -Infinity in row 0, column 1: replace such values or drop such rows first`,
  ],
  [
    "a null in a named column",
    {},
    new Table({ a: vectorFromArray([1, 2]), b: vectorFromArray([null, 1.5]) }),
    [0, 1],
    {},
    "ERR_INVALID_DATA",
    `LogisticRegression.fit: X contains NaN in row 0, column 1 ("b"): ${NAN}`,
  ],
  [
    "a negative weight",
    {},
    [[1], [2]],
    [0, 1],
    { sampleWeight: [1, -1] },
    "ERR_INVALID_DATA",
    "LogisticRegression.fit: sampleWeight must not be negative, got -1 in row 1",
  ],
  [
    "a regression target",
    {},
    [[1], [2]],
    [0.5, 1],
    {},
    "ERR_INVALID_DATA",
    "LogisticRegression.fit: y: Unknown label type: continuous (for example 0.5). A classifier needs discrete classes; use a regressor, or strings for labels",
  ],
  [
    "a class weight of a class y lacks",
    { classWeight: { z: 2 } },
    [[1], [2]],
    [0, 1],
    {},
    "ERR_INVALID_ARGUMENT",
    'LogisticRegression.fit: classWeight names the class "z", which y does not have',
  ],
] as [string, object, MatrixLike, VectorLike, object, string, string][]) {
  test(`refuses ${name}`, async () => {
    const model = new LogisticRegression(params);
    const error = await rejection(model.fit(X, y, options));
    assert.is(error.message, message);
    assert.is(error.code, code);
    assert.not(model.isFitted);
  });
}

test("NaN deep in a table is found, whatever the chunks", async () => {
  const { X, y } = synthetic(5000, 3);
  X.data[4321 * 3 + 2] = NaN;
  for (const size of [7, 1000, 5000]) {
    const error = await rejection(new LogisticRegression().fit(rechunked(X, size), y));
    assert.is(error.message, `LogisticRegression.fit: X contains NaN in row 4321, column 2: ${NAN}`);
  }
});

test("predicting refuses NaN, a wrong number of columns, and an unfitted model", async () => {
  const model = await new LogisticRegression().fit(
    [
      [1, 2],
      [3, 5],
      [4, 1],
    ],
    [0, 1, 1],
  );
  const nan = await rejection(
    model.predict([
      [1, 2],
      [NaN, 2],
    ]),
  );
  assert.is(nan.message, `LogisticRegression: X contains NaN in row 1, column 0: ${NAN}`);
  assert.throws(() => model.predictProbaSync([[Infinity, 1]]), /contains Infinity in row 0, column 0: replace/);
  const wide = await rejection(model.predictProba([[1, 2, 3]]));
  assert.is(
    wide.message,
    "LogisticRegression.predictProba: X has 3 features, but LogisticRegression is expecting 2 features as input",
  );
  const unfitted = await rejection(clone(model).predict([[1, 2]]));
  assert.is(unfitted.code, "ERR_NOT_FITTED");
});

test("predicts tables of no rows, and of any chunking, row by row the same", async () => {
  const { X, y } = synthetic(3000, 3, 3);
  const model = await new LogisticRegression().fit(X, y);
  const expected = (await model.predictProba(X)).data;
  for (const size of [1, 7, 1000]) {
    assert.ok(sameBits((await model.predictProba(rechunked(X, size))).data, expected));
  }
  assert.equal((await model.predictProba(new Matrix(new Float64Array(0), [0, 3]))).shape, [0, 3]);
});

test.run();
