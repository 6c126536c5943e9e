import { test } from "uvu";
import * as assert from "uvu/assert";
import { answers, errorOf, isExcepted, problemFor, TABULAR } from "./estimators.js";
import { random } from "./problems.js";

for (const entry of TABULAR.filter(({ tags }) => tags.sampleWeight)) {
  const { name, make } = entry;
  const { X, y } = problemFor(entry);
  const next = random(5);
  const weights = y.map(() => Math.floor(next() * 4));

  const BAD: [string, unknown, RegExp][] = [
    ["of another length", y.slice(1).map(() => 1), /sampleWeight has 119 values/],
    ["that are all zero", y.map(() => 0), /all values of sampleWeight are zero/],
    ["that are negative", y.map((_, i) => (i === 3 ? -1 : 1)), /sampleWeight must not be negative, got -1 in row 3/],
    ["with NaN", y.map((_, i) => (i === 3 ? NaN : 1)), /sampleWeight must be finite numbers, got NaN in row 3/],
    ["that are a table", [y.map(() => 1)], /sampleWeight/],
  ];
  for (const [what, sampleWeight, message] of BAD) {
    test(`${name}: weights ${what} are refused`, async () => {
      const error = await errorOf(() => make().fit(X, y, { sampleWeight }));
      assert.is(error.code, "ERR_INVALID_DATA");
      assert.match(error.message, message);
    });
  }

  test(`${name}: a weight of k counts as k equal rows, a weight of 0 as none`, async () => {
    if (isExcepted(make(), "weights repeat rows")) return;
    const repeat = <T>(values: readonly T[]): T[] => values.flatMap((v, i) => Array<T>(weights[i] as number).fill(v));
    const [weighted, repeated] = [make(), make()];
    await weighted.fit(X, y, { sampleWeight: weights });
    await repeated.fit(repeat(X), repeat(y));
    const [a, b] = [await answers(weighted, X), await answers(repeated, X)];
    for (const [method, values] of Object.entries(a)) {
      const close = values.every(
        (v, i) =>
          v === b[method]?.[i] || Math.abs(Number(v) - Number(b[method]?.[i])) < 1e-5 * (1 + Math.abs(Number(v))),
      );
      assert.ok(close, method);
    }
  });

  test(`${name}: equal weights count as none`, async () => {
    if (isExcepted(make(), "equal weights count as none")) return;
    const [weighted, plain] = [make(), make()];
    await weighted.fit(X, y, { sampleWeight: y.map(() => 1) });
    await plain.fit(X, y);
    assert.equal(await answers(weighted, X), await answers(plain, X));
  });
}

test.run();
