import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  BaseEstimator,
  crossValidate,
  crossValPredict,
  CsrMatrix,
  DummyClassifier,
  fromArrow,
  fromBuffer,
  GaussianNB,
  GridSearchCV,
  KFold,
  loadBreastCancer,
  loadIris,
  LogisticRegression,
  loguniform,
  makeClassification,
  makePipeline,
  normal,
  ParameterGrid,
  ParameterSampler,
  PCA,
  Pipeline,
  randint,
  RandomizedSearchCV,
  Ridge,
  StandardScaler,
  StratifiedKFold,
  uniform,
  type SearchResult,
} from "../../src/index.js";

const [X, y] = makeClassification({ nSamples: 300, nFeatures: 8, nInformative: 4, randomState: 0 });
const pipeline = (): Pipeline => makePipeline(new StandardScaler(), new PCA(), new LogisticRegression());
const notRefused = (): void => assert.unreachable("not refused");
const paramGrid = { pCA__nComponents: [2, 6], logisticRegression__C: [0.01, 1, 100] };
const grid = (more: object = {}): GridSearchCV =>
  new GridSearchCV({ estimator: pipeline(), paramGrid: renamed(paramGrid), cv: 3, scoring: "rocAuc", ...more });
function renamed(params: Record<string, unknown[]>): Record<string, unknown[]> {
  return Object.fromEntries(Object.entries(params).map(([key, values]) => [key.replace("pCA", "pca"), values]));
}
const scoresOf = (search: GridSearchCV): Float64Array => search.cvResults_["meanTestScore"] as Float64Array;

test("the same results for any nJobs, and as fits one by one", async () => {
  const one = await grid({ nJobs: 1 }).fit(X, y);
  const two = await grid({ nJobs: 4 }).fit(X, y);
  assert.equal(scoresOf(one), scoresOf(two));
  assert.equal(one.bestParams_, two.bestParams_);
  // Nothing shared: the same candidates by crossValidate.
  for (const [i, params] of [...new ParameterGrid(renamed(paramGrid))].entries()) {
    const { testScore } = await crossValidate(pipeline().setParams(params as never), X, y, {
      cv: 3,
      scoring: "rocAuc",
    });
    const mean = testScore.reduce((a, b) => a + b) / 3;
    assert.ok(Math.abs(mean - (scoresOf(one)[i] as number)) < 1e-12);
  }
  assert.is(await one.score(X, y), await two.score(X, y));
});

/** Counts its fits. */
class Counting extends StandardScaler {
  static fits = 0;
  override async fit(...args: Parameters<StandardScaler["fit"]>): Promise<this> {
    Counting.fits++;
    return super.fit(...args);
  }
}

test("candidates of equal first steps fit them once a fold", async () => {
  const steps = [
    ["scale", new Counting()],
    ["model", new LogisticRegression()],
  ] as const;
  const search = new GridSearchCV({
    estimator: new Pipeline({ steps }),
    paramGrid: { model__C: [0.1, 1, 10, 100] },
    cv: 3,
    refit: false,
  });
  Counting.fits = 0;
  await search.fit(X, y);
  assert.is(Counting.fits, 3);
});

test("tables of every kind give the same scores; folds of frames are masks", async () => {
  const { tableFromArrays } = await import("apache-arrow");
  const columns = Array.from({ length: 8 }, (_, j) => [`x${j}`, Float64Array.from(X.column(j))] as const);
  const arrow = tableFromArrays(Object.fromEntries(columns));
  const frame = await fromArrow(arrow);
  const rows = X.toArray();
  const expected = scoresOf(await grid().fit(X, y));
  for (const table of [rows, arrow, frame, CsrMatrix.fromDense(X)]) {
    const scores = scoresOf(await grid().fit(table as never, y));
    scores.forEach((score, i) => assert.ok(Math.abs(score - (expected[i] as number)) < 1e-9));
  }
});

test("refit, its absence, and several metrics", async () => {
  const without = await grid({ refit: false }).fit(X, y);
  assert.equal(without.bestParams_, (await grid().fit(X, y)).bestParams_);
  assert.throws(() => without.bestEstimator_, /refit was false/);
  await without.predict(X).then(notRefused, (error: Error) => assert.match(error.message, /refit was false/));
  await grid({ scoring: ["rocAuc", "f1"] })
    .fit(X, y)
    .then(notRefused, (error: Error) => assert.match(error.message, /refit must be one of rocAuc, f1/));
  const picked = await grid({ scoring: ["rocAuc", "f1"], refit: () => 2 }).fit(X, y);
  assert.is(picked.bestIndex_, 2);
  assert.is(picked.multimetric_, true);
  assert.ok(Number.isNaN(picked.bestScore_));
  assert.ok("rankTest_f1" in picked.cvResults_);
});

