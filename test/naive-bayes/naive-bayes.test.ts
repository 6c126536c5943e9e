import { test } from "uvu";
import * as assert from "uvu/assert";
import { BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const counts = [
  [3, 0, 1],
  [2, 0, 0],
  [0, 4, 1],
  [0, 1, 1],
];
const y = ["a", "a", "b", "b"];

test("GaussianNB: constant columns are answered for, also where all columns are", async () => {
  const model = await new GaussianNB().fit(
    counts.map((row) => [...row, 7]),
    y,
  );
  assert.equal(await model.predict([[2, 0, 1, 7]]), ["a"]);
  const constant = await new GaussianNB().fit([[5], [5], [5]], ["a", "a", "b"]);
  assert.equal(await constant.predict([[5], [6]]), ["a", "a"]);
  const proba = await constant.predictProba([[5]]);
  assert.ok(Math.abs(proba.at(0, 0) - 2 / 3) < 1e-12);
  const none = await errorOf(() => new GaussianNB({ varSmoothing: 0 }).fit([[5], [5], [5]], ["a", "a", "b"]));
  assert.match(none.message, /X is constant in column 0 within the class "a": raise varSmoothing/);
});

test("GaussianNB: a row of weight 0 counts for nothing but epsilon", async () => {
  const weighted = await new GaussianNB().fit(counts, y, { sampleWeight: [1, 1, 1, 0] });
  assert.equal(Array.from(weighted.classCount_), [2, 1]);
  assert.equal(Array.from(weighted.theta_.row(1)), [0, 4, 1]);
});

test("GaussianNB: rows far away from all classes still get probabilities that are numbers", async () => {
  const model = await new GaussianNB().fit([[0], [1], [10], [11]], [0, 0, 1, 1]);
  const far = await model.predictProba([[1e160], [-1e160]]);
  assert.ok(Array.from(far.data).every((p) => p >= 0 && p <= 1));
});

test("GaussianNB: priors are checked against the classes, and count", async () => {
  const wrong = await errorOf(() => new GaussianNB({ priors: [0.5, 0.2, 0.3] }).fit(counts, y));
  assert.match(wrong.message, /priors has 3 values, but there are 2 classes/);
  const sum = await errorOf(() => new GaussianNB({ priors: [0.5, 0.2] }).fit(counts, y));
  assert.match(sum.message, /priors must sum to 1, got a sum of 0.7/);
  const model = await new GaussianNB({ priors: [0, 1] }).fit(counts, y);
  assert.equal(await model.predict(counts), ["b", "b", "b", "b"]);
  assert.is((await model.predictLogProba([[3, 0, 1]])).at(0, 0), -Infinity);
});

for (const Model of [MultinomialNB, ComplementNB]) {
  test(`${Model.name}: a negative count is refused by its place`, async () => {
    const error = await errorOf(() => new Model().fit([...counts, [0, -1, 0]], [...y, "a"]));
    assert.is(error.code, "ERR_INVALID_DATA");
    assert.match(error.message, /fit: X has a negative value in row 4, column 1: counts and frequencies are expected/);
  });
}

test("MultinomialNB: without smoothing an event that a class never saw rules it out", async () => {
  const model = await new MultinomialNB({ alpha: 0 }).fit(counts, y);
  assert.is(model.featureLogProb_.at(0, 1), -Infinity);
  const proba = await model.predictProba([
    [0, 1, 0],
    [0, 0, 1],
    [0, 0, 0],
  ]);
  assert.equal(Array.from(proba.row(0)), [0, 1]);
  assert.ok(proba.at(1, 0) > 0 && proba.at(1, 1) > proba.at(1, 0));
  assert.equal(Array.from(proba.row(2)), [0.5, 0.5]);
});

test("alpha per column and classPrior are checked, and count", async () => {
  const error = await errorOf(() => new MultinomialNB({ alpha: [1, 2] }).fit(counts, y));
  assert.match(error.message, /alpha has 2 values, but X has 3 features/);
  const prior = await errorOf(() => new BernoulliNB({ classPrior: [1] }).fit(counts, y));
  assert.match(prior.message, /classPrior has 1 values, but there are 2 classes/);
  const model = await new MultinomialNB({ alpha: [1, 2, 3] }).fit(counts, y);
  assert.ok(Math.abs(Math.exp(model.featureLogProb_.at(0, 0)) - 6 / 12) < 1e-15);
});

test("BernoulliNB: binarize null takes X as it is", async () => {
  const bits = counts.map((row) => row.map((x) => (x > 0 ? 1 : 0)));
  const plain = await new BernoulliNB({ binarize: null }).fit(bits, y);
  const made = await new BernoulliNB().fit(counts, y);
  assert.equal(plain.featureLogProb_.data, made.featureLogProb_.data);
  assert.equal((await plain.predictProba(bits)).data, (await made.predictProba(counts)).data);
});

test("CategoricalNB: codes are learned; what is no code, or was never seen, is refused", async () => {
  const X = [
    [0, 2],
    [1, 0],
    [1, 1],
  ];
  const model = await new CategoricalNB().fit(X, [true, false, false]);
  assert.equal(Array.from(model.nCategories_), [2, 3]);
  assert.equal(Array.from(model.categoryCount_[1]?.data ?? []), [1, 1, 0, 0, 0, 1]);
  assert.equal(await model.predict(X), [true, false, false]);
  const half = await errorOf(() => new CategoricalNB().fit([[0.5]], [1]));
  assert.match(half.message, /fit: X has no category in row 0, column 0: categories are integers from 0/);
  const negative = await errorOf(() => new CategoricalNB().fit([[1], [-1]], [1, 0]));
  assert.match(negative.message, /negative value in row 1, column 0/);
  const unseen = await errorOf(() => model.predict([[0, 3]]));
  assert.match(unseen.message, /column 1 has a category that fit did not see, fit saw 0 to 2/);
  const roomy = await new CategoricalNB({ minCategories: [2, 5] }).fit(X, [true, false, false]);
  assert.is((await roomy.predict([[0, 4]])).length, 1);
});

test("CategoricalNB: partialFit meets new categories, and weights count rows", async () => {
  const model = await new CategoricalNB().partialFit([[0], [1]], [0, 1], { classes: [0, 1] });
  await model.partialFit([[4]], [1]);
  const whole = await new CategoricalNB().fit([[0], [1], [4]], [0, 1, 1]);
  assert.equal(model.featureLogProb_[0]?.data, whole.featureLogProb_[0]?.data);
  const weighted = await new CategoricalNB().fit([[0], [1]], [0, 1], { sampleWeight: [2, 1] });
  assert.equal(Array.from(weighted.classCount_), [2, 1]);
});

test.run();
