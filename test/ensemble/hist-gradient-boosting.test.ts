import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  Matrix,
  fromBuffer,
  loadBreastCancer,
  loadIris,
  simdInfo,
  withConfig,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";

/** A repeatable stream of numbers in [0, 1). */
function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Rows with missing values, few-valued and constant columns, and a target that depends on them. */
function table(rows: number, cols: number, seed = 1): { X: Matrix<Float64Array>; y: Float64Array; labels: string[] } {
  const next = randoms(seed);
  const data = new Float64Array(rows * cols);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let value = next();
      if (j === 1) value = Math.floor(value * 4);
      if (j === 2) value = 3;
      y[i] = (y[i] as number) + (j % 2 === 0 ? 1 : -2) * value * value;
      if (j === 3 && next() < 0.2) {
        value = NaN;
        y[i] = (y[i] as number) + 1;
      }
      data[i * cols + j] = value;
    }
    y[i] = (y[i] as number) + 0.3 * next();
  }
  const sorted = y.slice().sort();
  const cut = sorted[Math.floor(rows / 2)] as number;
  return { X: new Matrix(data, [rows, cols]), y, labels: Array.from(y, (value) => (value > cut ? "yes" : "no")) };
}

async function rejects(promise: Promise<unknown>, pattern: RegExp, code?: string): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.match((error as Error).message, pattern);
    if (code) assert.is((error as { code?: string }).code, code);
    return;
  }
  assert.unreachable(`nothing was thrown, expected ${pattern}`);
}

test("the model is the same, bit for bit, for any nJobs and any chunking", async () => {
  const { X, labels } = table(12_000, 6);
  const params = { maxIter: 12, randomState: 3 };
  const expected = await new HistGradientBoostingClassifier({ ...params, nJobs: 1 }).fit(X, labels);
  assert.ok(expected.doEarlyStopping_);
  for (const nJobs of [1, 2, 3, 4]) {
    for (const rows of [1000, 12_000]) {
      const model = await new HistGradientBoostingClassifier({ ...params, nJobs }).fit(rechunked(X, rows), labels);
      assert.equal(model.saveState(), expected.saveState());
    }
  }
});

test("chunks of one row and of seven rows give the same model as one chunk", async () => {
  const { X, y } = table(400, 5);
  const params = { maxIter: 5, randomState: 3, minSamplesLeaf: 5 };
  const expected = await new HistGradientBoostingRegressor(params).fit(X, y);
  for (const rows of [1, 7]) {
    const model = await new HistGradientBoostingRegressor(params).fit(rechunked(X, rows), y);
    assert.equal(model.saveState(), expected.saveState());
    assert.equal(await model.predict(rechunked(X, rows)), await expected.predict(X));
  }
});

test("every instruction set of the processor fits and predicts the same bits", () => {
  const program = fileURLToPath(new URL("../fixtures/boosting-digest.ts", import.meta.url));
  const digests = simdInfo().supported.map((isa) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", program], {
      env: { ...process.env, TREELINE_ISA: isa },
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
    assert.match(stdout, new RegExp(`^${isa} `));
    return stdout.split(" ")[1];
  });
  for (const digest of digests) assert.is(digest, digests[0]);
});

test("learns which side missing values belong to", async () => {
  const X = Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? NaN : (i % 10) / 10]);
  const y = Float64Array.from(X, ([x]) => (Number.isNaN(x) ? 5 : 1));
  const model = await new HistGradientBoostingRegressor({ minSamplesLeaf: 1, maxIter: 200 }).fit(X, y);
  const [missing, present] = await model.predict([[NaN], [0.3]]);
  assert.ok(Math.abs((missing as number) - 5) < 1e-3);
  assert.ok(Math.abs((present as number) - 1) < 1e-3);
});

test("infinities are values like others", async () => {
  const X = Array.from({ length: 60 }, (_, i) => [i % 3 === 0 ? -Infinity : i % 3 === 1 ? 0 : Infinity]);
  const y = Float64Array.from(X, (_, i) => i % 3);
  const model = await new HistGradientBoostingRegressor({ minSamplesLeaf: 1, maxIter: 300 }).fit(X, y);
  const predicted = await model.predict([[-Infinity], [0], [Infinity], [-1e308], [1e308]]);
  [0, 1, 2].forEach((value, i) => assert.ok(Math.abs((predicted[i] as number) - value) < 1e-3));
});

test("denormals and numbers up to 1e300 are values like others", async () => {
  for (const scale of [5e-324, 1e-310, 1e298]) {
    const X = Array.from({ length: 40 }, (_, i) => [i * scale]);
    const y = X.map((_, i) => (i < 20 ? 1 : 5));
    const params = { maxIter: 1, learningRate: 1, minSamplesLeaf: 1 } as const;
    const model = await new HistGradientBoostingRegressor(params).fit(X, y);
    assert.equal(Array.from(await model.predict(X)), y, `scale ${scale}`);
  }
});

