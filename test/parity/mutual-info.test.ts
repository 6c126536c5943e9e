import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CsrMatrix, Matrix, mutualInfoClassif, mutualInfoRegression, SelectKBest } from "../../src/index.js";
import { digamma } from "../../src/feature-selection/mutual-info-estimates.js";

// scikit-learn's mutual information of features and targets (make_mutual_info.py).

const values = JSON.parse(readFileSync("test/parity/mutual_info.json", "utf8")) as {
  X: number[][];
  target: number[];
  classes: number[];
  cases: { nNeighbors: number; discrete: number[] | false; classif: number[]; regression: number[] }[];
  best: number[];
  digamma: [number, number][];
};

function close(actual: ArrayLike<number>, expected: number[], what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((value, j) =>
    assert.ok(Math.abs((actual[j] as number) - value) <= 1e-9, `${what} ${j}: ${actual[j]} is not ${value}`),
  );
}

for (const { nNeighbors, discrete, classif, regression } of values.cases) {
  test(`${nNeighbors} neighbours, ${discrete === false ? "numbers" : "numbers and classes"}`, async () => {
    const X = Matrix.from(discrete === false ? values.X.map((row) => row.slice(0, 4)) : values.X);
    const options = { nNeighbors, discreteFeatures: discrete };
    close(await mutualInfoClassif(X, values.classes, options), classif, "classif");
    close(await mutualInfoRegression(X, values.target, options), regression, "regression");
  });
}

test("digamma", () => {
  for (const [x, value] of values.digamma) {
    assert.ok(Math.abs(digamma(x) - value) <= 1e-13 * Math.max(1, Math.abs(value)), `${x}: ${digamma(x)}, ${value}`);
  }
});

test("SelectKBest by it; a CsrMatrix's features are discrete", async () => {
  const select = new SelectKBest({ scoreFunc: "mutualInfoClassif", k: 2 });
  await select.fit(
    values.X.map((row) => row.slice(0, 4)),
    values.classes,
  );
  assert.equal(Array.from(select.getSupport({ indices: true }) as ArrayLike<number>), values.best);
  const counts = values.X.map((row) => row.slice(4));
  const dense = await mutualInfoClassif(counts, values.classes, { discreteFeatures: true });
  const sparse = CsrMatrix.fromDense(Matrix.from(counts));
  close(await mutualInfoClassif(sparse, values.classes), Array.from(dense), "sparse");
});

test("knows what has nothing to do with y, and what has; equal numbers; the same in every call", async () => {
  const n = 400;
  const x = Array.from({ length: n }, (_, i) => ((i * 7919) % n) / n);
  const X = x.map((value, i) => [value, ((i * 104729) % 397) / 397, 5]);
  const y = x.map((value) => (value - 0.5) ** 2); // no correlation at all
  const scores = await mutualInfoRegression(X, y);
  assert.ok((scores[0] as number) > 2 && (scores[1] as number) < 0.5 && (scores[2] as number) < 0.1, String(scores));
  const rounded = X.map((row) => row.map((value) => Math.round(value * 4)));
  const tied = await mutualInfoRegression(rounded, y);
  assert.ok(tied.every(Number.isFinite), String(tied));
  assert.equal(await mutualInfoRegression(rounded, y), tied);
});

test("bad input is named; a signal ends it", async () => {
  const X = values.X.slice(0, 5);
  const y = values.classes.slice(0, 5);
  for (const [call, expected] of [
    [() => mutualInfoClassif(X, y.slice(1)), /mutualInfoClassif: y has 4 values, but X has 5 rows/],
    [() => mutualInfoClassif(X, y, { nNeighbors: 0 }), /nNeighbors must be an integer of at least 1, got 0/],
    [() => mutualInfoClassif(X, y, { nNeighbors: 5 }), /X has 5 rows; more than nNeighbors, 5, are needed/],
    [() => mutualInfoClassif(X, y, { discreteFeatures: [9] }), /discreteFeatures must be "auto", a boolean/],
    [() => mutualInfoRegression([[NaN], [1], [2], [3], [4]], [1, 2, 3, 4, 5]), /column 0 of X/],
    [
      () => mutualInfoClassif(CsrMatrix.fromDense(Matrix.from(X)), y, { discreteFeatures: false }),
      /features of a CsrMatrix must be discrete/,
    ],
  ] as const) {
    await call().then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, expected),
    );
  }
  const stopped = mutualInfoRegression(
    Matrix.from(Array.from({ length: 5000 }, (_, i) => [Math.sin(i)])),
    Array.from({ length: 5000 }, (_, i) => Math.cos(i)),
    { signal: AbortSignal.abort() },
  );
  await stopped.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, "AbortError"),
  );
});

test.run();
