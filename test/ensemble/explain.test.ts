import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  Matrix,
  type TreeNode,
} from "../../src/index.js";
import { randomUniform } from "../../src/base/random.js";

const ROWS = 900;
const COLS = 6;

/** Numbers with missing values, steps and an interaction; the last column is used by nobody. */
function table(rows: number): { X: Matrix<Float64Array>; y: Float64Array } {
  const data = new Float64Array(rows * COLS);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < COLS - 1; j++) {
      const u = randomUniform(5, j, i);
      data[i * COLS + j] = j === 1 ? Math.floor(5 * u) : j === 2 && u < 0.15 ? NaN : u;
    }
    const x = (j: number): number => data[i * COLS + j] as number;
    y[i] = x(0) * x(1) + (Number.isNaN(x(2)) ? 2 : x(2)) - 3 * Math.abs(x(3) - 0.5) + 0.1 * x(4);
  }
  return { X: new Matrix(data, [rows, COLS]), y };
}

const { X, y } = table(ROWS);
const few = new Matrix(X.data.slice(0, 40 * COLS), [40, COLS]);
const classes = y.map((value) => Number(value > 1) + Number(value > 3));
const regressor = await new HistGradientBoostingRegressor({ maxIter: 12, maxLeafNodes: 9, minSamplesLeaf: 5 }).fit(
  X,
  y,
);
const binary = await new HistGradientBoostingClassifier({ maxIter: 9, maxLeafNodes: 7 }).fit(
  X,
  classes.map((code) => Math.min(code, 1)),
);
const multi = await new HistGradientBoostingClassifier({ maxIter: 5, maxLeafNodes: 6 }).fit(X, classes);
type Model = HistGradientBoostingRegressor | HistGradientBoostingClassifier;

function allTrees(model: Model): TreeNode[][] {
  return Array.from({ length: model.nIter_ * model.nTreesPerIteration_ }, (_, t) => model.treeNodes(t));
}

function goesLeft(node: TreeNode, x: number): boolean {
  return Number.isNaN(x) ? node.missingLeft === true : x <= (node.threshold as number);
}

function leafOf(tree: TreeNode[], row: Float64Array): TreeNode {
  let node = tree[0] as TreeNode;
  while (node.feature !== undefined) {
    node = tree[(goesLeft(node, row[node.feature] as number) ? node.left : node.right) as number] as TreeNode;
  }
  return node;
}

/** The value of a coalition of features (a bit each): outside it both sides of a split count, by their training rows. */
function worth(tree: TreeNode[], row: Float64Array, members: number, at = 0): number {
  const node = tree[at] as TreeNode;
  if (node.feature === undefined) return node.value;
  const [left, right] = [node.left as number, node.right as number];
  if ((members >> node.feature) & 1) {
    return worth(tree, row, members, goesLeft(node, row[node.feature] as number) ? left : right);
  }
  const share = (tree[left] as TreeNode).count / node.count;
  return share * worth(tree, row, members, left) + (1 - share) * worth(tree, row, members, right);
}

