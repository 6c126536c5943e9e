import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromBuffer,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Matrix,
  NearestNeighbors,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
  withConfig,
  type NeighborMetric,
} from "../../src/index.js";
import { random } from "../contract/problems.js";

function table(rows: number, cols: number, seed: number): Matrix<Float64Array> {
  const next = random(seed);
  return new Matrix(
    Float64Array.from({ length: rows * cols }, () => Math.round(next() * 40) / 8),
    [rows, cols],
  );
}

async function errorOf(work: () => Promise<unknown>): Promise<{ code?: string; message: string }> {
  try {
    await work();
  } catch (error) {
    return error as { code?: string; message: string };
  }
  return { message: "nothing was thrown" };
}

const DISTANCES: [NeighborMetric, (a: number[], b: number[]) => number][] = [
  ["euclidean", (a, b) => Math.sqrt(a.reduce((sum, x, j) => sum + (x - (b[j] as number)) ** 2, 0))],
  ["manhattan", (a, b) => a.reduce((sum, x, j) => sum + Math.abs(x - (b[j] as number)), 0)],
  ["chebyshev", (a, b) => Math.max(...a.map((x, j) => Math.abs(x - (b[j] as number))))],
];

for (const [metric, distance] of DISTANCES) {
  test(`${metric}: neighbours are those of a plain loop, of equally near rows the first`, async () => {
    const X = table(700, 3, 1);
    const asked = table(50, 3, 2);
    const { distances, indices } = await (await new NearestNeighbors({ metric }).fit(X)).kneighbors(asked);
    const rows = X.toArray();
    asked.toArray().forEach((x, i) => {
      const all = rows.map((row, number) => ({ d: distance(x, row), number }));
      all.sort((a, b) => a.d - b.d || a.number - b.number);
      assert.equal(
        Array.from(indices.row(i)),
        all.slice(0, 5).map(({ number }) => number),
      );
      assert.equal(
        Array.from(distances.row(i)),
        all.slice(0, 5).map(({ d }) => d),
      );
    });
  });
}

test("without X rows are no neighbours of themselves, but their copies are", async () => {
  const search = await new NearestNeighbors({ nNeighbors: 1 }).fit([[1], [5], [1], [9]]);
  const { distances, indices } = await search.kneighbors();
  assert.equal(Array.from(indices.data), [2, 0, 0, 1]);
  assert.equal(Array.from(distances.data), [0, 4, 0, 4]);
  const graph = await search.kneighborsGraph(undefined, { mode: "distance", nNeighbors: 2 });
  assert.equal(graph.shape, [4, 4]);
  assert.equal(Array.from(graph.indices), [1, 2, 0, 2, 0, 1, 0, 1]);
  assert.equal(Array.from(graph.data), [4, 0, 4, 4, 0, 4, 8, 4]);
});

test("rows within a radius, its edge too; sorted if asked", async () => {
  const search = await new NearestNeighbors({ radius: 2 }).fit([[0], [3], [1], [2]]);
  const plain = await search.radiusNeighbors([[0], [50]]);
  assert.equal(
    plain.indices.map((row) => Array.from(row)),
    [[0, 2, 3], []],
  );
  const sorted = await search.radiusNeighbors([[2.5]], { sortResults: true, radius: 10 });
  assert.equal(
    sorted.indices.map((row) => Array.from(row)),
    [[1, 3, 2, 0]],
  );
  assert.equal(
    (await search.radiusNeighbors()).indices.map((row) => Array.from(row)),
    [
      [2, 3],
      [2, 3],
      [0, 1, 3],
      [0, 1, 2],
    ],
  );
});

test("cosine: rows of zeros are at distance 1 from all", async () => {
  const search = await new NearestNeighbors({ metric: "cosine", nNeighbors: 3 }).fit([
    [0, 0],
    [2, 0],
    [0, 3],
  ]);
  const { distances, indices } = await search.kneighbors([
    [0, 0],
    [5, 0],
  ]);
  assert.equal(Array.from(distances.data), [1, 1, 1, 0, 1, 1]);
  assert.equal(Array.from(indices.data), [0, 1, 2, 1, 0, 2]);
});

