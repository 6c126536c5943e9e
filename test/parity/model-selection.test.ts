import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  crossValidate,
  crossValPredict,
  crossValScore,
  GaussianNB,
  GridSearchCV,
  GroupKFold,
  KFold,
  LeaveOneGroupOut,
  LeavePGroupsOut,
  LeavePOut,
  learningCurve,
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  LogisticRegression,
  makePipeline,
  PredefinedSplit,
  Ridge,
  StandardScaler,
  StratifiedGroupKFold,
  StratifiedKFold,
  TimeSeriesSplit,
  validationCurve,
  type Splitter,
} from "../../src/index.js";

// scikit-learn's splits without shuffling, row for row, and its scores on them (make_model_selection.py).

type Columns = Readonly<Record<string, readonly number[]>>;
const values = JSON.parse(readFileSync("test/parity/model_selection.json", "utf8")) as {
  y: number[];
  groups: number[];
  splits: Readonly<Record<string, [number[], number[]][]>>;
  crossValidate: Columns;
  weighted: number[];
  probabilities: number[];
  predictions: number[];
  learning: [number[], number[][], number[][]];
  validation: [number[][], number[][]];
  grid: Columns;
  gridParams: [number, boolean][];
  best: [number, number, number, boolean];
  search: Columns;
  searchBest: [number, number, number];
};

/** "mean_test_score" → "meanTestScore", "split0_test_ap" → "split0Test_ap". */
function ours(key: string): string {
  const [, prefix = "", part = "", metric = ""] = /^(?:(\w+?)_)?(test|train)_(\w+)$/.exec(key) ?? [];
  const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const head = prefix === "" ? part : `${prefix}${part.charAt(0).toUpperCase()}${part.slice(1)}`;
  return metric === "score" ? `${head}Score` : `${head}_${camel(metric)}`;
}

function close(actual: ArrayLike<number>, expected: readonly number[], tolerance: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const error = Math.abs((actual[i] as number) - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= tolerance, `${what}[${i}]: ${actual[i]} is not ${value}`);
  });
}

const SPLITTERS: Readonly<Record<string, Splitter>> = {
  KFold: new KFold({ nSplits: 4 }),
  StratifiedKFold: new StratifiedKFold({ nSplits: 3 }),
  GroupKFold: new GroupKFold({ nSplits: 3 }),
  StratifiedGroupKFold: new StratifiedGroupKFold({ nSplits: 3 }),
  TimeSeriesSplit: new TimeSeriesSplit({ nSplits: 4 }),
  "TimeSeriesSplit gap": new TimeSeriesSplit({ nSplits: 3, gap: 2, testSize: 4, maxTrainSize: 6 }),
  LeavePOut: new LeavePOut({ p: 21 }),
  LeaveOneGroupOut: new LeaveOneGroupOut(),
  LeavePGroupsOut: new LeavePGroupsOut({ nGroups: 5 }),
  PredefinedSplit: new PredefinedSplit({ testFold: values.groups.map((group) => (group < 3 ? group : -1)) }),
};

for (const [name, expected] of Object.entries(values.splits)) {
  test(`${name}: the same rows in every fold`, async () => {
    const splitter = SPLITTERS[name] as Splitter;
    const { y, groups } = values;
    const splits: [number[], number[]][] = [];
    for await (const [train, test] of splitter.split(y.length, y, { groups })) {
      splits.push([Array.from(train), Array.from(test)]);
    }
    assert.equal(splits, expected);
    assert.is(await splitter.getNSplits(y.length, y, { groups }), expected.length);
  });
}

test("crossValidate: several metrics, on test and training rows", async () => {
  const [X, y] = await loadBreastCancer({ returnXy: true });
  const scores = (await crossValidate(new GaussianNB(), X, y, {
    scoring: ["rocAuc", "averagePrecision", "negLogLoss", "f1"],
    returnTrainScore: true,
  })) as unknown as Readonly<Record<string, Float64Array>>;
  for (const [key, expected] of Object.entries(values.crossValidate)) {
    // Logarithms of probabilities near the smallest number hang on the last digits of large sums.
    close(scores[ours(key)] as Float64Array, expected, key.includes("loss") ? 1e-5 : 1e-9, key);
  }
});

test("sample weights are cut like the rows", async () => {
  const [X, y] = await loadBreastCancer({ returnXy: true });
  const sampleWeight = Float64Array.from(y, (_, i) => 0.5 + (1.5 * i) / (y.length - 1));
  const scores = await crossValScore(new GaussianNB(), X, y, { cv: 3, fitOptions: { sampleWeight } });
  close(scores, values.weighted, 1e-12, "scores");
});

