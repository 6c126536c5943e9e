import { test } from "uvu";
import * as assert from "uvu/assert";
import { LinearSVC } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { blobs } from "../contract/problems.js";

const { X, y } = blobs(200, 3, 6);

test("the hinge with L1 is refused in words", async () => {
  const error = await errorOf(() => new LinearSVC({ penalty: "l1", loss: "hinge" }).fit(X, y));
  assert.is(error.code, "ERR_INVALID_ARGUMENT");
  assert.match(error.message, /the penalty "l1" goes with the loss "squaredHinge" only/);
});

test("a fit that ends by maxIter says so", async () => {
  const seen: Error[] = [];
  const listen = (warning: Error): void => void seen.push(warning);
  process.on("warning", listen);
  await new LinearSVC({ loss: "hinge", maxIter: 1, tol: 1e-12, randomState: 0 }).fit(X, y);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  assert.is(seen.length, 1);
  assert.match(seen[0]?.message ?? "", /LinearSVC.fit: did not converge in maxIter: 1 iterations/);
});

test("raw columns of very different scales converge to the same decisions as scaled ones do", async () => {
  const scales = [1e-4, 1, 1e5, 3, 1e-2, 10];
  const raw = X.map((row) => row.map((x, j) => x * (scales[j] as number)));
  const model = await new LinearSVC({ C: 1e6 }).fit(raw, y);
  assert.ok(model.nIter_ < 200, String(model.nIter_));
  assert.ok((await model.score(raw, y)) > 0.97);
});

test("L1 leaves out columns that say nothing; a constant column and one of zeros do no harm", async () => {
  const wide = X.map((row, i) => [...row, 0, 7, Math.sin(i * 99)]);
  const model = await new LinearSVC({ penalty: "l1", C: 0.02, randomState: 0 }).fit(wide, y);
  for (let k = 0; k < 3; k++) {
    assert.is(model.coef_.at(k, 6), 0);
    assert.is(model.coef_.at(k, 8), 0);
  }
  assert.ok((await model.score(wide, y)) > 0.9);
  await new LinearSVC({ loss: "hinge", C: 0.1, randomState: 0 }).fit(wide, y);
});

test("a weight of 0 leaves a row out; without an intercept it is 0", async () => {
  const half = X.map((_, i) => (i < 100 ? 1 : 0));
  for (const params of [{}, { loss: "hinge", tol: 1e-8 }, { penalty: "l1", tol: 1e-8 }] as const) {
    const settings = { ...params, randomState: 0, fitIntercept: false, maxIter: 100_000 };
    const weighted = await new LinearSVC(settings).fit(X, y, { sampleWeight: half });
    const cut = await new LinearSVC(settings).fit(X.slice(0, 100), y.slice(0, 100));
    assert.equal([...weighted.intercept_], [0, 0, 0]);
    cut.objective_.forEach((value, k) => {
      assert.ok(Math.abs(value - (weighted.objective_[k] as number)) < 1e-4 * value);
    });
  }
});

test.run();
