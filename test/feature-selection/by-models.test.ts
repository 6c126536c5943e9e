import { tableFromArrays } from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromArrow,
  fromBuffer,
  GaussianNB,
  GridSearchCV,
  loadBreastCancer,
  LogisticRegression,
  makePipeline,
  Matrix,
  RandomForestClassifier,
  RFE,
  SelectFromModel,
  StandardScaler,
  type AnyEstimator,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const [X, y] = await loadBreastCancer({ returnXy: true });
const scaled = await new StandardScaler().fitTransform(X);

test("a forest chooses in a pipeline, and a search tunes how much", async () => {
  const pipeline = makePipeline(
    new SelectFromModel({ estimator: new RandomForestClassifier({ nEstimators: 20, randomState: 0 }) }),
    new StandardScaler(),
    new LogisticRegression(),
  );
  const paramGrid = { selectFromModel__threshold: ["2*mean", "median"], selectFromModel__maxFeatures: [3, null] };
  const search = await new GridSearchCV({ estimator: pipeline, paramGrid, cv: 3 }).fit(X, y);
  assert.ok(search.bestScore_ > 0.93);
  const selector = (search.bestEstimator_ as typeof pipeline).namedSteps["selectFromModel"] as SelectFromModel;
  const kept = selector.getSupport({ indices: true });
  assert.ok(kept.length > 0 && kept.length < 30);
  const back = fromBuffer<GridSearchCV>(search.toBuffer());
  assert.equal(await back.predict(X), await search.predict(X));
});

test("prefit: the estimator is not fitted again, and transform needs no fit", async () => {
  const estimator = await new LogisticRegression({ C: 0.1 }).fit(scaled, y);
  const selector = new SelectFromModel({ estimator, prefit: true, threshold: "median" });
  const Z = await selector.transform(scaled);
  assert.is(Z.cols, 15);
  await selector.fit(scaled, y);
  assert.is(selector.estimator_, estimator);
  assert.equal(await selector.transform(scaled), Z);
  const unfitted = new SelectFromModel({ estimator: new LogisticRegression(), prefit: true });
  assert.match((await errorOf(() => unfitted.transform(scaled))).message, /with prefit the estimator must be fitted/);
});

test("importances may stand deeper, or be what a function says", async () => {
  const estimator = makePipeline(new StandardScaler(), new LogisticRegression());
  const deep = new SelectFromModel({
    estimator,
    importanceGetter: "namedSteps.logisticRegression.coef_",
    maxFeatures: 4,
  });
  await deep.fit(X, y);
  const first = new RFE({
    estimator: new GaussianNB(),
    importanceGetter: ({ theta_ }: { theta_: Matrix }) => theta_.row(0),
    nFeaturesToSelect: 4,
  });
  await first.fit(X, y);
  assert.is(deep.getSupport({ indices: true }).length, 4);
  const means = ((first.estimator_ as GaussianNB).theta_.row(0) as Float64Array).length;
  assert.is(means, 4);
});

test("RFE answers as the estimator on the features kept, of frames too; names in, names out", async () => {
  const columns = Object.fromEntries(Array.from({ length: 6 }, (_, j) => [`c${j}`, scaled.column(j)]));
  const frame = await fromArrow(tableFromArrays(columns));
  const dense = new Matrix(
    Float64Array.from({ length: scaled.rows * 6 }, (_, k) => scaled.at(Math.floor(k / 6), k % 6)),
    [scaled.rows, 6],
  );
  const make = (): RFE => new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: 2 });
  const done: number[] = [];
  const a = await make().fit(frame, y, { onProgress: ({ fraction }) => done.push(fraction) });
  const b = await make().fit(dense, y);
  assert.equal(a.ranking_, b.ranking_);
  assert.equal((await a.predictProba(frame)).data, (await b.predictProba(dense)).data);
  assert.equal(
    a.getFeatureNamesOut(),
    a.getSupport({ indices: true }).map((j) => `c${j}`),
  );
  assert.is(done.length, 5);
  assert.is(done.at(-1), 1);
  const alone = await new LogisticRegression().fit(await b.transform(dense), y);
  assert.equal(alone.coef_.data, (b.estimator_ as LogisticRegression).coef_.data);
  assert.is(await a.score(frame, y), await alone.score(await b.transform(dense), y));
  assert.is((a as unknown as { decisionFunction?: unknown }).decisionFunction === undefined, false);
  assert.is(new RFE({ estimator: new GaussianNB() as AnyEstimator as never }).decisionFunction, undefined);
});

test("what does not fit is refused by name", async () => {
  const bayes = new SelectFromModel({ estimator: new GaussianNB() });
  assert.match((await errorOf(() => bayes.fit(X, y))).message, /GaussianNB has neither coef_ nor featureImportances_/);
  const lost = new RFE({ estimator: new LogisticRegression(), importanceGetter: "weights_" });
  assert.match(
    (await errorOf(() => lost.fit(scaled, y))).message,
    /LogisticRegression has no weights_ \(importanceGetter\)/,
  );
  const many = new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: 31 });
  await many.fit(scaled, y);
  assert.is(many.nFeatures_, 30);
  const wrong = new SelectFromModel({ estimator: new LogisticRegression(), threshold: "twice*mean" });
  assert.match((await errorOf(() => wrong.fit(scaled, y))).message, /threshold must be a number, "mean"/);
  const odd = new SelectFromModel({ estimator: new LogisticRegression(), importanceGetter: () => [1, 2] });
  assert.match((await errorOf(() => odd.fit(scaled, y))).message, /tells the importance of 2 features, but X has 30/);
});

test.run();
