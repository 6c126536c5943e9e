import { test } from "uvu";
import * as assert from "uvu/assert";
import { CsrMatrix, LinearSVC, Perceptron, SGDClassifier, SGDRegressor, fromBuffer } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { learned, numbers, problem, type Linear } from "./sparse-problem.js";

const { X, score } = problem(1500, 120, 3);
const dense = X.toDense();
const labels = (n: number): number[] => [...score].map((s) => Math.max(0, Math.min(n - 1, Math.floor(s + n / 2))));
const sampleWeight = [...score].map((_, i) => i % 3);
const fixed = { randomState: 5, maxIter: 30 };

interface Iterative extends Linear {
  readonly nIter_: number;
}
const CASES: readonly [string, () => Iterative, number[]][] = [
  ["hinge", () => new SGDClassifier(fixed), labels(2)],
  ["three classes", () => new SGDClassifier({ ...fixed, loss: "logLoss" }), labels(3)],
  ["averages", () => new SGDClassifier({ ...fixed, average: 100, loss: "modifiedHuber" }), labels(2)],
  ["L1", () => new SGDClassifier({ ...fixed, penalty: "l1", alpha: 0.01 }), labels(2)],
  ["elastic net", () => new SGDClassifier({ ...fixed, penalty: "elasticnet", average: true }), labels(3)],
  ["no penalty, no intercept", () => new SGDClassifier({ ...fixed, penalty: null, fitIntercept: false }), labels(2)],
  ["a large penalty", () => new SGDClassifier({ ...fixed, alpha: 10, learningRate: "adaptive" }), labels(2)],
  ["early stopping", () => new SGDClassifier({ ...fixed, earlyStopping: true }), labels(2)],
  ["passive-aggressive", () => new SGDClassifier({ ...fixed, learningRate: "pa1", eta0: 1 }), labels(2)],
  ["perceptron", () => new Perceptron(fixed), labels(3)],
  ["regression", () => new SGDRegressor(fixed), [...score]],
  ["L1 regression", () => new SGDRegressor({ ...fixed, penalty: "l1", loss: "huber", average: 50 }), [...score]],
  ["support vectors", () => new LinearSVC(), labels(2)],
  ["support vectors of three classes", () => new LinearSVC({ interceptScaling: 3 }), labels(3)],
  ["no intercept", () => new LinearSVC({ fitIntercept: false }), labels(2)],
  ["the dual", () => new LinearSVC({ loss: "hinge", randomState: 1 }), labels(2)],
  ["L1 support vectors", () => new LinearSVC({ penalty: "l1", randomState: 1, C: 0.1 }), labels(2)],
];

for (const [name, make, y] of CASES) {
  test(`sparse rows teach what dense ones do, bit for bit, and are answered the same: ${name}`, async () => {
    for (const options of [{}, { sampleWeight }]) {
      const expected = make();
      await expected.fit(dense, y, options);
      const model = make();
      await model.fit(X, y, options);
      assert.equal(learned(model), learned(expected));
      assert.is(model.nIter_, expected.nIter_);
      assert.equal(await model.predict(X), await model.predict(dense));
      assert.is(numbers(model.coef_)[0], 0); // the column that is never there
    }
  });
}

test("partialFit goes on from rows of either kind, bit for bit", async () => {
  const y = labels(3);
  for (const penalty of ["l2", "l1"] as const) {
    const [one, other] = [0, 1].map(() => new SGDClassifier({ ...fixed, penalty, average: true }));
    for (let begin = 0; begin < 1500; begin += 500) {
      const rows = X.slice(begin, begin + 500);
      const some = y.slice(begin, begin + 500);
      await one?.partialFit(begin === 500 ? rows : rows.toDense(), some, { classes: [0, 1, 2] });
      await other?.partialFit(begin === 500 ? rows.toDense() : rows, some, { classes: [0, 1, 2] });
    }
    assert.equal(learned(one as SGDClassifier), learned(other as SGDClassifier));
  }
});

