import { test } from "uvu";
import * as assert from "uvu/assert";
import { KMeans, Matrix, MiniBatchKMeans, withConfig } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { random } from "../contract/problems.js";
import { rechunked } from "../contract/rechunked.js";

/** A naive twin: squared distances, the first of the nearest. */
function nearest(row: readonly number[], centers: Matrix): { label: number; distance: number } {
  let best = { label: 0, distance: Infinity };
  for (let c = 0; c < centers.rows; c++) {
    const distance = row.reduce((sum, x, j) => sum + (x - centers.at(c, j)) ** 2, 0);
    if (distance < best.distance) best = { label: c, distance };
  }
  return best;
}

/** Clouds of width 2 around the points (20 c, 20 c, …). */
function clouds(rows: number, classes: number, features: number, seed: number): { X: number[][]; y: number[] } {
  const next = random(seed);
  const y = Array.from({ length: rows }, (_, i) => i % classes);
  return { X: y.map((c) => Array.from({ length: features }, () => 20 * c + Math.round(next() * 128) / 64)), y };
}

const INITS = ["k-means++", "k-means||", "random"] as const;

test("every way to begin finds clouds that are far apart; labels, inertia and score are of the nearest centres", async () => {
  const { X, y } = clouds(3000, 5, 3, 4);
  for (const init of INITS) {
    const model = new KMeans({ nClusters: 5, init, nInit: 10, randomState: 2 });
    const labels = await model.fitPredict(X);
    const pairs = new Set(y.map((label, i) => `${label} ${labels[i]}`));
    assert.is(pairs.size, 5, init);
    const found = X.map((row) => nearest(row, model.clusterCenters_));
    assert.equal(
      Array.from(labels),
      found.map(({ label }) => label),
    );
    const inertia = found.reduce((sum, { distance }) => sum + distance, 0);
    assert.ok(Math.abs(model.inertia_ / inertia - 1) < 1e-10);
    assert.ok(Math.abs((await model.score(X)) / -inertia - 1) < 1e-10);
    const distances = await model.transform(X.slice(0, 50));
    found.slice(0, 50).forEach(({ label, distance }, i) => {
      assert.ok(Math.abs(distances.at(i, label) - Math.sqrt(distance)) < 1e-9);
    });
  }
});

test("the same bits for any chunks and threads, every way to begin", async () => {
  const next = random(3);
  const X = new Matrix(
    Float64Array.from({ length: 5000 * 4 }, () => next() * 5),
    [5000, 4],
  );
  const models = [
    ...INITS.map((init) => () => new KMeans({ nClusters: 12, init, randomState: 1, maxIter: 20 })),
    () => new MiniBatchKMeans({ nClusters: 12, randomState: 1, batchSize: 300 }),
  ];
  for (const make of models) {
    const expected = JSON.stringify(await make().fit(X));
    for (const size of [19, 1024, 3000]) {
      for (const nJobs of [1, 3]) {
        const model = await withConfig({ nJobs }, () => make().fit(rechunked(X, size)));
        assert.is(JSON.stringify(model), expected, `${model.className} by ${size}, nJobs ${nJobs}`);
      }
    }
  }
});

test("elkan skips rows and gives the same model as lloyd, bit for bit", async () => {
  const X = clouds(4000, 9, 3, 5).X;
  for (const init of ["k-means++", "random"] as const) {
    const params = { nClusters: 12, init, randomState: 3, nInit: 2, tol: 0 };
    const lloyd = await new KMeans(params).fit(X);
    const elkan = await withConfig({ nJobs: 3 }, () => new KMeans({ ...params, algorithm: "elkan" }).fit(X));
    assert.equal(elkan.labels_, lloyd.labels_);
    assert.equal(elkan.clusterCenters_.data, lloyd.clusterCenters_.data);
    assert.is(elkan.inertia_, lloyd.inertia_);
    assert.is(elkan.nIter_, lloyd.nIter_);
  }
});

test("points beyond memoryLimit lie in a file: the same model, bit for bit", async () => {
  const { X } = clouds(6000, 4, 5, 2);
  const make = (): Promise<KMeans> => new KMeans({ nClusters: 4, randomState: 3 }).fit(X);
  const expected = JSON.stringify(await make());
  for (const memoryLimit of [1, 100_000]) assert.is(JSON.stringify(await withConfig({ memoryLimit }, make)), expected);
});

test("more starts are never worse; a seed repeats itself, another one draws others", async () => {
  const next = random(9);
  const X = Array.from({ length: 400 }, () => [next(), next()]);
  const make = (nInit: number, randomState: number): KMeans =>
    new KMeans({ nClusters: 9, init: "random", nInit, randomState });
  const one = await make(1, 0).fit(X);
  const many = await make(8, 0).fit(X);
  assert.ok(many.inertia_ <= one.inertia_);
  assert.equal((await make(1, 0).fit(X)).clusterCenters_, one.clusterCenters_);
  assert.not.equal((await make(1, 1).fit(X)).clusterCenters_, one.clusterCenters_);
});

