import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  AdaBoostClassifier,
  BaggingClassifier,
  BaggingRegressor,
  GaussianNB,
  KFold,
  LinearRegression,
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  LogisticRegression,
  Matrix,
  MinMaxScaler,
  Ridge,
  RidgeClassifier,
  StackingClassifier,
  StackingRegressor,
  StandardScaler,
  TransformedTargetRegressor,
  VotingClassifier,
  VotingRegressor,
  type Member,
  type TransformedTargetRegressorParams,
} from "../../src/index.js";

// Ensembles of estimators beside scikit-learn's (make_meta_ensembles.py).

const values = JSON.parse(readFileSync("test/parity/meta_ensembles.json", "utf8")) as {
  voting: [string, string[], object, number[], number[] | null, number[], string[]][];
  averaging: [string[], object, number[], number[], string[], number][];
  stacking: [string, string[], object, number | "KFold", string[], number[], number[], string[]][];
  regressing: [string[], object, number[], number[], string[], number][];
  prefit: number[];
  targets: number[][];
  bagging: [number[], number[]];
  adaboost: [string, string, object, number[], number[], number[], number[], number[], number[] | null][];
};

const MODELS: Readonly<Record<string, () => Member>> = {
  logistic: () => new LogisticRegression({ tol: 1e-10, maxIter: 1000 }),
  bayes: () => new GaussianNB(),
  margin: () => new RidgeClassifier(),
  ridge: () => new Ridge(),
  linear: () => new LinearRegression(),
  strong: () => new Ridge({ alpha: 10 }),
  drop: () => "drop",
};
const members = (names: readonly string[]) => names.map((name) => [name, (MODELS[name] as () => Member)()] as const);

async function dataOf(name: string): Promise<[Matrix, Float64Array]> {
  if (name === "diabetes") return loadDiabetes({ returnXy: true });
  if (name === "iris") return loadIris({ returnXy: true });
  const [X, y] = await loadBreastCancer({ returnXy: true });
  const Z = await new StandardScaler().fitTransform(X);
  return [Matrix.from(Z.toArray().map((row) => Array.from(row).slice(0, 6))), y];
}

/** Every seventh row, as the script keeps them. */
function some(table: unknown): number[] {
  const rows = table instanceof Matrix ? table.toArray() : Array.from(table as ArrayLike<number>, (x) => [x]);
  return rows.filter((_, i) => i % 7 === 0).flatMap((row) => Array.from(row));
}

function close(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const got = actual[i] as number;
    assert.ok(
      Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value)),
      `${what}[${i}]: ${got} is not ${value}`,
    );
  });
}

values.voting.forEach(([data, names, params, predicted, proba, transformed, featureNames], k) => {
  test(`VotingClassifier (${k}) of ${names.join(", ")} on ${data}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf(data);
    const model = await new VotingClassifier({ estimators: members(names), ...params }).fit(X, y);
    assert.equal(Array.from((await model.predict(X)) as Float64Array), predicted);
    if (proba === null) assert.is(model.predictProba, undefined);
    else close(some(await model.predictProba(X)), proba, 1e-6, "probabilities");
    close(some(await model.transform(X)), transformed, 1e-6, "transform");
    assert.equal(model.getFeatureNamesOut(), featureNames);
  });
});

values.averaging.forEach(([names, params, predicted, transformed, featureNames, score]) => {
  test(`VotingRegressor of ${names.join(", ")}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf("diabetes");
    const model = await new VotingRegressor({ estimators: members(names), ...params }).fit(X, y);
    close(some(await model.predict(X)), predicted, 1e-9, "predictions");
    close(some(await model.transform(X)), transformed, 1e-9, "transform");
    assert.equal(model.getFeatureNamesOut(), featureNames);
    close([await model.score(X, y)], [score], 1e-9, "score");
  });
});

const METHODS: Readonly<Record<string, string>> = {
  predict_proba: "predictProba",
  decision_function: "decisionFunction",
  predict: "predict",
};

