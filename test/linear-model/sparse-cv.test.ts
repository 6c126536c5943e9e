import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  ElasticNet,
  ElasticNetCV,
  Lasso,
  LassoCV,
  LinearRegression,
  LogisticRegressionCV,
  Ridge,
  RidgeCV,
  RidgeClassifierCV,
  fromBuffer,
  type LogisticRegressionCVParams,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { learned, near, problem, type Linear } from "./sparse-problem.js";

const { X, score } = problem(900, 80, 3);
const labels = (n: number): number[] => [...score].map((s) => Math.max(0, Math.min(n - 1, Math.floor(s + n / 2))));
const exact = { tol: 1e-8, maxIter: 2000, Cs: [0.05, 1], cv: 3 };

const LOGISTIC: readonly [string, Partial<LogisticRegressionCVParams>, number[]][] = [
  ["two classes", {}, labels(2)],
  ["three classes, by their probabilities", { scoring: "negLogLoss" }, labels(3)],
  ["L1 and not", { l1Ratios: [0, 1] }, labels(2)],
  ["no fit on all rows", { refit: false, fitIntercept: false }, labels(2)],
];
for (const [name, params, y] of LOGISTIC) {
  test(`logistic regression on folds of sparse rows finds what it does on dense ones: ${name}`, async () => {
    for (const options of [{}, { sampleWeight: y.map((_, i) => i % 3) }]) {
      const dense = await new LogisticRegressionCV({ ...exact, ...params }).fit(X.toDense(), y, options);
      const sparse = await new LogisticRegressionCV({ ...exact, ...params }).fit(X, y, options);
      near([...sparse.scores_.data], [...dense.scores_.data], params.scoring ? 1e-6 : 1e-12);
      near([...sparse.coefsPaths_.data], [...dense.coefsPaths_.data], 1e-5);
      near(learned(sparse), learned(dense), 1e-5);
      assert.is(sparse.C_, dense.C_);
      assert.is(sparse.l1Ratio_, dense.l1Ratio_);
      assert.is(sparse.coef_.data[0], 0); // the column that is never there
    }
  });
}

const y = [...score];
const sampleWeight = y.map((_, i) => i % 3);
const few = problem(250, 1600, 5); // more columns than their products are kept of
const REGRESSORS: readonly [string, () => Linear, number][] = [
  ["least squares", () => new LinearRegression(), 1e-9],
  ["nonnegative", () => new LinearRegression({ positive: true }), 1e-9],
  ["Ridge without an intercept", () => new Ridge({ alpha: 2, fitIntercept: false }), 1e-9],
  ["Ridge by leaving one out", () => new RidgeCV({ alphas: [0.1, 1, 10] }), 1e-9],
  ["Ridge on folds", () => new RidgeCV({ alphas: [0.1, 1, 10], cv: 3 }), 1e-9],
  ["Lasso", () => new Lasso({ alpha: 0.02, tol: 1e-12 }), 1e-6],
  ["elastic net", () => new ElasticNet({ alpha: 0.02, tol: 1e-12, fitIntercept: false }), 1e-6],
  [
    "positive, in random order",
    () => new Lasso({ alpha: 0.01, tol: 1e-12, positive: true, selection: "random", randomState: 4 }),
    1e-6,
  ],
  ["L2 alone", () => new ElasticNet({ alpha: 0.02, l1Ratio: 0, tol: 1e-12, maxIter: 10_000 }), 1e-5],
  ["Lasso on folds", () => new LassoCV({ alphas: 8, cv: 3, tol: 1e-10 }), 1e-6],
  ["elastic net on folds", () => new ElasticNetCV({ alphas: 6, cv: 3, l1Ratio: [0.5, 1], tol: 1e-10 }), 1e-6],
];
for (const [name, make, tolerance] of REGRESSORS) {
  test(`squares of sparse columns lead where those of dense ones do: ${name}`, async () => {
    const weighed = sampleWeight.slice(0, 250);
    for (const [table, targets, options] of [
      [X, y, {}],
      [X, y, { sampleWeight }],
      [few.X, [...few.score], {}],
      [few.X, [...few.score], { sampleWeight: weighed }],
    ] as const) {
      if (table === few.X && name === "nonnegative") continue; // several minima
      const dense = make();
      await dense.fit(table.toDense(), targets, options);
      const sparse = make();
      await sparse.fit(table, targets, options);
      near(learned(sparse), learned(dense), table === few.X ? Math.max(tolerance, 1e-6) : tolerance);
      if (dense instanceof RidgeCV && sparse instanceof RidgeCV) {
        assert.is(sparse.alpha_, dense.alpha_);
        near([sparse.bestScore_ as number], [dense.bestScore_ as number], 1e-9);
      }
      if (dense instanceof LassoCV && sparse instanceof LassoCV) {
        near([sparse.alpha_], [dense.alpha_], 1e-12);
        near([...sparse.msePath_.data], [...dense.msePath_.data], 1e-6);
      }
      if (dense instanceof Lasso && sparse instanceof Lasso) assert.ok(sparse.dualGap_ < 1e-8);
    }
  });
}

