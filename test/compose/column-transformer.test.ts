import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFromArrays, vectorFromArray, Table, Utf8, Dictionary, Int32 } from "apache-arrow";
import {
  ColumnTransformer,
  CsrMatrix,
  FeatureUnion,
  fromArrow,
  fromBuffer,
  FunctionTransformer,
  GridSearchCV,
  LogisticRegression,
  makeColumnSelector,
  makeColumnTransformer,
  makePipeline,
  makeUnion,
  Matrix,
  MinMaxScaler,
  OneHotEncoder,
  OrdinalEncoder,
  PCA,
  Pipeline,
  SimpleImputer,
  StandardScaler,
  type TableLike,
} from "../../src/index.js";

const n = 60;
const colours = Array.from({ length: n }, (_, i) => ["red", "blue", "green"][(i * 7) % 3] as string);
const amounts = Float64Array.from({ length: n }, (_, i) => (i % 11 === 0 ? NaN : Math.sin(i) * 10));
const ages = Float64Array.from({ length: n }, (_, i) => 20 + ((i * 13) % 40));
const y = Array.from({ length: n }, (_, i) => (colours[i] === "red" || (ages[i] as number) > 45 ? "yes" : "no"));
const plainText = new Table({
  colour: vectorFromArray(colours, new Utf8()),
  amount: vectorFromArray(Array.from(amounts, (x) => (Number.isNaN(x) ? null : x))),
  age: vectorFromArray(ages),
});
const categories = plainText.assign(
  new Table({ colour: vectorFromArray(colours, new Dictionary(new Utf8(), new Int32())) }),
);
const rows = colours.map((colour, i) => [colour, amounts[i] as number, ages[i] as number]);

const prepare = (): ColumnTransformer =>
  new ColumnTransformer({
    transformers: [
      ["encode", new OneHotEncoder({ handleUnknown: "ignore" }), [0]],
      ["numbers", makePipeline(new SimpleImputer({ strategy: "median" }), new StandardScaler()), [1, 2]],
    ],
    sparseThreshold: 0,
  });
const refused = async (run: () => Promise<unknown>, message: RegExp): Promise<void> =>
  run().then(
    () => assert.unreachable("not refused"),
    (error: Error) => assert.match(error.message, message),
  );

test("strings, categories and rows of values: tables of every kind give the same", async () => {
  const expected = await prepare().fitTransform(rows);
  assert.equal(expected.shape, [n, 5]);
  for (const table of [plainText, categories, await fromArrow(categories), await fromArrow(plainText)]) {
    assert.equal((await prepare().fitTransform(table as TableLike)).toArray(), expected.toArray());
  }
});

test("names in, names out; columns by name in any order; what is dropped may be missing", async () => {
  const transformer = new ColumnTransformer({
    transformers: [
      ["code", new OrdinalEncoder(), ["colour"]],
      ["scale", new MinMaxScaler(), "age"],
    ],
  });
  await transformer.fit(plainText);
  assert.equal(transformer.getFeatureNamesOut(), ["code__colour", "scale__age"]);
  const turned = plainText.select(["age", "colour"]);
  assert.equal(await transformer.transform(turned), await transformer.transform(plainText));
  assert.equal(
    transformer.transformers_.map(([name, , columns]) => [name, columns]),
    [
      ["code", [0]],
      ["scale", [2]],
      ["remainder", [1]],
    ],
  );
  assert.equal(transformer.outputIndices_, { code: [0, 1], scale: [1, 2] });
  await refused(() => transformer.transform(plainText.select(["age"])), /columns are missing: "colour"/);
  transformer.setParams({ verboseFeatureNamesOut: false });
  assert.equal(transformer.getFeatureNamesOut(), ["colour", "age"]);
});

test("selectors by kind and name; remainder passed through; automatic names; saved and loaded", async () => {
  const transformer = makeColumnTransformer(
    [new OneHotEncoder(), makeColumnSelector({ dtypeInclude: ["string", "category"] })],
    [new MinMaxScaler(), makeColumnSelector({ pattern: "^a", dtypeExclude: "string" })],
  );
  await transformer.fit(plainText);
  assert.equal(transformer.getFeatureNamesOut(), [
    "oneHotEncoder__colour_blue",
    "oneHotEncoder__colour_green",
    "oneHotEncoder__colour_red",
    "minMaxScaler__amount",
    "minMaxScaler__age",
  ]);
  const copy = fromBuffer<ColumnTransformer>(transformer.toBuffer());
  assert.is(String((await copy.transform(plainText)).data), String((await transformer.transform(plainText)).data));
  const kept = new ColumnTransformer({
    transformers: [["code", new OrdinalEncoder(), ["colour"]]],
    remainder: "passthrough",
  });
  const Z = await kept.fitTransform(plainText);
  assert.equal(Z.column(2), ages);
  assert.ok(Number.isNaN(Z.at(0, 1)));
  assert.equal(kept.getFeatureNamesOut(), ["code__colour", "remainder__amount", "remainder__age"]);
});

test("the result is sparse below the threshold, and has the same numbers", async () => {
  const wide = Array.from({ length: 40 }, (_, i) => [`word${i}`, i % 5]);
  const steps = [
    ["encode", new OneHotEncoder(), [0]],
    ["pass", "passthrough", [1]],
  ] as const;
  const sparse = await new ColumnTransformer({ transformers: steps }).fitTransform(wide);
  assert.instance(sparse, CsrMatrix);
  const dense = await new ColumnTransformer({ transformers: steps, sparseThreshold: 0 }).fitTransform(wide);
  assert.instance(dense, Matrix);
  assert.equal((sparse as unknown as CsrMatrix).toDense().toArray(), dense.toArray());
});

