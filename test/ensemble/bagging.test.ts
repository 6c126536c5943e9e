import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accuracyScore,
  BaggingClassifier,
  BaggingRegressor,
  ChunkedMatrix,
  CsrMatrix,
  DecisionTreeClassifier,
  ExtraTreeClassifier,
  fromArrow,
  fromBuffer,
  GaussianNB,
  LogisticRegression,
  makePipeline,
  Matrix,
  OneHotEncoder,
  r2Score,
  Ridge,
  RidgeClassifier,
  StandardScaler,
  type Pipeline,
} from "../../src/index.js";

const n = 80;
const X = Array.from({ length: n }, (_, i) => [(i % 7) - 3 + (i % 3), (i * 5) % 11, (i * i) % 13]);
const y = X.map((_, i) => ["ant", "bee", "cat"][i % 3] as string);
const two = X.map(([a, b]) => Number((a as number) + (b as number) > 5));
const t = X.map(([a, b, c]) => 2 * (a as number) - (b as number) + ((c as number) % 4));
const all = Array.from({ length: n }, (_, i) => i);

const take = <T>(values: readonly T[], rows: ArrayLike<number>): T[] => Array.from(rows, (i) => values[i] as T);
const columns = (table: readonly number[][], features: ArrayLike<number>): number[][] =>
  table.map((row) => Array.from(features, (j) => row[j] as number));

async function refused(run: () => unknown, message: RegExp): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("not refused");
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-9): void {
  assert.is(actual.length, expected.length);
  Array.from(expected).forEach((value, i) =>
    assert.ok(Math.abs((actual[i] as number) - value) <= tolerance, String(i)),
  );
}

for (const [what, estimator] of [
  ["as weights", () => new GaussianNB()],
  ["as rows", () => makePipeline(new StandardScaler(), new GaussianNB())],
] as const) {
  test(`samples ${what}: each estimator is one fitted on its rows, repeated, and its columns; their mean answers`, async () => {
    const model = new BaggingClassifier({ estimator: estimator(), nEstimators: 4, maxFeatures: 2, randomState: 3 });
    await model.fit(X, y);
    const sums = new Float64Array(n * 3);
    for (const [k, rows] of model.estimatorsSamples_.entries()) {
      assert.is(rows.length, n);
      const features = model.estimatorsFeatures_[k] as Int32Array;
      assert.is(features.length, 2);
      const twin = estimator();
      await twin.fit(columns(take(X, rows), features), take(y, rows));
      const expected = await twin.predictProba(columns(X, features));
      const own = await (model.estimators_[k] as GaussianNB).predictProba(columns(X, features));
      close(own.data, expected.data as Float64Array);
      expected.data.forEach((p, i) => (sums[i] = (sums[i] as number) + p / 4));
    }
    const proba = await model.predictProba(X);
    close(proba.data, sums);
    close((await model.predictLogProba(X)).data.map(Math.exp), sums);
  });
}

test("without replacement rows are different; weights of 0 are never drawn, greater ones more often", async () => {
  const model = new BaggingRegressor({ nEstimators: 30, bootstrap: false, maxSamples: 0.25, randomState: 0 });
  await model.fit(X, t);
  for (const rows of model.estimatorsSamples_) {
    assert.is(rows.length, 20);
    assert.is(new Set(rows).size, 20);
  }
  assert.is(new Set(model.estimatorsSamples_.map(String)).size, 30);
  for (const bootstrap of [true, false]) {
    const sampleWeight = all.map((i) => (i < 40 ? 0 : i < 60 ? 1 : 4));
    const weighted = new BaggingRegressor({ nEstimators: 60, bootstrap, maxSamples: 10, randomState: 0 });
    await weighted.fit(X, t, { sampleWeight });
    const drawn = weighted.estimatorsSamples_.flatMap((rows) => Array.from(rows));
    assert.is(drawn.length, 600);
    assert.ok(drawn.every((row) => row >= 40));
    const heavy = drawn.filter((row) => row >= 60).length / 600;
    assert.ok(Math.abs(heavy - (bootstrap ? 0.8 : 0.75)) < 0.06, String(heavy));
  }
});

