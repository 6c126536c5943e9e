import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromJSON,
  QuantileRegressor,
  TreelineError,
  withConfig,
  type QuantileRegressorParams,
} from "../../src/index.js";
import type { RowSource } from "../../src/data/row-source.js";

/** A number in [-1, 1) from the place of a cell. */
function cell(row: number, column: number): number {
  let h = Math.imul(row + 1, 0x9e3779b9) ^ Math.imul(column + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 31 - 1;
}

const table = (rows: number, cols: number, of = cell): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => of(i, j)));
const X = table(200, 3);
const y = X.map(([a, b], i) => 2 * a! - b! + (1 + a!) * cell(i, 7) ** 3 + 5);

const pinball = (r: number, q: number): number => (r > 0 ? q * r : (q - 1) * r);

function objective(model: QuantileRegressor, rows: number[][], target: number[], weight?: number[]): number {
  const { quantile, alpha } = model.getParams();
  const predicted = model.predictSync(rows);
  const weights = weight ?? target.map(() => 1);
  const loss = target.reduce((sum, value, i) => sum + weights[i]! * pinball(value - predicted[i]!, quantile), 0);
  return loss / weights.reduce((a, b) => a + b) + alpha * model.coef_.reduce((sum, c) => sum + Math.abs(c), 0);
}

const near = (actual: number, expected: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1e-300, Math.abs(expected)), `${actual}, ${expected}`);

async function warnings(call: () => Promise<unknown>): Promise<string[]> {
  const warned: string[] = [];
  const listen = (warning: Error): void => void warned.push(warning.message);
  process.on("warning", listen);
  await call();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  return warned;
}

test("of an unpenalised fit's residuals, a quantile lies below, for many rows and few, and for ties", async () => {
  for (const [rows, round] of [
    [50, false],
    [5000, false],
    [5000, true],
    [30_000, true],
  ] as const) {
    const data = table(rows, 4, (i, j) => (round ? Math.round(2 * cell(i, j)) : cell(i, j)));
    const target = data.map((row, i) => row[0]! - row[2]! + (round ? Math.round(4 * cell(i, 9)) : cell(i, 9)));
    for (const quantile of [0.05, 0.5, 0.8]) {
      const model = new QuantileRegressor({ quantile, alpha: 0 });
      assert.equal(await warnings(() => model.fit(data, target)), []);
      const predicted = await model.predict(data);
      const residuals = target.map((value, i) => value - predicted[i]!);
      const below = residuals.filter((r) => r < -1e-9).length;
      const zero = residuals.filter((r) => Math.abs(r) <= 1e-9).length;
      assert.ok(below <= quantile * rows && quantile * rows <= below + zero, `${below}, ${zero} of ${rows}`);
      assert.ok(zero >= 5, "a vertex");
      assert.ok(model.dualGap_ <= 1e-11, `${model.dualGap_}`);
    }
  }
});

test("no step from the minimum leads to less", async () => {
  for (const alpha of [0, 0.01, 0.2]) {
    const model = await new QuantileRegressor({ quantile: 0.3, alpha }).fit(X, y);
    const best = objective(model, X, y);
    for (let trial = 0; trial < 40; trial++) {
      const coef = Array.from(model.coef_, (c, j) => c + 1e-3 * cell(trial, j));
      const intercept = model.intercept_ + 1e-3 * cell(trial, 8);
      const loss = X.reduce((sum, row, i) => {
        const margin = row.reduce((m, x, j) => m + x * coef[j]!, intercept);
        return sum + pinball(y[i]! - margin, 0.3);
      }, 0);
      assert.ok(loss / X.length + alpha * coef.reduce((a, c) => a + Math.abs(c), 0) >= best - 1e-12);
    }
  }
});

test("a row of weight 0 counts for nothing, one of weight 2 as two", async () => {
  const weight = X.map((_, i) => i % 3);
  for (const alpha of [0, 0.05]) {
    const given = { quantile: 0.7, alpha };
    const weighted = await new QuantileRegressor(given).fit(X, y, { sampleWeight: weight });
    const rows = X.flatMap((row, i) => Array.from({ length: weight[i]! }, () => row));
    const target = y.flatMap((value, i) => Array.from({ length: weight[i]! }, () => value));
    const repeated = await new QuantileRegressor(given).fit(rows, target);
    near(objective(weighted, X, y, weight), objective(repeated, rows, target));
    weighted.coef_.forEach((c, j) => near(c, repeated.coef_[j]!));
  }
  const wild = [...X, [1e30, -1e30, 1e30]];
  const model = await new QuantileRegressor({ alpha: 0 }).fit(wild, [...y, -1e30], {
    sampleWeight: wild.map((_, i) => (i < X.length ? 1 : 0)),
  });
  const plain = await new QuantileRegressor({ alpha: 0 }).fit(X, y);
  near(objective(model, X, y), objective(plain, X, y));
});