values.stacking.forEach(([data, names, params, cv, methods, transformed, proba, featureNames], k) => {
  test(`StackingClassifier (${k}) of ${names.join(", ")} on ${data}: ${JSON.stringify(params)}, cv ${cv}`, async () => {
    const [X, y] = await dataOf(data);
    const model = await new StackingClassifier({
      estimators: members(names),
      finalEstimator: new LogisticRegression({ tol: 1e-10, maxIter: 5000 }),
      cv: cv === "KFold" ? new KFold({ nSplits: 4 }) : cv,
      ...params,
    }).fit(X, y);
    assert.equal(
      model.stackMethod_,
      methods.map((method) => METHODS[method]),
    );
    close(some(await model.transform(X)), transformed, 1e-6, "transform");
    close(some(await model.predictProba(X)), proba, 1e-5, "probabilities");
    assert.equal(model.getFeatureNamesOut(), featureNames);
  });
});

values.regressing.forEach(([names, params, predicted, transformed, featureNames, score]) => {
  test(`StackingRegressor of ${names.join(", ")}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf("diabetes");
    const cv = new KFold({ nSplits: 4 });
    const model = await new StackingRegressor({ estimators: members(names), cv, ...params }).fit(X, y);
    close(some(await model.predict(X)), predicted, 1e-7, "predictions");
    close(some(await model.transform(X)), transformed, 1e-9, "transform");
    assert.equal(model.getFeatureNamesOut(), featureNames);
    close([await model.score(X, y)], [score], 1e-9, "score");
  });
});

test("StackingRegressor of fitted estimators", async () => {
  const [X, y] = await dataOf("diabetes");
  const estimators = [
    ["ridge", await new Ridge().fit(X, y)],
    ["linear", await new LinearRegression().fit(X, y)],
  ] as const;
  const model = new StackingRegressor({ estimators, finalEstimator: new Ridge({ alpha: 0.5 }), cv: "prefit" });
  close(some(await (await model.fit(X, y)).predict(X)), values.prefit, 1e-9, "predictions");
});

test("TransformedTargetRegressor: nothing, functions, a scaler, two targets", async () => {
  const [X, y] = await dataOf("diabetes");
  const two = Matrix.from(Array.from(y, (value) => [value, Math.sqrt(value)]));
  const cases: [Partial<TransformedTargetRegressorParams>, Float64Array | Matrix][] = [
    [{}, y],
    [{ regressor: new Ridge(), func: Math.log1p, inverseFunc: Math.expm1 }, y],
    [{ regressor: new Ridge(), transformer: new MinMaxScaler() }, y],
    [{ regressor: new LinearRegression(), transformer: new StandardScaler() }, two],
  ];
  for (const [k, [params, target]] of cases.entries()) {
    const model = await new TransformedTargetRegressor(params).fit(X, target);
    close(some(await model.predict(X)), values.targets[k] as number[], 1e-9, `case ${k}`);
  }
});

test("bagging of all rows: what follows the drawing", async () => {
  const all = { nEstimators: 3, bootstrap: false };
  const [X, y] = await dataOf("iris");
  const model = await new BaggingClassifier({ estimator: new GaussianNB(), ...all }).fit(X, y);
  close(some(await model.predictProba(X)), values.bagging[0], 1e-9, "probabilities");
  const [Z, t] = await dataOf("diabetes");
  const regressor = await new BaggingRegressor({ estimator: new Ridge(), ...all }).fit(Z, t);
  close(some(await regressor.predict(Z)), values.bagging[1], 1e-9, "predictions");
});

values.adaboost.forEach(([data, name, params, weights, errors, proba, decision, staged, importances]) => {
  test(`AdaBoostClassifier of ${name} on ${data}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf(data);
    const estimator = name === "stump" ? null : (members([name])[0]?.[1] as Exclude<Member, "drop">);
    const sampleWeight = name === "bayes" ? y.map((_, i) => 1 + (i % 3)) : undefined;
    const model = await new AdaBoostClassifier({ estimator, randomState: 0, ...params }).fit(X, y, { sampleWeight });
    close(Array.from(model.estimatorErrors_), errors, 1e-6, "errors");
    close(Array.from(model.estimatorWeights_), weights, 1e-5, "weights");
    close(some(await model.predictProba(X)), proba, 1e-6, "probabilities");
    close(some(await model.decisionFunction(X)), decision, 1e-6, "decision values");
    const scores: number[] = [];
    for await (const score of model.stagedScore(X, y)) scores.push(score);
    close(scores, staged, 1e-12, "staged scores");
    if (importances !== null) close(Array.from(model.featureImportances_), importances, 1e-9, "importances");
  });
});

test.run();