test("a failed fit scores errorScore and is told; all failed is an error; raise ends the search", async () => {
  const warnings: string[] = [];
  const listen = (warning: Error): void => {
    if (warning.name === "FitFailedWarning") warnings.push(warning.message);
  };
  process.on("warning", listen);
  const some = { estimator: new LogisticRegression(), paramGrid: { C: [-1, 1] }, cv: 3 };
  const search = await new GridSearchCV({ ...some, errorScore: -1 }).fit(X, y);
  assert.equal(Array.from(scoresOf(search))[0], -1);
  assert.is(search.bestIndex_, 1);
  await new Promise(setImmediate);
  process.off("warning", listen);
  assert.is(warnings.length, 3);
  assert.match(warnings[0] as string, /GridSearchCV.fit: a fit failed; its scores are -1.*C must be/);
  const nan = await new GridSearchCV(some).fit(X, y);
  assert.equal(Array.from(nan.cvResults_["rankTestScore"] as Int32Array), [2, 1]);
  const allFail = new GridSearchCV({ ...some, paramGrid: { C: [-1, -2] } });
  await allFail.fit(X, y).then(notRefused, (error: Error) => assert.match(error.message, /all 6 fits failed/));
  assert.is(allFail.isFitted, false);
  const raising = new GridSearchCV({ ...some, errorScore: "raise" }).fit(X, y);
  await raising.then(notRefused, (error: Error) => assert.match(error.message, /C must be/));
});

test("an aborted search stays as it was, and what had finished is known", async () => {
  const search = await grid().fit(X, y);
  const before = search.bestParams_;
  const controller = new AbortController();
  const finished: SearchResult[] = [];
  const onResult = (result: SearchResult): void => {
    finished.push(result);
    if (finished.length === 4) controller.abort();
  };
  await search.fit(X, y, { signal: controller.signal, onResult }).then(notRefused, (error: Error) => {
    assert.is(error.name, "AbortError");
  });
  assert.equal(search.bestParams_, before);
  assert.ok(finished.length >= 4 && finished.length < 18);
  assert.ok(finished.every(({ scores }) => typeof scores?.["score"] === "number"));
});

test("progress counts fits, and ends at 1", async () => {
  const seen: [number, number][] = [];
  await grid().fit(X, y, { onProgress: ({ done, total, fraction }) => seen.push([done / total, fraction]) });
  assert.equal(seen.at(-1), [1, 1]);
  assert.ok(seen.every(([a], i) => i === 0 || a >= (seen[i - 1] as [number, number])[0]));
});

test("saved with its splitter and distributions, it answers the same", async () => {
  const search = new RandomizedSearchCV({
    estimator: new LogisticRegression(),
    paramDistributions: { C: loguniform(1e-3, 1e3), l1Ratio: uniform(0, 1) },
    nIter: 4,
    cv: new StratifiedKFold({ nSplits: 3, shuffle: true, randomState: 1 }),
    randomState: 0,
  });
  await search.fit(X, y);
  const copy = fromBuffer<RandomizedSearchCV>(search.toBuffer());
  assert.equal(await copy.predictProba(X), await search.predictProba(X));
  assert.equal(copy.bestParams_, search.bestParams_);
  await copy.fit(X, y); // and learns the same again
  assert.equal(copy.bestParams_, search.bestParams_);
  const table = await search.cvResultsTable();
  assert.is(table.numRows, 4);
});

test("a classifier that needs no y of its own, a search inside cross-validation, one in a pipeline", async () => {
  const scores = await crossValidate(new GridSearchCV({ estimator: new GaussianNB(), paramGrid: {}, cv: 2 }), X, y, {
    cv: 3,
  });
  assert.is(scores.testScore.length, 3);
  const nested = makePipeline(
    new StandardScaler(),
    grid({ estimator: new LogisticRegression(), paramGrid: { C: [1, 2] } }),
  );
  await nested.fit(X, y);
  assert.ok((await nested.score(X, y)) > 0.7);
  const dummy = new GridSearchCV({
    estimator: new DummyClassifier(),
    paramGrid: { strategy: ["prior", "stratified"] },
  });
  await dummy.setParams({ estimator__randomState: 0 }).fit(X, y);
  assert.is((dummy.getParams() as unknown as Record<string, unknown>)["estimator__randomState"], 0);
});