test("columns and targets of any scale are fitted alike", async () => {
  const plain = await new QuantileRegressor({ alpha: 0 }).fit(X, y);
  const scales = [1e-12, 1e12, 1e6];
  const scaled = await new QuantileRegressor({ alpha: 0 }).fit(
    X.map((row) => row.map((x, j) => x * scales[j]!)),
    y,
  );
  scaled.coef_.forEach((c, j) => near(c * scales[j]!, plain.coef_[j]!, 1e-8));
  for (const size of [1e-12, 1e12]) {
    const model = await new QuantileRegressor({ alpha: 0 }).fit(
      X,
      y.map((value) => value * size),
    );
    model.coef_.forEach((c, j) => near(c / size, plain.coef_[j]!, 1e-8));
  }
  const far = await new QuantileRegressor({ alpha: 0 }).fit(
    X.map((row) => row.map((x) => x + 1e6)),
    y,
  );
  far.coef_.forEach((c, j) => near(c, plain.coef_[j]!, 1e-8));
});

test("outliers of any size change nothing but where they lie", async () => {
  const near20 = y.map((value, i) => (i % 20 === 0 ? value + 20 : value));
  const beyond = y.map((value, i) => (i % 20 === 0 ? value + 1e12 : value));
  const [one, other] = [
    await new QuantileRegressor({ alpha: 0 }).fit(X, near20),
    await new QuantileRegressor({ alpha: 0 }).fit(X, beyond),
  ];
  // A number of 1e12 has 4 digits after the point.
  one.coef_.forEach((c, j) => assert.ok(Math.abs(other.coef_[j]! - c) < 1e-3, `${other.coef_[j]}, ${c}`));
});

test("constant, empty and repeated columns, and a constant y, are no trouble", async () => {
  const awkward = X.map((row) => [...row, 7.25, 0, row[0]!, row[0]! - 2 * row[1]!]);
  for (const [alpha, fitIntercept] of [
    [0, true],
    [0.01, true],
    [0, false],
    [0.01, false],
  ] as const) {
    const model = new QuantileRegressor({ alpha, fitIntercept });
    assert.equal(await warnings(() => model.fit(awkward, y)), []);
    const rows = fitIntercept ? X : X.map((row) => [...row, 1]);
    const plain = await new QuantileRegressor({ alpha: 0, fitIntercept }).fit(rows, y);
    if (alpha === 0) near(objective(model, awkward, y), objective(plain, rows, y));
    if (fitIntercept) assert.is(model.coef_[3], 0);
    assert.is(model.coef_[4], 0);
  }
  for (const fitIntercept of [true, false]) {
    const flat = await new QuantileRegressor({ fitIntercept, alpha: 0 }).fit(
      awkward,
      y.map(() => 5),
    );
    assert.ok(Array.from(await flat.predict(awkward)).every((p) => Math.abs(p - 5) < 1e-12));
  }
  const zero = await new QuantileRegressor().fit(
    X,
    y.map(() => 0),
  );
  assert.equal([...zero.coef_, zero.intercept_], [0, 0, 0, 0]);
  const one = await new QuantileRegressor().fit([[1, 2]], [3]);
  assert.equal([...one.coef_, one.intercept_], [0, 0, 3]);
});

test("fewer rows than columns: every row is met, unless a penalty is in the way", async () => {
  const rows = X.slice(0, 8).map((row, i) => [...row, ...table(1, 20, (_, j) => cell(i, j + 30))[0]!]);
  const target = y.slice(0, 8);
  const exact = new QuantileRegressor({ alpha: 0 });
  assert.equal(await warnings(() => exact.fit(rows, target)), []);
  (await exact.predict(rows)).forEach((p, i) => assert.ok(Math.abs(p - target[i]!) < 1e-10));
  const model = await new QuantileRegressor({ alpha: 0.01 }).fit(rows, target);
  assert.ok(model.coef_.filter((c) => c !== 0).length <= 8);
  assert.ok(objective(model, rows, target) < 0.01 * exact.coef_.reduce((sum, c) => sum + Math.abs(c), 0));
});