test("weights: nearer ones count for more, equal ones alone, a function as it says", async () => {
  const X = [[0], [1], [3]];
  const y = [0, 10, 20];
  const by = async (weights: "distance" | ((d: Float64Array) => number[])): Promise<number[]> => {
    const model = await new KNeighborsRegressor({ nNeighbors: 2, weights }).fit(X, y);
    return Array.from((await model.predict([[0], [1.5]])) as Float64Array);
  };
  assert.equal(await by("distance"), [0, 7.5]);
  assert.equal(await by((d) => Array.from(d, (_, j) => j)), [10, 0]);
  assert.match(
    (await errorOf(() => by((d) => Array.from(d, () => 0)))).message,
    /all neighbours of a row have weight 0/,
  );
  assert.match((await errorOf(() => by(() => [1]))).message, /a finite number for each of 2 distances/);
});

test("classes with equal votes: the first; labels as they were given", async () => {
  const model = await new KNeighborsClassifier({ nNeighbors: 2 }).fit([[0], [1], [10], [11]], ["b", "a", "c", "c"]);
  assert.equal(await model.predict([[0.1], [10]]), ["a", "c"]);
  assert.equal((await model.predictProba([[0.1]])).toArray(), [[0.5, 0.5, 0]]);
});

test("a function cannot be saved, and says so; names can", async () => {
  const X = [[0], [1], [2]];
  const model = await new KNeighborsClassifier({ nNeighbors: 1, weights: (d) => d }).fit(X, [0, 1, 1]);
  assert.throws(() => model.toBuffer(), /a function among the parameters cannot be saved/);
  const named = await new KNeighborsClassifier({ nNeighbors: 1, weights: "distance" }).fit(X, [0, 1, 1]);
  const loaded = fromBuffer(named.toBuffer()) as KNeighborsClassifier;
  assert.equal(await loaded.predict([[0.2], [1.9]]), new Float64Array([0, 1]));
});

test("too many neighbours, too many rows, missing values and no rows are refused in words", async () => {
  const search = await new NearestNeighbors({ nNeighbors: 4 }).fit([[0], [1], [2]]);
  assert.match(
    (await errorOf(() => search.kneighbors([[1]]))).message,
    /nNeighbors is 4, but the fit had 3 rows: .* 3$/,
  );
  assert.match(
    (await errorOf(() => search.kneighbors(null, { nNeighbors: 3 }))).message,
    /3 rows, each without itself: ask for at most 2/,
  );
  assert.match((await errorOf(() => search.kneighbors([[NaN]], { nNeighbors: 1 }))).message, /NearestNeighbors.*NaN/);
  assert.is((await errorOf(() => new NearestNeighbors().fit([[1], [Infinity]]))).code, "ERR_INVALID_DATA");
  const refused = await errorOf(() =>
    withConfig({ memoryLimit: 10_000 }, () => new KNeighborsClassifier().fit(table(1000, 4, 3), new Int32Array(1000))),
  );
  assert.is(refused.code, "ERR_MEMORY_LIMIT");
  assert.match(refused.message, /needs 0.1 MB or more/);
  const model = await new KNeighborsRegressor({ nNeighbors: 1 }).fit([[0]], [1]);
  assert.is((await errorOf(() => model.predict(null as never))).code, "ERR_INVALID_ARGUMENT");
});

test("rows without neighbours: the outlier label, an error or NaN", async () => {
  const X = [[0], [1], [2]];
  const model = await new RadiusNeighborsClassifier({ outlierLabel: "none" }).fit(X, ["a", "b", "b"]);
  assert.equal(await model.predict([[-0.5], [9]]), ["a", "none"]);
  assert.equal((await model.predictProba([[9]])).toArray(), [[0, 0]]);
  const strict = await new RadiusNeighborsClassifier().fit(X, ["a", "b", "b"]);
  assert.match(
    (await errorOf(() => strict.predict([[0], [9]]))).message,
    /1 rows have no neighbours within radius, row 1/,
  );
  const wrong = await errorOf(() => new RadiusNeighborsClassifier({ outlierLabel: 1 }).fit(X, ["a", "b", "b"]));
  assert.is(wrong.code, "ERR_INVALID_ARGUMENT");
  const regressor = await new RadiusNeighborsRegressor().fit(X, [1, 3, 8]);
  const [among, alone] = (await regressor.predict([[0.5], [9]])) as Float64Array;
  assert.is(among, 2);
  assert.ok(Number.isNaN(alone));
});

test("the same bits for any number of threads", async () => {
  const X = table(3000, 8, 5);
  const asked = table(500, 8, 6);
  const answers = await Promise.all(
    [1, 2, 5].map(async (nJobs) => (await new NearestNeighbors({ nJobs }).fit(X)).kneighbors(asked)),
  );
  for (const { distances, indices } of answers.slice(1)) {
    assert.equal(distances.data, answers[0]?.distances.data);
    assert.equal(indices.data, answers[0]?.indices.data);
  }
});

test.run();
