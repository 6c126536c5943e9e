import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  exportText,
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  loadWine,
  Matrix,
  type Tree,
} from "../../src/index.js";

interface Arrays {
  readonly feature: readonly number[];
  readonly threshold: readonly (number | "inf")[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly missingLeft: readonly number[];
  readonly impurity: readonly number[];
  readonly nRows: readonly number[];
  readonly weight: readonly number[];
  readonly values: readonly number[];
}
interface Case {
  readonly estimator: "DecisionTreeClassifier" | "DecisionTreeRegressor";
  readonly data: keyof typeof LOADERS;
  readonly params: Readonly<Record<string, unknown>>;
  readonly missing: number | null;
  readonly weighted: boolean;
  readonly tree: Arrays;
  readonly importances: readonly number[];
  readonly text: string;
  readonly score: number;
  readonly path?: { readonly ccpAlphas: readonly number[]; readonly impurities: readonly number[] };
}
const LOADERS = { iris: loadIris, wine: loadWine, breastCancer: loadBreastCancer, diabetes: loadDiabetes };
const sklearn = JSON.parse(readFileSync("test/parity/tree.json", "utf8")) as {
  cases: Case[];
  twoTargets: Record<"squaredError" | "absoluteError", Arrays>;
};

function close(actual: ArrayLike<number>, expected: readonly (number | "inf")[], relative: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((given, i) => {
    const value = given === "inf" ? Infinity : given;
    const own = actual[i] as number;
    const near = own === value || Math.abs(own - value) <= relative * Math.max(1e-3, Math.abs(value));
    assert.ok(near, `${what}[${i}]: ${own}, scikit-learn's is ${value}`);
  });
}

function same(tree: Tree, expected: Arrays): void {
  assert.equal(Array.from(tree.feature), expected.feature, "features");
  assert.equal(Array.from(tree.childrenLeft), expected.left, "left children");
  assert.equal(Array.from(tree.childrenRight), expected.right, "right children");
  assert.equal(Array.from(tree.nNodeSamples), expected.nRows, "rows");
  assert.equal(Array.from(tree.missingGoToLeft), expected.missingLeft, "sides of missing values");
  // scikit-learn's trees see values as float32
  close(tree.threshold, expected.threshold, 1e-5, "threshold");
  close(tree.impurity, expected.impurity, 1e-7, "impurity");
  close(tree.weightedNNodeSamples, expected.weight, 1e-9, "weight");
  close(tree.value.data, expected.values, 1e-8, "value");
}

/** The same words, and the same numbers but for the last digit: thresholds in float32 may round to another. */
function sameText(own: string, expected: string): void {
  const number = /-?\d+\.\d+/g;
  assert.is(own.replace(number, "#"), expected.replace(number, "#"));
  const numbers = (text: string): number[] => (text.match(number) ?? []).map(Number);
  const theirs = numbers(expected);
  numbers(own).forEach((x, i) => assert.ok(Math.abs(x - (theirs[i] as number)) < 0.0101, `${x}, ${theirs[i]}`));
}

const COLUMNS = { iris: [0, 3], wine: [0, 6, 9, 12], breastCancer: [1, 4, 7, 21, 27], diabetes: [2, 3, 8, 9] };

/** Cells that make_tree.py makes missing. */
function withHoles(X: Matrix, seed: number): Matrix {
  const holed = new Matrix(Float64Array.from(X.data), [X.rows, X.cols]);
  for (let i = 0; i < X.rows; i++) {
    for (let j = 0; j < X.cols; j++) if ((i * 31 + j * 17 + seed) % 7 === 0) holed.data[i * X.cols + j] = NaN;
  }
  return holed;
}

for (const given of sklearn.cases) {
  const { estimator, data, params, missing, weighted } = given;
  const how = `${missing === null ? "" : ", missing values"}${weighted ? ", weights" : ""}`;
  test(`${estimator} on ${data}, ${JSON.stringify(params)}${how}: the tree is scikit-learn's`, async () => {
    const { data: all, target } = await LOADERS[data]();
    const X = Matrix.from(all.toArray().map((row) => COLUMNS[data].map((j) => row[j] as number)));
    const y = Array.from(target as ArrayLike<number>);
    const table = missing === null ? X : withHoles(X, missing);
    const sampleWeight = weighted ? y.map((_, i) => 1 + ((i * 7) % 5) / 4) : undefined;
    const classes = estimator === "DecisionTreeClassifier";
    const model = classes ? new DecisionTreeClassifier(params) : new DecisionTreeRegressor(params);
    await model.fit(table, y, { sampleWeight });
    same(model.tree_, given.tree);
    close(model.featureImportances_, given.importances, 1e-6, "importances");
    assert.ok(Math.abs((await model.score(table, y)) - given.score) < 1e-9);
    const names = { featureNames: Array.from({ length: X.cols }, (_, j) => `feature_${j}`) };
    const classNames = classes ? { classNames: (model as DecisionTreeClassifier).classes_ } : {};
    const spelt =
      "classNames" in classNames ? { classNames: Array.from(classNames.classNames as Float64Array, String) } : {};
    sameText(exportText(model, { ...names, ...spelt }), given.text);
    if (given.path === undefined) return;
    const path = await model.costComplexityPruningPath(table, y);
    close(path.ccpAlphas, given.path.ccpAlphas, 1e-6, "ccpAlphas");
    close(path.impurities, given.path.impurities, 1e-6, "impurities");
  });
}

for (const criterion of ["squaredError", "absoluteError"] as const) {
  test(`a regression tree of two targets is scikit-learn's, ${criterion}`, async () => {
    const { data: X, target } = await loadDiabetes();
    const y = Array.from(target as Float64Array);
    const both = y.map((value, i) => [value, X.at(i, 2) * 1000 + value / 2]);
    const some = y.map((_, i) => [0, 3, 5, 8].map((j) => X.at(i, j)));
    const model = await new DecisionTreeRegressor({ criterion, maxDepth: 4 }).fit(some, both);
    same(model.tree_, sklearn.twoTargets[criterion]);
    const predicted = (await model.predict(some)) as unknown as Matrix;
    assert.equal(predicted.shape, [y.length, 2]);
  });
}

test.run();