test("constant and all-missing columns do no harm", async () => {
  const { X, y } = table(300, 4);
  const wide = new Matrix(
    Float64Array.from({ length: 300 * 6 }, (_, k) =>
      k % 6 < 4 ? X.at(Math.floor(k / 6), k % 6) : k % 6 === 4 ? NaN : 1,
    ),
    [300, 6],
  );
  const params = { maxIter: 10 };
  const [plain, more] = [
    await new HistGradientBoostingRegressor({ ...params, randomState: 0 }).fit(X, y),
    await new HistGradientBoostingRegressor({ ...params, randomState: 0 }).fit(wide, y),
  ];
  assert.equal(await more.predict(wide), await plain.predict(X));
  const nothing = await new HistGradientBoostingRegressor(params).fit(
    Array.from({ length: 50 }, () => [NaN, 1]),
    y.slice(0, 50),
  );
  const mean = y.slice(0, 50).reduce((a, b) => a + b, 0) / 50;
  assert.ok(Math.abs(((await nothing.predict([[2, 3]]))[0] as number) - mean) < 1e-12);
});

test("weight k is the same as the row k times", async () => {
  // Few values and dyadic gradients: the bins and the rounded gradients are exactly equal.
  const next = randoms(5);
  const X = Array.from({ length: 256 }, () => [Math.floor(next() * 8), Math.floor(next() * 5)]);
  const y = Float64Array.from(X, ([a, b]) => ((a as number) > 3 ? 4 : 0) - ((b as number) > 2 ? 2 : 0));
  const sampleWeight = Float64Array.from(X, (_, i) => 1 + (i % 2));
  const rows = X.flatMap((row, i) => (i % 2 === 0 ? [row] : [row, row]));
  const repeated = Array.from(y).flatMap((value, i) => (i % 2 === 0 ? [value] : [value, value]));
  const params = { maxIter: 30, minSamplesLeaf: 1, maxLeafNodes: 8, randomState: 0 };
  const weighted = await new HistGradientBoostingRegressor(params).fit(X, y, { sampleWeight });
  const plain = await new HistGradientBoostingRegressor(params).fit(rows, repeated);
  const [a, b] = [await weighted.predict(X), await plain.predict(X)];
  a.forEach((value, i) => assert.ok(Math.abs(value - (b[i] as number)) < 2e-3));
});

test("rows of weight 0 do not count", async () => {
  const { X, labels } = table(800, 4);
  const rows = X.toArray();
  const sampleWeight = Float64Array.from(rows, (_, i) => (i < 400 ? 1 : 0));
  const flipped = labels.map((label, i) => (i < 400 ? label : label === "yes" ? "no" : "yes"));
  const model = await new HistGradientBoostingClassifier({ maxIter: 30 }).fit(rows, flipped, { sampleWeight });
  assert.ok((await model.score(rows.slice(0, 400), labels.slice(0, 400))) > 0.95);
});

test("stops early on held-out rows and records the scores as scikit-learn does", async () => {
  const { X, labels } = table(2_000, 4);
  const model = await new HistGradientBoostingClassifier({
    earlyStopping: true,
    maxIter: 500,
    nIterNoChange: 5,
    learningRate: 0.5,
    randomState: 0,
  }).fit(X, labels);
  assert.ok(model.nIter_ < 500);
  assert.is(model.trainScore_.length, model.nIter_ + 1);
  assert.is(model.validationScore_.length, model.nIter_ + 1);
  assert.ok((model.trainScore_[0] as number) < (model.trainScore_[model.nIter_] as number));
  assert.ok(Math.abs((model.trainScore_[0] as number) + Math.LN2) < 1e-3);
  const recent = model.validationScore_.subarray(model.nIter_ - 4);
  const reference = model.validationScore_[model.nIter_ - 5] as number;
  assert.ok(recent.every((score) => score <= reference + 1e-7));
  const without = await new HistGradientBoostingClassifier({ maxIter: 3, randomState: 0 }).fit(X, labels);
  assert.is(without.doEarlyStopping_, false);
  assert.is(without.trainScore_.length, 0);
  const onTrain = await new HistGradientBoostingClassifier({
    earlyStopping: true,
    validationFraction: null,
    maxIter: 3,
  }).fit(X, labels);
  assert.is(onTrain.validationScore_.length, 0);
  assert.is(onTrain.trainScore_.length, 4);
});

