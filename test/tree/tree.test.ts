import { DecisionTreeClassifier as CartClassifier } from "ml-cart";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  exportText,
  ExtraTreeRegressor,
  RandomForestRegressor,
  loadDiabetes,
  loadIris,
  Matrix,
  plotTree,
  withConfig,
} from "../../src/index.js";
import { errorOf } from "../contract/estimators.js";

const iris = await loadIris();
const species = iris.target as Float64Array;

test("the tree of one feature is ml-cart's", async () => {
  const X = iris.data.toArray().map((row) => [row[3] as number]);
  const theirs = new CartClassifier({ gainFunction: "gini", maxDepth: 2, minNumSamples: 1 });
  theirs.train(X, Array.from(species));
  const ours = await new DecisionTreeClassifier({ maxDepth: 2 }).fit(X, species);
  assert.equal(Array.from((await ours.predict(X)) as Float64Array), theirs.predict(X));
});

test("apply and decisionPath agree with the tree's arrays", async () => {
  const model = await new DecisionTreeClassifier({ maxDepth: 4 }).fit(iris.data, species);
  const { tree_ } = model;
  const leaves = await model.apply(iris.data);
  const paths = await model.decisionPath(iris.data);
  assert.equal(paths.shape, [150, tree_.nodeCount]);
  leaves.forEach((leaf, i) => {
    let node = 0;
    const path = [0];
    while (tree_.childrenLeft[node] !== -1) {
      const goesLeft = iris.data.at(i, tree_.feature[node] as number) <= (tree_.threshold[node] as number);
      node = (goesLeft ? tree_.childrenLeft : tree_.childrenRight)[node] as number;
      path.push(node);
    }
    assert.is(leaf, node);
    assert.equal(Array.from(paths.indices.slice(paths.indptr[i], paths.indptr[i + 1])), path);
  });
  assert.is(model.getDepth(), 4);
  assert.is(model.getNLeaves(), new Set(leaves).size);
});

test("predictions at once are those of predict", async () => {
  const model = await new DecisionTreeClassifier().fit(iris.data, species);
  assert.equal(model.predictSync(iris.data), await model.predict(iris.data));
  assert.equal(model.predictProbaSync(iris.data).data, (await model.predictProba(iris.data)).data);
});

test("a missing value goes where it helps; all missing is constant", async () => {
  const X = [
    [1, NaN],
    [2, NaN],
    [3, NaN],
    [NaN, NaN],
    [NaN, NaN],
  ];
  const left = await new DecisionTreeClassifier({ maxDepth: 1 }).fit(X, [0, 0, 1, 0, 0]);
  assert.equal(Array.from(left.tree_.missingGoToLeft), [1, 0, 0]);
  assert.is(left.tree_.threshold[0], 2.5);
  const apart = await new DecisionTreeClassifier({ maxDepth: 1 }).fit(X, [0, 0, 0, 1, 1]);
  assert.is(apart.tree_.threshold[0], Infinity);
  assert.equal(
    Array.from(
      (await apart.predict([
        [7, 0],
        [NaN, 0],
      ])) as Float64Array,
    ),
    [0, 1],
  );
  assert.match(exportText(apart), /feature_0 <= inf/);
});

test("one row, one class and constant columns make a tree of a leaf", async () => {
  const one = await new DecisionTreeRegressor().fit([[1, 2]], [5]);
  assert.is(one.tree_.nodeCount, 1);
  assert.equal(await one.predict([[9, 9]]), Float64Array.of(5));
  const same = await new DecisionTreeClassifier().fit([[1], [1], [1]], ["a", "b", "b"]);
  assert.is(same.tree_.nodeCount, 1);
  assert.equal(await same.predict([[0]]), ["b"]);
  assert.equal(Array.from(same.featureImportances_), [0]);
  const sole = await new DecisionTreeClassifier().fit([[1], [2]], [3, 3]);
  assert.equal(sole.classes_, Float64Array.of(3));
});

test("the tree does not depend on threads, bins beside", async () => {
  const rows = 30_000;
  const X = new Matrix(
    Float64Array.from(
      { length: rows * 4 },
      (_, i) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453),
    ),
    [rows, 4],
  );
  const y = Float64Array.from({ length: rows }, (_, i) => X.at(i, 0) * 3 + X.at(i, 1) ** 2 + X.at(i, 2) / 9);
  const fit = (nJobs: number) => withConfig({ nJobs }, () => new DecisionTreeRegressor({ maxDepth: 9 }).fit(X, y));
  const [one, four] = [await fit(1), await fit(4)];
  assert.equal(one.tree_, four.tree_);
  assert.ok(one.tree_.nodeCount > 500);
});

test("random splits lie between the values they part, and depend on the seed", async () => {
  const { data: X, target } = await loadDiabetes();
  const fit = (randomState: number) =>
    new ExtraTreeRegressor({ randomState, maxDepth: 3 }).fit(X, target as Float64Array);
  const [a, again, b] = [await fit(1), await fit(1), await fit(2)];
  assert.equal(a.tree_, again.tree_);
  assert.not.equal(Array.from(a.tree_.threshold), Array.from(b.tree_.threshold));
  const [feature, threshold] = [a.tree_.feature[0] as number, a.tree_.threshold[0] as number];
  const column = Array.from({ length: X.rows }, (_, i) => X.at(i, feature));
  assert.ok(threshold >= Math.min(...column) && threshold < Math.max(...column));
  assert.is(a.tree_.nNodeSamples[a.tree_.childrenLeft[0] as number], column.filter((x) => x <= threshold).length);
});