test("every row is drawn as often as chance says", async () => {
  const model = await new BaggingRegressor({ nEstimators: 300, estimator: new Ridge(), randomState: 1 }).fit(X, t);
  const times = new Float64Array(n);
  for (const rows of model.estimatorsSamples_) rows.forEach((row) => (times[row] = (times[row] as number) + 1));
  assert.ok(times.every((count) => Math.abs(count - 300) < 5 * Math.sqrt(300)));
  const outside = model.estimatorsSamples_.map((rows) => n - new Set(rows).size);
  const share = outside.reduce((sum, count) => sum + count, 0) / (300 * n);
  assert.ok(Math.abs(share - (1 - 1 / n) ** n) < 0.01, String(share));
});

test("out-of-bag answers are those of the estimators that did not draw a row", async () => {
  const model = new BaggingClassifier({ estimator: new GaussianNB(), nEstimators: 12, oobScore: true, randomState: 0 });
  await model.fit(X, y);
  const sums = Array.from(all, () => [0, 0, 0]);
  for (const [k, rows] of model.estimatorsSamples_.entries()) {
    const proba = await (model.estimators_[k] as GaussianNB).predictProba(X);
    const inside = new Set(rows);
    for (const i of all.filter((row) => !inside.has(row))) {
      proba.row(i).forEach((p, c) => ((sums[i] as number[])[c] = ((sums[i] as number[])[c] as number) + p));
    }
  }
  const totals = sums.map((row) => row.reduce((a, b) => a + b, 0));
  close(
    (model.oobDecisionFunction_ as Matrix).data as Float64Array,
    sums.flatMap((row, i) => row.map((p) => p / (totals[i] as number))),
    1e-12,
  );
  const predicted = sums.map((row) => model.classes_[row.indexOf(Math.max(...row))] as string);
  assert.is(model.oobScore_, await accuracyScore(y, predicted));

  const bag = await new BaggingRegressor({
    estimator: new Ridge(),
    nEstimators: 15,
    oobScore: true,
    randomState: 0,
  }).fit(X, t);
  const oob = bag.oobPrediction_ as Float64Array;
  assert.is(bag.oobScore_, await r2Score(t, oob));
  const few = await new BaggingRegressor({
    estimator: new Ridge(),
    nEstimators: 1,
    oobScore: true,
    randomState: 0,
  }).fit(X, t);
  const rows = new Set(few.estimatorsSamples_[0]);
  assert.ok(few.oobPrediction_?.every((value, i) => Number.isNaN(value) === rows.has(i)));
});

test("a warm start adds estimators: the same as all at once", async () => {
  const params = { nEstimators: 3, randomState: 5, warmStart: true };
  const model = await new BaggingClassifier(params).fit(X, y);
  const [first] = model.estimators_;
  await model.setParams({ nEstimators: 7 }).fit(X, y);
  assert.is(model.estimators_[0], first);
  const once = await new BaggingClassifier({ nEstimators: 7, randomState: 5 }).fit(X, y);
  assert.equal((await model.predictProba(X)).data, (await once.predictProba(X)).data);
  assert.equal(model.estimatorsSamples_, once.estimatorsSamples_);
  assert.equal(fromBuffer<BaggingClassifier>(model.toBuffer()).estimatorsSamples_, once.estimatorsSamples_);
  await refused(() => model.setParams({ nEstimators: 2 }).fit(X, y), /nEstimators of at least 7/);
  await refused(() => model.setParams({ nEstimators: 9 }).fit(X, two), /needs the labels of the last fit, ant,bee,cat/);
});

test("votes where there is no predictProba; mean decision values where there are", async () => {
  const votes = await new BaggingClassifier({ estimator: new RidgeClassifier(), nEstimators: 5, randomState: 0 }).fit(
    X,
    y,
  );
  const shares = (await votes.predictProba(X)).data.map((share) => share * 5);
  assert.ok(shares.every((share) => Math.abs(share - Math.round(share)) < 1e-12));
  assert.equal(((await votes.decisionFunction(X)) as Matrix).shape, [n, 3]);
  const model = await new BaggingClassifier({
    estimator: new LogisticRegression(),
    nEstimators: 3,
    randomState: 0,
  }).fit(X, two);
  const means = new Float64Array(n);
  for (const estimator of model.estimators_) {
    const values = (await (estimator as LogisticRegression).decisionFunction(X)) as Float64Array;
    values.forEach((value, i) => (means[i] = (means[i] as number) + value / 3));
  }
  close((await model.decisionFunction(X)) as Float64Array, means);
  assert.is(new BaggingClassifier().decisionFunction, undefined);
});

