import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LogisticRegression, Matrix, type Progress } from "../../src/index.js";

const ROWS = 60_000;
const X = new Matrix(
  Float64Array.from({ length: ROWS * 6 }, (_, i) => Math.sin(i * 12.9898) * (1 + (i % 6))),
  [ROWS, 6],
);
const y = Int32Array.from({ length: ROWS }, (_, i) =>
  Number((X.at(i, 0) as number) + (X.at(i, 1) as number) > Math.cos(i)),
);
const slow = { tol: 1e-300, maxIter: 2_000 }; // as many iterations as the arithmetic allows

test("onProgress is told how far a fit is, in order, and once more at its end", async () => {
  const seen: Progress[] = [];
  const model = new LogisticRegression({ maxIter: 7, tol: 1e-300 });
  await model.fit(X, y, { onProgress: (progress) => seen.push(progress) });
  assert.ok(seen.length >= 1);
  seen.forEach(({ done, total, fraction, score }, k) => {
    assert.is(total, 7);
    assert.is(fraction, done / total);
    assert.ok(done >= (seen[k - 1]?.done ?? 0));
    assert.ok(Number.isFinite(score));
  });
  assert.is(seen.at(-1)?.done, model.nIter_);
});

test("what onProgress throws rejects the fit and leaves the model as it was", async () => {
  const model = await new LogisticRegression().fit([[0], [1], [2], [3]], [0, 0, 1, 1]);
  const before = Array.from(model.coef_.data);
  model.setParams(slow);
  const thrown = new Error("no more");
  let calls = 0;
  const error = await model
    .fit(X, y, {
      onProgress: () => {
        calls++;
        throw thrown;
      },
    })
    .catch((e: unknown) => e);
  assert.is(error, thrown);
  assert.is(calls, 1);
  assert.equal(Array.from(model.coef_.data), before);
});

test("an abort in the middle of a native call ends it, and onProgress is not called any more", async () => {
  const model = new LogisticRegression(slow);
  const controller = new AbortController();
  let calls = 0;
  const error = await model
    .fit(X, y, {
      signal: controller.signal,
      onProgress: () => {
        calls++;
        controller.abort("enough");
      },
    })
    .catch((e: unknown) => e);
  assert.is(error, "enough");
  assert.is(calls, 1);
  assert.not(model.isFitted);
});

test("onProgress runs in the asynchronous context of the fit's caller", async () => {
  const context = new AsyncLocalStorage<string>();
  const seen = new Set<string | undefined>();
  await Promise.all(
    ["first", "second"].map((name) =>
      context.run(name, () =>
        new LogisticRegression({ maxIter: 5 }).fit(X, y, {
          onProgress: () => seen.add(`${name} ${context.getStore()}`),
        }),
      ),
    ),
  );
  assert.equal([...seen].sort(), ["first first", "second second"]);
});

test("several long fits at once, some aborted, give the others their results", async () => {
  const models = Array.from({ length: 6 }, () => new LogisticRegression({ maxIter: 12, tol: 1e-300 }));
  const outcomes = await Promise.allSettled(
    models.map((model, k) => {
      const controller = new AbortController();
      const onProgress = () => {
        if (k % 2 === 1) controller.abort();
      };
      return model.fit(X, y, { signal: controller.signal, onProgress });
    }),
  );
  outcomes.forEach(({ status }, k) => assert.is(status, k % 2 === 1 ? "rejected" : "fulfilled"));
  assert.equal(models[2]?.coef_.data, models[0]?.coef_.data);
  assert.equal(models[4]?.coef_.data, models[0]?.coef_.data);
});

test.run();