test("leave-one-out errors of sparse rows, of several targets and of classes, are those of dense ones", async () => {
  const params = { alphas: [0.1, 10], storeCvResults: true };
  const two = y.map((value) => [value, 1 - value * value]);
  const dense = await new RidgeCV({ ...params, alphaPerTarget: true }).fit(X.toDense(), two);
  const sparse = await new RidgeCV({ ...params, alphaPerTarget: true }).fit(X, two);
  near([...(sparse.cvResults_?.data ?? [])], [...(dense.cvResults_?.data ?? [])], 1e-9);
  const classifier = await new RidgeClassifierCV(params).fit(X.toDense(), labels(3));
  const other = await new RidgeClassifierCV(params).fit(X, labels(3));
  near([...(other.cvResults_?.data ?? [])], [...(classifier.cvResults_?.data ?? [])], 1e-9);
  near(learned(other), learned(classifier), 1e-9);
});

test("threads, the type of the entries and warm starts change no bit of a descent on sparse columns", async () => {
  const single = new CsrMatrix(Float32Array.from(few.X.data), few.X.indices, few.X.indptr, few.X.shape);
  const targets = [...few.score];
  for (const make of [
    (nJobs: number) => new Lasso({ alpha: 0.01, nJobs }),
    (nJobs: number) => new LassoCV({ alphas: 5, cv: 3, nJobs }),
    (nJobs: number) => new Ridge({ alpha: 1, nJobs }),
  ]) {
    const one = learned(await make(1).fit(few.X, targets));
    for (const nJobs of [2, 4]) assert.equal(learned(await make(nJobs).fit(few.X, targets)), one);
    assert.equal(learned(await make(2).fit(single, targets)), one);
  }
  const model = new Lasso({ alpha: 0.01, tol: 1e-10, warmStart: true });
  const cold = learned(await model.fit(few.X, targets));
  near(learned(await model.fit(few.X, targets)), cold, 1e-7);
  assert.ok(model.nIter_ <= 1, String(model.nIter_));
});

test("a Lasso of 20,000 × 50,000 keeps the entries alone", async () => {
  const wide = problem(20_000, 50_000, 50);
  const before = process.memoryUsage.rss();
  const model = await new Lasso({ alpha: 0.005 }).fit(wide.X, wide.score);
  assert.ok((await model.score(wide.X, wide.score)) > 0.15);
  const grown = (process.resourceUsage().maxRSS * 1024 - before) / 2 ** 20;
  assert.ok(grown < 400, `grew by ${grown.toFixed(0)} MB; dense it is 8,000 MB`);
});

test("a descent on sparse columns can be aborted and leaves the model as it was", async () => {
  const model = await new Lasso({ alpha: 0.01 }).fit(few.X, few.score);
  const before = learned(model);
  const control = new AbortController();
  setTimeout(() => control.abort(), 100);
  model.setParams({ alpha: 1e-9, tol: 0, maxIter: 100_000_000 });
  assert.is((await errorOf(() => model.fit(few.X, few.score, { signal: control.signal }))).name, "AbortError");
  assert.equal(learned(model), before);
});

test("threads and saving change no bit of a search on folds", async () => {
  const fit = async (nJobs: number): Promise<LogisticRegressionCV> =>
    new LogisticRegressionCV({ ...exact, l1Ratios: [0, 0.5], nJobs }).fit(X, labels(3));
  const one = await fit(1);
  for (const nJobs of [2, 4]) {
    const model = await fit(nJobs);
    assert.equal(learned(model), learned(one));
    assert.equal(model.scores_.data, one.scores_.data);
    assert.equal(model.coefsPaths_.data, one.coefsPaths_.data);
  }
  assert.equal(learned(fromBuffer<LogisticRegressionCV>(one.toBuffer())), learned(one));
});

test("a search on folds of sparse rows can be aborted and leaves the model as it was", async () => {
  const model = await new LogisticRegressionCV(exact).fit(X, labels(2));
  const before = learned(model);
  const control = new AbortController();
  model.setParams({ tol: 1e-12, maxIter: 100_000, Cs: 30 });
  const told = { signal: control.signal, onProgress: () => control.abort() };
  assert.is((await errorOf(() => model.fit(X, labels(2), told))).name, "AbortError");
  assert.equal(learned(model), before);
});

test.run();
