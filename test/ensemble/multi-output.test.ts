import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromArrow,
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  load,
  loadIris,
  Matrix,
  partialDependence,
  r2Score,
  treeToSvg,
  type TablePredictions,
} from "../../src/index.js";

const ROWS = 400;
const COLS = 4;
const TARGETS = 3;
const noise = (i: number): number => {
  const x = Math.sin((i + 1) * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};
const X = Array.from({ length: ROWS }, (_, i) =>
  Array.from({ length: COLS }, (_, j) =>
    j === 2 && i % 7 === 0 ? NaN : Math.floor(noise(COLS * i + j) * (8 + 5 * j)),
  ),
);
/** Whole numbers: their gradients from 0 are exact. */
const Y = X.map(([a = 0, b = 0, c = 0, d = 0], i) => [
  a > 3 ? 40 + b : -d,
  Math.round(5 * noise(7000 + i)) + (a > 3 ? 30 : 0) - 2 * d,
  (Number.isNaN(c) ? -25 : c) + (b > 6 ? 16 : 0),
]);
const column = (t: number): Float64Array => Float64Array.from(Y, (row) => row[t] as number);
const PARAMS = { maxIter: 8, minSamplesLeaf: 5, maxLeafNodes: 8, learningRate: 0.3 } as const;
const model = await new HistGradientBoostingRegressor(PARAMS).fit(X, Y);

test("predictions of several targets are a Matrix, and score is the mean of their R²", async () => {
  const predicted = await model.predict(X);
  assert.equal(predicted.shape, [ROWS, TARGETS]);
  assert.is(model.nTreesPerIteration_, 1);
  assert.is(model.nIter_, 8);
  let mean = 0;
  for (let t = 0; t < TARGETS; t++) mean += (await r2Score(column(t), predicted.column(t))) / TARGETS;
  assert.ok(mean > 0.8 && Math.abs((await model.score(X, Y)) - mean) < 1e-12);
  let last: Matrix | undefined;
  for await (const step of model.stagedPredict(X)) last = step;
  assert.equal(last?.data, predicted.data);
  assert.equal(model.predictSync(X.slice(0, 5)).data, predicted.data.slice(0, 5 * TARGETS));
  assert.equal(model.predictSync(X[3] as number[]), predicted.row(3));
  assert.equal((await model.apply(X)).shape, [ROWS, 8]);
});

test("one output per tree: as many separate fits", async () => {
  const params = { ...PARAMS, multiStrategy: "oneOutputPerTree" } as const;
  const all = await new HistGradientBoostingRegressor(params).fit(X, Y);
  assert.is(all.nTreesPerIteration_, TARGETS);
  const predicted = await all.predict(X);
  for (let t = 0; t < TARGETS; t++) {
    const own = await new HistGradientBoostingRegressor(PARAMS).fit(X, column(t));
    assert.equal(predicted.column(t), await own.predict(X));
  }
});

test("copies of one target: its own trees, with its values in every place", async () => {
  const own = await new HistGradientBoostingRegressor(PARAMS).fit(X, column(1));
  const copies = await new HistGradientBoostingRegressor(PARAMS).fit(
    X,
    Y.map((row) => [row[1] as number, row[1] as number]),
  );
  for (let tree = 0; tree < PARAMS.maxIter; tree++) {
    copies.treeNodes(tree).forEach((node, i) => {
      const { value, gain, ...same } = own.treeNodes(tree)[i] as typeof node;
      assert.equal({ ...node, value, gain, values: undefined }, { ...same, value, gain });
      if (node.values) assert.equal([...node.values, NaN], [value, value, node.value]);
      assert.ok(Math.abs(node.gain - 2 * gain) <= 1e-9 * gain);
    });
  }
});

/** A regression tree by the sum over targets of squared error, every split of every feature tried; NaN goes where it helps. */
function naiveTree(rows: readonly number[], depth: number): (x: readonly number[]) => number[] {
  const mean = (of: readonly number[]): number[] =>
    Array.from(
      { length: TARGETS },
      (_, t) => of.reduce((sum, i) => sum + ((Y[i] as number[])[t] as number), 0) / of.length,
    );
  const gain = (of: readonly number[]): number => mean(of).reduce((sum, m) => sum + of.length * m * m, 0);
  let best = gain(rows) + 1e-9;
  let rule: ((x: readonly number[]) => boolean) | undefined;
  for (let j = 0; j < COLS; j++) {
    const values = [...new Set(rows.map((i) => (X[i] as number[])[j] as number))].filter((x) => !Number.isNaN(x));
    for (const missingLeft of j === 2 ? [false, true] : [false]) {
      for (const cut of values.sort((a, b) => a - b)) {
        const goesLeft = (x: readonly number[]): boolean =>
          Number.isNaN(x[j]) ? missingLeft : (x[j] as number) <= cut;
        const left = rows.filter((i) => goesLeft(X[i] as number[]));
        if (left.length < 5 || rows.length - left.length < 5) continue;
        const found = gain(left) + gain(rows.filter((i) => !goesLeft(X[i] as number[])));
        if (found > best + 1e-9) [best, rule] = [found, goesLeft];
      }
    }
  }
  const split = rule;
  if (split === undefined || depth === 0) {
    const values = mean(rows);
    return () => values;
  }
  const [yes, no] = [true, false].map((side) =>
    naiveTree(
      rows.filter((i) => split(X[i] as number[]) === side),
      depth - 1,
    ),
  ) as [ReturnType<typeof naiveTree>, ReturnType<typeof naiveTree>];
  return (x) => (split(x) ? yes(x) : no(x));
}

test("one tree is a naive tree's: every split the one with the least squared error of all targets", async () => {
  const params = { maxIter: 1, learningRate: 1, minSamplesLeaf: 5, maxLeafNodes: null, maxDepth: 4 };
  const tree = await new HistGradientBoostingRegressor(params).fit(X, Y, {
    initScore: Matrix.from(Y.map(() => [0, 0, 0])),
  });
  const twin = naiveTree(Array.from(Y.keys()), 4);
  const predicted = await tree.predict(X);
  X.forEach((x, i) => {
    const expected = twin(x);
    const worst = Math.max(...expected.map((value, t) => Math.abs(value - predicted.at(i, t))));
    assert.ok(worst < 1e-9, `row ${i}: ${expected.join()} and ${Array.from(predicted.row(i)).join()}`);
  });
});

test("the model does not depend on threads, chunks or how y comes, and is saved bit for bit", async () => {
  const predicted = (await model.predict(X)).data;
  for (const nJobs of [1, 3]) {
    const again = await new HistGradientBoostingRegressor({ ...PARAMS, nJobs }).fit(X, Y);
    assert.equal((await again.predict(X)).data, predicted);
  }
  const table = tableFromArrays({ a: column(0), b: column(1), c: column(2) });
  const frame = await fromArrow(table);
  for (const y of [Matrix.from(Y), table, frame]) {
    const again = await new HistGradientBoostingRegressor(PARAMS).fit(X, y);
    assert.equal((await again.predict(X)).data, predicted);
  }
  const directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
  const path = join(directory, "several.treeline");
  await model.save(path);
  const loaded = (await load(path)) as unknown as TablePredictions;
  assert.equal((await loaded.predict(X)).data, predicted);
  rmSync(directory, { recursive: true });
});

test("a warm start goes on as if it had never stopped", async () => {
  const growing = new HistGradientBoostingRegressor({ ...PARAMS, maxIter: 3, warmStart: true });
  await growing.fit(X, Y);
  const all = await growing.setParams({ maxIter: 8 }).fit(X, Matrix.from(Y));
  assert.equal((await all.predict(X)).data, (await model.predict(X)).data);
  growing.setParams({ multiStrategy: "oneOutputPerTree", maxIter: 9 });
  await rejects(growing.fit(X, Y), /3 tree\(s\) an iteration|and 3$/);
});

test("weights, samples, DART, other losses and penalties go with several targets", async () => {
  const positive = Y.map((row) => row.map((y) => Math.abs(y) + 1));
  const weights = Float64Array.from(X, (_, i) => 1 + (i % 3));
  for (const params of [
    { loss: "poisson" },
    { loss: "absoluteError" },
    { loss: "quantile", quantile: 0.4 },
    { boostingType: "dart", dropRate: 0.5, skipDrop: 0 },
    { boostingType: "goss", learningRate: 0.6 },
    { subsample: 0.6, maxFeatures: 0.6, extraTrees: true },
    { pathSmooth: 2, l1Regularization: 1, maxDeltaStep: 30 },
  ] as const) {
    const how = { ...PARAMS, maxIter: 30, randomState: 1, ...params };
    const fitted = await new HistGradientBoostingRegressor(how).fit(X, positive, { sampleWeight: weights });
    const score = await fitted.score(X, positive, { sampleWeight: weights });
    assert.ok(score > 0.5, `${JSON.stringify(params)}: ${score}`);
  }
});

test("weights of 0 and 1 are the same as leaving rows out", async () => {
  const even = (_: unknown, i: number): boolean => i % 2 === 0;
  const weights = Float64Array.from(X, (_, i) => Number(i % 2 === 0));
  const weighted = await new HistGradientBoostingRegressor({ ...PARAMS, randomState: 0 }).fit(X, Y, {
    sampleWeight: weights,
  });
  const fewer = await new HistGradientBoostingRegressor({ ...PARAMS, randomState: 0 }).fit(
    X.filter(even),
    Y.filter(even),
  );
  const [a, b] = [await weighted.score(X, Y), await fewer.score(X, Y)];
  assert.ok(Math.abs(a - b) < 0.02, `${a} and ${b}`);
});

test("categories are split along what all targets say", async () => {
  const codes = X.map((_, i) => [Math.floor(noise(90_000 + i) * 20)]);
  const group = (code: number): number => code % 3;
  const targets = codes.map(([code = 0], i) => [group(code) === 1 ? 9 : 0, group(code) === 1 ? -9 : 1, noise(i)]);
  const params = {
    maxIter: 1,
    learningRate: 1,
    minSamplesLeaf: 1,
    categoricalFeatures: [0],
    catSmooth: 0,
    maxDepth: 1,
  };
  const fitted = await new HistGradientBoostingRegressor(params).fit(codes, targets);
  const members = fitted.treeNodes(0)[0]?.categories ?? [];
  assert.equal(new Set(members.map((code) => group(code) === 1)).size, 1, members.join());
  const onehot = await new HistGradientBoostingRegressor({ ...params, maxCatToOnehot: 50 }).fit(codes, targets);
  assert.is(onehot.treeNodes(0)[0]?.categories?.length, 1);
});

test("early stopping goes by the mean loss, by r2 or by a function; evalSet is recorded", async () => {
  const evalSet = [{ X, y: Y }];
  const stopped = new HistGradientBoostingRegressor({
    ...PARAMS,
    maxIter: 300,
    earlyStopping: true,
    randomState: 0,
    nIterNoChange: 3,
  });
  await stopped.fit(X, Y, { evalSet, evalMetric: ["loss", "r2"] });
  assert.ok(stopped.nIter_ < 300);
  const { loss, r2 } = stopped.evalResults_["eval0"] as { loss: Float64Array; r2: Float64Array };
  assert.is(loss.length, stopped.nIter_ + 1);
  assert.ok(Math.abs((r2.at(-1) as number) - (await stopped.score(X, Y))) < 1e-12);
  const predicted = (await stopped.predict(X)) as unknown as Matrix;
  let error = 0;
  Y.forEach((row, i) => row.forEach((y, t) => (error += (y - predicted.at(i, t)) ** 2 / 2 / (ROWS * TARGETS))));
  assert.ok(Math.abs((loss.at(-1) as number) - error) < 1e-9 * error);
  await stopped.setParams({ scoring: "r2" }).fit(X, Y);
  assert.ok(stopped.nIter_ < 300 && (stopped.validationScore_.at(-1) as number) > 0.5);
  await rejects(stopped.setParams({ scoring: "negMeanAbsoluteError" }).fit(X, Y), /must be "loss", "r2" or functions/);
});

test("a loss of one's own gets targets row by row", async () => {
  const loss = (raw: Float64Array, y: Float64Array): { gradient: Float64Array; hessian: Float64Array } => ({
    gradient: raw.map((p, i) => p - (y[i] as number)),
    hessian: raw.map(() => 1),
  });
  const own = await new HistGradientBoostingRegressor({ ...PARAMS, maxIter: 40, loss }).fit(X, Y);
  assert.ok((await own.score(X, Y)) > 0.9);
});

test("Shapley values of several targets add up to each of them", async () => {
  const values = await model.shapValues(X);
  const predicted = await model.predict(X);
  assert.equal(values.shape, [ROWS, TARGETS * (COLS + 1)]);
  for (let i = 0; i < ROWS; i++) {
    for (let t = 0; t < TARGETS; t++) {
      const block = values.row(i).subarray(t * (COLS + 1), (t + 1) * (COLS + 1));
      assert.ok(Math.abs(block.reduce((a, b) => a + b, 0) - predicted.at(i, t)) < 1e-9);
    }
  }
});

test("trees of vector leaves can be read, drawn and averaged over", async () => {
  const leaf = model.treeNodes(0).find((node) => node.leaf === 0);
  assert.is(leaf?.values?.length, TARGETS);
  assert.ok(Number.isNaN(leaf?.value));
  assert.match(treeToSvg(model.treeNodes(0)), /value [+−]?[\d.]+, /);
  const dependence = await partialDependence(model as never, X, 0, { gridResolution: 5 });
  const brute = await partialDependence(model as never, X, 0, { gridResolution: 5, method: "brute" });
  assert.equal(dependence.average?.shape, brute.average?.shape);
});

test("many classes with one tree an iteration", async () => {
  const { data, target } = await loadIris();
  const iris = new HistGradientBoostingClassifier({ maxIter: 30, multiStrategy: "multiOutputTree" });
  await iris.fit(data, target);
  assert.is(iris.nTreesPerIteration_, 1);
  assert.ok((await iris.score(data, target)) > 0.97);
  const p = await iris.predictProba(data);
  assert.equal(p.shape, [150, 3]);
  assert.equal(iris.predictProbaSync(data.row(7)), p.row(7));
});

test("tables of one target give tables; wrong shapes are refused", async () => {
  const one = await new HistGradientBoostingRegressor(PARAMS).fit(
    X,
    Y.map(([y = 0]) => [y]),
  );
  const flat = await new HistGradientBoostingRegressor(PARAMS).fit(X, column(0));
  assert.equal((await one.predict(X)).shape, [ROWS, 1]);
  assert.equal((await one.predict(X)).data, await flat.predict(X));
  await rejects(model.score(X, column(0)), /y has 1 columns, but the fit had 3/);
  await rejects(new HistGradientBoostingRegressor().fit(X, [[1, 2], [3]]), /1 values in row 1, but 2 in row 0/);
  await rejects(new HistGradientBoostingRegressor().fit(X, Y.slice(1)), /X has 400 rows, but y has 399/);
  const signs = { monotonicCst: [1, 0, 0, 0] };
  await rejects(new HistGradientBoostingRegressor(signs).fit(X, Y), /several targets/);
  const uneven = { XVal: X, yVal: column(0) };
  await rejects(new HistGradientBoostingRegressor().fit(X, Y, uneven), /yVal has 1 columns, but y has 3/);
});

async function rejects(promise: Promise<unknown>, expected: RegExp): Promise<void> {
  let message = "it was not refused";
  await promise.catch((error: unknown) => (message = (error as Error).message));
  assert.match(message, expected);
}

test.run();
