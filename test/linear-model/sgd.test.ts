import { test } from "uvu";
import * as assert from "uvu/assert";
import { Perceptron, SGDClassifier, SGDRegressor } from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";
import { blobs, linear } from "../contract/problems.js";

const { X, y } = blobs(300, 2);

async function warningsOf(call: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const listen = (warning: Error): void => void seen.push(`${warning.name}: ${warning.message}`);
  process.on("warning", listen);
  await call();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  return seen;
}

test("parameters that do not go together are refused in words", async () => {
  const optimal = await errorOf(() => new SGDClassifier({ alpha: 0 }).fit(X, y));
  assert.match(optimal.message, /alpha must be positive when learningRate is "optimal"/);
  await new SGDClassifier({ alpha: 0, learningRate: "constant", randomState: 0 }).fit(X, y);
  const pa = await errorOf(() => new SGDClassifier({ learningRate: "pa1", loss: "logLoss" }).fit(X, y));
  assert.match(pa.message, /learningRate "pa1" needs the loss "hinge" or "epsilonInsensitive", got "logLoss"/);
  const early = await errorOf(() => new SGDClassifier({ earlyStopping: true }).partialFit(X, y, { classes: [0, 1] }));
  assert.match(early.message, /earlyStopping must be false/);
  const balanced = await errorOf(() =>
    new SGDClassifier({ classWeight: "balanced" }).partialFit(X, y, { classes: [0, 1] }),
  );
  assert.match(balanced.message, /classWeight "balanced" needs all rows at once/);
  const one = await errorOf(() => new Perceptron().fit(X.slice(0, 1), y.slice(0, 1)));
  assert.match(one.message, /only one class/);
});

test("losses that know no probabilities have no predictProba", () => {
  assert.is(new SGDClassifier().predictProba, undefined);
  assert.is(new SGDClassifier({ loss: "squaredHinge" }).predictLogProba, undefined);
  assert.type(new SGDClassifier({ loss: "logLoss" }).predictProba, "function");
  assert.is((new Perceptron() as { predictProba?: unknown }).predictProba, undefined);
});

test("a descent that ends by maxIter says so once, one that makes all its epochs on purpose does not", async () => {
  const cut = await warningsOf(() => new SGDClassifier({ maxIter: 2, randomState: 0 }).fit(X, y));
  assert.is(cut.length, 1);
  assert.match(cut[0] as string, /ConvergenceWarning: SGDClassifier.fit: did not converge in maxIter: 2 epochs/);
  const model = new SGDClassifier({ maxIter: 2, tol: null, randomState: 0 });
  assert.equal(await warningsOf(() => model.fit(X, y)), []);
  assert.is(model.nIter_, 2);
  assert.is(model.t_, 601);
});

test("another seed is another order of rows; without shuffling the seed does not matter", async () => {
  const coef = async (randomState: number, shuffle: boolean): Promise<number[]> => {
    const model = await new SGDClassifier({ randomState, shuffle, maxIter: 3, tol: null }).fit(X, y);
    return [...model.coef_.data];
  };
  assert.equal(await coef(1, true), await coef(1, true));
  assert.not.equal(await coef(1, true), await coef(2, true));
  assert.equal(await coef(1, false), await coef(2, false));
});

test("one epoch of partialFit after another is one fit of as many epochs, without shuffling", async () => {
  const fitted = await new SGDClassifier({ shuffle: false, maxIter: 4, tol: null, average: true }).fit(X, y);
  const stepped = new SGDClassifier({ shuffle: false, average: true });
  for (let epoch = 0; epoch < 4; epoch++) await stepped.partialFit(X, y, { classes: [0, 1] });
  assert.is(stepped.t_, fitted.t_);
  fitted.coef_.data.forEach((value, j) => assert.ok(Math.abs(value - (stepped.coef_.data[j] as number)) < 1e-9));
});

test("a warm start goes on from the coefficients, unless the table is another", async () => {
  const model = new SGDClassifier({ warmStart: true, shuffle: false, maxIter: 1, tol: null });
  await model.fit(X, y);
  const first = [...model.coef_.data];
  await model.fit(X, y);
  assert.not.equal([...model.coef_.data], first);
  await model.fit(
    X.map((row) => row.slice(1)),
    y,
  );
  assert.is(model.coef_.cols, 3);
});

test("early stopping holds rows out, and says what is wrong where there are too few", async () => {
  const model = await new SGDClassifier({ earlyStopping: true, randomState: 0 }).fit(X, y);
  assert.ok(model.nIter_ < 1000);
  assert.ok((await model.score(X, y)) > 0.95);
  const few = await errorOf(() => new SGDClassifier({ earlyStopping: true }).fit([[1], [2]], [0, 1]));
  assert.match(few.message, /leaves no rows of weight to score/);
  const { X: Z, y: target } = linear(400);
  const regressor = new SGDRegressor({ earlyStopping: true, eta0: 0.001, randomState: 0 });
  assert.ok((await regressor.fit(Z, target).then(() => regressor.score(Z, target))) > 0.9);
});

test("steps that overflow end in an error that tells what to do, and the estimator stays as it was", async () => {
  const model = await new SGDRegressor({ randomState: 0, eta0: 0.001 }).fit(X, y);
  model.setParams({ eta0: 1e300 });
  const before = JSON.stringify(model);
  const error = await errorOf(() => model.fit(X, y));
  assert.is(error.code, "ERR_INVALID_DATA");
  assert.match(error.message, /overflow in epoch \d+: scale X with StandardScaler, or take a smaller eta0/);
  assert.is(JSON.stringify(model), before);
});

test("progress counts epochs for two classes", async () => {
  const seen: number[] = [];
  const options = { onProgress: ({ done }: { done: number }) => seen.push(done) };
  await new SGDClassifier({ maxIter: 3, tol: null, randomState: 0 }).fit(X, y, options);
  assert.is(seen.at(-1), 3);
});

test.run();