test("crossValPredict: probabilities and predictions of every row", async () => {
  const [X, y] = await loadIris({ returnXy: true });
  const proba = await crossValPredict(new GaussianNB(), X, y, { cv: 4, method: "predictProba" });
  close(proba.data, values.probabilities, 1e-9, "probabilities");
  const [Xd, yd] = await loadDiabetes({ returnXy: true });
  const predicted = await crossValPredict(new Ridge(), Xd, yd, { cv: 6 });
  close(predicted as Float64Array, values.predictions, 1e-9, "predictions");
});

test("GridSearchCV: order of candidates, all columns of scores, ranks, the best", async () => {
  const [X, y] = await loadDiabetes({ returnXy: true });
  const search = new GridSearchCV({
    estimator: new Ridge(),
    paramGrid: { fitIntercept: [false, true], alpha: [0.01, 0.1, 1, 10] },
    cv: 4,
    returnTrainScore: true,
  });
  await search.fit(X, y);
  const results = search.cvResults_ as unknown as Readonly<Record<string, Float64Array>>;
  for (const [key, expected] of Object.entries(values.grid)) {
    close(results[ours(key)] as Float64Array, expected, 1e-9, key);
  }
  const params = search.cvResults_["params"] as readonly { alpha: number; fitIntercept: boolean }[];
  assert.equal(
    params.map(({ alpha, fitIntercept }) => [alpha, fitIntercept]),
    values.gridParams,
  );
  const [index, score, alpha, fitIntercept] = values.best;
  assert.is(search.bestIndex_, index);
  close([search.bestScore_], [score], 1e-9, "bestScore_");
  assert.equal(search.bestParams_, { alpha, fitIntercept });
});

test("GridSearchCV of a pipeline with two metrics, of which one decides", async () => {
  const [X, y] = await loadBreastCancer({ returnXy: true });
  const search = new GridSearchCV({
    estimator: makePipeline(new StandardScaler(), new LogisticRegression({ tol: 1e-10, maxIter: 1000 })),
    paramGrid: { logisticRegression__C: [0.01, 1, 100] },
    scoring: { ap: "averagePrecision", loss: "negLogLoss" },
    refit: "ap",
    cv: 3,
  });
  await search.fit(X, y);
  const results = search.cvResults_ as unknown as Readonly<Record<string, Float64Array>>;
  for (const [key, expected] of Object.entries(values.search)) {
    close(results[ours(key)] as Float64Array, expected, 1e-5, key); // optima of C = 100 differ in the seventh digit
  }
  const [index, score, onAll] = values.searchBest;
  assert.is(search.bestIndex_, index);
  close([search.bestScore_, await search.score(X, y)], [score, onAll], 1e-6, "scores");
});

test("learningCurve and validationCurve", async () => {
  const [X, y] = await loadDiabetes({ returnXy: true });
  const [sizes, train, held] = values.learning;
  const curve = await learningCurve(new Ridge(), X, y, { cv: 3, trainSizes: [0.1, 0.5, 1] });
  assert.equal(Array.from(curve.trainSizes), sizes);
  close(curve.trainScores.data, train.flat(), 1e-9, "train");
  close(curve.testScores.data, held.flat(), 1e-9, "test");
  const validation = await validationCurve(new Ridge(), X, y, {
    paramName: "alpha",
    paramRange: [0.1, 1, 10],
    cv: 4,
    scoring: "negMeanAbsoluteError",
  });
  close(validation.trainScores.data, values.validation[0].flat(), 1e-9, "train");
  close(validation.testScores.data, values.validation[1].flat(), 1e-9, "test");
  const drawn = await learningCurve(new Ridge(), X, y, { cv: 3, shuffle: true, randomState: 0, trainSizes: [40, 200] });
  const again = await learningCurve(new Ridge(), X, y, {
    cv: 3,
    shuffle: true,
    randomState: 0,
    trainSizes: [200, 40, 40],
  });
  assert.equal(drawn.testScores, again.testScores);
  assert.ok(drawn.testScores.at(0, 0) !== curve.testScores.at(0, 0));
  await learningCurve(new Ridge(), X, y, { trainSizes: [2000] }).then(
    () => assert.unreachable("not refused"),
    (error: Error) => assert.match(error.message, /asks for 2000 rows, but there are 353/),
  );
});

test.run();
