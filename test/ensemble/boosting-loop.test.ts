import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  Matrix,
  fromBuffer,
  loadBreastCancer,
  loadIris,
  logLoss,
  makeScorer,
  r2Score,
  rocAucScore,
  type BoostingIteration,
  type CustomLoss,
} from "../../src/index.js";
import { rechunked } from "../contract/rechunked.js";

function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function table(rows: number, seed = 1): { X: Matrix<Float64Array>; y: Float64Array; labels: string[] } {
  const next = randoms(seed);
  const data = Float64Array.from({ length: rows * 4 }, next);
  const y = Float64Array.from({ length: rows }, (_, i) => {
    const [a = 0, b = 0, c = 0] = data.subarray(4 * i, 4 * i + 3);
    return Math.sin(6 * a) + 2 * b * c + 0.2 * next();
  });
  return { X: new Matrix(data, [rows, 4]), y, labels: Array.from(y, (value) => (value > 0.6 ? "yes" : "no")) };
}

async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

const { X, y, labels } = table(3_000);
const other = table(800, 9);
const squaredError: CustomLoss = (raw, targets) => ({
  gradient: raw.map((p, i) => p - (targets[i] as number)),
  hessian: new Float64Array(raw.length).fill(1),
});

const SAMPLINGS = [
  { subsample: 0.5 },
  { subsample: 0.3, subsampleFreq: 3 },
  { boostingType: "goss", learningRate: 0.4 },
  { boostingType: "dart", skipDrop: 0, dropRate: 0.3 },
  { boostingType: "dart", skipDrop: 0.2, dropRate: 0.5, uniformDrop: true, xgboostDartMode: true, maxDrop: 3 },
] as const;

for (const sampling of SAMPLINGS) {
  test(`${JSON.stringify(sampling)}: the same model for any nJobs and chunks; it learns; its seed matters`, async () => {
    const params = { maxIter: 25, minSamplesLeaf: 5, randomState: 3, ...sampling };
    const expected = await new HistGradientBoostingRegressor({ ...params, nJobs: 1 }).fit(X, y);
    for (const nJobs of [2, 4]) {
      const model = await new HistGradientBoostingRegressor({ ...params, nJobs }).fit(rechunked(X, 700), y);
      assert.equal(model.saveState(), expected.saveState());
    }
    assert.ok((await expected.score(other.X, other.y)) > 0.3); // DART learns slowly

    const seeded = await new HistGradientBoostingRegressor({ ...params, randomState: 4 }).fit(X, y);
    assert.not.equal(await seeded.predict(X), await expected.predict(X));
  });

  test(`${JSON.stringify(sampling)}: all rows' raw predictions are those of the model`, async () => {
    // The watched losses come from the raw predictions kept during the fit.
    const model = new HistGradientBoostingClassifier({ maxIter: 12, randomState: 0, ...sampling });
    await model.fit(X, labels, {
      evalSet: [
        { X, y: labels, name: "train" },
        { X: other.X, y: other.labels, name: "other" },
      ],
      evalMetric: ["loss", "rocAuc"],
    });
    const { train, other: held } = model.evalResults_;
    assert.is(train?.["loss"]?.length, 13);
    for (const [set, rows] of [
      [train, { X, labels }],
      [held, other],
    ] as const) {
      const probabilities = await model.predictProba(rows.X);
      assert.ok(Math.abs((set?.["loss"]?.at(-1) as number) - (await logLoss(rows.labels, probabilities))) < 1e-9);
      assert.is(set?.["rocAuc"]?.at(-1), await rocAucScore(rows.labels, probabilities.column(1)));
    }
  });
}

for (const sampling of SAMPLINGS.slice(0, 3)) {
  test(`${JSON.stringify(sampling)}: a warm start goes on as if the fit had never stopped`, async () => {
    const params = { randomState: 2, ...sampling };
    const straight = await new HistGradientBoostingClassifier({ ...params, maxIter: 11 }).fit(X, labels);
    const model = await new HistGradientBoostingClassifier({ ...params, maxIter: 5, warmStart: true }).fit(X, labels);
    const copy = fromBuffer<HistGradientBoostingClassifier>(model.toBuffer());
    await copy.setParams({ maxIter: 11 }).fit(X, labels);
    assert.equal((await copy.predictProba(X)).data, (await straight.predictProba(X)).data);
  });
}

test("a sample counts its own rows: minSamplesLeaf holds within it", async () => {
  const params = { maxIter: 5, subsample: 0.25, minSamplesLeaf: 300, randomState: 0 } as const;
  const stump = await new HistGradientBoostingRegressor(params).fit(X, y);
  const distinct = new Set(await stump.predict(X));
  assert.ok(distinct.size > 1 && distinct.size <= 3 ** 5, `${distinct.size} different predictions`);
});

