import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  AdaBoostClassifier,
  AdaBoostRegressor,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  DummyClassifier,
  fromBuffer,
  GaussianNB,
  LinearRegression,
  makePipeline,
  Matrix,
  OneHotEncoder,
  r2Score,
  Ridge,
  StandardScaler,
} from "../../src/index.js";

const n = 90;
const X = Array.from({ length: n }, (_, i) => [(i % 7) - 3 + (i % 3), (i * 5) % 11, (i * i) % 13]);
const y = X.map(([a, b, c]) => ((a as number) * (b as number) > 6 ? "many" : (c as number) > 5 ? "some" : "few"));
const t = X.map(([a, b, c]) => (a as number) ** 2 - (b as number) + ((c as number) % 4));

async function refused(run: () => unknown, message: RegExp): Promise<void> {
  try {
    await run();
  } catch (error) {
    assert.match((error as Error).message, message);
    return;
  }
  assert.unreachable("not refused");
}

test("rounds make it better; the stages are those of fewer rounds, and saved ones the same", async () => {
  const model = await new AdaBoostClassifier({ nEstimators: 20, randomState: 0 }).fit(X, y);
  const scores: number[] = [];
  for await (const score of model.stagedScore(X, y)) scores.push(score);
  assert.is(scores.length, 20);
  assert.ok((scores[19] as number) > (scores[0] as number), String(scores));
  assert.is(scores[19], await model.score(X, y));
  const stages: Matrix[] = [];
  for await (const proba of model.stagedPredictProba(X)) stages.push(proba);
  const five = await new AdaBoostClassifier({ nEstimators: 5, randomState: 0 }).fit(X, y);
  assert.equal((await five.predictProba(X)).data, stages[4]?.data);
  const copy = fromBuffer<AdaBoostClassifier>(model.toBuffer());
  assert.equal(((await copy.decisionFunction(X)) as Matrix).data, ((await model.decisionFunction(X)) as Matrix).data);
  assert.instance(model.estimators_[0], DecisionTreeClassifier);
  assert.ok(Math.abs(model.featureImportances_.reduce((a, b) => a + b, 0) - 1) < 1e-12);
});

test("a perfect estimator ends the rounds; one that is no better than chance is refused", async () => {
  const perfect = new AdaBoostClassifier({ estimator: new DecisionTreeClassifier(), nEstimators: 10 });
  await perfect.fit(X, y);
  assert.is(perfect.estimators_.length, 1);
  assert.equal(Array.from(perfect.estimatorWeights_), [1, ...Array<number>(9).fill(0)]);
  assert.equal(Array.from(perfect.estimatorErrors_), [0, ...Array<number>(9).fill(1)]);
  assert.equal(await perfect.predict(X), y);
  const wrong = new DummyClassifier({ strategy: "constant", constant: "some" });
  await refused(() => new AdaBoostClassifier({ estimator: wrong }).fit(X, y), /no more often than chance/);
  await refused(
    () => new AdaBoostClassifier({ estimator: new GaussianNB() }).setParams({ learningRate: 0 }).fit(X, y),
    /learningRate must be a positive number/,
  );
  await refused(
    () => perfect.setParams({ estimator: null, nEstimators: 3 }).predict(X.map((row) => row.slice(1))),
    /2 features/,
  );
  const bayes = await new AdaBoostClassifier({ estimator: new GaussianNB(), nEstimators: 2 }).fit(X, y);
  assert.throws(() => bayes.featureImportances_, /have no featureImportances_/);
});

test("one class: always that, with certainty", async () => {
  const model = await new AdaBoostClassifier().fit(
    X,
    y.map(() => "one"),
  );
  assert.equal((await model.predict(X)).slice(0, 2), ["one", "one"]);
  assert.equal((await model.predictProba(X)).shape, [n, 1]);
  assert.ok((await model.predictProba(X)).data.every((p) => p === 1));
});

test("regression: a weighted median of trees on rows drawn by weight; better than one tree of that depth", async () => {
  for (const loss of ["linear", "square", "exponential"] as const) {
    const model = await new AdaBoostRegressor({ nEstimators: 25, loss, randomState: 0 }).fit(X, t);
    const tree = await new DecisionTreeRegressor({ maxDepth: 3 }).fit(X, t);
    assert.ok((await model.score(X, t)) > (await tree.score(X, t)), loss);
    let last = new Float64Array(0);
    for await (const predicted of model.stagedPredict(X)) last = Float64Array.from(predicted);
    assert.equal(last, await model.predict(X));
    const said = await Promise.all(
      model.estimators_.map((one) => (one as DecisionTreeRegressor).predict(X) as Promise<Float64Array>),
    );
    const weights = model.estimatorWeights_;
    const predicted = await model.predict(X);
    for (let i = 0; i < n; i++) {
      const order = said
        .map((values, k) => [values[i] as number, weights[k] as number] as const)
        .sort((a, b) => a[0] - b[0]);
      const total = order.reduce((sum, [, weight]) => sum + weight, 0);
      let below = 0;
      const median = order.find(([, weight]) => (below += weight) >= total / 2)?.[0];
      assert.is(predicted[i], median);
    }
  }
});

test("an exact regressor ends the rounds; weights of 0 are never learned", async () => {
  const linear = X.map(([a, b]) => 2 * (a as number) + (b as number));
  const exact = new AdaBoostRegressor({ estimator: new DecisionTreeRegressor(), nEstimators: 5, randomState: 0 });
  const sampleWeight = X.map((_, i) => Number(i === 3));
  await exact.fit(X, linear, { sampleWeight });
  assert.is(exact.estimators_.length, 1);
  assert.ok((await exact.predict(X)).every((value) => value === linear[3]));
  const chance = await new AdaBoostRegressor({ estimator: new LinearRegression(), nEstimators: 5, randomState: 0 }).fit(
    X,
    t,
  );
  assert.ok(chance.estimators_.length >= 1);
  assert.ok(Number.isFinite(await r2Score(t, await chance.predict(X))));
});

test("estimators without weights are given the rows themselves, of strings too", async () => {
  const words = X.map(([a, b]) => [`v${a}`, `w${b}`]) as never;
  const encoded = makePipeline(new OneHotEncoder({ handleUnknown: "ignore" }), new Ridge());
  const model = new AdaBoostRegressor({ estimator: encoded, nEstimators: 4, randomState: 0 });
  assert.ok((await (await model.fit(words, t)).score(words, t)) > 0.5);
  const scaled = makePipeline(new StandardScaler(), new Ridge());
  const same = await Promise.all(
    [X, Matrix.from(X)].map(async (data) =>
      (await new AdaBoostRegressor({ estimator: scaled, nEstimators: 4, randomState: 0 }).fit(data, t)).predict(X),
    ),
  );
  assert.equal(same[0], same[1]);
});

test.run();
