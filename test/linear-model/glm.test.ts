import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  GammaRegressor,
  HuberRegressor,
  PoissonRegressor,
  TreelineError,
  TweedieRegressor,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";

const X = Array.from({ length: 60 }, (_, i) => [Math.sin(i * 7.1), ((i * 37) % 23) / 10]);
const counts = X.map(([a, b], i) => Math.floor(Math.exp(0.8 * a! + 0.4 * b!) + (i % 3)));

async function refusal(call: () => Promise<unknown>): Promise<TreelineError> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, TreelineError);
    return error as TreelineError;
  }
  throw new Error("expected a rejection");
}

test("a Poisson regression predicts means whose sum is that of the counts", async () => {
  const model = await new PoissonRegressor({ alpha: 0, tol: 1e-10 }).fit(X, counts);
  const predicted = await model.predict(X);
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum(predicted) / sum(counts) - 1) < 1e-9);
  assert.equal(Array.from(model.predictSync(X)), Array.from(predicted));
  assert.ok(
    predicted.every(
      (mean, i) =>
        Math.abs(Math.log(mean) - model.intercept_ - X[i]![0]! * model.coef_[0]! - X[i]![1]! * model.coef_[1]!) < 1e-12,
    ),
  );
});

test("power 1 and 2 of a Tweedie regression are Poisson's and Gamma's, bit for bit", async () => {
  const positive = counts.map((count) => count + 0.5);
  for (const [power, other] of [
    [1, new PoissonRegressor()],
    [2, new GammaRegressor()],
  ] as const) {
    const tweedie = await new TweedieRegressor({ power }).fit(X, positive);
    await other.fit(X, positive);
    assert.equal(Array.from(tweedie.coef_), Array.from(other.coef_));
    assert.is(await tweedie.score(X, positive), await other.score(X, positive));
  }
});

test("a y of zeros has no logarithm of its mean", async () => {
  const error = await refusal(() =>
    new PoissonRegressor().fit(
      X,
      counts.map(() => 0),
    ),
  );
  assert.is(error.code, "ERR_INVALID_DATA");
  assert.match(error.message, /PoissonRegressor\.fit: y must have a positive mean/);
});

const REFUSED: [string, { fit(X: MatrixLike, y: VectorLike): Promise<unknown> }, number, string][] = [
  [
    "Poisson",
    new PoissonRegressor(),
    -1,
    "PoissonRegressor.fit: y must not be negative for a deviance of power 1, got -1 in row 7",
  ],
  [
    "Gamma",
    new GammaRegressor(),
    0,
    "GammaRegressor.fit: y must be positive for a deviance of power 2, got 0 in row 7",
  ],
  [
    "Tweedie",
    new TweedieRegressor({ power: 1.5 }),
    -2,
    "TweedieRegressor.fit: y must not be negative for a deviance of power 1.5, got -2 in row 7",
  ],
];
for (const [name, model, value, message] of REFUSED) {
  test(`${name}: a y out of its range is refused by row`, async () => {
    const y = counts.map((count, i) => (i === 7 ? value : count + 1));
    const error = await refusal(() => model.fit(X, y));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.is(error.message, message);
  });
}

test("a power between 0 and 1 belongs to no distribution", async () => {
  const error = await refusal(() => new TweedieRegressor({ power: 0.5 }).fit(X, counts));
  assert.is(error.code, "ERR_INVALID_ARGUMENT");
  assert.match(error.message, /power must be a number not between 0 and 1, got 0.5/);
});

test("warmStart goes on from the last fit", async () => {
  for (const model of [new PoissonRegressor({ warmStart: true, tol: 1e-8 }), new HuberRegressor({ warmStart: true })]) {
    await model.fit(X, counts);
    const first = model.nIter_;
    await model.fit(X, counts);
    assert.ok(first > 1 && model.nIter_ === 1, `${first}, then ${model.nIter_}`);
  }
});

test("Huber's regression finds the line and the rows that are not on it", async () => {
  const y = X.map(([a, b], i) => 3 * a! - 2 * b! + 1 + (i % 10 === 4 ? 40 : 0) + 0.1 * Math.cos(i * 3.3));
  const model = await new HuberRegressor().fit(X, y);
  assert.ok(Math.abs(model.coef_[0]! - 3) < 0.05 && Math.abs(model.coef_[1]! + 2) < 0.05);
  X.forEach((_, i) => {
    if (i % 10 === 4) assert.is(model.outliers_[i], true);
  });
  assert.is(model.outliers_.length, 60);
  const scaled = await new HuberRegressor({ alpha: 0 }).fit(
    X,
    y.map((value) => value * 1e9),
  );
  const plain = await new HuberRegressor({ alpha: 0 }).fit(X, y);
  assert.ok(Math.abs(scaled.scale_ / plain.scale_ / 1e9 - 1) < 1e-6);
});

test("Huber's regression of points on a line, and of a constant y, ends", async () => {
  const warned: string[] = [];
  const listen = (warning: Error): void => void warned.push(warning.message);
  process.on("warning", listen);
  const line = X.map(([a, b]) => 3 * a! - 2 * b! + 1);
  const model = await new HuberRegressor({ alpha: 0 }).fit(X, line);
  assert.ok(Math.abs(model.coef_[0]! - 3) < 1e-6 && model.scale_ < 1e-3);
  const flat = await new HuberRegressor().fit(
    X,
    line.map(() => 5),
  );
  assert.ok(Math.abs(flat.intercept_ - 5) < 1e-6);
  process.off("warning", listen);
});

test.run();
