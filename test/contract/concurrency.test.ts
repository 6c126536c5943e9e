import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix } from "../../src/index.js";
import { answers, errorOf, problemFor, TABULAR } from "./estimators.js";
import { matrixOf } from "./problems.js";
import { rechunked } from "./rechunked.js";

for (const entry of TABULAR) {
  const { name, make, tags } = entry;
  const { X, y } = problemFor(entry);

  test(`${name}: a fit aborted before it starts changes nothing`, async () => {
    const reason = new Error("not now");
    const estimator = make();
    assert.is(await errorOf(() => estimator.fit(X, y, { signal: AbortSignal.abort(reason) })), reason);
    assert.not.ok(estimator.isFitted);
    await estimator.fit(X, y);
    const before = await answers(estimator, X);
    assert.is(
      await errorOf(() => estimator.fit(X.slice(9), y.slice(9), { signal: AbortSignal.abort(reason) })),
      reason,
    );
    assert.equal(await answers(estimator, X), before);
  });

  test(`${name}: a fit aborted while it reads its data leaves the estimator as it was`, async () => {
    if (tags.ignoresX === true) return;
    const estimator = make();
    await estimator.fit(X, y);
    const before = await answers(estimator, X);
    const abort = new AbortController();
    const reason = new Error("enough");
    const source = rechunked(matrixOf(X.map((row) => row.map((x) => -x))), 10, (row) => {
      if (row === 50) abort.abort(reason);
    });
    assert.is(await errorOf(() => estimator.fit(source, y, { signal: abort.signal })), reason);
    assert.equal(await answers(estimator, X), before);
  });

  test(`${name}: a source of data that fails ends the fit with its error and changes nothing`, async () => {
    if (tags.ignoresX === true) return;
    const estimator = make();
    const broken = rechunked(matrixOf(X), 10, (row) => {
      if (row === 30) throw new RangeError("the disk is gone");
    });
    assert.match((await errorOf(() => estimator.fit(broken, y))).message, /the disk is gone/);
    assert.not.ok(estimator.isFitted);
  });

  test(`${name}: what onProgress throws ends the fit; a fit without a word of progress is no error`, async () => {
    const estimator = make();
    const problem = new Error("from onProgress");
    let called = false;
    const onProgress = (): void => {
      called = true;
      throw problem;
    };
    try {
      await estimator.fit(X, y, { onProgress });
      assert.not.ok(called);
    } catch (error) {
      assert.is(error, problem);
      assert.not.ok(estimator.isFitted);
    }
  });

  test(`${name}: progress goes from 0 to 1 and does not go back`, async () => {
    const seen: number[] = [];
    await make().fit(X, y, { onProgress: (p: { fraction: number }) => seen.push(p.fraction) });
    assert.ok(
      seen.every((fraction) => fraction >= 0 && fraction <= 1 + 1e-12),
      String(seen),
    );
    assert.equal(
      seen,
      [...seen].sort((a, b) => a - b),
    );
  });

  test(`${name}: fits at once, on one estimator and on several, end as if one after another`, async () => {
    const other = problemFor(entry, 90);
    const [first, second] = [make(), make()];
    await first.fit(X, y);
    await second.fit(other.X, other.y);
    const expected = [await answers(first, X), await answers(second, X)];
    const [a, b, both] = [make(), make(), make()];
    await Promise.all([a.fit(X, y), b.fit(other.X, other.y), both.fit(X, y), both.fit(other.X, other.y)]);
    assert.equal(await answers(a, X), expected[0]);
    assert.equal(await answers(b, X), expected[1]);
    const either = JSON.stringify(await answers(both, X));
    assert.ok(expected.some((answer) => JSON.stringify(answer) === either));
    const atOnce = await Promise.all([answers(a, X), answers(a, X), answers(b, X)]);
    assert.equal(atOnce, [expected[0], expected[0], expected[1]]);
  });

  test(`${name}: timers keep ticking while it fits`, async () => {
    const large = problemFor(entry, 3000);
    const tall = new Matrix(
      Float64Array.from({ length: 120_000 * 4 }, (_, k) => large.X[Math.floor(k / 4) % 3000]?.[k % 4] as number),
      [120_000, 4],
    );
    const target = Float64Array.from({ length: 120_000 }, (_, i) => large.y[i % 3000] as number);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    await make().fit(tall, target);
    const elapsed = performance.now() - start;
    clearInterval(timer);
    // Only what lasts can be seen to block: then a few ticks in place of the many that there is time for.
    if (elapsed > 1000) assert.ok(ticks >= 4, `${ticks} ticks in ${elapsed} ms`);
  });
}

test.run();
