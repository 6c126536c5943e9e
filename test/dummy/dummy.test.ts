import { test } from "uvu";
import * as assert from "uvu/assert";
import { DummyClassifier, DummyRegressor, fromBuffer } from "../../src/index.js";

const X = [[0], [0], [0], [0]];
const y = ["b", "a", "b", "b"];

test("prior and mostFrequent predict the most frequent class and differ in probabilities", async () => {
  const prior = await new DummyClassifier().fit(X, y);
  assert.equal(await prior.predict(X), ["b", "b", "b", "b"]);
  assert.equal((await prior.predictProba([[1]])).toArray(), [[0.25, 0.75]]);
  assert.equal(Array.from(prior.classPrior_), [0.25, 0.75]);
  const frequent = await new DummyClassifier({ strategy: "mostFrequent" }).fit(X, y);
  assert.equal((await frequent.predictProba([[1]])).toArray(), [[0, 1]]);
  assert.equal((await frequent.predictLogProba([[1]])).toArray(), [[-Infinity, 0]]);
  assert.is(await frequent.score(X, y), 0.75);
});

test("sample weights decide which class is frequent", async () => {
  const model = await new DummyClassifier().fit(X, y, { sampleWeight: [1, 6, 1, 0] });
  assert.equal(Array.from(model.classPrior_), [0.75, 0.25]);
  assert.is((await model.predict([[0]]))[0], "a");
});

test("stratified draws by frequency, uniform alike, both the same for one seed", async () => {
  const rows = Array.from({ length: 20_000 }, () => [0]);
  for (const [strategy, expected] of [
    ["stratified", 0.75],
    ["uniform", 0.5],
  ] as const) {
    const model = await new DummyClassifier({ strategy, randomState: 3 }).fit(X, y);
    const predicted = await model.predict(rows);
    const share = Array.from<unknown>(predicted).filter((label) => label === "b").length / rows.length;
    assert.ok(Math.abs(share - expected) < 0.02, `${strategy}: ${share}`);
    assert.equal(await model.predict(rows), predicted);
  }
});

test("stratified probabilities are those of its predictions", async () => {
  const model = await new DummyClassifier({ strategy: "stratified", randomState: 1 }).fit(X, y);
  const rows = Array.from({ length: 50 }, () => [0]);
  const [labels, proba] = [await model.predict(rows), await model.predictProba(rows)];
  labels.forEach((label: unknown, i: number) => assert.is(proba.at(i, label === "b" ? 1 : 0), 1));
});

test("constant predicts a class of y and refuses any other", async () => {
  const model = await new DummyClassifier({ strategy: "constant", constant: "a" }).fit(X, y);
  assert.equal(await model.predict([[1], [2]]), ["a", "a"]);
  const refused = new DummyClassifier({ strategy: "constant", constant: "c" }).fit(X, y);
  await refused.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'DummyClassifier: constant must be a class of y, got "c"'),
  );
});

// Expected values: scikit-learn 1.9.1.
const target = [3, 1, 4, 1, 5];
const weights = [1, 2, 0, 1, 3];
const REGRESSORS = [
  [{ strategy: "mean" }, undefined, 2.8],
  [{ strategy: "mean" }, weights, 3],
  [{ strategy: "median" }, undefined, 3],
  [{ strategy: "median" }, weights, 3],
  [{ strategy: "quantile", quantile: 0.3 }, undefined, 1.4],
  [{ strategy: "quantile", quantile: 0.3 }, weights, 1],
  [{ strategy: "quantile", quantile: 0.6 }, weights, 5],
  [{ strategy: "constant", constant: -2 }, undefined, -2],
] as const;
for (const [params, sampleWeight, expected] of REGRESSORS) {
  test(`DummyRegressor ${JSON.stringify(params)}${sampleWeight ? " with weights" : ""} predicts ${expected}`, async () => {
    const model = await new DummyRegressor(params).fit(
      target.map(() => [0]),
      target,
      { sampleWeight },
    );
    assert.ok(Math.abs(model.constant_ - expected) < 1e-15, String(model.constant_));
    assert.equal(Array.from(await model.predict([[1], [2]])), [model.constant_, model.constant_]);
  });
}

test("the median of an even number of rows lies between the two in the middle", async () => {
  assert.is((await new DummyRegressor({ strategy: "median" }).fit(X, [1, 2, 4, 9])).constant_, 3);
});

test("a quantile without a number is refused by fit", async () => {
  await new DummyRegressor({ strategy: "quantile" }).fit(X, [1, 2, 3, 4]).then(
    () => assert.unreachable(),
    (error: Error) =>
      assert.is(error.message, 'DummyRegressor: quantile must be a number when strategy is "quantile", got null'),
  );
});

test("comes back from its bytes, string classes and all", async () => {
  const copy = fromBuffer<DummyClassifier>((await new DummyClassifier().fit(X, y)).toBuffer());
  assert.equal(copy.classes_, ["a", "b"]);
  assert.equal(await copy.predict([[1]]), ["b"]);
});

test.run();