/** The raw prediction of every coalition, for one output. */
function worths(model: Model, output: number, row: Float64Array): number[] {
  const trees = allTrees(model).filter((_, t) => t % model.nTreesPerIteration_ === output);
  return Array.from({ length: 2 ** COLS }, (_, members) =>
    trees.reduce((sum, tree) => sum + worth(tree, row, members), model.baseline_[output] as number),
  );
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const bits = (n: number): number => (n === 0 ? 0 : (n & 1) + bits(n >> 1));

function naiveValue(v: number[], i: number): number {
  let sum = 0;
  for (let s = 0; s < v.length; s++) {
    if ((s >> i) & 1) continue;
    const weight = (factorial(bits(s)) * factorial(COLS - bits(s) - 1)) / factorial(COLS);
    sum += weight * ((v[s | (1 << i)] as number) - (v[s] as number));
  }
  return sum;
}

function naiveInteraction(v: number[], i: number, j: number): number {
  let sum = 0;
  for (let s = 0; s < v.length; s++) {
    if ((s >> i) & 1 || (s >> j) & 1) continue;
    const weight = (factorial(bits(s)) * factorial(COLS - bits(s) - 2)) / (2 * factorial(COLS - 1));
    const [both, a, b] = [s | (1 << i) | (1 << j), s | (1 << i), s | (1 << j)].map((k) => v[k] as number);
    sum += weight * ((both as number) - (a as number) - (b as number) + (v[s] as number));
  }
  return sum;
}

function near(actual: number | undefined, expected: number, message: string): void {
  assert.ok(Math.abs((actual as number) - expected) <= 1e-9, `${message}: ${actual} instead of ${expected}`);
}

for (const [name, model] of Object.entries({ regressor, binary, multi })) {
  const nOutputs = model.nTreesPerIteration_;
  const raw = async (Z: Matrix): Promise<Float64Array> => {
    if (model instanceof HistGradientBoostingRegressor) return model.predict(Z);
    const values = await model.decisionFunction(Z);
    return values instanceof Matrix ? values.data : values;
  };

  test(`${name}: Shapley values are those of all coalitions, one by one`, async () => {
    const values = await model.shapValues(few);
    assert.equal(values.shape, [40, nOutputs * (COLS + 1)]);
    for (const r of [0, 1, 17, 39]) {
      for (let k = 0; k < nOutputs; k++) {
        const v = worths(model, k, few.row(r));
        for (let j = 0; j < COLS; j++)
          near(values.at(r, k * (COLS + 1) + j), naiveValue(v, j), `row ${r}, feature ${j}`);
        near(values.at(r, k * (COLS + 1) + COLS), v[0] as number, `row ${r}: the mean`);
      }
    }
  });

  test(`${name}: interaction values are those of all coalitions, symmetric, and add up to the Shapley values`, async () => {
    const [values, pairs] = [await model.shapValues(few), await model.shapInteractionValues(few)];
    const width = COLS + 1;
    assert.equal(pairs.shape, [40, nOutputs * width * width]);
    for (const r of [0, 3, 39]) {
      for (let k = 0; k < nOutputs; k++) {
        const v = worths(model, k, few.row(r));
        const at = (i: number, j: number): number => pairs.at(r, (k * width + i) * width + j);
        for (let i = 0; i < COLS; i++) {
          let sum = 0;
          for (let j = 0; j < COLS; j++) {
            sum += at(i, j);
            assert.is(at(i, j), at(j, i));
            if (i !== j) near(at(i, j), naiveInteraction(v, i, j), `row ${r}, features ${i} and ${j}`);
          }
          near(sum, values.at(r, k * width + i), `row ${r}, feature ${i}`);
        }
      }
    }
  });

  test(`${name}: Shapley values add up to the raw prediction, and are the same bits for any nJobs and type`, async () => {
    const values = await model.shapValues(X);
    const predicted = await raw(X);
    for (let i = 0; i < ROWS; i++) {
      for (let k = 0; k < nOutputs; k++) {
        const own = values.row(i).subarray(k * (COLS + 1), (k + 1) * (COLS + 1));
        near(
          own.reduce((a, b) => a + b, 0),
          predicted[i * nOutputs + k] as number,
          `row ${i}`,
        );
      }
    }
    for (const nJobs of [1, 3]) {
      model.setParams({ nJobs });
      assert.equal(await model.shapValues(X), values);
    }
    model.setParams({ nJobs: null });
    const mean = await model.shapImportances(few);
    const expected = new Float64Array(COLS);
    const part = await model.shapValues(few);
    for (let r = 0; r < 40; r++) {
      for (let k = 0; k < nOutputs; k++) {
        for (let j = 0; j < COLS; j++) {
          expected[j] = (expected[j] as number) + Math.abs(part.at(r, k * (COLS + 1) + j)) / 40;
        }
      }
    }
    mean.forEach((value, j) => near(value, expected[j] as number, `feature ${j}`));
    assert.is(mean[COLS - 1], 0);
  });

  test(`${name}: apply gives the leaf that a walk through the nodes ends in`, async () => {
    const leaves = await model.apply(X);
    const trees = allTrees(model);
    assert.equal(leaves.shape, [ROWS, trees.length]);
    for (let i = 0; i < ROWS; i += 7) {
      assert.equal(
        Array.from(leaves.row(i)),
        trees.map((tree) => leafOf(tree, X.row(i)).leaf),
      );
    }
  });

  test(`${name}: a row predicts what it predicts in a table, bit for bit, from any array, into any array`, async () => {
    const expected = await (model instanceof HistGradientBoostingRegressor
      ? model.predict(few)
      : model.predictProba(few));
    const table = expected instanceof Matrix ? expected : new Matrix(expected, [40, 1]);
    for (let r = 0; r < 40; r++) {
      const row = few.row(r);
      const numbers = Array.from(row);
      if (model instanceof HistGradientBoostingRegressor) {
        assert.equal([model.predictSync(row), model.predictSync(numbers)], [table.at(r, 0), table.at(r, 0)]);
        assert.is(
          model.predictSync(Float32Array.from(row)),
          model.predictSync([Array.from(Float32Array.from(row))])[0],
        );
      } else {
        const out = new Float64Array(table.cols);
        assert.is(model.predictProbaSync(row, out), out);
        assert.equal([out, model.predictProbaSync(numbers)], [table.row(r), table.row(r)]);
        assert.is(model.predictSync(row), ((await model.predict([numbers])) as Float64Array)[0]);
      }
    }
  });

  test(`${name}: importances count splits and gains of the nodes there are`, async () => {
    const splits = new Float64Array(COLS);
    const gains = new Float64Array(COLS);
    for (const node of allTrees(model).flat()) {
      if (node.feature === undefined) continue;
      splits[node.feature] = (splits[node.feature] as number) + 1;
      gains[node.feature] = (gains[node.feature] as number) + node.gain;
    }
    assert.equal(model.importances(), splits);
    assert.equal(model.importances({ type: "gain" }), gains);
    near(
      model.featureImportances_.reduce((a, b) => a + b, 0),
      1,
      "the sum",
    );
    assert.is(model.featureImportances_[COLS - 1], 0);
    assert.throws(() => model.importances({ type: "weight" as "gain" }), /type must be "split" or "gain"/);
  });

  test(`${name}: trees_ is the nodes of all trees as an Arrow table`, async () => {
    const rows = allTrees(model).flatMap((tree, t) => tree.map((node) => ({ tree: t, ...node })));
    const table = await model.trees_;
    assert.is(table.numRows, rows.length);
    assert.equal(
      table.schema.fields.map((field) => field.name),
      "tree node depth feature featureName threshold categories left right missingLeft value values intercept slopes gain count leaf".split(
        " ",
      ),
    );
    for (const i of [0, 1, 5, rows.length - 1]) {
      const row = rows[i] as TreeNode & { tree: number };
      for (const [key, value] of Object.entries(row))
        if (key !== "linear") assert.is(table.getChild(key)?.get(i) ?? undefined, value, key);
    }
    for (const tree of allTrees(model)) {
      for (const node of tree) {
        if (node.feature === undefined) continue;
        const children = [node.left, node.right].map((child) => tree[child as number] as TreeNode);
        assert.is(node.count, (children[0] as TreeNode).count + (children[1] as TreeNode).count);
        assert.ok(children.every((child) => child.depth === node.depth + 1));
      }
    }
  });
}

test("rows of a wrong length or type, and arrays without room, are refused", () => {
  assert.throws(() => regressor.predictSync([1, 2]), /the row has 2 values, but the model is expecting 6 features/);
  assert.throws(
    () => regressor.predictSync([1, "2", 3, 4, 5, 6] as unknown as number[]),
    /value 1 of the row must be a number \(NaN: missing\), got "2"/,
  );
  assert.throws(() => binary.predictProbaSync(few.row(0), new Float64Array(3)), /out must have 2 places/);
  assert.throws(() => regressor.treeNodes(12), /tree must be in 0 … 11, got 12/);
  assert.throws(() => new HistGradientBoostingRegressor().treeNodes(0), /call fit first/);
});

test("a model of one class predicts it for a row too", async () => {
  const model = await new HistGradientBoostingClassifier({ maxIter: 2 }).fit(X, new Float64Array(ROWS).fill(7));
  assert.equal([model.predictSync(few.row(0)), model.predictProbaSync(few.row(0))], [7, new Float64Array([1])]);
});

test("trees without a split: all of the prediction is the mean", async () => {
  const model = await new HistGradientBoostingRegressor({ maxIter: 3, minSamplesLeaf: ROWS }).fit(X, y);
  const values = await model.shapValues(few);
  const predicted = await model.predict(few);
  for (let r = 0; r < 40; r++) {
    assert.equal(Array.from(values.row(r).subarray(0, COLS)), new Array(COLS).fill(0));
    near(values.at(r, COLS), predicted[r] as number, `row ${r}`);
  }
  assert.equal(model.featureImportances_, new Float64Array(COLS));
  assert.equal((await model.apply(few)).data, new Float32Array(120));
  assert.is((await model.shapValues(new Matrix(new Float64Array(0), [0, COLS]))).rows, 0);
});

test.run();