test("goss refuses shares that make no sense", async () => {
  for (const bad of [{ subsample: 0.5 }, { topRate: 0.8, otherRate: 0.3 }, { topRate: 0, otherRate: 0 }]) {
    const error = await errorOf(new HistGradientBoostingRegressor({ boostingType: "goss", ...bad }).fit(X, y));
    assert.match(error.message, /boostingType "goss" needs subsample 1/);
    assert.is(error.code, "ERR_INVALID_ARGUMENT");
  }
});

test("rows of weight 0 might as well not be there", async () => {
  const kept = Array.from({ length: 3_000 }, (_, i) => i).filter((i) => i % 3 > 0);
  const sampleWeight = Float64Array.from({ length: 3_000 }, (_, i) => (i % 3 > 0 ? 1 : 0));
  const params = { maxIter: 10, randomState: 0 };
  const weighted = await new HistGradientBoostingRegressor(params).fit(X, y, { sampleWeight });
  const without = await new HistGradientBoostingRegressor(params).fit(
    kept.map((i) => Array.from(X.row(i))),
    kept.map((i) => y[i] as number),
    { sampleWeight: kept.map(() => 1) },
  );
  assert.equal(await weighted.predict(X), await without.predict(X));
});

test("early stopping may watch any scorer", async () => {
  const params = { earlyStopping: true, maxIter: 60, nIterNoChange: 4, randomState: 0 } as const;
  const model = await new HistGradientBoostingClassifier({ ...params, scoring: "rocAuc" }).fit(X, labels, {
    XVal: other.X,
    yVal: other.labels,
  });
  assert.is(model.validationScore_.length, model.nIter_ + 1);
  const probabilities = await model.predictProba(other.X);
  assert.is(model.validationScore_.at(-1), await rocAucScore(other.labels, probabilities.column(1)));
  assert.is(model.trainScore_.at(-1), await rocAucScore(labels, (await model.predictProba(X)).column(1)));
  const own = makeScorer(r2Score);
  const regressor = await new HistGradientBoostingRegressor({ ...params, scoring: own }).fit(X, y, {
    XVal: other.X,
    yVal: other.y,
  });
  assert.is(regressor.validationScore_.at(-1), await regressor.score(other.X, other.y));
  const { data, target } = await loadIris();
  const iris = await new HistGradientBoostingClassifier({ ...params, scoring: "accuracy" }).fit(data, target);
  assert.is(iris.validationScore_.length, iris.nIter_ + 1);
});

