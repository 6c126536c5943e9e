import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  load,
  Matrix,
  partialDependence,
  treeToSvg,
  type TreeNode,
} from "../../src/index.js";
import { uniform } from "../fixtures/uniform.js";

const ROWS = 600;
const COLS = 4;
/** Multiples of 1/64: exact in float32. Feature 2 is missing at times and infinite once, feature 3 holds categories. */
const X = Array.from({ length: ROWS }, (_, i) =>
  Array.from({ length: COLS }, (__, j) => {
    const value = Math.floor(uniform(COLS * i + j) * 640) / 64;
    if (j === 2 && i % 9 === 0) return i === 18 ? Infinity : NaN;
    return j === 3 ? Math.floor(value / 2) : value;
  }),
);
const y = X.map(([a = 0, b = 0, c = 0, d = 0]) =>
  Math.round(8 * ((a > 5 ? 3 * b : 20 - 2 * a) + (Number.isFinite(c) ? c : -9) + (d === 2 ? 15 : 0))),
);
const PARAMS = {
  maxIter: 12,
  maxLeafNodes: 8,
  linearTree: true,
  linearLambda: 0.5,
  categoricalFeatures: [3],
  earlyStopping: false,
} as const;
const model = await new HistGradientBoostingRegressor(PARAMS).fit(X, y);
const predicted = await model.predict(X);

/** Solves a small system by elimination with the largest pivot. */
function solve(a: number[][], b: number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i] as number]);
  const n = b.length;
  for (let k = 0; k < n; k++) {
    const order = rows.slice(k).sort((p, q) => Math.abs(q[k] as number) - Math.abs(p[k] as number));
    rows.splice(k, n - k, ...order);
    const pivot = rows[k] as number[];
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[k] as number) / (pivot[k] as number);
      for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return rows.map((row, i) => (row[n] as number) / (row[i] as number));
}

/** Features that a leaf's path asks for a threshold of. */
function pathFeatures(nodes: readonly TreeNode[], leaf: TreeNode): number[] {
  const features = new Set<number>();
  for (let at = leaf; at.node !== 0;) {
    at = nodes.find(({ left, right }) => left === at.node || right === at.node) as TreeNode;
    if (at.categories === undefined) features.add(at.feature as number);
  }
  return [...features].sort((p, q) => p - q);
}

test("a leaf's regression is the ridge regression of its rows on the features of its path", async () => {
  const params = { ...PARAMS, maxIter: 1, learningRate: 1 };
  const tree = await new HistGradientBoostingRegressor(params).fit(X, y, { initScore: new Float64Array(ROWS) });
  const leaves = await tree.apply(X);
  const out = await tree.predict(X);
  const nodes = tree.treeNodes(0);
  let regressions = 0;
  for (const leaf of nodes.filter(({ leaf: number }) => number !== undefined)) {
    const rows = X.map((_, i) => i).filter((i) => leaves.at(i, 0) === leaf.leaf);
    const features = pathFeatures(nodes, leaf);
    const at = (i: number, j: number): number => (X[i] as number[])[j] as number;
    const whole = rows.filter((i) => features.every((j) => Number.isFinite(at(i, j))));
    const mean = (of: (i: number) => number): number => whole.reduce((sum, i) => sum + of(i), 0) / whole.length;
    const centre = features.map((j) => mean((i) => at(i, j)));
    const distance = (i: number): number[] => features.map((j, k) => at(i, j) - (centre[k] as number));
    const level = mean((i) => y[i] as number);
    const gram = features.map((_, p) =>
      features.map((__, q) => {
        const sum = whole.reduce((s, i) => s + (distance(i)[p] as number) * (distance(i)[q] as number), 0);
        return sum + (p === q ? PARAMS.linearLambda : 0);
      }),
    );
    const right = features.map((_, p) => whole.reduce((s, i) => s + (distance(i)[p] as number) * (y[i] as number), 0));
    const slopes = solve(gram, right);
    if (leaf.linear) regressions++;
    for (const i of rows) {
      const line = level + distance(i).reduce((sum, d, k) => sum + d * (slopes[k] as number), 0);
      const value = whole.includes(i) && leaf.linear ? line : leaf.value;
      assert.ok(Math.abs((out[i] as number) - value) < 1e-7, `leaf ${leaf.leaf}, row ${i}: ${out[i]}, not ${value}`);
    }
  }
  assert.ok(regressions > 3, `${regressions} regressions`);
});

test("all ways to predict give the same bits", async () => {
  const steps: Float64Array[] = [];
  for await (const step of model.stagedPredict(X)) steps.push(step);
  assert.equal(steps.at(-1), predicted);
  assert.equal(model.predictSync(X), predicted);
  for (const i of [0, 1, 18, 27]) assert.is(model.predictSync(X[i] as number[]), predicted[i]);
  const directory = mkdtempSync(join(tmpdir(), "treeline-test-"));
  await model.save(join(directory, "linear.treeline"));
  const loaded = (await load(join(directory, "linear.treeline"))) as HistGradientBoostingRegressor;
  rmSync(directory, { recursive: true });
  assert.equal(await loaded.predict(X), predicted);
  assert.equal(loaded.treeNodes(3), model.treeNodes(3));
});

