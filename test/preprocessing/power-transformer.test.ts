import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, PowerTransformer, withConfig } from "../../src/index.js";
import { searchFrom, searchWithin, type Search } from "../../src/preprocessing/brent.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

const next = random(6);
const skewed = Matrix.from(
  Array.from({ length: 6000 }, () => [Math.exp(3 * next()), next() - 0.5, next() ** 5 + 0.01]),
);

function least(search: Search, f: (x: number) => number): { x: number; calls: number } {
  let calls = 0;
  let step = search.next();
  while (step.done !== true) {
    calls++;
    step = search.next(f(step.value));
  }
  return { x: step.value, calls };
}

test("a search finds the least value of a function, within bounds or downhill, in few steps", () => {
  for (const at of [-40, -1.5, 0, 0.3, 7]) {
    const f = (x: number): number => (x - at) ** 2 + Math.abs(x - at) ** 3;
    const from = least(searchFrom(-2, 2), f);
    assert.ok(Math.abs(from.x - at) < 1e-6 * Math.max(1, Math.abs(at)) && from.calls < 70, `${at}: ${from.x}`);
    const within = least(searchWithin(-50, 20), f);
    assert.ok(Math.abs(within.x - at) < 1e-6 * Math.max(1, Math.abs(at)) && within.calls < 70, `${at}: ${within.x}`);
  }
  assert.ok(Math.abs(least(searchWithin(1, 3), (x) => x).x - 1) < 1e-6, "at a bound");
});

for (const method of ["yeo-johnson", "box-cox"] as const) {
  test(`${method}: the lambda is the likeliest, and the same bits for any chunks and nJobs`, async () => {
    const X = method === "box-cox" ? Matrix.from(skewed.toArray().map((row) => row.map((x) => x + 0.6))) : skewed;
    const model = await new PowerTransformer({ method }).fit(X);
    const again = await withConfig({ nJobs: 2 }, () => new PowerTransformer({ method }).fit(rechunked(X, 501)));
    assert.equal(again.lambdas_, model.lambdas_);
    const likelihood = (lambda: number, j: number): number => {
      const x = Array.from(X.column(j));
      const y = x.map((v) => power(v, lambda, method));
      const mean = y.reduce((a, b) => a + b) / y.length;
      const variance = y.reduce((a, b) => a + (b - mean) ** 2, 0) / y.length;
      const logs = x.reduce(
        (a, v) => a + (method === "box-cox" ? Math.log(v) : Math.sign(v) * Math.log1p(Math.abs(v))),
        0,
      );
      return (-y.length / 2) * Math.log(variance) + (lambda - 1) * logs;
    };
    model.lambdas_.forEach((lambda, j) => {
      const here = likelihood(lambda, j);
      assert.ok(here > likelihood(lambda + 1e-3, j) && here > likelihood(lambda - 1e-3, j), `column ${j}`);
    });
    const back = (await model.inverseTransform(await model.transform(X))).toArray();
    back.forEach((row, i) => row.forEach((x, j) => assert.ok(Math.abs(x - X.at(i, j)) < 1e-9 * (1 + Math.abs(x)))));
  });
}

function power(x: number, lambda: number, method: "yeo-johnson" | "box-cox"): number {
  if (method === "box-cox") return (x ** lambda - 1) / lambda;
  return x >= 0 ? ((x + 1) ** lambda - 1) / lambda : -((1 - x) ** (2 - lambda) - 1) / (2 - lambda);
}

test("constant columns stay, one row too; huge values overflow nothing", async () => {
  const model = new PowerTransformer();
  const Z = await model.fitTransform([[2, 1e100, 1e150], [2, 1e90, -1e149], [NaN, 3, 1], [2, 1e-100, 2]]); // prettier-ignore
  assert.is(model.lambdas_[0], 1);
  assert.equal(
    Array.from(Z.column(0), (z) => Math.round(z * 1e12) + 0),
    [0, 0, NaN, 0],
  );
  for (const j of [1, 2]) assert.ok(Array.from(Z.column(j)).every(Number.isFinite), String(j));
  assert.is(model.lambdas_[2], 1);
  assert.equal((await new PowerTransformer().fitTransform([[5, -3]])).toArray(), [[0, 0]]);
});

test("a lambda whose powers would overflow is held back", async () => {
  const X = [2003.0, 1950.0, 1997.0, 2000.0, 2009.0, 2009.0, 1980.0, 1999.0, 2007.0, 1991.0].map((x) => [x]);
  const model = new PowerTransformer({ method: "box-cox", standardize: false });
  const Z = await model.fitTransform(X);
  assert.ok(Array.from(Z.data).every(Number.isFinite));
});

test("what cannot be says why", async () => {
  const boxCox = new PowerTransformer({ method: "box-cox" });
  assert.match((await errorOf(() => boxCox.fit([[1], [0]]))).message, /X holds 0 in column 0, but Box and Cox/);
  assert.match((await errorOf(() => boxCox.fit([[1], [1]]))).message, /column 0 of X is constant/);
  assert.match((await errorOf(() => boxCox.fit([[1, NaN], [2, NaN]]))).message, /column 1 of X has no value/); // prettier-ignore
  await boxCox.fit([[1], [2], [5]]);
  assert.match((await errorOf(() => boxCox.transform([[-1]]))).message, /transform: X holds -1 in column 0/);
});

test.run();
