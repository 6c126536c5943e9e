import { test } from "uvu";
import * as assert from "uvu/assert";
import { LogisticRegressionCV, fromBuffer, type LogisticRegressionCVParams } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { learned, near, problem } from "./sparse-problem.js";

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
