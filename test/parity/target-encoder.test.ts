import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  GroupKFold,
  KFold,
  LabelBinarizer,
  Matrix,
  MultiLabelBinarizer,
  StratifiedKFold,
  TargetEncoder,
  type Smooth,
} from "../../src/index.js";

// What scikit-learn's encoder of categories by their targets, and its binarizers, make of small tables
// (make_target_encoder.py).

type Cell = number | string | null;
const values = JSON.parse(readFileSync("test/parity/target_encoder.json", "utf8")) as {
  X: Cell[][];
  other: Cell[][];
  targets: Record<string, (number | string)[]>;
  groups: number[];
  cases: {
    kind: string;
    smooth: Smooth;
    crossed: number[][];
    known: number[][];
    other: number[][];
    means: number[];
    names: string[];
    encodings: number[][];
  }[];
  asked: number[][];
  grouped: number[][];
  labels: [object, (string | number | boolean)[], number[][]][];
  inverse: { scores: number[][]; labels: string[] };
  sets: { y: string[][]; table: number[][]; classes: string[] };
};

function same(actual: Matrix | ArrayLike<number>[], expected: number[][], what: string): void {
  const rows = actual instanceof Matrix ? actual.toArray() : actual;
  assert.equal([rows.length, rows[0]?.length], [expected.length, expected[0]?.length], what);
  expected.forEach((row, i) =>
    row.forEach((value, j) => {
      const got = rows[i]?.[j] as number;
      assert.ok(Math.abs(got - value) <= 1e-12, `${what} [${i}, ${j}]: ${got} is not ${value}`);
    }),
  );
}

for (const { kind, smooth, crossed, known, other, means, names, encodings } of values.cases) {
  test(`TargetEncoder of ${kind} targets, smooth ${smooth}`, async () => {
    const cv = kind === "continuous" ? new KFold({ nSplits: 4 }) : new StratifiedKFold({ nSplits: 4 });
    const encoder = new TargetEncoder({ smooth, cv });
    const y = values.targets[kind] as number[];
    same(await encoder.fitTransform(values.X, y), crossed, "cross-fitted");
    same(await encoder.transform(values.X), known, "known");
    same(await encoder.transform(values.other), other, "with unknown values");
    same(
      [Float64Array.of(...[encoder.targetMean_].flatMap((mean) => (typeof mean === "number" ? mean : [...mean])))],
      [means],
      "means",
    );
    same(
      [...encoder.encodings_].map((of) => [...of]),
      encodings,
      "encodings",
    );
    assert.is(encoder.targetType_, kind);
    assert.equal(encoder.getFeatureNamesOut(), names);
  });
}

test("TargetEncoder: classes as numbers, folds that keep groups together", async () => {
  const asked = new TargetEncoder({ targetType: "continuous", cv: 3 });
  same(await (await asked.fit(values.X, values.targets["multiclass"])).transform(values.X), values.asked, "as numbers");
  const grouped = new TargetEncoder({ cv: new GroupKFold({ nSplits: 3 }) });
  const { X, groups } = values;
  same(await grouped.fitTransform(X, values.targets["continuous"], { groups }), values.grouped, "groups");
});

values.labels.forEach(([params, y, expected], k) => {
  test(`LabelBinarizer (${k}): there and back, dense and sparse`, async () => {
    const binarizer = new LabelBinarizer(params);
    const Y = (await binarizer.fitTransform(y)) as Matrix;
    same(Y, expected, "dense");
    assert.equal(Array.from<unknown>(await binarizer.inverseTransform(Y)), y);
    if (Object.keys(params).length > 0) return;
    const sparse = await new LabelBinarizer({ sparseOutput: true }).fitTransform(y);
    assert.not.instance(sparse, Matrix);
    same((sparse as { toDense(): Matrix }).toDense(), expected, "sparse");
    assert.equal(Array.from<unknown>(await binarizer.inverseTransform(sparse)), y);
  });
});

test("LabelBinarizer: the greatest score's class", async () => {
  const binarizer = await new LabelBinarizer().fit(["a", "b", "c"]);
  assert.equal(await binarizer.inverseTransform(values.inverse.scores), values.inverse.labels);
});

test("MultiLabelBinarizer: there and back, dense and sparse", async () => {
  const { y, table, classes } = values.sets;
  const binarizer = new MultiLabelBinarizer();
  const Y = (await binarizer.fitTransform(y)) as Matrix;
  same(Y, table, "dense");
  assert.equal(binarizer.classes_, classes);
  const back = y.map((labels) => [...new Set(labels)].sort());
  assert.equal(await binarizer.inverseTransform(Y), back);
  const sparse = await new MultiLabelBinarizer({ sparseOutput: true }).fitTransform(y);
  same((sparse as { toDense(): Matrix }).toDense(), table, "sparse");
  assert.equal(await binarizer.inverseTransform(sparse), back);
});

test.run();
