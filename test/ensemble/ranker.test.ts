import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  groupMapScore,
  groupMrrScore,
  groupNdcgScore,
  HistGradientBoostingRanker,
  makePipeline,
  StandardScaler,
  type HistGradientBoostingRankerParams,
} from "../../src/index.js";
import { rankingProblem, type RankingProblem } from "../fixtures/ranking-problem.js";

const problem = rankingProblem(40, 60);
const held = rankingProblem(41, 30);
const ids = (group: readonly number[]): number[] => group.flatMap((size, query) => Array<number>(size).fill(query));
const make = (params: Partial<HistGradientBoostingRankerParams> = {}): HistGradientBoostingRanker =>
  new HistGradientBoostingRanker({ maxIter: 10, randomState: 3, ...params });
const fit = (model: HistGradientBoostingRanker, { X, y, group }: RankingProblem, options = {}) =>
  model.fit(X, y, { group, ...options });

test("the model does not depend on the number of threads", async () => {
  const large = rankingProblem(50, 400);
  const [one, many] = [await fit(make({ nJobs: 1 }), large), await fit(make({ nJobs: 4 }), large)];
  assert.equal(await one.predict(large.X), await many.predict(large.X));
});

test("queries of rows apart get the gradients that they get in one piece", async () => {
  // Every other row is another problem's: its queries are spread, and nothing else changes but the rows' numbers.
  const { X, y, group } = problem;
  const none = X.map(() => [NaN, NaN, NaN, NaN, NaN, NaN]);
  const spread = X.flatMap((row, i) => [row, none[i] as number[]]);
  const grades = y.flatMap((grade) => [grade, 0]); // queries without gains have no gradients
  const groupId = ids(group).flatMap((query) => [query, 1000 + query]);
  const together = await fit(make({ minSumHessian: 1e-9 }), problem, { callbacks: [] });
  const apart = await make({ minSumHessian: 1e-9 }).fit(spread, grades, { groupId });
  const score = await apart.score(X, y, { group });
  assert.ok(Math.abs(score - (await together.score(X, y, { group }))) < 0.02, `${score}`);
});

test("evalSet records the NDCG of every iteration, which groupNdcgScore gives of the scores of that time", async () => {
  const { X, y, group } = held;
  for (const evalAt of [3, null]) {
    const evalSet = [
      { X, y, group, name: "held" },
      { X, y, groupId: ids(group).map((query) => 7 * query - 3) },
    ];
    const model = await fit(make({ evalAt }), problem, { evalSet });
    const { held: recorded, eval1 } = model.evalResults_;
    assert.equal(recorded, eval1);
    const expected = [await groupNdcgScore(y, new Float64Array(y.length), { group, k: evalAt })];
    for await (const scores of model.stagedPredict(X)) {
      expected.push(await groupNdcgScore(y, scores, { group, k: evalAt }));
    }
    const ndcg = Array.from(recorded?.["ndcg"] ?? []);
    assert.is(ndcg.length, expected.length);
    ndcg.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < 1e-12));
  }
});

test("evalAt may be a list, evalMetric names more metrics: evalResults_ has each, and the model is the same", async () => {
  const { X, y, group } = held;
  const sampleWeight = group.map((_, query) => 1 + (query % 2));
  const evalSet = [{ X, y, group, sampleWeight, name: "held" }];
  const model = await fit(make({ evalAt: [3, 1] }), problem, { evalSet, evalMetric: ["map", "mrr", "ndcg"] });
  const recorded = model.evalResults_["held"] ?? {};
  assert.equal(Object.keys(recorded), ["ndcg@3", "ndcg@1", "map@3", "map@1", "mrr@3", "mrr@1"]);
  const weights = ids(group).map((query) => 1 + (query % 2));
  const scores = await model.predict(X);
  for (const [kind, score] of Object.entries({ ndcg: groupNdcgScore, map: groupMapScore, mrr: groupMrrScore })) {
    for (const k of [3, 1]) {
      const values = recorded[`${kind}@${k}`] as Float64Array;
      assert.is(values.length, 11);
      const last = await score(y, scores, { group, k, sampleWeight: weights });
      assert.ok(Math.abs((values[10] as number) - last) < 1e-12, `${kind}@${k}`);
    }
  }
  const plain = await fit(make(), problem);
  assert.equal(await plain.predict(X), scores);
  assert.is(await model.score(X, y, { group }), await groupNdcgScore(y, scores, { group, k: 3 }));
});

