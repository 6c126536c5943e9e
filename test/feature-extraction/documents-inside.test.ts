import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tableFromArrays } from "apache-arrow";
import {
  AdaBoostClassifier,
  AdaBoostRegressor,
  BaggingClassifier,
  BaggingRegressor,
  BlockwiseVotingClassifier,
  BlockwiseVotingRegressor,
  CalibratedClassifierCV,
  clone,
  CountVectorizer,
  crossValPredict,
  FeatureUnion,
  FixedThresholdClassifier,
  fromArrow,
  fromBuffer,
  GridSearchCV,
  HashingVectorizer,
  Incremental,
  LogisticRegression,
  type Matrix,
  MultinomialNB,
  ParallelPostFit,
  Pipeline,
  plotRocCurve,
  Ridge,
  SGDClassifier,
  StackingClassifier,
  StackingRegressor,
  TfidfVectorizer,
  TransformedTargetRegressor,
  TunedThresholdClassifierCV,
  VotingClassifier,
  VotingRegressor,
  type InputLike,
  type LabelArray,
} from "../../src/index.js";

// Estimators around a pipeline that reads documents, beside scikit-learn's (test/parity/make_text_inside.py).

interface Answers {
  readonly proba: number[][];
  readonly predict: string[];
  readonly threshold?: number;
}
const values = JSON.parse(readFileSync("test/parity/text_inside.json", "utf8")) as {
  readonly documents: string[];
  readonly labels: string[];
  readonly numbers: number[];
  readonly trainRows: number;
  readonly classifiers: Readonly<Record<string, Answers>>;
  readonly regressors: Readonly<Record<string, number[]>>;
};
const { trainRows } = values;
const [documents, shown] = [values.documents.slice(0, trainRows), values.documents.slice(trainRows)];
const labels = values.labels.slice(0, trainRows);
const numbers = Float64Array.from(values.numbers.slice(0, trainRows));

const logistic = (): Pipeline =>
  new Pipeline({
    steps: [
      ["tfidf", new TfidfVectorizer()],
      ["model", new LogisticRegression({ tol: 1e-10, maxIter: 10_000 })],
    ],
  });
const bayes = (): Pipeline =>
  new Pipeline({
    steps: [
      ["count", new CountVectorizer()],
      ["model", new MultinomialNB()],
    ],
  });
const ridge = (ngramRange: [number, number] = [1, 1]): Pipeline =>
  new Pipeline({
    steps: [
      ["tfidf", new TfidfVectorizer({ ngramRange })],
      ["model", new Ridge()],
    ],
  });
const finalEstimator = new LogisticRegression({ tol: 1e-10, maxIter: 10_000 });

interface Classifier {
  fit(X: InputLike, y: string[], options?: object): Promise<unknown>;
  predict(X: InputLike): Promise<LabelArray>;
  predictProba(X: InputLike): Promise<Matrix>;
  toBuffer(): Uint8Array;
  readonly nFeaturesIn_: number;
  readonly tags: { readonly documents?: boolean };
}
interface Regressor {
  fit(X: InputLike, y: Float64Array): Promise<unknown>;
  predict(X: InputLike): Promise<Float64Array>;
  toBuffer(): Uint8Array;
  readonly tags: { readonly documents?: boolean };
}
const pair = (): [string, Pipeline][] => [
  ["a", logistic()],
  ["b", bayes()],
];
const ridges = (): [string, Pipeline][] => [
  ["a", ridge()],
  ["b", ridge([1, 2])],
];

/** With scikit-learn's answers where there are any. */
const classifiers: Readonly<Record<string, Classifier>> = {
  votingSoft: new VotingClassifier({ estimators: pair(), voting: "soft" }),
  stacking: new StackingClassifier({ estimators: pair(), finalEstimator, cv: 3 }),
  calibrated: new CalibratedClassifierCV({ estimator: logistic(), cv: 3 }),
  isotonic: new CalibratedClassifierCV({ estimator: logistic(), method: "isotonic", cv: 3, ensemble: false }),
  fixed: new FixedThresholdClassifier({ estimator: logistic(), threshold: 0.4 }),
  tuned: new TunedThresholdClassifierCV({ estimator: logistic(), cv: 3 }),
  bagging: new BaggingClassifier({ estimator: logistic(), nEstimators: 4, maxSamples: 0.8, randomState: 0 }),
  adaBoost: new AdaBoostClassifier({ estimator: bayes(), nEstimators: 3, randomState: 0 }),
  blockwise: new BlockwiseVotingClassifier({ estimator: logistic(), voting: "soft", blockSize: 35 }),
  postFit: new ParallelPostFit({ estimator: logistic(), blockSize: 7 }) as Classifier,
  search: new GridSearchCV({ estimator: logistic(), paramGrid: { tfidf__minDf: [1, 2] }, cv: 3 }) as Classifier,
  nested: new VotingClassifier({
    estimators: [["bag", new BaggingClassifier({ estimator: bayes(), nEstimators: 2, randomState: 1 })]],
    voting: "soft",
  }),
};
const regressors: Readonly<Record<string, Regressor>> = {
  voting: new VotingRegressor({ estimators: ridges() }),
  stacking: new StackingRegressor({ estimators: ridges(), finalEstimator: new Ridge(), cv: 3 }),
  transformed: new TransformedTargetRegressor({ regressor: ridge(), func: Math.log1p, inverseFunc: Math.expm1 }),
  bagging: new BaggingRegressor({ estimator: ridge(), nEstimators: 3, randomState: 0 }),
  adaBoost: new AdaBoostRegressor({ estimator: ridge(), nEstimators: 3, randomState: 0 }),
  blockwise: new BlockwiseVotingRegressor({ estimator: ridge(), blockSize: 35 }),
};

