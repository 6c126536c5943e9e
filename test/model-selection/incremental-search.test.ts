import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  ChunkedMatrix,
  CsrMatrix,
  fromArrow,
  fromBuffer,
  IncrementalSearchCV,
  LogisticRegression,
  loguniform,
  makeClassification,
  makeScorer,
  MiniBatchKMeans,
  accuracyScore,
  rocAucScore,
  SGDClassifier,
  withConfig,
  type IncrementalSearchCVParams,
  type MatrixLike,
  type ModelRecord,
  type VectorLike,
} from "../../src/index.js";
import { drawnBy } from "./drawn.js";

const [X, y] = makeClassification({ nSamples: 1200, nFeatures: 8, nInformative: 5, randomState: 0 });
const sgd = (more: object = {}): SGDClassifier => new SGDClassifier({ loss: "logLoss", randomState: 0, ...more });
const search = (more: Partial<IncrementalSearchCVParams> = {}): IncrementalSearchCV =>
  new IncrementalSearchCV({
    estimator: sgd(),
    parameters: { alpha: [1e-4, 1e-2, 100] },
    nInitialParameters: "grid",
    blockSize: 100,
    maxIter: 8,
    randomState: 0,
    ...more,
  });

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

/** What a search found, without the seconds. */
function found(of: IncrementalSearchCV): unknown {
  const history = of.history_.map(({ modelId, partialFitCalls, score }) => [modelId, partialFitCalls, score]);
  return [history, of.bestIndex_, Array.from((of.bestEstimator_ as SGDClassifier).coef_.data)];
}

/** Gives the scores it is told, call by call; remembers the rows that it saw. */
class Scripted {
  static seen: { id: number; rows: number; first: number; classes: unknown; weights: number | undefined }[] = [];
  static scores: (id: number, calls: number) => number = () => 0;
  calls = 0;
  readonly params: { id: number };
  constructor(params: { id?: number } = {}) {
    this.params = { id: 0, ...params };
  }
  getParams(): object {
    return { ...this.params };
  }
  setParams(params: object): this {
    Object.assign(this.params, params);
    return this;
  }
  async partialFit(A: MatrixLike, b?: VectorLike, options: Record<string, unknown> = {}): Promise<this> {
    const table = await (await ChunkedMatrix.from(A)).toMatrix();
    assert.is((b as number[]).length, table.rows);
    const { classes, sampleWeight } = options;
    const weights = (sampleWeight as Float64Array | undefined)?.reduce((sum, weight) => sum + weight, 0);
    Scripted.seen.push({ id: this.params.id, rows: table.rows, first: table.at(0, 0), classes, weights });
    this.calls++;
    return Promise.resolve(this);
  }
  score(): Promise<number> {
    return Promise.resolve(Scripted.scores(this.params.id, this.calls));
  }
}
const scripted = (scores: (id: number, calls: number) => number, more: object = {}): IncrementalSearchCV => {
  Scripted.seen = [];
  Scripted.scores = scores;
  const ids = Array.from({ length: 4 }, (_, id) => id);
  return search({ estimator: new Scripted() as never, parameters: { id: ids }, ...more });
};

test("the same best, the same bits, for any nJobs, chunking and kind of table", async () => {
  const { tableFromArrays } = await import("apache-arrow");
  const arrow = tableFromArrays(
    Object.fromEntries(Array.from({ length: 8 }, (_, j) => [`x${j}`, Float64Array.from(X.column(j))])),
  );
  const expected = found(await search({ nJobs: 1 }).fit(X, y));
  assert.equal(found(await search({ nJobs: 4 }).fit(X, y)), expected);
  const chunked = await ChunkedMatrix.from(X, { chunkRows: 1024 });
  for (const table of [X.toArray(), arrow, await fromArrow(arrow), chunked, CsrMatrix.fromDense(X)]) {
    assert.equal(found(await search().fit(table as MatrixLike, y)), expected);
  }
  const small = await withConfig({ memoryLimit: 20_000 }, () => search().fit(X, y)); // blocks in a file
  assert.equal(found(small), expected);
});

