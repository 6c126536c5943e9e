import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromBuffer,
  GridSearchCV,
  HalvingGridSearchCV,
  HalvingRandomSearchCV,
  HistGradientBoostingClassifier,
  loadBreastCancer,
  LogisticRegression,
  loguniform,
  makePipeline,
  makeScorer,
  accuracyScore,
  Ridge,
  rocAucScore,
  StandardScaler,
  type Matrix,
} from "../../src/index.js";
import { halvingSchedule, topK } from "../../src/model-selection/halving-schedule.js";

const [X, y] = await loadBreastCancer({ returnXy: true });
const pipeline = (): ReturnType<typeof makePipeline> => makePipeline(new StandardScaler(), new LogisticRegression());
const paramGrid = { logisticRegression__C: [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10000, 100000] };

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

test("the best is the same for any nJobs, and is the best of the last iteration", async () => {
  const search = (nJobs: number): Promise<HalvingGridSearchCV> =>
    new HalvingGridSearchCV({ estimator: pipeline(), paramGrid, scoring: "rocAuc", randomState: 0, nJobs }).fit(X, y);
  const [one, all] = [await search(1), await search(4)];
  assert.equal(all.cvResults_["meanTestScore"], one.cvResults_["meanTestScore"]);
  assert.equal(all.bestParams_, one.bestParams_);
  assert.equal(one.nCandidates_, [9, 3, 1]);
  const iterations = one.cvResults_["iter"] as number[];
  assert.is(iterations[one.bestIndex_], 2);
  assert.is(one.bestScore_, (one.cvResults_["meanTestScore"] as Float64Array)[one.bestIndex_]);
  const p = (await one.predictProba(X)).column(1) as Float64Array;
  assert.is(await one.score(X, y), await rocAucScore(y, p));
});

test("an iteration's rows are rows of the next; each candidate of it sees as many", async () => {
  const seen = new Map<number, Set<string>>();
  class Watching extends Ridge {
    override async fit(...args: Parameters<Ridge["fit"]>): Promise<this> {
      const rows = args[0] as Matrix;
      const key = rows.rows;
      seen.set(key, seen.get(key) ?? new Set());
      for (let i = 0; i < rows.rows; i++) seen.get(key)?.add(Array.from(rows.row(i)).join());
      return super.fit(...args);
    }
  }
  const cv = [
    [X.shape[0]].flatMap((n) => [[...Array(n).keys()].slice(100), [...Array(n).keys()].slice(0, 100)]),
  ] as never;
  const search = new HalvingGridSearchCV({
    estimator: new Watching(),
    paramGrid: { alpha: [0.1, 1, 10, 100] },
    factor: 2,
    cv,
    refit: false,
    randomState: 0,
  });
  await search.fit(X, y);
  const sizes = [...seen.keys()].sort((a, b) => a - b);
  assert.equal(
    sizes,
    search.nResources_.map((n) => Math.floor((n / 569) * 469)),
  );
  for (const [k, size] of sizes.entries()) {
    const larger = seen.get(sizes[k + 1] ?? size);
    for (const row of seen.get(size) ?? []) assert.ok(larger?.has(row));
  }
});

test("progress ends at 1 and rises; what had finished before an abort has been told", async () => {
  const fractions: number[] = [];
  let told = 0;
  const search = new HalvingGridSearchCV({ estimator: pipeline(), paramGrid, cv: 3, randomState: 0, nJobs: 1 });
  const onProgress = ({ fraction }: { fraction: number }): unknown => fractions.push(fraction);
  await search.fit(X, y, { onProgress, onResult: () => told++ });
  assert.is(told, 3 * (9 + 3 + 1));
  assert.is(fractions.at(-1), 1);
  assert.ok(fractions.every((fraction, k) => k === 0 || fraction > (fractions[k - 1] as number)));
  const stop = new AbortController();
  const before = search.bestParams_;
  told = 0;
  const aborted = search.fit(X, y, { signal: stop.signal, onResult: () => ++told === 30 && stop.abort() });
  assert.match(await message(aborted), /abort/i);
  assert.ok(told >= 30 && told < 39);
  assert.is(search.bestParams_, before);
});

