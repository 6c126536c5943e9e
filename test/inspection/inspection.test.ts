import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  LogisticRegression,
  Matrix,
  loadIris,
  makePipeline,
  partialDependence,
  permutationImportance,
  StandardScaler,
  treeToSvg,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";
import { randomUniform } from "../../src/base/random.js";

const ROWS = 400;
const data = Float64Array.from({ length: 4 * ROWS }, (_, i) => randomUniform(1, i % 4, Math.floor(i / 4)));
const X = new Matrix(data, [ROWS, 4]);
const y = Float64Array.from({ length: ROWS }, (_, i) => 4 * X.at(i, 0) + X.at(i, 1) * X.at(i, 1) + 0.2 * X.at(i, 2));
const model = await new HistGradientBoostingRegressor({ maxIter: 40, minSamplesLeaf: 5 }).fit(X, y);
const labels = Array.from(y, (value) => (value > 3.4 ? "high" : value > 1.5 ? "middle" : "low"));

async function rejects(work: () => Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  assert.ok(error, `nothing was thrown, expected ${pattern}`);
  assert.match((error as Error).message, pattern);
}

test("permutation importance ranks features by what they are worth, and finds nothing in noise", async () => {
  const { importances, importancesMean, importancesStd } = await permutationImportance(model, X, y, { randomState: 0 });
  assert.equal(importances.shape, [4, 5]);
  const [a, b, c, noise] = importancesMean as unknown as [number, number, number, number];
  assert.ok(a > b && b > c && c > noise, importancesMean.join());
  assert.ok(Math.abs(noise) < 0.01);
  for (let j = 0; j < 4; j++) {
    const row = Array.from(importances.row(j));
    const mean = row.reduce((sum, value) => sum + value, 0) / 5;
    assert.ok(Math.abs(mean - (importancesMean[j] as number)) < 1e-15);
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    assert.ok(Math.abs(Math.sqrt(variance) - (importancesStd[j] as number)) < 1e-15);
  }
});

test("permutation importance is the fall of the score when a column is another order of the same values", async () => {
  const seen: number[][][] = [];
  const spy = {
    async score(table: MatrixLike, truth: VectorLike): Promise<number> {
      const rows = await rowsOf(table);
      seen.push(rows);
      return Promise.resolve(
        rows.reduce((sum, row, i) => sum + (row[0] as number) * ((truth as number[])[i] as number), 0),
      );
    },
  };
  const table = [1, 2, 3, 4, 5, 6, 7].map((value) => [value, 10 * value]);
  const truth = [1, 2, 3, 4, 5, 6, 7];
  const { importances } = await permutationImportance(spy, table, truth, { nRepeats: 3, randomState: 4, nJobs: 1 });
  assert.is(seen.length, 7);
  assert.equal(seen[0], table);
  seen.slice(1).forEach((rows, call) => {
    const column = call < 3 ? 0 : 1;
    assert.equal(
      rows.map((row) => row[1 - column]),
      table.map((row) => row[1 - column]),
    );
    assert.equal(
      rows.map((row) => row[column] as number).sort((p, q) => p - q),
      table.map((row) => row[column]),
    );
    assert.not.equal(rows, table);
    const score = rows.reduce((sum, row, i) => sum + (row[0] as number) * (truth[i] as number), 0);
    assert.is(importances.data[call], 140 - score);
  });
});

test("permutation importance is the same for one seed and any nJobs, and another for another seed", async () => {
  const one = await permutationImportance(model, X, y, { randomState: 3, nJobs: 1, nRepeats: 2 });
  assert.equal(await permutationImportance(model, X, y, { randomState: 3, nJobs: 4, nRepeats: 2 }), one);
  const other = await permutationImportance(model, X, y, { randomState: 4, nRepeats: 2 });
  assert.not.equal(other.importances.data, one.importances.data);
});