test("all rows and columns, each once: the estimator itself", async () => {
  const bag = await new BaggingRegressor({ estimator: new Ridge(), nEstimators: 3, bootstrap: false }).fit(X, t);
  close(await bag.predict(X), (await (await new Ridge().fit(X, t)).predict(X)) as Float64Array, 1e-12);
});

test("several targets: a matrix in, a matrix out, as weights and as rows, out of bag and saved", async () => {
  const targets = Matrix.from(t.map((value, i) => [value, i % 5]));
  for (const estimator of [new Ridge(), makePipeline(new StandardScaler(), new Ridge())]) {
    const params = { estimator, nEstimators: 12, oobScore: true, randomState: 0 };
    const model = await new BaggingRegressor(params).fit(X, targets);
    const said = (await model.predict(X)) as unknown as Matrix;
    assert.equal(said.shape, [n, 2]);
    const alone = await new BaggingRegressor(params).fit(X, t);
    close(said.column(0), await alone.predict(X));
    const oob = model.oobPrediction_ as unknown as Matrix;
    close(oob.column(0), alone.oobPrediction_ as Float64Array);
    const scores = [await r2Score(t, said.column(0)), await r2Score(targets.column(1), said.column(1))];
    close([await model.score(X, targets)], [((scores[0] as number) + (scores[1] as number)) / 2]);
    const copy = fromBuffer<BaggingRegressor>(model.toBuffer());
    assert.equal(((await copy.predict(X)) as unknown as Matrix).data, said.data);
  }
});

test("estimators that draw get seeds of their own", async () => {
  const model = new BaggingClassifier({ estimator: new ExtraTreeClassifier(), nEstimators: 4, randomState: 0 });
  await model.fit(X, y);
  const seeds = model.estimators_.map((tree) => (tree as ExtraTreeClassifier).getParams().randomState);
  assert.is(new Set(seeds).size, 4);
  assert.ok(seeds.every((seed) => Number.isInteger(seed)));
  assert.instance((await new BaggingClassifier().fit(X, y)).estimators_[0], DecisionTreeClassifier);
});

test("tables of every kind, by rows and by columns drawn twice, give the same", async () => {
  const matrix = Matrix.from(X);
  const table = tableFromArrays(
    Object.fromEntries(["a", "b", "c"].map((name, j) => [name, Float64Array.from(X, (row) => row[j] as number)])),
  );
  const make = () =>
    new BaggingRegressor({
      estimator: makePipeline(new StandardScaler(), new Ridge()),
      nEstimators: 4,
      maxFeatures: 2,
      bootstrapFeatures: true,
      randomState: 2,
    });
  const expected = await (await make().fit(X, t)).predict(X);
  for (const data of [
    matrix,
    CsrMatrix.fromDense(matrix),
    table,
    await fromArrow(table),
    await ChunkedMatrix.from(matrix),
  ]) {
    assert.equal(await (await make().fit(data, t)).predict(data), expected);
  }
});

test("rows of strings go to estimators that take them", async () => {
  const words = X.map(([a, b]) => [`v${a}`, `w${b}`]) as never;
  const estimator: Pipeline = makePipeline(new OneHotEncoder({ handleUnknown: "ignore" }), new Ridge());
  for (const maxFeatures of [1, "one"] as const) {
    const model = await new BaggingRegressor({ estimator, nEstimators: 4, maxFeatures, randomState: 0 }).fit(words, t);
    assert.is((await model.predict(words)).length, n);
  }
});

test("what cannot be is refused", async () => {
  const fit = (params: object) => new BaggingClassifier(params).fit(X, y);
  await refused(() => fit({ bootstrap: false, oobScore: true }), /oobScore goes with bootstrap: true only/);
  await refused(() => fit({ warmStart: true, oobScore: true }), /oobScore goes with warmStart: false only/);
  await refused(() => fit({ bootstrap: false, maxSamples: 81 }), /81 rows cannot be drawn without replacement of 80/);
  await refused(() => fit({ maxFeatures: 4 }), /maxFeatures is 4, but X has 3 features/);
  await refused(() => fit({ estimator: new StandardScaler() }), /estimator must be an estimator with fit and predict/);
});

test.run();