test("weights, several transformers of one column, nested parameters, a grid search through it", async () => {
  const weighed = new ColumnTransformer({
    transformers: [
      ["a", new MinMaxScaler(), [2]],
      ["b", new StandardScaler(), [2]],
    ],
    transformerWeights: { a: 10 },
  });
  const Z = await weighed.fitTransform(rows);
  assert.is(Math.max(...Z.column(0)), 10);
  weighed.setParams({ a__featureRange: [0, 2], b: "drop" } as never);
  assert.is(Math.max(...(await weighed.fitTransform(rows)).column(0)), 20);
  const search = new GridSearchCV({
    estimator: makePipeline(prepare(), new LogisticRegression()),
    paramGrid: {
      columnTransformer__numbers__simpleImputer__strategy: ["mean", "median"],
      logisticRegression__C: [0.1, 10],
    },
    cv: 3,
  });
  await search.fit(plainText, y);
  assert.ok(search.bestScore_ > 0.8);
  assert.is((await search.predict(plainText.slice(0, 4))).length, 4);
});

test("what does not fit is refused by name", async () => {
  const of = (...transformers: unknown[]): Promise<unknown> =>
    new ColumnTransformer({ transformers } as never).fit(plainText);
  await refused(
    () => of(["a", new MinMaxScaler(), ["agge"]]),
    /"a": there is no column "agge"; there are colour, amount, age/,
  );
  await refused(() => of(["a", new MinMaxScaler(), [7]]), /there is no column 7/);
  await refused(() => of(["a", new MinMaxScaler(), [true]]), /a mask of columns must have 3 values/);
  await refused(() => of(["a", new MinMaxScaler(), [1]], ["a", new MinMaxScaler(), [1]]), /two transformers named "a"/);
  await refused(() => of(["a__b", new MinMaxScaler(), [1]]), /must not be named "a__b"/);
  await refused(() => of(["a", new LogisticRegression(), [1]]), /must be a transformer/);
  await refused(() => of(["a", "passthrough", ["colour"]]), /gives strings in column 0: encode them first/);
  await refused(() => of(["a", "drop", ["colour"]]), /nothing is left/);
  await refused(() => of(["a", new MinMaxScaler(), ["colour"]]), /colour/);
  await refused(() => of(["a", new MinMaxScaler()]), /an array of \[name, transformer, columns\]/);
  const encoder = await new OneHotEncoder().fit([["a"], ["b"]]);
  await refused(() => encoder.transform([["a"], ["c"]]), /column 0 holds "c" in row 1, which fit did not see/);
  await refused(() => new OneHotEncoder({ drop: ["z"] }).fit([["a"], ["b"]]), /drop names "z"/);
  await refused(() => new OneHotEncoder({ categories: [["a"]] }).fit([["a"], ["b"]]), /holds "b", which is not among/);
  await refused(() => new SimpleImputer().fit([["a"], ["b"]]), /holds strings, of which there is no mean/);
  await refused(() => new OrdinalEncoder({ unknownValue: -1 }).fit([["a"]]), /unknownValue must be null/);
});

test("encoders go back: categories of columns", async () => {
  const table = [
    ["red", 1],
    ["blue", null],
    ["red", 2],
  ] as const;
  const oneHot = new OneHotEncoder({ drop: "first" });
  assert.equal(await oneHot.inverseTransform(await oneHot.fitTransform(table)), table);
  const ordinal = new OrdinalEncoder();
  assert.equal(await ordinal.inverseTransform(await ordinal.fitTransform(table)), table);
  assert.equal(oneHot.categories_, [
    ["blue", "red"],
    [1, 2, null],
  ]);
});

test("FeatureUnion: tables side by side, by name; FunctionTransformer in a pipeline", async () => {
  const X = Array.from({ length: n }, (_, i) => [amounts[(i % 10) + 1] as number, ages[i] as number]);
  const union = makeUnion(new PCA({ nComponents: 1 }), new StandardScaler());
  const Z = await union.fitTransform(X);
  assert.equal(Z.shape, [n, 3]);
  assert.equal(union.getFeatureNamesOut(), ["pca__pca0", "standardScaler__x0", "standardScaler__x1"]);
  const weighed = new FeatureUnion({
    transformerList: [
      ["a", new StandardScaler()],
      ["b", "passthrough"],
      ["c", "drop"],
    ],
    transformerWeights: { b: 2 },
  });
  assert.equal(
    (await weighed.fitTransform(X)).column(3),
    ages.map((age) => 2 * age),
  );
  const log = new FunctionTransformer({
    func: (rowsOf: number[][]) => rowsOf.map(([, age]) => [Math.log(age as number)]),
  });
  const pipeline = new Pipeline({
    steps: [
      ["log", log],
      ["scale", new MinMaxScaler()],
    ],
  });
  const scaled = await pipeline.fitTransform(X);
  assert.equal([Math.min(...scaled.data), Math.max(...scaled.data)], [0, 1]);
});

test("MinMaxScaler and MaxAbsScaler learn part by part what they learn at once", async () => {
  const X = tableFromArrays({ amounts, ages });
  const whole = await new MinMaxScaler().fit(X);
  const parts = new MinMaxScaler();
  for (const [begin, end] of [
    [0, 1],
    [1, 30],
    [30, n],
  ] as const)
    await parts.partialFit(X.slice(begin, end));
  assert.equal(parts.dataMin_, whole.dataMin_);
  assert.equal(parts.dataMax_, whole.dataMax_);
  assert.is(parts.nSamplesSeen_, n);
});

test.run();