test("permutation importance takes any estimator, scorer, weights, names and samples", async () => {
  const { data: iris, target } = await loadIris();
  const pipeline = await makePipeline(new StandardScaler(), new LogisticRegression()).fit(iris, target);
  const { importancesMean } = await permutationImportance(pipeline, iris, target, {
    scoring: "negLogLoss",
    randomState: 0,
    maxSamples: 0.8,
    sampleWeight: new Float64Array(target.length).fill(2),
  });
  assert.is(importancesMean.length, 4);
  assert.ok(
    importancesMean.every((value) => value > 0),
    importancesMean.join(),
  );
  const named = tableFromArrays({ a: X.column(0), b: X.column(1), c: X.column(2), d: X.column(3) });
  const fitted = await new HistGradientBoostingRegressor({ maxIter: 5 }).fit(named, y);
  const options = { randomState: 0, nRepeats: 1 };
  assert.is((await permutationImportance(fitted, named, y, options)).importances.rows, 4);
});

test("permutation importance says what it cannot use", async () => {
  await rejects(
    () => permutationImportance(model, X, y, { nRepeats: 0 }),
    /nRepeats must be a positive integer, got 0/,
  );
  await rejects(() => permutationImportance({}, X, y), /no score method: say what to measure/);
  await rejects(() => permutationImportance(model, X, y.slice(1)), /X has 400 rows, but y has 399 values/);
  await rejects(() => permutationImportance(model, X, y, { maxSamples: 401 }), /maxSamples must be a share/);
  const signal = AbortSignal.abort(new Error("enough"));
  await rejects(() => permutationImportance(model, X, y, { signal }), /enough/);
});

test("partial dependence by recursion weighs both sides of other splits by their training rows", async () => {
  const { gridValues, average } = await partialDependence(model, X, 0, { gridResolution: 9 });
  const trees = Array.from({ length: model.nIter_ }, (_, t) => model.treeNodes(t));
  (gridValues[0] as Float64Array).forEach((x, p) => {
    let expected = model.baseline_[0] as number;
    for (const tree of trees) {
      const shares = new Float64Array(tree.length);
      shares[0] = 1;
      for (const node of tree) {
        const share = shares[node.node] as number;
        if (node.left === undefined || node.right === undefined) {
          expected += share * node.value;
          continue;
        }
        const toLeft =
          node.feature === 0
            ? Number(x <= (node.threshold as number))
            : (tree[node.left]?.count as number) / node.count;
        shares[node.left] = share * toLeft;
        shares[node.right] = share * (1 - toLeft);
      }
    }
    assert.ok(Math.abs((average?.at(0, p) as number) - expected) < 1e-12);
  });
});

test("partial dependence by brute force is near that by recursion, and follows the effect of the feature", async () => {
  const fast = await partialDependence(model, X, 0, { gridResolution: 20 });
  const brute = await partialDependence(model, X, 0, { gridResolution: 20, method: "brute", kind: "both" });
  assert.equal(brute.gridValues, fast.gridValues);
  const [from, to] = [0, 19].map((p) => brute.average?.at(0, p) as number);
  assert.ok(Math.abs((to as number) - (from as number) - 4 * 0.9) < 0.3);
  brute.average?.row(0).forEach((value, p) => {
    assert.ok(Math.abs(value - (fast.average?.at(0, p) as number)) < 0.1);
    const mean = (brute.individual?.[0]?.column(p) as Float64Array).reduce((sum, v) => sum + v, 0) / ROWS;
    assert.ok(Math.abs(mean - value) < 1e-12);
  });
});