test("as many clusters as rows: no inertia; more than different rows: a warning, finite centres", async () => {
  const X = [[0], [1], [5], [9]];
  const exact = await new KMeans({ nClusters: 4, randomState: 0 }).fit(X);
  assert.is(exact.inertia_, 0);
  assert.equal(Array.from(exact.clusterCenters_.data).sort(), [0, 1, 5, 9]);
  const equal = await new KMeans({ nClusters: 3, randomState: 0 }).fit([
    [2, 2],
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
  assert.is(equal.inertia_, 0);
  assert.ok(equal.clusterCenters_.data.every((x) => x === 2));
  assert.ok(equal.nIter_ >= 1);
});

test("weights: a row of weight 0 pulls at nothing; weights count as repeated rows", async () => {
  const init = [[0], [10]];
  const weighted = await new KMeans({ nClusters: 2, init }).fit([[0], [1], [9], [100]], undefined, {
    sampleWeight: [3, 1, 2, 0],
  });
  assert.equal(Array.from(weighted.clusterCenters_.data), [0.25, 9]);
  const repeated = await new KMeans({ nClusters: 2, init }).fit([[0], [0], [0], [1], [9], [9]]);
  assert.equal(repeated.clusterCenters_, weighted.clusterCenters_);
  assert.is(repeated.inertia_, weighted.inertia_);
});

test("clouds a million away from zero are told apart as well as near it", async () => {
  const { X, y } = clouds(600, 3, 2, 7);
  const model = await new KMeans({ nClusters: 3, randomState: 0, nInit: 5 }).fit(
    X.map((row) => row.map((x) => x + 1e8)),
  );
  assert.is(new Set(y.map((label, i) => `${label} ${model.labels_[i]}`)).size, 3);
});

test("mini-batches come near k-means; partialFit goes on from where it was; labels are of the last batch", async () => {
  const { X } = clouds(4000, 6, 4, 11);
  const exact = await new KMeans({ nClusters: 6, randomState: 0, nInit: 5 }).fit(X);
  const quick = await new MiniBatchKMeans({ nClusters: 6, randomState: 0, nInit: 5 }).fit(X);
  assert.ok(quick.inertia_ < 1.2 * exact.inertia_);
  assert.ok(quick.nSteps_ >= 1 && quick.nIter_ >= 1);
  const fed = new MiniBatchKMeans({ nClusters: 6, randomState: 0, nInit: 5 });
  for (let i = 0; i < 4000; i += 500) await fed.partialFit(X.slice(i, i + 500));
  assert.is(fed.nSteps_, 8);
  assert.is(fed.labels_.length, 500);
  assert.ok(-(await fed.score(X)) < 1.5 * exact.inertia_);
});

test("mini-batches: centres that see next to nothing are moved to rows", async () => {
  const { X } = clouds(2000, 3, 2, 5);
  const init = [...X.slice(0, 3), [1e5, 1e5], [-1e5, 1e5]];
  const still = await new MiniBatchKMeans({ nClusters: 5, init, reassignmentRatio: 0, randomState: 0 }).fit(X);
  assert.ok(Math.abs(still.clusterCenters_.at(3, 0)) > 1e4);
  const moved = await new MiniBatchKMeans({ nClusters: 5, init, randomState: 0 }).fit(X);
  assert.ok(moved.clusterCenters_.data.every((x) => Math.abs(x) < 100));
});

test("too few rows, first centres of a wrong shape, and weights of a wrong length are refused in words", async () => {
  const few = await errorOf(() => new KMeans({ nClusters: 5 }).fit([[1], [2]]));
  assert.is(few.code, "ERR_INVALID_DATA");
  assert.match(few.message, /X has 2 rows, fewer than nClusters, 5/);
  for (const make of [
    () => new KMeans({ nClusters: 2, init: [[1]] }),
    () => new MiniBatchKMeans({ nClusters: 2, init: [[1]] }),
  ]) {
    const error = await errorOf(() => make().fit([[1], [2]]));
    assert.is(error.code, "ERR_INVALID_ARGUMENT");
    assert.match(error.message, /init must be nClusters × nFeatures, 2 × 1, got 1 × 1/);
  }
});

test("an abort in the middle leaves the estimator as it was; two fits at once do not meet", async () => {
  const next = random(1);
  const X = new Matrix(
    Float64Array.from({ length: 40_000 * 8 }, () => next()),
    [40_000, 8],
  );
  const model = await new KMeans({ nClusters: 2, randomState: 0 }).fit([[0], [1], [2]]);
  const state = JSON.stringify(model);
  const controller = new AbortController();
  const fit = model.setParams({ nClusters: 60 }).fit(X, undefined, { signal: controller.signal });
  setTimeout(() => controller.abort(), 5);
  assert.is((await errorOf(() => fit)).name, "AbortError");
  model.setParams({ nClusters: 2 });
  assert.is(JSON.stringify(model), state);
  const small = X.data.slice(0, 8000);
  const make = (): Promise<KMeans> => new KMeans({ nClusters: 5, randomState: 0 }).fit(new Matrix(small, [1000, 8]));
  const [a, b] = await Promise.all([make(), make()]);
  assert.equal(a.clusterCenters_, b.clusterCenters_);
});

test.run();