test("the caller's own validation rows are watched", async () => {
  const { X, y } = table(1_000, 4);
  const { X: XVal, y: yVal } = table(300, 4, 9);
  const params = { earlyStopping: true, maxIter: 20, randomState: 0 } as const;
  const model = await new HistGradientBoostingRegressor(params).fit(X, y, { XVal, yVal });
  const predicted = await model.predict(XVal);
  const loss = yVal.reduce((sum, value, i) => sum + 0.5 * (value - (predicted[i] as number)) ** 2, 0) / 300;
  assert.ok(Math.abs(loss + (model.validationScore_.at(-1) as number)) < 1e-12);
  const all = await new HistGradientBoostingRegressor({ ...params, earlyStopping: false }).fit(X, y);
  const one = await new HistGradientBoostingRegressor({ ...params, earlyStopping: "auto" }).fit(X, y, { XVal, yVal });
  assert.equal(await all.predict(X), await one.predict(X));
  await rejects(
    new HistGradientBoostingRegressor({ earlyStopping: false }).fit(X, y, { XVal, yVal }),
    /earlyStopping is false/,
    "ERR_INVALID_ARGUMENT",
  );
  await rejects(new HistGradientBoostingRegressor().fit(X, y, { XVal }), /XVal is given, but not yVal/);
});

test("a warm start goes on as if the fit had never stopped", async () => {
  const { X, labels } = table(3_000, 5);
  const params = { maxIter: 10, randomState: 4 };
  const straight = await new HistGradientBoostingClassifier({ ...params, maxIter: 25 }).fit(X, labels);
  const model = await new HistGradientBoostingClassifier({ ...params, warmStart: true }).fit(X, labels);
  assert.is(model.nIter_, 10);
  await model.setParams({ maxIter: 25 }).fit(X, labels);
  assert.equal((await model.predictProba(X)).data, (await straight.predictProba(X)).data);
  await rejects(model.setParams({ maxIter: 5 }).fit(X, labels), /maxIter must be at least the 25 iterations/);
  await rejects(
    model.setParams({ maxIter: 30 }).fit(
      X,
      labels.map((_, i) => i % 3),
    ),
    /the classes of the last fit/,
  );
});

test("the stages end where the prediction is", async () => {
  const { data, target } = await loadIris();
  const model = await new HistGradientBoostingClassifier({ maxIter: 6, minSamplesLeaf: 5 }).fit(data, target);
  assert.is(model.nTreesPerIteration_, 3);
  const collect = async <T>(stages: AsyncGenerator<T>): Promise<T[]> => {
    const all: T[] = [];
    for await (const stage of stages) all.push(stage);
    return all;
  };
  const [classes, probabilities, decisions] = [
    await collect(model.stagedPredict(data)),
    await collect(model.stagedPredictProba(data)),
    await collect(model.stagedDecisionFunction(data)),
  ];
  assert.is(classes.length, 6);
  assert.equal(classes.at(-1), await model.predict(data));
  assert.equal(probabilities.at(-1)?.data, (await model.predictProba(data)).data);
  assert.equal((decisions.at(-1) as Matrix).data, ((await model.decisionFunction(data)) as Matrix).data);
  const sums = (await model.predictProba(data)).toArray().map((row) => row.reduce((a, b) => a + b, 0));
  assert.ok(sums.every((sum) => Math.abs(sum - 1) < 1e-12));
});

test("comes back from its bytes with the same predictions, and goes on from there", async () => {
  const { data, target } = await loadBreastCancer();
  const params = { maxIter: 15, randomState: 1, warmStart: true };
  const model = await new HistGradientBoostingClassifier(params).fit(data, target);
  const copy = fromBuffer<HistGradientBoostingClassifier>(model.toBuffer());
  assert.equal((await copy.predictProba(data)).data, (await model.predictProba(data)).data);
  assert.equal(copy.classes_, model.classes_);
  await model.setParams({ maxIter: 20 }).fit(data, target);
  await copy.setParams({ maxIter: 20 }).fit(data, target);
  assert.equal(copy.saveState(), model.saveState());
});

test("predicts the same synchronously, and from float32", async () => {
  const { X, labels, y } = table(500, 4);
  const X32 = new Matrix(Float32Array.from(X.data), [500, 4]);
  const model = await new HistGradientBoostingClassifier({ maxIter: 10, randomState: 0 }).fit(X32, labels);
  assert.equal(model.predictSync(X32), await model.predict(X32));
  assert.equal(model.predictProbaSync(X32).data, (await model.predictProba(X32)).data);
  const X64 = new Matrix(Float64Array.from(X32.data), [500, 4]);
  const same = await new HistGradientBoostingClassifier({ maxIter: 10, randomState: 0 }).fit(X64, labels);
  assert.equal(same.saveState(), model.saveState());
  assert.equal((await model.predictProba(X64)).data, (await model.predictProba(X32)).data);
  const regressor = await new HistGradientBoostingRegressor({ maxIter: 5 }).fit(X, y);
  assert.equal(regressor.predictSync(X), await regressor.predict(X));
});