test("crossValPredict: strings, missing classes, rows tested twice", async () => {
  const { data, target } = await loadIris();
  const names = Array.from(target, (code) => ["setosa", "versicolor", "virginica"][code] as string);
  const predicted = await crossValPredict(new GaussianNB(), data, names, { cv: 3 });
  assert.ok((predicted as unknown as string[]).filter((name, i) => name === names[i]).length > 135);
  // Neighbouring rows: every fold lacks a class, whose column is 0.
  const proba = await crossValPredict(new GaussianNB(), data, names, {
    cv: new KFold({ nSplits: 3 }),
    method: "predictProba",
  });
  assert.equal(proba.shape, [150, 3]);
  assert.is(proba.at(0, 0), 0);
  const twice = [
    [[0, 1, 60], [100]],
    [[2, 60], [100]],
  ] as never;
  await crossValPredict(new GaussianNB(), data, names, { cv: twice }).then(notRefused, (error: Error) =>
    assert.match(error.message, /row 0 is tested 0 times/),
  );
});

test("ParameterGrid and ParameterSampler", () => {
  const all = [...new ParameterGrid([{ b: [1, 2], a: ["x"] }, {}, { c: [3] }])];
  assert.equal(all, [{ a: "x", b: 1 }, { a: "x", b: 2 }, {}, { c: 3 }]);
  assert.throws(() => new ParameterGrid({ C: 1 } as never), /values of C must be an array/);
  assert.throws(() => new ParameterGrid({ C: [] }), /C has no values/);
  const none = [...new ParameterSampler({ a: [1, 2, 3], b: [1, 2] }, { nIter: 10, randomState: 0 })];
  assert.is(new Set(none.map((set) => JSON.stringify(set))).size, 6); // each once
  const drawn = [
    ...new ParameterSampler(
      { u: uniform(-1, 1), l: loguniform(1e-4, 1e4), k: randint(2, 5), n: normal(), f: (random) => random() > 0.5 },
      { nIter: 500, randomState: 1 },
    ),
  ] as { u: number; l: number; k: number; n: number; f: boolean }[];
  assert.ok(drawn.every(({ u, l, k }) => u >= -1 && u < 1 && l >= 1e-4 && l <= 1e4 && [2, 3, 4].includes(k)));
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[250] as number;
  assert.ok(Math.abs(middle(drawn.map(({ u }) => u))) < 0.1);
  assert.ok(Math.abs(Math.log10(middle(drawn.map(({ l }) => l)))) < 0.6);
  assert.ok(Math.abs(drawn.reduce((sum, { n }) => sum + n, 0) / 500) < 0.15);
  assert.throws(() => loguniform(0, 1), /above 0/);
});

test("what is no estimator, no metric, no option is refused by name", async () => {
  const refused = async (run: () => Promise<unknown>, message: RegExp): Promise<void> =>
    run().then(notRefused, (error: Error) => assert.match(error.message, message));
  await refused(() => crossValidate({} as never, X, y), /expected an estimator with fit and getParams/);
  await refused(() => crossValidate(new Ridge(), X, y, { scoring: "rocAcu" }), /rocAuc/);
  await refused(() => crossValidate(new Ridge(), X, y, { folds: 3 } as never), /unknown option "folds"/);
  await refused(() => crossValidate(new Ridge(), X, Array.from(y).slice(1)), /y has 299 values, but X has 300 rows/);
  await refused(
    () =>
      crossValidate(
        new GaussianNB(),
        X,
        Array.from(y, () => NaN),
      ),
    /missing label in row 0/,
  );
  await refused(() => grid({ paramGrid: { no__such: [1] } }).fit(X, y), /no/);
  assert.instance(grid(), BaseEstimator);
  const [Xc, yc] = await loadBreastCancer({ returnXy: true });
  await refused(() => crossValPredict(new Ridge(), Xc, yc, { method: "predictProba" } as never), /has no predictProba/);
});

test.run();
