import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  clone,
  DummyClassifier,
  FunctionTransformer,
  DummyRegressor,
  fromBuffer,
  fromJSON,
  GaussianNB,
  getScorer,
  KMeans,
  LogisticRegression,
  makePipeline,
  Matrix,
  PCA,
  Pipeline,
  SGDClassifier,
  SimpleImputer,
  StandardScaler,
  withConfig,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";

const X = [
  [1, 10],
  [2, 20],
  [3, 30],
  [4, 50],
];
const y = ["a", "b", "b", "b"];

/** A transformer of a user: doubles numbers, counts its fits. */
class Doubler {
  fits = 0;
  constructor(readonly params: { factor?: number } = {}) {}
  getParams(): object {
    return { factor: 2, ...this.params };
  }
  setParams(params: { factor?: number }): this {
    Object.assign(this.params, params);
    return this;
  }
  async fit(): Promise<this> {
    this.fits++;
    return this;
  }
  async transform(X: MatrixLike): Promise<Matrix> {
    const factor = this.params.factor ?? 2;
    const rows = X instanceof Matrix ? X.toArray() : (X as number[][]);
    return Matrix.from(rows.map((row) => row.map((x) => x * factor)));
  }
}

/** A classifier of a user that remembers what it was given. */
class Spy {
  seen: { X: unknown; y: unknown; options: Record<string, unknown> } | undefined;
  async fit(X: MatrixLike, y?: VectorLike, options?: object): Promise<this> {
    this.seen = { X, y, options: { ...options } };
    return this;
  }
  async predict(X: MatrixLike): Promise<Float64Array> {
    return (X as Matrix<Float64Array>).column(0);
  }
}

async function messageOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

test("hands each step a Matrix from the one before", async () => {
  const spy = new Spy();
  const model = await makePipeline(new StandardScaler(), "passthrough", new Doubler(), spy).fit(X, y);
  const Z = await new StandardScaler().fitTransform(X);
  const expected = Float64Array.from(Z.data, (z) => 2 * z);
  assert.equal((spy.seen?.X as Matrix).data, expected);
  assert.is(spy.seen?.y, y);
  assert.equal(await model.predict(X), new Matrix(expected, [4, 2]).column(0));
});

test("routes step__option to its step and sampleWeight to the last", async () => {
  const spy = new Spy();
  const model = new Pipeline({
    steps: [
      ["scale", new StandardScaler()],
      ["spy", spy],
    ],
  });
  await model.fit(X, y, { sampleWeight: [1, 1, 1, 0] });
  assert.equal(spy.seen?.options, { sampleWeight: [1, 1, 1, 0] });
  await model.fit(X, y, { spy__extra: 7, spy__sampleWeight: [2, 2, 2, 2] });
  assert.equal(spy.seen?.options, { extra: 7, sampleWeight: [2, 2, 2, 2] });
  assert.is(
    await messageOf(() => model.fit(X, y, { scalar__x: 1 })),
    'Pipeline.fit: unknown step "scalar"; did you mean scale?',
  );
  assert.is(
    await messageOf(() => model.fit(X, y, { sample_weight: [1] } as never)),
    'Pipeline.fit: unknown option "sample_weight"; it is spelt sampleWeight here',
  );
});

test("reads and sets parameters of steps, and replaces steps, as step__param", () => {
  const model = makePipeline(new StandardScaler(), new DummyClassifier());
  const params = model.getParams() as unknown as Record<string, unknown>;
  assert.is(params["standardScaler__withMean"], true);
  assert.is(params["dummyClassifier__strategy"], "prior");
  assert.instance(params["dummyClassifier"], DummyClassifier);
  assert.equal(Object.keys(model.getParams({ deep: false })), ["steps"]);
  model.setParams({ dummyClassifier__strategy: "uniform", standardScaler__withStd: false });
  assert.is((model.namedSteps["dummyClassifier"] as DummyClassifier).getParams().strategy, "uniform");
  model.setParams({ standardScaler: "passthrough" } as never);
  assert.is(model.namedSteps["standardScaler"], "passthrough");
});

test("names a step after its class in camelCase, acronyms too", () => {
  const model = makePipeline(new PCA(), new KMeans(), new SGDClassifier(), new GaussianNB());
  assert.equal(Object.keys(model.namedSteps), ["pca", "kMeans", "sgdClassifier", "gaussianNB"]);
});