test("a scorer, callbacks or evalSet change nothing but the number of iterations", async () => {
  const params = { maxIter: 9, randomState: 0 } as const;
  const plain = await new HistGradientBoostingClassifier(params).fit(X, labels);
  const seen: BoostingIteration[] = [];
  const watched = await new HistGradientBoostingClassifier(params).fit(X, labels, {
    evalSet: [{ X: other.X, y: other.labels }],
    evalMetric: "balancedAccuracy",
    callbacks: [(state) => seen.push(state)],
  });
  assert.equal((await watched.predictProba(X)).data, (await plain.predictProba(X)).data);
  assert.equal(
    seen.map(({ iteration }) => iteration),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.is(
    seen[8]?.evalResults["eval0"]?.["balancedAccuracy"],
    watched.evalResults_["eval0"]?.["balancedAccuracy"]?.[9],
  );
  const copy = fromBuffer<HistGradientBoostingClassifier>(watched.toBuffer());
  assert.equal(copy.evalResults_, watched.evalResults_);
});

test("a callback ends a fit with false, and refuses it by throwing", async () => {
  const params = { maxIter: 50, randomState: 0 } as const;
  const model = await new HistGradientBoostingRegressor(params).fit(X, y, {
    callbacks: [({ iteration }) => Promise.resolve(iteration < 7)],
  });
  assert.is(model.nIter_, 7);
  const before = model.saveState();
  const error = await errorOf(
    model.fit(X, y, {
      callbacks: [
        ({ iteration }) => {
          if (iteration === 3) throw new Error("no more");
        },
      ],
    }),
  );
  assert.is(error.message, "no more");
  assert.equal(model.saveState(), before);
  const abort = new AbortController();
  const aborted = await errorOf(
    model.fit(X, y, { signal: abort.signal, callbacks: [() => abort.abort(new Error("enough"))] }),
  );
  assert.is(aborted.message, "enough");
  assert.equal(model.saveState(), before);
});

test("a custom loss that is the squared error gives the trees of the squared error", async () => {
  const targets = Float64Array.from(y, (value) => Math.round(8 * value));
  const mean = targets.reduce((a, b) => a + b, 0) / targets.length;
  const initScore = targets.map(() => mean);
  const params = { maxIter: 12, randomState: 0, minSumHessian: 1e-3 };
  const custom = await new HistGradientBoostingRegressor({ ...params, loss: squaredError }).fit(X, targets, {
    initScore,
  });
  const plain = await new HistGradientBoostingRegressor(params).fit(X, targets);
  const [a, b] = [await custom.predict(X), await plain.predict(X)];
  const apart = a.reduce((most, value, i) => Math.max(most, Math.abs(value + mean - (b[i] as number))), 0);
  assert.ok(apart < 1e-12, `predictions up to ${apart} apart`);
});

test("a custom loss of a classifier has the log loss's probabilities", async () => {
  const focal: CustomLoss = (raw, codes, weight) => {
    const p = raw.map((value) => 1 / (1 + Math.exp(-value)));
    const w = (i: number): number => weight?.[i] ?? 1;
    return {
      gradient: p.map((value, i) => w(i) * (value - (codes[i] as number))),
      hessian: p.map((value, i) => w(i) * value * (1 - value)),
    };
  };
  const { data, target } = await loadBreastCancer();
  const sampleWeight = Float64Array.from(target as ArrayLike<number>, (_, i) => 1 + (i % 2));
  const model = await new HistGradientBoostingClassifier({ loss: focal, maxIter: 40, randomState: 0 }).fit(
    data,
    target,
    {
      sampleWeight,
    },
  );
  const plain = await new HistGradientBoostingClassifier({ maxIter: 40, randomState: 0 }).fit(data, target, {
    sampleWeight,
    initScore: new Float64Array(data.rows),
  });
  assert.ok((await model.score(data, target)) > 0.98);
  const [a, b] = [(await model.predictProba(data)).column(1), (await plain.predictProba(data)).column(1)];
  assert.ok(Array.from(a).every((value, i) => Math.abs(value - (b[i] as number)) < 0.1));
});

test("a custom loss that fails rejects the fit, which changes nothing", async () => {
  const model = await new HistGradientBoostingRegressor({ maxIter: 3 }).fit(X, y);
  const before = model.saveState();
  const cases: [CustomLoss, RegExp][] = [
    [() => Promise.reject(new Error("from the loss")), /^from the loss$/],
    [() => ({}) as never, /the loss's gradient must be an array of 3000 numbers, got undefined/],
    [(raw) => ({ gradient: raw.slice(1), hessian: raw }), /must be an array of 3000 numbers, got 2999/],
    [(raw) => ({ gradient: raw.map(() => NaN), hessian: raw }), /finite gradients and non-negative hessians, got nan/],
    [(raw) => ({ gradient: raw, hessian: raw.map(() => -1) }), /non-negative hessians, got .* in row 0/],
  ];
  for (const [loss, pattern] of cases) {
    const error = await errorOf(model.setParams({ loss }).fit(X, y));
    assert.match(error.message, pattern);
    assert.equal(model.saveState(), before);
  }
  const stopping = await errorOf(model.setParams({ loss: squaredError, earlyStopping: true }).fit(X, y));
  assert.match(stopping.message, /a custom loss has no value to stop by/);
  const scored = await model.setParams({ scoring: "r2", maxIter: 20 }).fit(X, y);
  assert.ok(scored.validationScore_.length > 1);
});

test("initScore starts the training, for several classes too", async () => {
  const { data, target } = await loadIris();
  const first = await new HistGradientBoostingClassifier({ maxIter: 10, randomState: 0 }).fit(data, target);
  const initScore = (await first.decisionFunction(data)) as Matrix;
  const second = await new HistGradientBoostingClassifier({ maxIter: 10, randomState: 0 }).fit(data, target, {
    initScore,
    evalSet: [{ X: data, y: target, initScore, name: "train" }],
  });
  const losses = second.evalResults_["train"]?.["loss"] as Float64Array;
  assert.ok(Math.abs((losses[0] as number) - (await logLoss(target, await first.predictProba(data)))) < 1e-9);
  assert.ok((losses[10] as number) < (losses[0] as number));
  const error = await errorOf(new HistGradientBoostingRegressor().fit(X, y, { initScore: [1, 2] }));
  assert.match(error.message, /initScore must be 3000 × 1 numbers, got 2 × 1/);
});

test("names and shapes of what is watched are checked", async () => {
  const fit = (options: object): Promise<Error & { code?: string }> =>
    errorOf(new HistGradientBoostingRegressor({ maxIter: 2 }).fit(X, y, options));
  const set = { X: other.X, y: other.y };
  assert.match(
    (
      await fit({
        evalSet: [
          { ...set, name: "a" },
          { ...set, name: "a" },
        ],
      })
    ).message,
    /the name "a" twice/,
  );
  assert.match((await fit({ evalSet: [{ X: [[1]], y: [1] }] })).message, /has 1 features, but X has 4/);
  assert.match((await fit({ evalSet: [set], evalMetric: "rocAux" })).message, /unknown scorer "rocAux"/);
  assert.match((await fit({ evalSet: [{ X: other.X, y: [1] }] })).message, /X has 800 rows, but y has 1 values/);
  assert.match((await fit({ initScoreVal: [1] })).message, /initScoreVal is given, but not XVal/);
});

test.run();
