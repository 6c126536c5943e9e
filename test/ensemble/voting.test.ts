import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  CsrMatrix,
  DummyClassifier,
  DummyRegressor,
  fromArrow,
  GaussianNB,
  HistGradientBoostingRegressor,
  LinearRegression,
  LogisticRegression,
  Matrix,
  Ridge,
  RidgeClassifier,
  VotingClassifier,
  VotingRegressor,
} from "../../src/index.js";

const X = Array.from({ length: 60 }, (_, i) => [(i % 7) - 3 + (i % 3), (i * 5) % 11]);
const y = X.map((_, i) => ["ant", "bee", "cat"][i % 3] as string);
const t = X.map(([a, b]) => 2 * (a as number) - (b as number) + 1);
const pair = () =>
  [
    ["logistic", new LogisticRegression()],
    ["bayes", new GaussianNB()],
  ] as const;

async function refused(run: () => unknown, message: RegExp): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("not refused");
}

test("members are reached by name: their parameters, themselves, and as fitted estimators", async () => {
  const model = new VotingClassifier({ estimators: pair() });
  model.setParams({ logistic__C: 0.25 });
  assert.is((model.getParams() as unknown as Record<string, unknown>)["logistic__C"], 0.25);
  await model.fit(X, y);
  assert.equal(Object.keys(model.namedEstimators_), ["logistic", "bayes"]);
  const logistic = model.namedEstimators_["logistic"] as LogisticRegression;
  assert.is(logistic.getParams().C, 0.25);
  assert.ok(logistic.isFitted);
  assert.not.ok((model.getParams().estimators[0]?.[1] as LogisticRegression).isFitted);
  model.setParams({ bayes: "drop" } as never);
  assert.is(model.estimators_.length, 2); // until the next fit
  await model.fit(X, y);
  assert.is(model.namedEstimators_["bayes"], "drop");
  assert.equal(await model.predict(X), await logistic.predict(X));
  assert.match(model.toHTML(), /LogisticRegression.*logistic/);
});

test("votes: a weight decides, equal votes go to the first class", async () => {
  const constants = ["cat", "ant", "bee"].map(
    (constant) => [constant, new DummyClassifier({ strategy: "constant", constant })] as const,
  );
  const model = new VotingClassifier({ estimators: constants });
  assert.equal((await (await model.fit(X, y)).predict(X)).slice(0, 2), ["ant", "ant"]);
  model.setParams({ weights: [1.5, 1, 1] });
  assert.equal((await model.predict(X)).slice(0, 2), ["cat", "cat"]);
  assert.equal(Array.from(((await model.transform(X)) as Matrix).row(0)), [2, 0, 1]);
});

test("soft voting without flattenTransform: a matrix for each estimator", async () => {
  const model = new VotingClassifier({ estimators: pair(), voting: "soft", flattenTransform: false });
  const tables = (await model.fitTransform(X, y)) as readonly Matrix[];
  assert.equal(
    tables.map(({ shape }) => shape),
    [
      [60, 3],
      [60, 3],
    ],
  );
  assert.throws(() => model.getFeatureNamesOut(), /flattenTransform: false/);
});

test("tables of every kind give the same votes", async () => {
  const matrix = Matrix.from(X);
  const table = tableFromArrays({
    a: Float64Array.from(X, ([a]) => a as number),
    b: Float64Array.from(X, ([, b]) => b as number),
  });
  const frame = await fromArrow(table);
  const expected = await (await new VotingClassifier({ estimators: pair() }).fit(X, y)).predict(X);
  for (const data of [matrix, CsrMatrix.fromDense(matrix), table, frame, await ChunkedMatrix.from(matrix)]) {
    const model = await new VotingClassifier({ estimators: pair() }).fit(data, y);
    assert.equal(await model.predict(data), expected);
  }
});

test("columns of strings go to members that take them", async () => {
  const table = tableFromArrays({ a: X.map(([a]) => `v${a}`), b: Float64Array.from(X, ([, b]) => b as number) });
  const model = new VotingRegressor({ estimators: [["trees", new HistGradientBoostingRegressor({ maxIter: 5 })]] });
  assert.is((await (await model.fit(table, t)).predict(table)).length, 60);
});

test("progress is the mean of the members'; a bar is drawn where there is a terminal", async () => {
  const seen: number[] = [];
  const model = new VotingRegressor({
    estimators: [
      ["trees", new HistGradientBoostingRegressor({ maxIter: 5 })],
      ["ridge", new Ridge()],
    ],
    verbose: true,
  });
  await model.fit(X, t, { onProgress: ({ fraction, total }) => (assert.is(total, 2), seen.push(fraction)) });
  assert.ok(seen.length > 2 && seen.at(-1) === 1, String(seen));
});

test("what cannot vote is refused", async () => {
  const fit = (estimators: unknown, more: object = {}) =>
    new VotingClassifier({ estimators: estimators as never, ...more }).fit(X, y);
  await refused(() => fit([]), /at least one estimator, and there are none/);
  await refused(() => fit([["a", "drop"]]), /at least one estimator, and all are dropped/);
  await refused(() => fit([["a__b", new GaussianNB()]]), /must not be named "a__b"/);
  await refused(() => fit([["voting", new GaussianNB()]]), /must not be named "voting"/);
  await refused(() => fit([...pair(), ...pair()]), /two estimators named "logistic"/);
  await refused(() => fit([["a", new Ridge()]]), /"a" must be a classifier, but it is a regressor/);
  await refused(() => fit([["a", {}]]), /must be an estimator with fit, predict and getParams/);
  await refused(() => fit(pair(), { weights: [1] }), /there are 2 estimators, but weights has 1 values/);
  await refused(() => fit(pair(), { weights: [1, -1] }), /sum to zero/);
  await refused(
    () => fit([["a", new RidgeClassifier()]], { voting: "soft" }),
    /needs predictProba, which "a" does not/,
  );
  const unweighted = { fit: () => Promise.resolve(), predict: () => Promise.resolve([]), getParams: () => ({}) };
  await refused(
    () => new VotingRegressor({ estimators: [["a", unweighted as never]] }).fit(X, t, { sampleWeight: t.map(() => 1) }),
    /"a" does not take sampleWeight/,
  );
});

test("one member: its own answers; a mean of constants", async () => {
  const linear = await new LinearRegression().fit(X, t);
  const alone = await new VotingRegressor({ estimators: [["linear", new LinearRegression()]] }).fit(X, t);
  assert.equal(await alone.predict(X), await linear.predict(X));
  const constants = [1, 4].map(
    (constant) => [`c${constant}`, new DummyRegressor({ strategy: "constant", constant })] as const,
  );
  const mean = await new VotingRegressor({ estimators: constants, weights: [2, 1] }).fit(X, t);
  assert.is((await mean.predict([[0, 0]]))[0], 2);
});

test.run();