test("partial dependence of classifiers is of the second class, or of every class", async () => {
  const many = await new HistGradientBoostingClassifier({ maxIter: 5 }).fit(X, labels);
  const three = await partialDependence(many, X, [0, 1], { gridResolution: 4 });
  assert.equal(three.average?.shape, [3, 16]);
  for (let p = 0; p < 16; p++) {
    const sum = [0, 1, 2].reduce((total, k) => total + (three.average?.at(k, p) as number), 0);
    assert.ok(Math.abs(sum - 1) < 1e-12);
  }
  const two = labels.map((label) => label === "high");
  const binary = await new HistGradientBoostingClassifier({ maxIter: 5 }).fit(X, two);
  const { average, gridValues } = await partialDependence(binary, X, 0, { gridResolution: 5 });
  assert.equal(average?.shape, [1, 5]);
  assert.ok((average?.at(0, 4) as number) > (average?.at(0, 0) as number));
  const changed = new Matrix(X.data.slice(), X.shape);
  for (let i = 0; i < ROWS; i++) changed.data[4 * i] = gridValues[0]?.[2] as number;
  const p = (await binary.predictProba(changed)).column(1);
  assert.ok(Math.abs((average?.at(0, 2) as number) - p.reduce((sum, value) => sum + value, 0) / ROWS) < 1e-12);
  const raw = await partialDependence(binary, X, 0, { gridResolution: 5, responseMethod: "decisionFunction" });
  assert.ok((raw.average?.at(0, 0) as number) < 0);
});

test("partial dependence takes names, and refuses what it cannot do", async () => {
  const named = tableFromArrays({ a: X.column(0), b: X.column(1), c: X.column(2), d: X.column(3) });
  const fitted = await new HistGradientBoostingRegressor({ maxIter: 40, minSamplesLeaf: 5 }).fit(named, y);
  assert.equal(await partialDependence(fitted, named, "b"), await partialDependence(model, X, 1));
  await rejects(() => partialDependence(fitted, named, "e"), /X has no feature "e", it has 4 features/);
  await rejects(() => partialDependence(model, X, [0, 1, 2]), /one feature or two, got 3/);
  await rejects(() => partialDependence({}, X, 0), /must have predict/);
  const linear = await new LogisticRegression().fit(X, labels);
  await rejects(() => partialDependence(linear, X, 0, { method: "recursion" }), /the estimator has no trees/);
  await rejects(() => partialDependence(linear, X, 0, { responseMethod: "predict" }), /classes cannot be averaged/);
  await rejects(() => partialDependence(model, X, 0, { percentiles: [0.5, 0.2] }), /percentiles must be two shares/);
  await rejects(() => partialDependence(model, X, 0, { gridResolution: 1 }), /at least 2, got 1/);
});

test("a drawn tree holds every node, its names and numbers, and nothing that breaks out of the text", () => {
  const nodes = model.treeNodes(0);
  const svg = treeToSvg(nodes, { featureNames: ["a<b", "b", "c", "d"], title: "Tree & leaves", valueName: "price" });
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="\d+" height="\d+"/);
  assert.is(svg.match(/<rect /g)?.length, 1 + nodes.length);
  assert.is(svg.match(/<path /g)?.length, nodes.length - 1);
  assert.is(svg.match(/>price /g)?.length, nodes.filter(({ leaf }) => leaf !== undefined).length);
  assert.match(svg, /Tree &amp; leaves/);
  assert.match(svg, />a&lt;b ≤ [\d.]+</);
  assert.not.match(svg, /NaN|undefined|Infinity/);
  const cut = treeToSvg(nodes, { maxDepth: 1 });
  assert.is(cut.match(/<rect /g)?.length, 1 + nodes.filter(({ depth }) => depth <= 1).length);
  assert.throws(() => treeToSvg([]), /expected the nodes of a tree/);
});

test("boxes of a drawn tree do not overlap", () => {
  const svg = treeToSvg(model.treeNodes(0));
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((m) =>
    m.slice(1).map(Number),
  );
  for (const [x, top, width] of boxes as [number, number, number][]) {
    const beside = (boxes as [number, number, number][]).filter((box) => box[1] === top && box[0] > x);
    assert.ok(beside.every((box) => box[0] >= x + width));
  }
});

async function rowsOf(table: MatrixLike): Promise<number[][]> {
  const source = table as unknown as { nFeatures: number; chunks(): Iterable<{ values: Float64Array; rows: number }> };
  const rows: number[][] = [];
  for (const chunk of source.chunks()) {
    for (let i = 0; i < chunk.rows; i++) {
      rows.push(Array.from(chunk.values.subarray(i * source.nFeatures, (i + 1) * source.nFeatures)));
    }
  }
  return Promise.resolve(rows);
}

test.run();