test("the best is the known one, and answers", async () => {
  const best = await search({ maxIter: 20 }).fit(X, y);
  const scores = best.cvResults_["testScore"] as Float64Array;
  assert.ok((scores[2] as number) < 0.7 && best.bestScore_ > 0.75); // alpha 100 shrinks everything away
  assert.equal(best.bestParams_, { alpha: 0.01 });
  assert.is(best.bestScore_, Math.max(...scores));
  assert.equal(best.bestParams_, (best.cvResults_["params"] as object[])[best.bestIndex_]);
  assert.is(best.bestParams_["alpha"], (best.bestEstimator_ as SGDClassifier).getParams().alpha);
  assert.equal(Array.from(best.cvResults_["partialFitCalls"] as Int32Array), [20, 20, 20]);
  assert.equal(best.classes_, Float64Array.of(0, 1));
  assert.is(best.nSplits_, 1);
  assert.is(best.multimetric_, false);
  assert.is(await best.score(X, y), await accuracyScore(y, await best.predict(X)));
  assert.is(await best.scorer_(best.bestEstimator_, X, y), await best.score(X, y));
  const p = (await best.predictProba(X)).column(1) as Float64Array;
  const auc = await search({ maxIter: 20, scoring: "rocAuc" }).fit(X, y);
  const q = (await auc.predictProba(X)).column(1) as Float64Array;
  assert.is(await auc.score(X, y), await rocAucScore(y, q));
  assert.ok((await rocAucScore(y, p)) > 0.8);
  assert.is((await best.cvResultsTable()).numRows, 3);
});

test("blocks: as equal as can be, each once before any again, in another order; a fifth of the rows is held out", async () => {
  const run = scripted(() => 0, { nInitialParameters: "grid", parameters: { id: [7] }, blockSize: 400, maxIter: 6 });
  await run.fit(X, y, { sampleWeight: new Float64Array(1200).fill(2) });
  assert.equal(
    Scripted.seen.map(({ rows }) => rows),
    [320, 320, 320, 320, 320, 320],
  ); // 1200 - 240 rows in three blocks
  const passes = [0, 3].map((k) => new Set(Scripted.seen.slice(k, k + 3).map(({ first }) => first)));
  assert.is(passes[0]?.size, 3);
  assert.equal([...(passes[0] as Set<number>)].sort(), [...(passes[1] as Set<number>)].sort());
  assert.equal(Array.from(Scripted.seen[0]?.classes as Float64Array), [0, 1]);
  assert.is(Scripted.seen[0]?.weights, 640);
  await scripted(() => 0, { parameters: { id: [7] }, blockSize: 100, maxIter: 1 }).fit(X, y);
  assert.is(Scripted.seen[0]?.rows, 100); // 12 blocks, one of them to score on
  await scripted(() => 0, { parameters: { id: [7] }, testSize: 1000, maxIter: 1 }).fit(X, y);
  assert.is(Scripted.seen[0]?.rows, 100); // 200 rows in two blocks
});

test("every class has its share of the rows held out", async () => {
  const rare = y.map((_, i) => (i % 60 === 0 ? 1 : 0));
  const seen: number[] = [];
  const scoring = (_: never, __: MatrixLike, labels: VectorLike): number => {
    seen.push((labels as Float64Array).reduce((sum, label) => sum + label, 0));
    return 0;
  };
  for (const randomState of [0, 1, 2]) await search({ scoring, maxIter: 1, testSize: 0.1, randomState }).fit(X, rare);
  assert.equal([...new Set(seen)], [2]);
});