test("an aborted fit leaves the old model", async () => {
  const { X, labels } = table(5_000, 6);
  const model = await new HistGradientBoostingClassifier({ maxIter: 3, randomState: 0 }).fit(X, labels);
  const before = model.saveState();
  const abort = new AbortController();
  const fit = model.setParams({ maxIter: 10_000 }).fit(X, labels, {
    signal: abort.signal,
    onProgress: ({ done }) => done >= 2 && abort.abort(new Error("enough")),
  });
  await rejects(fit, /enough/);
  assert.equal(model.saveState(), before);
});

test("one class is predicted always; one row can be learnt", async () => {
  const model = await new HistGradientBoostingClassifier({ maxIter: 3 }).fit([[1], [2], [3]], ["a", "a", "a"]);
  assert.equal(await model.predict([[5]]), ["a"]);
  assert.equal((await model.predictProba([[5]])).toArray(), [[1]]);
  const one = await new HistGradientBoostingRegressor({ maxIter: 3 }).fit([[1]], [7]);
  assert.equal(Array.from(await one.predict([[5]])), [7]);
});

test("bad input gets an exact error", async () => {
  const X = [[1], [2], [3]];
  const cases: [() => Promise<unknown>, RegExp, string][] = [
    [() => new HistGradientBoostingRegressor().fit([], []), /X has 0 features/, "ERR_INVALID_DATA"],
    [() => new HistGradientBoostingRegressor().fit(X, [1, 2]), /X has 3 rows, but y has 2 values/, "ERR_INVALID_DATA"],
    [
      () => new HistGradientBoostingRegressor().fit(X, [1, 2, NaN]),
      /finite numbers, got NaN in row 2/,
      "ERR_INVALID_DATA",
    ],
    [() => new HistGradientBoostingRegressor().fit(X, [1e300, -1e300, 0]), /range of float32/, "ERR_INVALID_DATA"],
    [
      () => new HistGradientBoostingRegressor({ maxBins: 65_536 }).fit(X, [1, 2, 3]),
      /maxBins must be/,
      "ERR_INVALID_ARGUMENT",
    ],
    [
      () => new HistGradientBoostingClassifier().fit(X, [0, 1, 0], { sampleWeight: [1, 1] }),
      /sampleWeight has 2 values/,
      "ERR_INVALID_DATA",
    ],
    [() => new HistGradientBoostingClassifier().predict(X), /call fit first/, "ERR_NOT_FITTED"],
  ];
  for (const [attempt, pattern, code] of cases) await rejects(attempt(), pattern, code);
  const model = await new HistGradientBoostingRegressor({ maxIter: 2 }).fit(X, [1, 2, 3]);
  await rejects(model.predict([[1, 2]]), /X has 2 features, but HistGradientBoostingRegressor is expecting 1/);
});

test("class weights count like sample weights", async () => {
  const { X, labels } = table(600, 4);
  const params = { maxIter: 5, randomState: 0 };
  const weighted = await new HistGradientBoostingClassifier({ ...params, classWeight: { yes: 3 } }).fit(X, labels);
  const sampleWeight = labels.map((label) => (label === "yes" ? 3 : 1));
  const same = await new HistGradientBoostingClassifier(params).fit(X, labels, { sampleWeight });
  assert.equal((await weighted.predictProba(X)).data, (await same.predictProba(X)).data);
});

test("nJobs may come from the ambient setting, and progress counts iterations", async () => {
  const { X, y } = table(500, 4);
  const seen: number[] = [];
  await withConfig({ nJobs: 2 }, () =>
    new HistGradientBoostingRegressor({ maxIter: 7 }).fit(X, y, {
      onProgress: ({ done, total }) => seen.push(done, total),
    }),
  );
  assert.equal(seen.slice(-2), [7, 7]);
});

test("without early stopping a fit needs no seed to be repeatable", async () => {
  const { data: X, target: y } = await loadBreastCancer();
  const fit = async (): Promise<HistGradientBoostingClassifier> =>
    new HistGradientBoostingClassifier({ maxIter: 20, earlyStopping: false }).fit(X, y);
  const [first, second] = [await fit(), await fit()];
  assert.equal((await first.decisionFunction(X)).toString(), (await second.decisionFunction(X)).toString());
});

test.run();
