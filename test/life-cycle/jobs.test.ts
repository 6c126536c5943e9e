import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, StandardScaler, withConfig } from "../../src/index.js";

function matrixOf(rows: number, cols: number, value: (i: number) => number): Matrix {
  return new Matrix(
    Float64Array.from({ length: rows * cols }, (_, i) => value(i)),
    [rows, cols],
  );
}
const large = matrixOf(400_000, 8, (i) => i % 1013);

test("several fits at once give each model its own result", async () => {
  const scalers = await Promise.all(
    Array.from({ length: 8 }, (_, k) =>
      new StandardScaler().fit(matrixOf(5_000 + k, 3, (i) => k * 1000 + Math.floor(i / 3))),
    ),
  );
  scalers.forEach((scaler, k) => {
    assert.is(scaler.nSamplesSeen_, 5_000 + k);
    for (const mean of scaler.mean_) assert.is(mean, k * 1000 + (4_999 + k) / 2);
  });
});

test("hundreds of fits started at once all end", async () => {
  const X = matrixOf(50, 2, (i) => i);
  const scalers = await Promise.all(Array.from({ length: 300 }, () => new StandardScaler().fit(X)));
  for (const scaler of scalers) assert.equal(Array.from(scaler.mean_), [49, 50]);
});

test("a signal that is aborted already stops a fit before it begins", async () => {
  const reason = new Error("changed my mind");
  const scaler = new StandardScaler();
  const error = await scaler.fit(large, undefined, { signal: AbortSignal.abort(reason) }).catch((e: unknown) => e);
  assert.is(error, reason);
  assert.not(scaler.isFitted);
});

test("an abort in the middle of a fit rejects with its reason and leaves the model as it was", async () => {
  const scaler = await new StandardScaler().fit([[1], [3]]);
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController();
    const fitting = scaler.fit(large, undefined, { signal: controller.signal });
    await sleep(round);
    controller.abort();
    const error = await fitting.catch((e: unknown) => e);
    assert.instance(error, DOMException);
    assert.is((error as DOMException).name, "AbortError");
    assert.equal(Array.from(scaler.mean_), [2]);
  }
});

test("an abort after a fit changes nothing", async () => {
  const controller = new AbortController();
  const scaler = await new StandardScaler().fit([[1], [3]], undefined, { signal: controller.signal });
  controller.abort();
  assert.equal(Array.from(scaler.mean_), [2]);
});

test("timers and file system go on while fits run, also when libuv has a single worker thread", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const fits = Promise.all(Array.from({ length: 6 }, () => new StandardScaler().fit(large)));
  let fitting = true;
  void fits.then(() => (fitting = false));
  let looks = 0;
  while (fitting) {
    await stat(import.meta.dirname);
    looks++;
  }
  clearInterval(timer);
  await fits;
  assert.ok(ticks >= 5, `${ticks} ticks`);
  assert.ok(looks >= 5, `${looks} looks at the file system`);
});

test("as many threads as one likes may be asked for", async () => {
  const X = matrixOf(10_000, 3, (i) => i % 29);
  const one = await withConfig({ nJobs: 1 }, () => new StandardScaler().fit(X));
  const many = await withConfig({ nJobs: 64 }, () => new StandardScaler().fit(X));
  assert.equal(many.var_, one.var_);
});

test.run();