test("patience: a model that gains no more rests, the others go on", async () => {
  const run = scripted((id, calls) => (id === 0 ? calls / 10 : id === 1 ? Math.min(calls, 4) : 0.5), {
    patience: 3,
    tol: 0.01,
    maxIter: 10,
  });
  await run.fit(X, y);
  assert.equal(Array.from(run.cvResults_["partialFitCalls"] as Int32Array), [10, 7, 3, 3]);
  assert.is(run.bestIndex_, 1);
  assert.is(run.bestScore_, 4);
  const all = scripted(() => 0.5, { patience: 3, tol: null, maxIter: 10 });
  assert.equal(Array.from((await all.fit(X, y)).cvResults_["partialFitCalls"] as Int32Array), [10, 10, 10, 10]);
  const history = run.modelHistory_["0"] as ModelRecord[];
  assert.equal(
    history.map(({ partialFitCalls }) => partialFitCalls),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

test("fitsPerScore scores less often, and maxIter is the most", async () => {
  const run = await scripted((id) => id, { fitsPerScore: 4, maxIter: 10 }).fit(X, y);
  assert.equal(
    run.history_.filter(({ modelId }) => modelId === 3).map(({ partialFitCalls }) => partialFitCalls),
    [1, 5, 9, 10],
  );
  assert.is(run.history_.length, 16);
  assert.equal(
    run.history_.slice(4, 8).map(({ modelId, partialFitCalls }) => [modelId, partialFitCalls]),
    [0, 1, 2, 3].map((id) => [id, 5]),
  );
});

test("decayRate drops the worst until one is left, and only the others may win", async () => {
  // After 1 call 4 / (1 + 2) models are wanted: the best one, which has no more to prove.
  const falling = scripted((id, calls) => (id === 2 && calls === 1 ? 9 : -calls), { decayRate: 1, maxIter: 50 });
  await falling.fit(X, y);
  assert.is(falling.bestIndex_, 2);
  const slow = await scripted((id, calls) => id - calls, { decayRate: 0.2, maxIter: 50 }).fit(X, y);
  const calls = Array.from(slow.cvResults_["partialFitCalls"] as Int32Array);
  assert.equal(calls, [1, 1, 3, 3]); // 4 / 5 ** 0.2 are two models, 4 / 33 ** 0.2 one
  assert.is(slow.bestIndex_, 3);
});

test("drawn candidates depend on the seed only", async () => {
  const drawn = (randomState: number): Promise<IncrementalSearchCV> =>
    search({ parameters: { alpha: loguniform(1e-6, 1) }, nInitialParameters: 5, maxIter: 2, randomState }).fit(X, y);
  const [a, again, b] = [await drawn(1), await drawn(1), await drawn(2)];
  assert.equal(found(a), found(again));
  assert.is((a.cvResults_["params"] as object[]).length, 5);
  assert.not.equal(a.cvResults_["params"], b.cvResults_["params"]);
});

test("progress rises to 1; what had finished before an abort has been told; the search stays as it was", async () => {
  const fractions: number[] = [];
  let told = 0;
  const run = search({ nJobs: 1 });
  await run.fit(X, y, { onProgress: ({ fraction }) => fractions.push(fraction), onResult: () => told++ });
  assert.is(told, 24);
  assert.is(fractions.at(-1), 1);
  assert.ok(fractions.every((fraction, k) => k === 0 || fraction > (fractions[k - 1] as number)));
  const before = found(run);
  const stop = new AbortController();
  const records: ModelRecord[] = [];
  const onResult = (record: ModelRecord): void => {
    if (records.push(record) === 10) stop.abort();
  };
  assert.match(await message(run.setParams({ maxIter: 50 }).fit(X, y, { signal: stop.signal, onResult })), /abort/i);
  assert.ok(records.length >= 10 && records.length < 16);
  assert.ok(records.every(({ score, partialFitCalls }) => score > 0 && partialFitCalls >= 1));
  assert.equal(found(run), before);
  assert.is(await message(run.fit(X, y, { signal: AbortSignal.abort(new Error("not now")) })), "not now");
});

test("a model that fails is out, with a warning; all: an error; raise: the first one", async () => {
  const warnings: string[] = [];
  const listen = (warning: Error): unknown => warning.name === "FitFailedWarning" && warnings.push(warning.message);
  process.on("warning", listen);
  const run = await search({ parameters: { alpha: [-1, 1e-3] }, errorScore: 5 }).fit(X, y);
  await new Promise(setImmediate);
  process.off("warning", listen);
  assert.is(warnings.length, 1);
  assert.match(
    warnings[0] as string,
    /IncrementalSearchCV.fit: a model failed and is out; its score is 5.*alpha must be/,
  );
  assert.is(run.bestIndex_, 1);
  assert.equal(Array.from(run.cvResults_["partialFitCalls"] as Int32Array), [0, 8]);
  const none = search({ parameters: { alpha: [-1, -2] } });
  assert.match(await message(none.fit(X, y)), /IncrementalSearchCV.fit: all models failed; the first: .*alpha must be/);
  assert.not.ok(none.isFitted);
  assert.match(await message(search({ parameters: { alpha: [-1] }, errorScore: "raise" }).fit(X, y)), /^SGD.*alpha/);
});

test("saved, it answers the same and knows its history", async () => {
  const run = await search({ parameters: { alpha: loguniform(1e-6, 1) }, nInitialParameters: 3 }).fit(X, y);
  const back = fromBuffer<IncrementalSearchCV>(run.toBuffer());
  assert.equal(await back.predictProba(X), await run.predictProba(X));
  assert.equal(back.history_, run.history_);
  assert.equal(back.modelHistory_, run.modelHistory_);
  assert.equal(back.bestParams_, run.bestParams_);
  assert.equal(found(await back.fit(X, y)), found(run));
});

test("what learns without y, and scores itself", async () => {
  const kMeans = new MiniBatchKMeans({ nClusters: 3, randomState: 0 });
  const run = search({ estimator: kMeans, parameters: { nClusters: [2, 6] }, maxIter: 3 });
  await run.fit(X);
  assert.is(run.bestIndex_, 1); // more centres, smaller distances
});

test("what cannot be searched is refused by name", async () => {
  const fit = (more: object, A: unknown = X, b: unknown = y): Promise<string> =>
    message(search(more).fit(A as never, b as never));
  assert.match(await fit({ estimator: new LogisticRegression() }), /estimator must be an estimator with partialFit/);
  assert.match(await fit({ patience: 1 }), /patience must be false, or an integer >= 2 .*got 1/);
  assert.match(await fit({ scoring: ["rocAuc", "f1"] }), /several metrics cannot decide/);
  assert.match(await fit({ scoring: () => ({ a: 1, b: 2 }), errorScore: "raise" }), /scoring must give one number/);
  assert.match(await fit({ parameters: { alfa: [1] } }), /unknown parameter "alfa"; did you mean alpha/);
  assert.match(await fit({ parameters: { alpha: loguniform(0.1, 1) } }), /values of alpha must be an array/);
  assert.match(await fit({ parameters: [] }), /there are no candidates/);
  assert.match(await fit({ testSize: 1200 }), /testSize = 1200 should be/);
  assert.match(await fit({}, X, y.slice(1)), /y has 1199 values, but X has 1200 rows/);
  assert.match(await message(search().fit(X)), /y is missing/);
  assert.match(await fit({}, [[1]], [1]), /X has 1 rows, and at least 2/);
  assert.match(await fit({}, [[], []], [0, 1]), /0 features/);
  assert.match(await fit({}, [[1], [2]], [0, 1]), /every class of y has one row only/);
  const weights = message(search().fit(X, y, { sampleWeight: [1] }));
  assert.match(await weights, /sampleWeight has 1 values, but X has 1200 rows/);
  const one = makeScorer(accuracyScore);
  assert.is(await message(search({ scoring: one, maxIter: 1 }).fit(X, y)), "no error");
});

test("verbose draws a bar where there is a terminal", async () => {
  const drawn = await drawnBy((more) => search({ maxIter: 2, ...more }).fit(X, y));
  assert.match(drawn.verbose, /100% \| IncrementalSearchCV/);
  assert.is(drawn.quiet, "");
});

test.run();