test("values keep to monotonic constraints", async () => {
  const { data: X, target } = await loadDiabetes();
  const y = target as Float64Array;
  const monotonicCst = [0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
  const model = await new DecisionTreeRegressor({ monotonicCst, maxDepth: 6 }).fit(X, y);
  for (const i of [0, 50, 100, 200]) {
    const rows = Array.from({ length: 60 }, (_, k) =>
      Array.from(X.row(i)).map((x, j) => (j === 2 ? -0.1 + k / 250 : x)),
    );
    const predicted = await model.predict(rows);
    assert.ok(predicted.every((value, k) => k === 0 || value >= (predicted[k - 1] as number)));
  }
});

test("pictures have a box a node, texts can show weights and be cut", async () => {
  const model = await new DecisionTreeClassifier({ maxDepth: 3 }).fit(iris.data, species);
  const svg = plotTree(model, { featureNames: ["a", "b", "c & d", "e"], classNames: ["x", "y", "z"] });
  assert.is((svg.match(/<rect /g) ?? []).length, model.tree_.nodeCount + 1);
  assert.match(svg, /c &amp; d|>e ≤/);
  assert.match(exportText(model, { showWeights: true }), /weights: \[50\.00, 0\.00, 0\.00\] class: 0/);
  assert.match(exportText(model, { maxDepth: 0 }), /truncated branch of depth 3/);
  assert.throws(() => exportText(model, { featureNames: ["a"] }), /featureNames must hold 4 names, got 1/);
  assert.throws(() => plotTree(model, { classNames: ["a"] }), /classNames must hold 3 names, one a class, got 1/);
  assert.throws(() => exportText({} as never), /expected a fitted decision tree/);
  assert.throws(() => exportText(new DecisionTreeClassifier()), /tree_ needs a fitted model/);
});

test("absoluteError: leaves are weighted medians, a weight of k is k equal rows, whatever the level of y", async () => {
  const { data: X, target } = await loadDiabetes();
  const y = Array.from(target as Float64Array, (value) => 1e9 + value);
  const rows = X.toArray();
  const sampleWeight = y.map((_, i) => (i * i) % 4);
  const copies = y.flatMap((_, i) => Array<number>(sampleWeight[i] as number).fill(i));
  for (const params of [{ maxDepth: 4 }, { maxDepth: 5, splitter: "random" as const, randomState: 3 }]) {
    const make = () => new DecisionTreeRegressor({ criterion: "absoluteError", ...params });
    const model = await make().fit(X, y, { sampleWeight });
    const repeated = await make().fit(
      copies.map((i) => rows[i] as number[]),
      copies.map((i) => y[i] as number),
    );
    assert.equal(model.tree_.threshold, repeated.tree_.threshold);
    assert.equal(model.tree_.value.data, repeated.tree_.value.data);
    const leaves = (await model.apply(X)) as ArrayLike<number>;
    for (const leaf of new Set(Array.from(leaves))) {
      const own = copies.filter((i) => leaves[i] === leaf).map((i) => y[i] as number);
      if (own.length === 0) continue; // only rows that weigh nothing
      own.sort((a, b) => a - b);
      const middle = own.length / 2;
      const [low, high] = [own[Math.ceil(middle) - 1] as number, own[Math.floor(middle)] as number];
      assert.is(model.tree_.value.data[leaf], (low + high) / 2);
    }
  }
});

test("absoluteError: one outlier does not move the prediction, a forest learns by it too", async () => {
  const X = Array.from({ length: 60 }, (_, i) => [i < 30 ? 0 : 1, i % 2]);
  const y = X.map(([side = 0], i) => (i === 7 ? 1e6 : 10 * side));
  const absolute = await new DecisionTreeRegressor({ criterion: "absoluteError", maxDepth: 1 }).fit(X, y);
  assert.equal(
    Array.from(
      await absolute.predict([
        [0, 0],
        [1, 1],
      ]),
    ),
    [0, 10],
  );
  const forest = new RandomForestRegressor({ criterion: "absoluteError", nEstimators: 9, maxDepth: 1, randomState: 0 });
  assert.equal(
    Array.from(
      await (
        await forest.fit(X, y)
      ).predict([
        [0, 0],
        [1, 1],
      ]),
    ),
    [0, 10],
  );
});

test("what does not fit is refused by name", async () => {
  const fit = (params: object, y: readonly number[] = [0, 1, 2]) =>
    errorOf(() => new DecisionTreeClassifier(params).fit([[1], [2], [3]], y));
  assert.match((await fit({ maxFeatures: 3 })).message, /maxFeatures is 3, but X has 1 features/);
  assert.match((await fit({ monotonicCst: [1, 0] })).message, /monotonicCst has 2 values, but X has 1 features/);
  assert.match((await fit({ monotonicCst: [1] })).message, /monotonicCst does not go with 3 classes/);
  const infinite = await errorOf(() => new DecisionTreeClassifier().fit([[1], [-Infinity]], [0, 1]));
  assert.match(infinite.message, /DecisionTreeClassifier.fit: X contains -Infinity in row 1, column 0/);
  const negative = await errorOf(() => new DecisionTreeRegressor({ criterion: "poisson" }).fit([[1], [2]], [1, -1]));
  assert.match(negative.message, /y must not be negative with criterion "poisson", got -1/);
});

test.run();