function close(got: ArrayLike<number>, wanted: ArrayLike<number>, what: string, tolerance: number): void {
  assert.is(got.length, wanted.length, what);
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [got[i] as number, wanted[i] as number];
    assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${what} [${i}]: ${a} is not ${b}`);
  }
}

/** The documents in every kind of container that there is. */
async function containers(texts: string[]): Promise<Readonly<Record<string, InputLike>>> {
  const table = tableFromArrays({ text: texts });
  const frame = await fromArrow(table);
  return { vector: table.getChild("text") as never, column: frame.column("text"), table, frame };
}

for (const [name, model] of Object.entries(classifiers)) {
  test(`documents go through ${name}, whatever holds them, as in scikit-learn`, async () => {
    await model.fit(documents, labels);
    const proba = await model.predictProba(shown);
    const predicted = Array.from<unknown>(await model.predict(shown));
    const wanted = values.classifiers[name];
    if (wanted !== undefined) {
      close(proba.data, wanted.proba.flat(), name, 2e-6);
      assert.equal(predicted, wanted.predict);
      if (model instanceof TunedThresholdClassifierCV) {
        close([model.bestThreshold_], [wanted.threshold as number], "threshold", 1e-6);
      }
    }
    const right = predicted.filter((label, i) => label === values.labels[trainRows + i]).length;
    assert.ok(right >= 13, `${right} of 20 are right`);
    assert.is(model.nFeaturesIn_, 1);
    assert.is(model.tags.documents, true);
    assert.equal(await (fromBuffer(model.toBuffer()) as unknown as Classifier).predictProba(shown), proba);
    const given = await containers(shown);
    for (const [kind, X] of Object.entries(await containers(documents))) {
      const again = clone(model as never) as Classifier;
      await again.fit(X, labels);
      assert.equal(await again.predictProba(given[kind] as InputLike), proba, kind);
    }
  });
}

for (const [name, model] of Object.entries(regressors)) {
  test(`documents go through a regressor, ${name}, whatever holds them, as in scikit-learn`, async () => {
    await model.fit(documents, numbers);
    const predicted = await model.predict(shown);
    const wanted = values.regressors[name];
    if (wanted !== undefined) close(predicted, wanted, name, 1e-7);
    assert.is(model.tags.documents, true);
    const given = await containers(shown);
    for (const [kind, X] of Object.entries(await containers(documents))) {
      const again = clone(model as never) as Regressor;
      await again.fit(X, numbers);
      assert.equal(await again.predict(given[kind] as InputLike), predicted, kind);
    }
  });
}

test("a bag of all documents, each once, is its estimator, and out-of-bag documents are answered for", async () => {
  const alone = logistic();
  await alone.fit(documents, labels);
  const bag = new BaggingClassifier({ estimator: logistic(), nEstimators: 2, bootstrap: false });
  await bag.fit(documents, labels);
  close((await bag.predictProba(shown)).data, (await alone.predictProba(shown)).data, "bag", 1e-12);
  const oob = new BaggingClassifier({ estimator: bayes(), nEstimators: 20, oobScore: true, randomState: 3, nJobs: 1 });
  await oob.fit(documents, labels);
  assert.ok((oob.oobScore_ as number) > 0.7, String(oob.oobScore_));
  const [first] = oob.estimatorsSamples_ as [Int32Array];
  const drawn = bayes();
  await drawn.fit(
    Array.from(first, (i) => documents[i] as string),
    Array.from(first, (i) => labels[i] as string),
  );
  const [member] = oob.estimators_ as unknown as [Pipeline];
  assert.equal(await member.predictProba(shown), await drawn.predictProba(shown));
  const threads = new BaggingClassifier({ ...oob.getParams({ deep: false }), nJobs: 2 });
  const { column } = await containers(documents);
  await threads.fit(column as InputLike, labels);
  assert.equal(threads.oobDecisionFunction_, oob.oobDecisionFunction_);
});

test("weights of documents reach the estimator inside", async () => {
  const sampleWeight = Float64Array.from(documents, (_, i) => 1 + (i % 3));
  const alone = logistic();
  await alone.fit(documents, labels, { sampleWeight });
  const voting = new VotingClassifier({ estimators: [["a", logistic()]], voting: "soft" });
  await voting.fit(documents, labels, { sampleWeight });
  assert.equal(await voting.predictProba(shown), await alone.predictProba(shown));
});

test("nested parameters of what reads documents are searched over, and folds answer for them", async () => {
  const search = new GridSearchCV({
    estimator: new VotingClassifier({ estimators: [["a", logistic()]], voting: "soft" }),
    paramGrid: { a__tfidf__ngramRange: [[1, 1] as const, [1, 2] as const] },
    cv: 3,
  });
  await search.fit(documents, labels);
  assert.ok((await search.score(shown, values.labels.slice(trainRows))) > 0.6);
  const answers = await crossValPredict(classifiers["calibrated"] as never, documents, labels, { cv: 2 });
  assert.is((answers as ArrayLike<unknown>).length, documents.length);
  const voting = classifiers["votingSoft"] as VotingClassifier;
  await voting.fit(documents, labels);
  assert.ok((await plotRocCurve(voting as never, shown, values.labels.slice(trainRows))) !== undefined);
});

test("a ParallelPostFit answers for documents as they come, one block at a time", async () => {
  const model = new ParallelPostFit({ estimator: logistic(), blockSize: 6, nJobs: 1 });
  await model.fit(documents, labels);
  const many = Array.from({ length: 60 }, () => shown).flat();
  const all = await (model.estimator_ as unknown as Pipeline).predictProba(many);
  let given = 0;
  async function* stream(): AsyncGenerator<string> {
    for (const text of many) {
      given++;
      yield await Promise.resolve(text);
    }
  }
  let at = 0;
  for await (const { firstRow, rows, values: part } of model.stream("predictProba", stream() as never)) {
    assert.is(firstRow, at);
    if (at === 0) assert.ok(given < many.length, "all was read for the first block");
    for (let i = 0; i < rows; i++) assert.equal([...part.row(i)], [...all.row(at + i)]);
    at += rows;
  }
  assert.is(at, many.length);
});

test("Incremental gives documents, block by block, to an estimator that reads them", async () => {
  /** Hashed words in the blocks they come in. */
  class HashedWords {
    readonly blocks: number[] = [];
    #model = new SGDClassifier({ loss: "logLoss", randomState: 0 });
    readonly #words = new HashingVectorizer({ nFeatures: 64 });
    getParams(): object {
      return {};
    }
    async partialFit(X: InputLike, y: string[], options: object): Promise<unknown> {
      this.blocks.push((X as string[]).length);
      await this.#model.partialFit(await this.#words.transform(X as string[]), y, options as never);
      return this;
    }
    async predict(X: InputLike): Promise<LabelArray> {
      return this.#model.predict(await this.#words.transform(X as string[]));
    }
  }
  const model = new Incremental({ estimator: new HashedWords() as never, blockSize: 32 });
  const { column } = await containers(documents);
  for (const X of [documents, column as InputLike]) {
    await model.fit(X, labels, { classes: ["ham", "spam"] });
    assert.equal((model.estimator_ as unknown as HashedWords).blocks, [32, 32, 6]);
    assert.is((await model.predict(shown)).length, shown.length);
  }
});

test("what cannot be: documents that come once, that pass through, that the estimator inside does not read", async () => {
  const expect = async (work: Promise<unknown>, message: RegExp): Promise<void> => {
    try {
      await work;
    } catch (error) {
      assert.match((error as Error).message, message);
      return;
    }
    assert.unreachable(String(message));
  };
  const once = new Set(documents) as never;
  const { votingSoft, stacking, calibrated, tuned, bagging } = classifiers;
  for (const model of [votingSoft, stacking, calibrated, tuned, bagging] as Classifier[]) {
    await expect(
      (clone(model as never) as Classifier).fit(once, labels),
      /\w+\.fit: X gives one value after another.*array/,
    );
  }
  const union = new FeatureUnion({ transformerList: [["counts", new CountVectorizer()]] });
  await expect(union.fitTransform(once), /FeatureUnion\.fit: X gives one value after another/);
  const through = new StackingClassifier({ estimators: pair(), passthrough: true });
  await expect(through.fit(documents, labels), /passthrough needs a table of numbers as X, and X is documents/);
  assert.not(through.isFitted);
  const numeric = new VotingClassifier({ estimators: [["a", new LogisticRegression()]] });
  await expect(numeric.fit(documents as never, labels), /LogisticRegression\.fit: X must have two dimensions/);
  assert.not(numeric.isFitted);
  const model = new VotingClassifier({ estimators: pair() });
  await model.fit(documents, labels);
  await expect(model.predict([["a", "b"]]), /VotingClassifier\.predict: X has 2 features/);
  await expect(model.fit(documents.slice(1), labels), /69|70/);
  assert.equal(Array.from<unknown>(await model.predict(shown)).length, shown.length);
});

test.run();