test("early stopping watches `scoring` at the first cut-off", async () => {
  const { X, y, group } = held;
  const watched = { XVal: X, yVal: y, groupVal: group };
  for (const scoring of ["map", "mrr", "ndcg"] as const) {
    const params = { maxIter: 60, earlyStopping: true, nIterNoChange: 3, evalAt: [2, 5], scoring };
    const model = await fit(make(params), problem, { ...watched, evalSet: [{ X, y, group }] });
    const results = model.evalResults_["eval0"] ?? {};
    assert.equal(Object.keys(results), [`${scoring}@2`, `${scoring}@5`]);
    assert.equal(model.validationScore_, results[`${scoring}@2`]);
    const after = model.validationScore_.slice(-3);
    assert.ok(model.nIter_ < 60 && Math.max(...after) <= (model.validationScore_.at(-4) ?? 0) + 1e-7, scoring);
    const score = { map: groupMapScore, mrr: groupMrrScore, ndcg: groupNdcgScore }[scoring];
    const trained = await score(problem.y, await model.predict(problem.X), { group: problem.group, k: 2 });
    assert.ok(Math.abs((model.trainScore_.at(-1) as number) - trained) < 1e-12);
  }
});

test("wrong cut-offs and metrics are refused", async () => {
  const { X, y, group } = held;
  for (const [params, options, message] of [
    [{ evalAt: [] }, {}, /evalAt must be a positive integer, a list of different ones, or null/],
    [{ evalAt: [1, 1] }, {}, /evalAt must be/],
    [{ evalAt: [1, 0] }, {}, /evalAt must be/],
    [{ scoring: "rocAuc" as "map" }, {}, /scoring must be one of "ndcg", "map", "mrr", got "rocAuc"/],
    [{}, { evalMetric: ["map", "auc"] }, /evalMetric must be one of "ndcg", "map", "mrr", or several, got "auc"/],
  ] as const) {
    try {
      await make(params).fit(X, y, { group, ...(options as object) });
      assert.unreachable(String(message));
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
});

test("early stopping holds out whole queries and watches their NDCG", async () => {
  const params = { maxIter: 200, earlyStopping: true, nIterNoChange: 5, validationFraction: 0.25 };
  const model = await fit(make(params), problem);
  assert.ok(model.nIter_ < 200);
  const scores = model.validationScore_;
  assert.is(scores.length, model.nIter_ + 1);
  assert.ok(Math.max(...scores.slice(-5)) <= (scores.at(-6) ?? 0) + 1e-7);
  // A held-out query is ranked by all its documents: the score of equal scores is that of some 15 whole queries.
  const constant = new Float64Array(problem.y.length);
  let begin = 0;
  const ofQueries = await Promise.all(
    problem.group.map((size) => {
      const y = problem.y.slice(begin, (begin += size));
      return groupNdcgScore(y, constant.slice(0, size), { group: [size] });
    }),
  );
  const all = ofQueries.reduce((a, b) => a + b, 0);
  const [train, validation] = [model.trainScore_[0] as number, scores[0] as number];
  assert.ok(Math.abs(45 * train + 15 * validation - all) < 1e-9);
});

test("the caller's own queries may be watched instead", async () => {
  const { X, y, group } = held;
  const params = { maxIter: 200, earlyStopping: true };
  const model = await fit(make(params), problem, { XVal: X, yVal: y, groupVal: group });
  const first = await groupNdcgScore(y, new Float64Array(y.length), { group });
  assert.ok(Math.abs((model.validationScore_[0] as number) - first) < 1e-12);
  const byId = await fit(make(params), problem, { XVal: X, yVal: y, groupIdVal: ids(group) });
  assert.equal(byId.validationScore_, model.validationScore_);
});

test("a query's weight is its rows' weight, and a weight of 0 leaves the query out", async () => {
  const { X, y, group } = problem;
  const perQuery = group.map((_, query) => query % 3);
  const perRow = ids(group).map((query) => perQuery[query] as number);
  const [a, b] = [
    await fit(make(), problem, { sampleWeight: perQuery }),
    await fit(make(), problem, { sampleWeight: perRow }),
  ];
  assert.equal(await a.predict(X), await b.predict(X));
  const chosen = X.map((_, i) => i).filter((i) => perRow[i] !== 0);
  const c = await make().fit(
    chosen.map((i) => X[i] as number[]),
    chosen.map((i) => y[i] as number),
    { group: group.filter((_, query) => perQuery[query] !== 0), sampleWeight: chosen.map((i) => perRow[i] as number) },
  );
  assert.equal(await c.predict(X), await a.predict(X));
});

test("a warm start goes on as if it had never stopped", async () => {
  const straight = await fit(make(), problem);
  const model = make({ maxIter: 4, warmStart: true });
  await fit(model, problem);
  await fit(model.setParams({ maxIter: 10 }), problem);
  assert.equal(await model.predict(problem.X), await straight.predict(problem.X));
});

test("samples of rows, GOSS and DART rank too", async () => {
  for (const params of [
    { subsample: 0.6 },
    { boostingType: "goss" as const, learningRate: 0.5 },
    { boostingType: "dart" as const },
  ]) {
    const model = await fit(make({ maxIter: 20, ...params }), problem);
    const { X, y, group } = held;
    assert.ok((await model.score(X, y, { group })) > 0.75, JSON.stringify(params));
  }
});

test("the last step of a pipeline is told the queries by its name", async () => {
  const { X, y, group } = problem;
  const pipeline = makePipeline(new StandardScaler(), make());
  const name = Object.keys(pipeline.namedSteps)[1] as string;
  await pipeline.fit(X, y, { [`${name}__group`]: group });
  const scores = (await pipeline.predict(X)) as Float64Array;
  assert.ok((await groupNdcgScore(y, scores, { group })) > 0.85);
});

test("queries of one document, without documents or without gains teach nothing and count 1", async () => {
  const X = [[1], [2], [3], [4]];
  for (const [y, group] of [
    [
      [0, 1, 2, 3],
      [1, 1, 1, 1],
    ],
    [
      [0, 0, 0, 0],
      [2, 0, 2],
    ],
    [[2, 2, 2, 2], [4]],
  ] as [number[], number[]][]) {
    const model = await make({ minSamplesLeaf: 1 }).fit(X, y, { group });
    assert.equal(Array.from(await model.predict(X)), [0, 0, 0, 0]);
    assert.is(await model.score(X, y, { group }), 1);
  }
});

test("scores of grades beyond the labelGain, fractions and negative grades are refused, and so are wrong queries", async () => {
  const X = [[1], [2], [3]];
  const BAD: [unknown, object, RegExp][] = [
    [[0, 1, 31], { group: [3] }, /y must hold grades, integers from 0 \(no use\) to 30, got 31 in row 2/],
    [[0, 0.5, 1], { group: [3] }, /got 0.5 in row 1/],
    [[0, -1, 1], { group: [3] }, /got -1 in row 1/],
    [[0, 1, 1], { group: [2] }, /the sizes in group add up to 2, but y has 3 values/],
    [[0, 1, 1], { group: [4, -1] }, /group must hold non-negative integers, got -1 at 1/],
    [[0, 1, 1], { groupId: [1, 1] }, /groupId has 2 values, but y has 3/],
    [[0, 1, 1], { group: [3], groupId: [1, 1, 1] }, /not both/],
    [[0, 1, 1], { group: 3 }, /group must be an array of sizes, got 3/],
    [[0, 1, 1], { group: [3], evalSet: [{ X, y: [0, 1, 1] }] }, /evalSet "eval0": give group/],
    [[0, 1, 1], { group: [3], XVal: X, yVal: [0, 1, 1] }, /validation: give group/],
    [[0, 1, 1], { group: [1, 2], sampleWeight: [1, 1, 1, 1] }, /sampleWeight has 4 values/],
  ];
  for (const [y, options, message] of BAD) {
    try {
      await make().fit(X, y as number[], options);
      assert.unreachable(String(message));
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
  const few = make({ earlyStopping: true });
  try {
    await few.fit(X, [0, 1, 1], { group: [3] });
    assert.unreachable("one query");
  } catch (error) {
    assert.match((error as Error).message, /there are 1 queries: too few to hold out/);
  }
});

test("an abort ends a fit with one huge query", async () => {
  const rows = 4000;
  const X = Array.from({ length: rows }, (_, i) => [i % 97, i % 31]);
  const y = X.map(([a = 0], i) => (a + i) % 5);
  const abort = new AbortController();
  const model = make({ maxIter: 1000, lambdarankTruncationLevel: rows });
  const fitting = model.fit(X, y, { group: [rows], signal: abort.signal, onProgress: () => abort.abort() });
  setTimeout(() => abort.abort(), 50);
  try {
    await fitting;
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, "AbortError");
  }
  assert.not.ok(model.isFitted);
});

test.run();