test("drawn candidates depend on the seed only; boosting's iterations as the resource", async () => {
  const search = (randomState: number): Promise<HalvingRandomSearchCV> =>
    new HalvingRandomSearchCV({
      estimator: new HistGradientBoostingClassifier({ earlyStopping: false, randomState: 0 }),
      paramDistributions: { learningRate: loguniform(0.01, 0.5), maxLeafNodes: [4, 8, 16] },
      resource: "maxIter",
      maxResources: 27,
      minResources: 3,
      nCandidates: 9,
      cv: 3,
      randomState,
    }).fit(X, y);
  const [a, again, other] = [await search(1), await search(1), await search(2)];
  assert.equal(again.bestParams_, a.bestParams_);
  assert.not.equal(other.cvResults_["params"], a.cvResults_["params"]);
  assert.equal(a.nResources_, [3, 9, 27]);
  assert.is((a.bestEstimator_ as HistGradientBoostingClassifier).nIter_, 27);
  const back = fromBuffer<HalvingRandomSearchCV>(a.toBuffer());
  assert.equal(back.nCandidates_, a.nCandidates_);
  assert.equal(await back.predict(X), await a.predict(X));
});

test("the k best come best last, NaN counts as less than all, and of equal ones the later", () => {
  assert.equal(topK([0.3, NaN, 0.9, 0.3], 2), [3, 2]);
  assert.equal(topK([NaN, NaN], 1), [1]);
  assert.equal(topK([0.1, 0.2], 5), [0, 1]);
});

test("powers of the factor are counted exactly, where scikit-learn's logarithm rounds 243 candidates to five iterations", () => {
  const plan = { candidates: 243, factor: 3, minResources: 1, maxResources: 243, exhaust: true };
  const schedule = halvingSchedule({ ...plan, aggressiveElimination: false });
  assert.equal(schedule.nCandidates, [243, 81, 27, 9, 3, 1]);
  assert.equal(schedule.nResources, [1, 3, 9, 27, 81, 243]);
});

test("bad input is refused by name", async () => {
  const fit = (more: object): Promise<string> =>
    message(new HalvingGridSearchCV({ estimator: pipeline(), paramGrid, ...more }).fit(X, y));
  assert.match(await fit({ factor: 1 }), /factor must be .*> 1/);
  assert.match(await fit({ resource: "n_samples" }), /resource must be "nSamples"/);
  assert.match(await fit({ resource: "trees", maxResources: 5 }), /has no parameter "trees"/);
  assert.match(await fit({ resource: "logisticRegression__maxIter" }), /maxResources must say how much/);
  assert.match(
    await fit({ resource: "logisticRegression__C", maxResources: 5, minResources: 1 }),
    /is the resource, and cannot be searched/,
  );
  assert.match(await fit({ minResources: 600 }), /needs 600 of the resource, but there are at most 569/);
  assert.match(await fit({ scoring: ["rocAuc", "f1"], refit: "f1" }), /scoring must give one number/);
  const both = { nCandidates: "exhaust", minResources: "exhaust" } as const;
  const random = new HalvingRandomSearchCV({ estimator: new Ridge(), paramDistributions: { alpha: [1] }, ...both });
  assert.match(await message(random.fit(X, y)), /cannot both be "exhaust"/);
});

test("GridSearchCV: one metric and a function that picks, and scorers of several numbers", async () => {
  const few = { estimator: pipeline(), paramGrid: { logisticRegression__C: [0.01, 1] }, cv: 3 };
  const picked = await new GridSearchCV({ ...few, scoring: "rocAuc", refit: () => 1 }).fit(X, y);
  const p = (await picked.predictProba(X)).column(1) as Float64Array;
  assert.is(await picked.score(X, y), await rocAucScore(y, p));
  assert.is(picked.bestScore_, (picked.cvResults_["meanTestScore"] as Float64Array)[1]);
  const accuracy = makeScorer(accuracyScore);
  const two = async (model: never, A: Matrix, b: number[]): Promise<{ right: number; wrong: number }> => {
    const right = await accuracy(model, A, b);
    return { right, wrong: 1 - right };
  };
  const named = await new GridSearchCV({ ...few, scoring: two as never, refit: "right" }).fit(X, y);
  assert.ok(named.multimetric_);
  assert.ok(named.bestScore_ > 0.95);
  assert.match(
    await message(new GridSearchCV({ ...few, scoring: two as never }).fit(X, y)),
    /scoring gives several numbers, of which one must decide: refit must be one of right, wrong, false, or a function, got true/,
  );
});

test.run();