test("replaces a step and sets its parameter in one call", () => {
  const model = makePipeline(new StandardScaler(), new DummyClassifier());
  model.setParams({ dummyClassifier: new DummyRegressor(), dummyClassifier__strategy: "median" } as never);
  assert.is((model.namedSteps["dummyClassifier"] as DummyRegressor).getParams().strategy, "median");
});

test("pipelines in pipelines are reached through both names", () => {
  const model = new Pipeline({
    steps: [
      ["inner", makePipeline(new StandardScaler())],
      ["last", new DummyClassifier()],
    ],
  });
  model.setParams({ inner__standardScaler__withMean: false });
  assert.is((model.getParams() as unknown as Record<string, unknown>)["inner__standardScaler__withMean"], false);
});

const UNKNOWN: [string, object, string][] = [
  [
    "a step",
    { scaler__withMean: true },
    'Pipeline: unknown nested parameter "scaler__withMean"; there are standardScaler, dummyClassifier',
  ],
  [
    "a parameter of a step",
    { standardScaler__with_mean: true },
    'StandardScaler: unknown parameter "with_mean"; it is spelt withMean here',
  ],
  ["a parameter", { step: [] }, 'Pipeline: unknown parameter "step"; did you mean steps?'],
];
for (const [name, params, message] of UNKNOWN) {
  test(`refuses ${name} it does not have, and changes nothing`, async () => {
    const model = makePipeline(new StandardScaler(), new DummyClassifier());
    const mixed = { dummyClassifier__strategy: "uniform", ...params };
    assert.is(await messageOf(() => model.setParams(mixed)), message);
    assert.is((model.namedSteps["dummyClassifier"] as DummyClassifier).getParams().strategy, "prior");
  });
}

test("fits clones: the steps given stay unfitted, a failed fit leaves the old model", async () => {
  const [scaler, dummy] = [new StandardScaler(), new DummyClassifier()];
  const model = await makePipeline(scaler, dummy).fit(X, y);
  assert.not.ok(scaler.isFitted);
  const before = (model.namedSteps["standardScaler"] as StandardScaler).mean_;
  assert.match(await messageOf(() => model.fit([[5, 5]], [NaN])), /missing label/);
  assert.is((model.namedSteps["standardScaler"] as StandardScaler).mean_, before);
  assert.equal(model.classes_, ["a", "b"]);
});

test("has the methods its last step has, for generic code too", async () => {
  const classifier = await makePipeline(new StandardScaler(), new DummyClassifier()).fit(X, y);
  assert.type(classifier.predictProba, "function");
  assert.is(classifier.decisionFunction, undefined);
  assert.is(classifier.transform, undefined);
  assert.is(await classifier.score(X, y), 0.75);
  assert.is(await getScorer("rocAuc")(classifier, X, y), 0.5);
  const regressor = await makePipeline(new StandardScaler(), new DummyRegressor()).fit(X, [1, 2, 3, 4]);
  assert.is(regressor.predictProba, undefined);
  assert.is(regressor.classes_, undefined);
  assert.is(await getScorer("r2")(regressor, X, [1, 2, 3, 4]), 0);
});

test("of transformers is a transformer, with the way back and column names", async () => {
  const model = makePipeline(new StandardScaler(), new StandardScaler());
  const Z = await model.fitTransform(X);
  assert.equal(await model.transform(X), Z);
  const back = await model.inverseTransform(Z);
  assert.ok(back.toArray().every((row, i) => row.every((x, j) => Math.abs(x - (X[i]?.[j] as number)) < 1e-12)));
  assert.equal(model.getFeatureNamesOut(), ["x0", "x1"]);
  assert.equal(Object.keys(model.namedSteps), ["standardScaler-1", "standardScaler-2"]);
});

const INVALID: [string, Pipeline, string][] = [
  ["no steps", new Pipeline(), "Pipeline: steps must be a non-empty array of [name, step] pairs, got Array(0)"],
  [
    "two steps of one name",
    new Pipeline({
      steps: [
        ["a", new StandardScaler()],
        ["a", new DummyClassifier()],
      ],
    }),
    'Pipeline: there are two steps named "a"',
  ],
  [
    "a name with __",
    new Pipeline({ steps: [["a__b", new StandardScaler()]] }),
    'Pipeline: a step must not be named "a__b" (empty, "steps", or with "__")',
  ],
  [
    "an estimator in the middle",
    makePipeline(new DummyClassifier(), new StandardScaler()),
    'Pipeline: the step "dummyClassifier" is not the last and must be a transformer (fit and transform) or "passthrough", got a DummyClassifier',
  ],
  [
    "a last step without fit",
    makePipeline(new StandardScaler(), {}),
    'Pipeline: the step "object" has no fit, got a Object',
  ],
];
for (const [name, model, message] of INVALID) {
  test(`refuses ${name}`, async () => assert.is(await messageOf(() => model.fit(X, y)), message));
}