test("a penalty that no residual outweighs leaves the quantile of y", async () => {
  const model = await new QuantileRegressor({ quantile: 0.25, alpha: 1e6 }).fit(X, y);
  assert.equal(Array.from(model.coef_), [0, 0, 0]);
  const sorted = [...y].sort((a, b) => a - b);
  assert.ok(model.intercept_ >= sorted[49]! - 1e-12 && model.intercept_ <= sorted[50]! + 1e-12);
});

test("a fit that is cut short says so, and how far from the minimum it is at most", async () => {
  const data = table(50_000, 20);
  const target = data.map((row, i) => row[0]! + Math.tan(1.5 * cell(i, 99)));
  const cut = new QuantileRegressor({ quantile: 0.9, alpha: 0, maxIter: 1 });
  const [warned] = await warnings(() => cut.fit(data, target));
  assert.match(warned ?? "", /did not converge in maxIter: 1 iterations; the duality gap is .* tol is 1e-9/);
  const whole = await new QuantileRegressor({ quantile: 0.9, alpha: 0 }).fit(data, target);
  const lost = objective(cut, data, target) - objective(whole, data, target);
  assert.ok(lost > 0 && lost <= cut.dualGap_, `${lost}, ${cut.dualGap_}`);
  assert.is(cut.nIter_, 1);
});

test("rows beyond memoryLimit go to a file, with the same bits; what does not fit besides them is refused", async () => {
  const [nRows, nFeatures, step] = [30_000, 40, 3000];
  const source: RowSource = {
    ...{ nFeatures, nRows, featureNames: undefined, categories: undefined },
    *chunks() {
      for (let firstRow = 0; firstRow < nRows; firstRow += step) {
        const values = new Float64Array(step * nFeatures);
        for (let i = 0; i < values.length; i++)
          values[i] = cell(firstRow + Math.floor(i / nFeatures), i % nFeatures) / 3;
        yield { rows: step, firstRow, values, offset: 0, cols: nFeatures, rowStride: nFeatures, colStride: 1 };
      }
    },
  };
  const target = Float64Array.from({ length: nRows }, (_, i) => cell(i, 0) - cell(i, 3) + cell(i, 99));
  const fit = (memoryLimit: string | null, nJobs: number): Promise<QuantileRegressor> =>
    withConfig({ memoryLimit, nJobs }, () => new QuantileRegressor({ alpha: 1e-3 }).fit(source, target));
  const [kept, spilled] = [await fit(null, 1), await fit("4MB", 2)]; // X is 9.6 MB
  assert.equal(Array.from(spilled.coef_), Array.from(kept.coef_));
  assert.is(spilled.intercept_, kept.intercept_);
  const refusal = await fit("1MB", 1).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(refusal, TreelineError);
  const { code, message } = refusal as TreelineError;
  assert.is(code, "ERR_MEMORY_LIMIT");
  assert.match(
    message,
    /QuantileRegressor\.fit: needs 2\.0 MB or more, .*64 bytes a row and 32 a pair of columns stay in memory/,
  );
});

test("a model keeps its parameters and what it learned", async () => {
  const model = await new QuantileRegressor({ quantile: 0.8, alpha: 0.01, solver: "highs-ipm" }).fit(X, y);
  const again = fromJSON<QuantileRegressor>(JSON.parse(JSON.stringify(await model.toJSON())));
  assert.equal(Array.from(again.predictSync(X)), Array.from(model.predictSync(X)));
  assert.is(again.nIter_, model.nIter_);
  assert.is(again.dualGap_, model.dualGap_);
});

test("a quantile of 0 or 1, and what is no solver, are refused", async () => {
  for (const [params, message] of [
    [{ quantile: 0 }, /QuantileRegressor: quantile must be a number > 0 and < 1, got 0/],
    [{ quantile: 1 }, /quantile must be a number > 0 and < 1, got 1/],
    [{ alpha: -1 }, /alpha must be a non-negative number, got -1/],
    [{ solver: "simplex" }, /solver must be one of "highs", "highs-ds", "highs-ipm", got "simplex"/],
  ] as [Partial<QuantileRegressorParams>, RegExp][]) {
    await new QuantileRegressor(params).fit(X, y).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, message),
    );
  }
});

test.run();
