import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  CsrMatrix,
  crossValPredict,
  fromArrow,
  fromBuffer,
  GaussianNB,
  KFold,
  LinearRegression,
  LogisticRegression,
  Matrix,
  PredefinedSplit,
  Ridge,
  RidgeClassifier,
  RidgeCV,
  StackingClassifier,
  StackingRegressor,
  TimeSeriesSplit,
} from "../../src/index.js";

const X = Array.from({ length: 60 }, (_, i) => [(i % 7) - 3 + (i % 3), (i * 5) % 11]);
const y = X.map((_, i) => ["ant", "bee", "cat"][(i + Math.floor(i / 7)) % 3] as string);
const t = X.map(([a, b]) => 2 * (a as number) - (b as number) + 1);
const cv = new KFold({ nSplits: 4 });
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

test("the final estimator learns what crossValPredict gives, side by side, and members learn all rows", async () => {
  const model = await new StackingClassifier({ estimators: pair(), cv, nJobs: 2 }).fit(X, y);
  const parts = await Promise.all(
    pair().map(([, estimator]) => crossValPredict(estimator, X, y, { method: "predictProba", cv })),
  );
  const table = X.map((_, i) => parts.flatMap((part) => Array.from(part.row(i))));
  const final = await new LogisticRegression().fit(table, y);
  assert.equal((model.finalEstimator_ as LogisticRegression).coef_, final.coef_);
  const bayes = await new GaussianNB().fit(X, y);
  const own = (model.namedEstimators_["bayes"] as GaussianNB).predictProba(X);
  assert.equal((await own).data, (await bayes.predictProba(X)).data);
  const Z = await model.transform(X);
  assert.equal(Z.shape, [60, 6]);
  assert.equal(await final.predict(Z), await model.predict(X));
});

test("a regressor in a stack of classifiers learns the places of the labels", async () => {
  const model = await new StackingClassifier({ estimators: [["ridge", new Ridge()]], cv }).fit(X, y);
  const codes = y.map((label) => (["ant", "bee"].includes(label) ? Number(label === "bee") : 2));
  const ridge = await new Ridge().fit(X, codes);
  assert.equal(Array.from((await model.transform(X)).column(0)), Array.from((await ridge.predict(X)) as Float64Array));
  assert.equal(model.stackMethod_, ["predict"]);
});

test("fitted estimators stay as they are, and say labels of their own words", async () => {
  const estimators = [
    ["margin", await new RidgeClassifier().fit(X, y)],
    ["bayes", await new GaussianNB().fit(X, y)],
  ] as const;
  const model = new StackingClassifier({ estimators, cv: "prefit", stackMethod: "predict" });
  await model.fit(X, y);
  assert.is(model.namedEstimators_["bayes"], estimators[1][1]);
  const said = await estimators[1][1].predict(X);
  assert.equal(
    Array.from((await model.transform(X)).column(1), (code) => model.classes_[code]),
    Array.from(said as string[]),
  );
  const copy = fromBuffer<StackingClassifier>(model.toBuffer());
  assert.equal(await copy.predict(X), await model.predict(X));
});

test("X passes through in what it came in, sparse where it is sparse, named where it has names", async () => {
  const matrix = Matrix.from(X);
  const table = tableFromArrays({
    a: Float64Array.from(X, ([a]) => a as number),
    b: Float64Array.from(X, ([, b]) => b as number),
  });
  const make = () => new StackingRegressor({ estimators: [["ridge", new Ridge()]], cv, passthrough: true });
  const expected = await (await make().fit(X, t)).transform(X);
  assert.equal(Array.from(expected.row(7)).slice(1), X[7]);
  for (const data of [matrix, table, await fromArrow(table), await ChunkedMatrix.from(matrix)]) {
    assert.equal((await (await make().fit(data, t)).transform(data)).data, expected.data);
  }
  const sparse = (await (
    await make().fit(CsrMatrix.fromDense(matrix), t)
  ).transform(CsrMatrix.fromDense(matrix))) as unknown as CsrMatrix;
  assert.instance(sparse, CsrMatrix);
  assert.equal(sparse.toDense().data, expected.data);
  assert.equal((await make().fit(table, t)).getFeatureNamesOut(), ["stackingregressor_ridge", "a", "b"]);
  await refused(async () => (await make().fit(X, t)).getFeatureNamesOut(["a"]), /there are 2 features, but 1 names/);
});

test("parameters are reached by name, the final estimator's too; its default is RidgeCV", async () => {
  const model = new StackingRegressor({ estimators: [["ridge", new Ridge()]], finalEstimator: new Ridge() });
  model.setParams({ ridge__alpha: 2, finalEstimator__alpha: 3 });
  await model.fit(X, t);
  assert.is((model.finalEstimator_ as Ridge).getParams().alpha, 3);
  assert.is((model.estimators_[0] as Ridge).getParams().alpha, 2);
  model.setParams({ finalEstimator: null } as never);
  model.setParams({ finalEstimator: undefined as never });
  const plain = await new StackingRegressor({ estimators: [["ridge", new Ridge()]] }).fit(X, t);
  assert.instance(plain.finalEstimator_, RidgeCV);
  assert.match(model.toHTML(), /finalEstimator|StackingRegressor/);
});

test("weights go to the fits of folds, of all rows, and to the final one", async () => {
  const sampleWeight = t.map((_, i) => 1 + (i % 4));
  const model = await new StackingRegressor({ estimators: [["linear", new LinearRegression()]], cv }).fit(
    X,
    y.map((_, i) => i % 5),
    {
      sampleWeight,
    },
  );
  const targets = y.map((_, i) => i % 5);
  const Z = (await crossValPredict(new LinearRegression(), X, targets, {
    cv,
    fitOptions: { sampleWeight },
  })) as Float64Array;
  const final = await new RidgeCV().fit(
    Array.from(Z, (value) => [value]),
    targets,
    { sampleWeight },
  );
  assert.equal((model.finalEstimator_ as RidgeCV).coef_, final.coef_);
});

test("progress counts fits and ends at 1", async () => {
  const seen: number[] = [];
  const totals = new Set<number>();
  const model = new StackingRegressor({ estimators: [["ridge", new Ridge()]], cv, verbose: true });
  await model.fit(X, t, { onProgress: ({ fraction, total }) => (totals.add(total), seen.push(fraction)) });
  assert.equal([...totals], [6]); // a fit of all rows, 4 folds, the final estimator
  assert.equal(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});

test("what cannot be stacked is refused", async () => {
  const fit = (estimators: unknown, more: object = {}) =>
    new StackingClassifier({ estimators: estimators as never, ...more }).fit(X, y);
  await refused(() => fit([["a", new Ridge()]], { stackMethod: "predictProba" }), /"a" has no predictProba/);
  await refused(() => fit(pair(), { finalEstimator: new Ridge() }), /finalEstimator must be a classifier/);
  await refused(() => fit(pair(), { cv: "prefit" }), /needs fitted estimators, and "logistic" is not fitted/);
  await refused(() => fit(pair(), { cv: new TimeSeriesSplit() }), /every row must be tested exactly once/);
  await refused(
    () => fit(pair(), { cv: new PredefinedSplit({ testFold: [0, ...Array<number>(59).fill(-1)] }) }),
    /exactly once/,
  );
  await refused(() => fit([["finalEstimator", new Ridge()]]), /must not be named "finalEstimator"/);
  await refused(
    () => new StackingRegressor({ estimators: [["bayes", new GaussianNB()]] }).fit(X, t),
    /"bayes" must be a regressor/,
  );
});

test.run();
