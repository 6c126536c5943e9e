import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  KNeighborsClassifier,
  KNeighborsRegressor,
  KNNImputer,
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  loadWine,
  type Matrix,
  NearestNeighbors,
  RadiusNeighborsClassifier,
  RadiusNeighborsRegressor,
} from "../../src/index.js";

interface Case {
  readonly data: keyof typeof LOADERS;
  readonly params: object;
}
interface Search extends Case {
  readonly distances: number[][];
  readonly indices: number[][];
  readonly own: number[][];
  readonly radius: number;
  readonly counts: number[];
}
interface Classification extends Case {
  readonly predict: number[];
  readonly proba: number[][];
  readonly score: number;
}
interface Regression extends Case {
  readonly predict: number[];
  readonly two: number[][];
  readonly score: number;
  readonly scoreOfTwo: number;
}

const LOADERS = { breast_cancer: loadBreastCancer, diabetes: loadDiabetes, iris: loadIris, wine: loadWine };
const cases = JSON.parse(readFileSync(new URL("neighbors.json", import.meta.url), "utf8")) as {
  searches: Search[];
  classifiers: Classification[];
  regressors: Regression[];
  radii: { readonly predict: number[]; readonly proba: number[][]; readonly values: number[] }[];
  imputers: { readonly values: number[][] }[];
};

function near(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((want, i) => {
    const value = actual[i] as number;
    assert.ok(Math.abs(value - want) <= 1e-11 * Math.max(1, Math.abs(want)), `${what}[${i}]: ${value}, not ${want}`);
  });
}

/** Every third row is asked for, the others are learned. */
async function split(name: keyof typeof LOADERS): Promise<{ X: number[][]; y: number[]; A: number[][]; b: number[] }> {
  const { data, target } = await LOADERS[name]();
  const rows = data.toArray();
  const labels = Array.from(target as ArrayLike<number>);
  return {
    X: rows.filter((_, i) => i % 3 !== 0),
    y: labels.filter((_, i) => i % 3 !== 0),
    A: rows.filter((_, i) => i % 3 === 0),
    b: labels.filter((_, i) => i % 3 === 0),
  };
}

for (const { data, params, distances, indices, own, radius, counts } of cases.searches) {
  test(`NearestNeighbors ${data} ${JSON.stringify(params)}: distances and rows`, async () => {
    const { X, A } = await split(data);
    const search = await new NearestNeighbors(params).fit(X);
    const found = await search.kneighbors(A);
    distances.forEach((row, i) => near(found.distances.row(i), row, `distances of ${i}`));
    // Equally near rows change places by the last bit.
    indices.forEach((row, i) => {
      row.forEach((number, j) => {
        if (found.indices.at(i, j) === number) return;
        const at = Array.from(found.indices.row(i)).indexOf(number);
        const apart = at < 0 ? 0 : found.distances.at(i, at) - found.distances.at(i, j);
        assert.ok(Math.abs(apart) < 1e-11, `row ${i}, neighbour ${j}`);
      });
    });
    const among = await search.kneighbors();
    own.forEach((row, i) => near(among.distances.row(i), row, `own distances of ${i}`));
    const within = await search.radiusNeighbors(A, { radius });
    assert.equal(
      within.indices.map((row) => row.length),
      counts,
    );
  });
}

for (const { data, params, predict, proba, score } of cases.classifiers) {
  test(`KNeighborsClassifier ${data} ${JSON.stringify(params)}`, async () => {
    const { X, y, A, b } = await split(data);
    const model = await new KNeighborsClassifier(params).fit(X, y);
    assert.equal(await model.predict(A), Float64Array.from(predict));
    near((await model.predictProba(A)).data, proba.flat(), "proba");
    assert.is(await model.score(A, b), score);
  });
}

for (const { data, params, predict, two, score, scoreOfTwo } of cases.regressors) {
  test(`KNeighborsRegressor ${data} ${JSON.stringify(params)}: one target and two`, async () => {
    const { X, y, A, b } = await split(data);
    const model = await new KNeighborsRegressor(params).fit(X, y);
    near((await model.predict(A)) as Float64Array, predict, "predict");
    near([await model.score(A, b)], [score], "score");
    const pairs = X.map((row, i) => [y[i] as number, row[2] as number]);
    const both = await new KNeighborsRegressor(params).fit(X, pairs);
    near(((await both.predict(A)) as Matrix).data, two.flat(), "two targets");
    const truths = A.map((row, i) => [b[i] as number, row[2] as number]);
    near([await both.score(A, truths)], [scoreOfTwo], "score of two");
  });
}

const RADII = [
  { radius: 0.7, outlierLabel: 2 },
  { radius: 0.45, weights: "distance", outlierLabel: "mostFrequent" },
] as const;
cases.radii.forEach(({ predict, proba, values }, at) => {
  test(`RadiusNeighborsClassifier ${JSON.stringify(RADII[at])} and -Regressor`, async () => {
    const { X, y, A } = await split("iris");
    const model = await new RadiusNeighborsClassifier(RADII[at]).fit(X, y);
    assert.equal(await model.predict(A), Float64Array.from(predict));
    near((await model.predictProba(A)).data, proba.flat(), "proba");
    const radius = (RADII[at]?.radius ?? 0) + 2;
    const regressor = await new RadiusNeighborsRegressor({ radius }).fit(X, y);
    near((await regressor.predict(A)) as Float64Array, values, "values");
  });
});

const IMPUTERS = [
  {},
  { nNeighbors: 3, weights: "distance" },
  { nNeighbors: 1000, addIndicator: true },
  { keepEmptyFeatures: true },
] as const;
cases.imputers.forEach(({ values }, at) => {
  test(`KNNImputer ${JSON.stringify(IMPUTERS[at])}`, async () => {
    const X = (await loadDiabetes()).data.toArray().slice(0, 120);
    X.forEach((row, i) => {
      row.forEach((_, j) => {
        if ((7 * i + 3 * j + i * j) % 11 === 0 || i === 5 || j === 9) row[j] = NaN;
      });
    });
    const filled = await (await new KNNImputer(IMPUTERS[at]).fit(X.slice(0, 90))).transform(X);
    near(filled.data, values.flat(), "values");
  });
});

test.run();