test("clones steps, and steps of others by getParams", async () => {
  const model = makePipeline(new Doubler({ factor: 3 }), new DummyClassifier());
  const copy = clone(model);
  assert.is((copy.getParams() as unknown as Record<string, unknown>)["doubler__factor"], 3);
  assert.not(copy.namedSteps["doubler"] === model.namedSteps["doubler"]);
  assert.match(await messageOf(() => clone({})), /clone: expected an estimator/);
});

test("comes back from bytes and from JSON with its fitted steps", async () => {
  const model = await makePipeline(
    new StandardScaler(),
    new DummyClassifier({ strategy: "stratified", randomState: 1 }),
  ).fit(X, y);
  for (const copy of [fromBuffer<Pipeline>(model.toBuffer()), fromJSON<Pipeline>(JSON.parse(JSON.stringify(model)))]) {
    assert.equal(await copy.predict(X), await model.predict(X));
    assert.equal((copy.namedSteps["standardScaler"] as StandardScaler).mean_, Float64Array.of(2.5, 27.5));
    assert.is((copy.getParams() as unknown as Record<string, unknown>)["dummyClassifier__strategy"], "stratified");
  }
});

test("says which step cannot be saved", async () => {
  const model = await makePipeline(new Doubler(), new DummyClassifier()).fit(X, y);
  assert.match(await messageOf(() => model.toBuffer()), /a Doubler cannot be saved/);
});

test("steps between pass a table on that is never in memory as a whole, where it would pass memoryLimit", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => [Math.sin(i), (i * 7) % 11, i % 5 === 0 ? NaN : Math.cos(3 * i)]);
  const target = rows.map(([a, b]) => Number((a as number) + (b as number) / 5 > 1));
  const whole = Matrix.from(rows);
  let most = 0;
  class Watched extends StandardScaler {
    override async transform(X: MatrixLike, options?: object): Promise<never> {
      const Z = await super.transform(X, options);
      most = Math.max(most, Z.rows);
      return Z as never;
    }
  }
  const names = (given: readonly string[]) => [...given, "square"];
  const squares = new FunctionTransformer({
    func: (X: Matrix) => X.toArray().map((row) => [...row, (row[0] as number) ** 2]),
    featureNamesOut: names,
    rowwise: true,
  });
  const source = {
    nFeatures: 3,
    nRows: undefined,
    featureNames: undefined,
    categories: undefined,
    *chunks() {
      for (let firstRow = 0; firstRow < 3000; firstRow += 1000) {
        const values = whole.data.slice(3 * firstRow, 3 * (firstRow + 1000));
        yield { rows: 1000, firstRow, values, offset: 0, cols: 3, rowStride: 3, colStride: 1 };
      }
    },
  };
  const answers = async (X: MatrixLike, memoryLimit: string | null): Promise<readonly number[]> => {
    most = 0;
    return withConfig({ memoryLimit }, async () => {
      const model = makePipeline(new SimpleImputer(), squares, new Watched(), new LogisticRegression());
      await model.fit(X, target);
      return [most, ...(await model.predictProba(X)).data];
    });
  };
  const [all, ...expected] = await answers(whole, null);
  const [block, ...lazily] = await answers(source, "40KB");
  const [tooLittle, ...inMemory] = await answers(source, "1GB");
  assert.equal([all, tooLittle], [3000, 3000]);
  assert.ok((block as number) < 3000, `${block} rows at once`);
  assert.equal(lazily, expected);
  assert.equal(inMemory, expected);
});

test("an abort between steps leaves it unfitted", async () => {
  const abort = new AbortController();
  const stopper = new (class Stopper extends Doubler {
    override async fit(): Promise<this> {
      abort.abort(new Error("enough"));
      return this;
    }
  })();
  const model = makePipeline(stopper, new DummyClassifier());
  assert.is(await messageOf(() => model.fit(X, y, { signal: abort.signal })), "enough");
  assert.not.ok(model.isFitted);
});

test.run();