test("the model does not depend on threads or on the type and chunks of X", async () => {
  const flat = X.flat();
  const double = new Matrix(Float64Array.from(flat), [ROWS, COLS]);
  const byColumn = Float64Array.from(flat, (_, at) => (X[at % ROWS] as number[])[Math.floor(at / ROWS)] as number);
  for (const [table, nJobs] of [
    [X, 1],
    [X, 3],
    [double, 2],
    [new Matrix(Float32Array.from(flat), [ROWS, COLS]), 2],
    [new Matrix(byColumn, [ROWS, COLS], "column"), 1],
  ] as const) {
    const again = await new HistGradientBoostingRegressor({ ...PARAMS, nJobs }).fit(table, y);
    assert.equal(await again.predict(X), predicted);
  }
});

test("a warm start goes on as if it had never stopped", async () => {
  const growing = new HistGradientBoostingRegressor({ ...PARAMS, maxIter: 5, warmStart: true });
  await growing.fit(X, y);
  await growing.setParams({ maxIter: 12 }).fit(X, y);
  assert.equal(await growing.predict(X), predicted);
});

test("losses of watched rows are those of the predictions; early stopping, samples and GOSS work", async () => {
  const options = { evalSet: [{ X, y }] };
  const watched = await new HistGradientBoostingRegressor(PARAMS).fit(X, y, options);
  const loss = y.reduce((sum, target, i) => sum + (target - (predicted[i] as number)) ** 2 / 2 / ROWS, 0);
  const recorded = watched.evalResults_["eval0"]?.["loss"]?.at(-1) as number;
  assert.ok(Math.abs(recorded - loss) < 1e-9 * loss, `${recorded}, not ${loss}`);
  for (const more of [
    { subsample: 0.7 },
    { boostingType: "goss", learningRate: 0.5 },
    { earlyStopping: true },
  ] as const) {
    const params = { ...PARAMS, maxIter: 40, randomState: 0, ...more };
    const fitted = await new HistGradientBoostingRegressor(params).fit(X, y);
    assert.ok((await fitted.score(X, y)) > 0.98, JSON.stringify(more));
  }
});

test("classes, and targets with trees of their own, have linear leaves too", async () => {
  const labels = y.map((value) => (value < 100 ? "low" : value < 180 ? "middle" : "high"));
  const classes = new HistGradientBoostingClassifier({ ...PARAMS, maxIter: 20, linearLambda: 5 });
  assert.ok((await (await classes.fit(X, labels)).score(X, labels)) > 0.95);
  const separate = new HistGradientBoostingRegressor({ ...PARAMS, multiStrategy: "oneOutputPerTree" });
  const both = await separate.fit(
    X,
    y.map((value) => [value, -value]),
  );
  assert.equal((await both.predict(X)).column(0), predicted);
});

test("features of great offset or size, and constant ones, do no harm", async () => {
  const params = { ...PARAMS, categoricalFeatures: null, linearLambda: 0 };
  const near = X.map(([a = 0, b = 0], i) => [a, b, i < 300 ? 4 : 5, 4]);
  const far = near.map(([a = 0, b = 0, ...rest]) => [1.7e9 + a, 1e-9 * b, ...rest]);
  const [there, here] = await Promise.all(
    [far, near].map(async (rows) => (await new HistGradientBoostingRegressor(params).fit(rows, y)).predict(rows)),
  );
  here?.forEach((value, i) =>
    assert.ok(Math.abs((there?.[i] as number) - value) < 1e-3, `row ${i}: ${there?.[i]}, ${value}`),
  );
});

test("a great penalty leaves constant leaves", async () => {
  const whole = X.map(([a = 0, b = 0]) => [a, b]);
  const params = { ...PARAMS, categoricalFeatures: null };
  const stiff = await new HistGradientBoostingRegressor({ ...params, linearLambda: 1e15 }).fit(whole, y);
  const constant = await new HistGradientBoostingRegressor({ ...params, linearTree: false }).fit(whole, y);
  const [a, b] = [await stiff.predict(whole), await constant.predict(whole)];
  a.forEach((value, i) => assert.ok(Math.abs(value - (b[i] as number)) < 1e-6 * Math.abs(value)));
});

test("linear leaves can be read and drawn; partial dependence reads the rows", async () => {
  const leaf = model.treeNodes(0).find(({ linear }) => linear !== undefined);
  assert.ok((leaf?.linear?.slopes.length ?? 0) > 0);
  const table = await model.trees_;
  assert.ok(table.getChild("slopes")?.get(leaf?.node ?? 0));
  assert.match(treeToSvg(model.treeNodes(0)), / × feature \d/);
  const { average } = await partialDependence(model, X, 0, { gridResolution: 3 });
  assert.is(average?.cols, 3);
  await rejects(partialDependence(model, X, 0, { method: "recursion" }), /leaves are linear/);
});

test("what linear leaves do not go with is refused", async () => {
  for (const [params, expected] of [
    [{ loss: "absoluteError" }, /does not go with loss "absoluteError"/],
    [{ boostingType: "dart" }, /does not go with boostingType "dart"/],
    [{ monotonicCst: [1, 0, 0, 0] }, /does not go with monotonicCst/],
    [{ pathSmooth: 1 }, /does not go with pathSmooth/],
  ] as const) {
    await rejects(new HistGradientBoostingRegressor({ ...PARAMS, ...params }).fit(X, y), expected);
  }
  const pairs = y.map((value) => [value, value]);
  await rejects(new HistGradientBoostingRegressor(PARAMS).fit(X, pairs), /use "oneOutputPerTree"/);
  await rejects(model.shapValues(X), /not defined for linear leaves/);
});

async function rejects(promise: Promise<unknown>, expected: RegExp): Promise<void> {
  let message = "it was not refused";
  await promise.catch((error: unknown) => (message = (error as Error).message));
  assert.match(message, expected);
}

test.run();