test("threads, the type of the entries and saving change no bit", async () => {
  const single = new CsrMatrix(Float32Array.from(X.data), X.indices, Float64Array.from(X.indptr), X.shape);
  for (const make of [
    (nJobs: number) => new SGDClassifier({ ...fixed, penalty: "elasticnet", nJobs }),
    (nJobs: number) => new LinearSVC({ nJobs }),
    (nJobs: number) => new LinearSVC({ penalty: "l1", randomState: 0, nJobs }),
  ]) {
    const model = await make(1).fit(X, labels(3));
    const one = learned(model);
    for (const nJobs of [2, 4]) assert.equal(learned(await make(nJobs).fit(X, labels(3))), one);
    assert.equal(learned(await make(2).fit(single, labels(3))), one);
    assert.equal(learned(fromBuffer<LinearSVC>(model.toBuffer())), one);
  }
});

test("decisions and probabilities of sparse rows are those of dense ones, bit for bit", async () => {
  for (const n of [2, 3]) {
    for (const loss of ["logLoss", "modifiedHuber"] as const) {
      const model = await new SGDClassifier({ ...fixed, loss }).fit(X, labels(n));
      assert.equal(await model.predictProba(X), await model.predictProba(dense));
      assert.equal(await model.predictLogProba(X), await model.predictLogProba(dense));
      assert.equal(await model.decisionFunction(X), await model.decisionFunction(dense));
    }
  }
});

test("memory grows by what is stored, not by what is not: 20,000 × 50,000", async () => {
  const wide = problem(20_000, 50_000, 50);
  const y = [...wide.score].map((s) => (s > 0 ? 1 : 0));
  const before = process.memoryUsage.rss();
  const models = [
    new SGDClassifier({ ...fixed, maxIter: 5, tol: null }),
    new SGDClassifier({ ...fixed, maxIter: 2, tol: null, penalty: "l1", alpha: 1e-5 }),
    new LinearSVC({ C: 0.01 }),
  ];
  for (const model of models) {
    await model.fit(wide.X, y);
    assert.ok((await model.score(wide.X, y)) > 0.85);
  }
  const grown = (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20;
  assert.ok(grown < 400, `grew by ${grown.toFixed(0)} MB; dense it is 8,000 MB`);
});

test("a sparse fit can be aborted and leaves the model as it was", async () => {
  const wide = problem(20_000, 5_000, 20);
  const y = [...wide.score].map((s) => (s > 0 ? 1 : 0));
  for (const make of [
    () => new SGDClassifier({ ...fixed, maxIter: 100_000, tol: null }),
    () => new LinearSVC({ loss: "hinge", maxIter: 100_000, tol: 1e-300, C: 1e3, randomState: 0 }),
  ]) {
    const model = make().setParams({ maxIter: 3 });
    await model.fit(X, labels(2));
    const before = learned(model);
    model.setParams({ maxIter: 100_000 });
    const control = new AbortController();
    setTimeout(() => control.abort(), 200);
    const error = await errorOf(() => model.fit(wide.X, y, { signal: control.signal }));
    assert.is(error.name, "AbortError");
    assert.equal(learned(model), before);
  }
});

test("rows a model cannot learn from are refused by their place, in fit and in predict", async () => {
  const of = (value: number): CsrMatrix =>
    new CsrMatrix(Float64Array.of(1, value), Int32Array.of(3, 5), Int32Array.of(0, 1, 2, 2, 2), [4, 120]);
  const model = await new SGDClassifier(fixed).fit(X, labels(2));
  const messages = [
    (await errorOf(() => new SGDClassifier().fit(of(NaN), [0, 1, 0, 1]))).message,
    (await errorOf(() => new LinearSVC().fit(of(1e200), [0, 1, 0, 1]))).message,
    (await errorOf(() => new SGDRegressor().partialFit(of(Infinity), [0, 1, 0, 1]))).message,
    (await errorOf(() => model.predict(of(Infinity)))).message,
    (await errorOf(() => new Perceptron().fit(of(1), [0, 1, 0]))).message,
  ];
  assert.match(messages[0] ?? "", /SGDClassifier\.fit: X contains NaN in row 1, column 5/);
  assert.match(messages[1] ?? "", /LinearSVC\.fit: X has values too large to square in row 1: scale it down first/);
  assert.match(messages[2] ?? "", /SGDRegressor\.partialFit: X contains Infinity in row 1, column 5/);
  assert.match(messages[3] ?? "", /contains Infinity in row 1, column 5/);
  assert.match(messages[4] ?? "", /X has 4 rows, but y has 3 values/);
});

test.run();
