import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as arrow from "apache-arrow";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  Matrix,
  fromBuffer,
  simdInfo,
  type HistGradientBoostingRegressorParams,
} from "../../src/index.js";
import { BoostingForest } from "../../src/ensemble/boosting-predict.js";
import { addon } from "../../src/native/load.js";
import { rechunked } from "../contract/rechunked.js";

function randoms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Columns: one of `k` categories, two numbers (the second with missing values), one of three categories or missing. */
function table(rows: number, k: number, seed = 1): { X: Matrix<Float64Array>; y: Float64Array } {
  const next = randoms(seed);
  const effects = Array.from({ length: k }, () => 4 * next());
  const data = new Float64Array(rows * 4);
  const y = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const code = Math.floor(k * next() ** 2);
    const [a, b, c] = [next(), next(), Math.floor(3 * next())];
    data.set([code, a, next() < 0.2 ? NaN : b, next() < 0.1 ? NaN : c], 4 * i);
    y[i] = (effects[code] as number) + 2 * a * b - b + (c === 1 ? 1 : 0) + 0.2 * next();
  }
  return { X: new Matrix(data, [rows, 4]), y };
}

/** Training rows of every leaf. */
function leafCounts(model: HistGradientBoostingClassifier): number[] {
  const { forest } = model.saveState() as unknown as { forest: Uint8Array };
  const { model: handle, info } = BoostingForest.fromBytes(forest, "logLoss");
  return Array.from({ length: info.nIterations }, (_, t) => {
    const { feature, count } = addon().boostingNodes(handle, t);
    return Array.from(count).filter((_, i) => (feature[i] as number) < 0);
  }).flat();
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

const EVERYTHING: Partial<HistGradientBoostingRegressorParams> = {
  maxIter: 8,
  randomState: 5,
  minSamplesLeaf: 7,
  categoricalFeatures: [0, 3],
  monotonicCst: [0, 1, -1, 0],
  interactionCst: [
    [0, 1, 3],
    [1, 2],
  ],
  l1Regularization: 0.5,
  maxDeltaStep: 3,
  pathSmooth: 5,
  maxFeatures: 0.7,
  maxFeaturesPerTree: 0.9,
  catL2: 2,
  maxCatThreshold: 20,
  minDataPerGroup: 15,
};

test("with every rule at once the model is the same for any nJobs and any chunking", async () => {
  const { X, y } = table(6000, 400);
  for (const extraTrees of [false, true]) {
    const expected = await new HistGradientBoostingRegressor({ ...EVERYTHING, extraTrees, nJobs: 1 }).fit(X, y);
    for (const [nJobs, rows] of [
      [2, 6000],
      [3, 1000],
      [4, 77],
    ] as const) {
      const model = new HistGradientBoostingRegressor({ ...EVERYTHING, extraTrees, nJobs });
      await model.fit(rechunked(X, rows), y);
      assert.equal(model.saveState(), expected.saveState());
    }
  }
});

test("with every rule at once and every kind of leaf the model is the same on every instruction set", () => {
  const script = fileURLToPath(new URL("../fixtures/boosting-splits-digest.ts", import.meta.url));
  const digests = simdInfo().supported.map((isa) => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script], {
      env: { ...process.env, TREELINE_ISA: isa },
      encoding: "utf8",
    });
    assert.match(stdout, /^[0-9a-f]{64} /, stderr);
    return stdout.split(" ")[0];
  });
  assert.is(new Set(digests).size, 1);
});

test("a tree adds up the columns of its features only, which changes nothing else", async () => {
  const { X, y } = table(3000, 5);
  const wide = X.toArray().map((row, i) => [...row, ...Array.from({ length: 36 }, (_, j) => Math.sin(i * (j + 2)))]);
  const fit = (params: object): Promise<HistGradientBoostingRegressor> =>
    new HistGradientBoostingRegressor({ maxIter: 4, maxLeafNodes: 2, randomState: 1, ...params }).fit(wide, y);
  const [some, all, threads] = [
    await fit({ maxFeaturesPerTree: 0.25, nJobs: 1 }),
    await fit({ nJobs: 1 }),
    await fit({ maxFeaturesPerTree: 0.25, nJobs: 3 }),
  ];
  const shareOf = (model: HistGradientBoostingRegressor): number => {
    const { histogramUpdates = 0, storedColumns = 0, rows = 0 } = model.trace_ ?? {};
    return histogramUpdates / (4 * rows * storedColumns); // of four roots
  };
  assert.is(shareOf(all), 1);
  assert.ok(shareOf(some) > 0.15 && shareOf(some) < 0.35, String(shareOf(some)));
  assert.equal(await some.predict(wide), await threads.predict(wide));
});

test("another seed draws other features and thresholds", async () => {
  const { X, y } = table(1000, 5);
  const fit = (params: object): Promise<HistGradientBoostingRegressor> =>
    new HistGradientBoostingRegressor({ maxIter: 5, ...params }).fit(X, y);
  for (const params of [{ maxFeatures: 0.5 }, { maxFeaturesPerTree: 0.5 }, { extraTrees: true }]) {
    const [first, same, other] = [
      await fit({ ...params, randomState: 1 }),
      await fit({ ...params, randomState: 1 }),
      await fit({ ...params, randomState: 2 }),
    ];
    assert.equal(await first.predict(X), await same.predict(X));
    assert.not.equal(await first.predict(X), await other.predict(X));
  }
});

test("categories of any number are told apart where they have rows", async () => {
  const { X, y } = table(4000, 40);
  const plain = await new HistGradientBoostingRegressor({ maxIter: 30, maxLeafNodes: 6 }).fit(X, y);
  const split = await new HistGradientBoostingRegressor({
    maxIter: 30,
    maxLeafNodes: 6,
    categoricalFeatures: [true, false, false, true],
  }).fit(X, y);
  assert.equal(split.isCategorical_, [true, false, false, true]);
  assert.is(plain.isCategorical_, null);
  const [a, b] = [await plain.score(X, y), await split.score(X, y)];
  assert.ok(b > a + 0.02, `R² ${b} with categories, ${a} without`);
});

test("the order of numbers does not matter to categories", async () => {
  const { X, y } = table(2000, 30);
  const other = new Matrix(
    X.data.map((value, i) => (i % 4 === 0 ? 7 * ((11 * value) % 30) : value)),
    X.shape,
  );
  const params = { maxIter: 10, categoricalFeatures: [0] };
  const a = await (await new HistGradientBoostingRegressor(params).fit(X, y)).predict(X);
  const b = await (await new HistGradientBoostingRegressor(params).fit(other, y)).predict(other);
  a.forEach((value, i) => assert.ok(Math.abs(value - (b[i] as number)) < 1e-9));
});

test("100,000 categories: the rarest share a bin, and so does a category that fit did not see", async () => {
  const rows = 120_000;
  const X = new Matrix(
    Float64Array.from({ length: rows }, (_, i) => (i < 100_000 ? i : i % 10)),
    [rows, 1],
  );
  const y = Float64Array.from(X.data, (code) => (code < 10 ? code : -50));
  const model = await new HistGradientBoostingRegressor({
    maxIter: 40,
    maxLeafNodes: 12,
    categoricalFeatures: [0],
    earlyStopping: false,
  }).fit(X, y);
  const predicted = await model.predict([[3], [7], [50_000], [99_999_999], [NaN]]);
  const expected = [3, 7, -50, -50, -50];
  expected
    .slice(0, 4)
    .forEach((value, i) => assert.ok(Math.abs(value - (predicted[i] as number)) < 1, predicted.join(" ")));
  assert.is(predicted[2], predicted[3]);
});

test("without rare ones an unseen category counts as missing", async () => {
  const { X, y } = table(1500, 6);
  const model = await new HistGradientBoostingRegressor({ maxIter: 10, categoricalFeatures: [0, 3] }).fit(X, y);
  const row = (code: number, c: number): number[] => [code, 0.5, 0.5, c];
  const predicted = await model.predict([row(6, 1), row(NaN, 1), row(0.5, 1), row(-3, 1), row(2, 9), row(2, NaN)]);
  assert.is(predicted[0], predicted[1]);
  assert.is(predicted[2], predicted[1]);
  assert.is(predicted[3], predicted[1]);
  assert.is(predicted[4], predicted[5]);
});

test("one category, and nothing but missing values, are no reason to split", async () => {
  const rows = 200;
  const next = randoms(4);
  const data = Float64Array.from({ length: rows * 3 }, (_, i) => (i % 3 === 0 ? 5 : i % 3 === 1 ? NaN : next()));
  const X = new Matrix(data, [rows, 3]);
  const y = Float64Array.from({ length: rows }, (_, i) => data[3 * i + 2] as number);
  const model = await new HistGradientBoostingRegressor({ categoricalFeatures: [0, 1] }).fit(X, y);
  assert.ok((await model.score(X, y)) > 0.9);
  const [seen, other] = [await model.predict([[5, NaN, 0.3]]), await model.predict([[9, 2, 0.3]])];
  assert.equal(seen, other);
});

test("codes must be whole numbers from 0 on", async () => {
  const y = [1, 2, 3];
  for (const [bad, shown] of [
    [-1, "-1"],
    [0.5, "0.5"],
    [Infinity, "inf"],
    [1e17, "1e\\+17"],
  ] as const) {
    const X = [[0], [bad], [1]];
    await rejects(
      new HistGradientBoostingRegressor({ categoricalFeatures: [0] }).fit(X, y),
      new RegExp(`column 0 holds categories, but row 1 has ${shown}: categories are whole numbers`),
      "ERR_INVALID_DATA",
    );
  }
});

/** A table of a dictionary column and a number; `names` is the order of the dictionary. */
function cities(rows: readonly (string | null)[], names: readonly string[]): arrow.Table {
  const codes = Int32Array.from(rows, (name) => (name === null ? 0 : names.indexOf(name)));
  const city = arrow.makeVector(
    arrow.makeData({
      type: new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()),
      length: rows.length,
      nullCount: rows.filter((name) => name === null).length,
      nullBitmap: Uint8Array.from({ length: Math.ceil(rows.length / 8) }, (_, byte) =>
        rows.slice(8 * byte, 8 * byte + 8).reduce((bits, name, i) => bits | (name === null ? 0 : 1 << i), 0),
      ),
      data: codes,
      dictionary: arrow.vectorFromArray(names, new arrow.Utf8()),
    }),
  );
  const x = arrow.makeVector(Float64Array.from(rows, (_, i) => (i * 37) % 11));
  return new arrow.Table({ city, x });
}

const CITIES = ["Ulm", "Bonn", "Köln", "Jena", "Aachen"];
const EFFECT: Readonly<Record<string, number>> = { Ulm: 5, Bonn: -3, Köln: 8, Jena: 0, Aachen: 2 };
const PLACES = Array.from({ length: 400 }, (_, i) => (i % 13 === 0 ? null : (CITIES[(i * i + i) % 5] as string)));
const PRICES = PLACES.map((name, i) => (name === null ? -20 : (EFFECT[name] as number)) + 0.1 * ((i * 37) % 11));

test("dictionaries of strings are categories, matched by name whatever their order", async () => {
  const params = { maxIter: 40, randomState: 0 };
  const model = await new HistGradientBoostingRegressor(params).fit(cities(PLACES, CITIES), PRICES);
  assert.equal(model.isCategorical_, [true, false]);
  assert.ok((await model.score(cities(PLACES, CITIES), PRICES)) > 0.99);
  const expected = await model.predict(cities(PLACES, CITIES));
  const shuffled = [...CITIES].reverse();
  assert.equal(await model.predict(cities(PLACES, ["Wien", ...shuffled])), expected);
  assert.equal(model.predictSync(cities(PLACES, shuffled)), expected);
  const [unseen, missing] = await model.predict(cities(["Wien", null], ["Wien"]));
  assert.is(unseen, missing);
  const again = await new HistGradientBoostingRegressor(params).fit(cities(PLACES, shuffled), PRICES);
  assert.equal(again.saveState(), model.saveState());
});

test("names of categories are saved with the model", async () => {
  const model = await new HistGradientBoostingRegressor({ maxIter: 5 }).fit(cities(PLACES, CITIES), PRICES);
  const loaded = fromBuffer(model.toBuffer()) as HistGradientBoostingRegressor;
  assert.equal(loaded.isCategorical_, [true, false]);
  const shuffled = cities(PLACES, [...CITIES].sort());
  assert.equal(await loaded.predict(shuffled), await model.predict(shuffled));
});

test("a warm start keeps the categories of the first fit", async () => {
  const params = { warmStart: true, maxIter: 4, earlyStopping: false, randomState: 0 };
  const whole = await new HistGradientBoostingRegressor({ ...params, maxIter: 9 }).fit(cities(PLACES, CITIES), PRICES);
  const model = await new HistGradientBoostingRegressor(params).fit(cities(PLACES, CITIES), PRICES);
  model.setParams({ maxIter: 9 });
  await model.fit(cities(PLACES, ["Wien", ...CITIES]), PRICES);
  assert.equal(model.saveState(), whole.saveState());
  model.setParams({ maxIter: 10, categoricalFeatures: [0, 1] });
  await rejects(model.fit(cities(PLACES, CITIES), PRICES), /warmStart needs the categorical features of the last fit/);
});

test("validation rows follow the categories of the training rows", async () => {
  const model = await new HistGradientBoostingClassifier({ maxIter: 20, earlyStopping: true, tol: 0 }).fit(
    cities(PLACES, CITIES),
    PRICES.map((price) => price > 0),
    {
      XVal: cities(PLACES, [...CITIES].reverse()),
      yVal: PRICES.map((price) => price > 0),
    },
  );
  assert.equal(model.validationScore_, model.trainScore_);
});

test("columns of strings must be categories, in fit as in predict", async () => {
  const X = cities(PLACES, CITIES);
  await rejects(
    new HistGradientBoostingRegressor({ categoricalFeatures: null }).fit(X, PRICES),
    /column "city" holds categories \(strings\), but categoricalFeatures leaves it out/,
  );
  await rejects(
    new HistGradientBoostingRegressor({ categoricalFeatures: ["x"] }).fit(X, PRICES),
    /column "city" holds categories/,
  );
  const numbers = new arrow.Table({
    city: arrow.makeVector(Float64Array.of(0, 1)),
    x: X.getChild("x")?.slice(0, 2) as arrow.Vector,
  });
  const model = await new HistGradientBoostingRegressor({ maxIter: 3 }).fit(numbers, [1, 2]);
  await rejects(model.predict(X), /column "city" holds categories \(strings\), but it held numbers in fit/);
});

test("features are chosen by mask, index or name", async () => {
  const X = cities(PLACES, CITIES);
  const masks: object[] = [];
  for (const categoricalFeatures of [
    [true, true],
    [0, 1],
    ["city", "x"],
    ["x", "city"],
  ] as const) {
    const model = await new HistGradientBoostingRegressor({ maxIter: 3, categoricalFeatures }).fit(X, PRICES);
    assert.equal(model.isCategorical_, [true, true]);
    masks.push(await model.predict(X));
  }
  for (const predicted of masks) assert.equal(predicted, masks[0]);
});

test("features that do not exist are named in the error", async () => {
  const X = cities(PLACES, CITIES);
  const fit = (params: Partial<HistGradientBoostingRegressorParams>): Promise<unknown> =>
    new HistGradientBoostingRegressor(params).fit(X, PRICES);
  await rejects(
    fit({ categoricalFeatures: ["citty"] }),
    /no feature "citty"; did you mean city\?/,
    "ERR_INVALID_ARGUMENT",
  );
  await rejects(fit({ categoricalFeatures: [0, 2] }), /no feature 2: X has 2 features/);
  await rejects(fit({ categoricalFeatures: [true] }), /1 booleans, but X has 2 features/);
  await rejects(fit({ monotonicCst: [1] }), /monotonicCst has 1 numbers, but X has 2 features/);
  await rejects(fit({ monotonicCst: { y: 1 } }), /monotonicCst: there is no feature "y"/);
  await rejects(fit({ monotonicCst: { city: 1 } }), /"city" holds categories, which have no order/);
  await rejects(fit({ interactionCst: [[0, 5]] }), /interactionCst: there is no feature 5/);
  await rejects(
    new HistGradientBoostingRegressor({ monotonicCst: { a: 1 } }).fit([[1], [2]], [1, 2]),
    /X has no feature names: use indices/,
  );
  await rejects(
    new HistGradientBoostingClassifier({ monotonicCst: [1] }).fit([[1], [2], [3]], ["a", "b", "c"]),
    /monotonicCst is for one output/,
  );
});

/** Throws unless `predict` rises (or falls) with a feature wherever the others are. */
async function checkMonotonic(
  X: Matrix,
  feature: number,
  sign: number,
  predict: (grid: number[][]) => Promise<Float64Array>,
): Promise<void> {
  for (let k = 0; k < 20; k++) {
    const grid = Array.from({ length: 101 }, (_, i) => {
      const row = Array.from(X.row(k * 150));
      row[feature] = i / 100;
      return row;
    });
    const values = await predict(grid);
    values.forEach((value, i) => assert.ok(i === 0 || sign * (value - (values[i - 1] as number)) >= 0));
  }
}

test("a monotonic prediction rises and falls where it must, on a grid, for every loss", async () => {
  const { X, y } = table(4000, 8, 3);
  const params = { maxIter: 30, maxLeafNodes: 40, minSamplesLeaf: 3, categoricalFeatures: [0, 3], learningRate: 0.3 };
  const monotonicCst = [0, 1, -1, 0];
  for (const rules of [
    {},
    { l1Regularization: 1, pathSmooth: 3, maxDeltaStep: 1 },
    { loss: "absoluteError", pathSmooth: 2 },
    { loss: "quantile", quantile: 0.8, extraTrees: true },
    { loss: "poisson" },
  ] as const) {
    const model = await new HistGradientBoostingRegressor({ ...params, monotonicCst, ...rules }).fit(
      X,
      y.map((value) => Math.max(value, 0)),
    );
    await checkMonotonic(X, 1, 1, (grid) => model.predict(grid));
    await checkMonotonic(X, 2, -1, (grid) => model.predict(grid));
  }
  const labels = Array.from(y, (value) => value + Math.sin(40 * value) > 2.5);
  const classifier = await new HistGradientBoostingClassifier({ ...params, monotonicCst }).fit(X, labels);
  await checkMonotonic(X, 1, 1, async (grid) => (await classifier.decisionFunction(grid)) as Float64Array);
  await checkMonotonic(X, 2, -1, async (grid) => (await classifier.decisionFunction(grid)) as Float64Array);
  const free = await new HistGradientBoostingRegressor(params).fit(X, y);
  const grid = Array.from({ length: 101 }, (_, i) => [2, 0.1, i / 100, 1]);
  const values = await free.predict(grid);
  assert.ok(
    values.some((value, i) => i > 0 && value > (values[i - 1] as number)),
    "the data would break the rule",
  );
});

test("without interactions a prediction is a sum over features", async () => {
  const { X, y } = table(2000, 6);
  const model = await new HistGradientBoostingRegressor({
    maxIter: 20,
    interactionCst: "noInteractions",
    categoricalFeatures: [0],
  }).fit(X, y);
  const at = async (...row: number[]): Promise<number> => (await model.predict([row]))[0] as number;
  for (const [a, b] of [
    [0, 5],
    [2, 3],
  ] as const) {
    const first = (await at(a, 0.2, 0.3, 1)) - (await at(b, 0.2, 0.3, 1));
    const second = (await at(a, 0.9, 0.8, 2)) - (await at(b, 0.9, 0.8, 2));
    assert.ok(Math.abs(first - second) < 1e-9);
  }
});

test("interaction sets by names are those by indices; features in no set are one more", async () => {
  const X = cities(PLACES, CITIES);
  const fit = (
    interactionCst: HistGradientBoostingRegressorParams["interactionCst"],
  ): Promise<HistGradientBoostingRegressor> =>
    new HistGradientBoostingRegressor({ maxIter: 5, interactionCst }).fit(X, PRICES);
  const [byName, byIndex, none] = [await fit([["city"]]), await fit([[0], [1]]), await fit("noInteractions")];
  assert.equal(await byName.predict(X), await byIndex.predict(X));
  assert.equal(await byName.predict(X), await none.predict(X));
});

test("penalties pull leaf values to 0, a step limit cuts them, smoothing pulls them to their parents", async () => {
  const { X, y } = table(1000, 4);
  const spread = async (params: Partial<HistGradientBoostingRegressorParams>): Promise<number> => {
    const model = await new HistGradientBoostingRegressor({ maxIter: 1, learningRate: 1, ...params }).fit(X, y);
    const values = await model.predict(X);
    return Math.max(...values) - Math.min(...values);
  };
  const free = await spread({});
  assert.ok((await spread({ l1Regularization: 20 })) < free);
  assert.ok((await spread({ pathSmooth: 100 })) < free);
  const cut = await spread({ maxDeltaStep: 0.25 });
  assert.ok(cut <= 0.5 + 1e-12 && cut > 0.4, `spread ${cut}`);
  assert.ok(Math.abs((await spread({ l1Regularization: 1e9 })) - 0) < 1e-12);
});

test("minSamplesLeaf is exact with every rule", async () => {
  const { X, y } = table(2500, 60);
  const labels = Array.from(y, (value) => value > 2);
  for (const extraTrees of [false, true]) {
    const params = { ...EVERYTHING, loss: "logLoss" as const, extraTrees, minSamplesLeaf: 31 };
    const model = await new HistGradientBoostingClassifier(params).fit(X, labels);
    const counts = leafCounts(model);
    assert.ok(counts.length > 20);
    for (const count of counts) assert.ok(count >= 31);
  }
});

test("an aborted fit with categories leaves the estimator as it was", async () => {
  const { X, y } = table(3000, 300);
  const model = await new HistGradientBoostingRegressor({ maxIter: 3, categoricalFeatures: [0] }).fit(X, y);
  const before = model.saveState();
  const abort = new AbortController();
  model.setParams({ maxIter: 5000 });
  await rejects(
    model.fit(X, y, { signal: abort.signal, onProgress: ({ done }) => done > 2 && abort.abort() }),
    /abort/i,
  );
  assert.equal(model.saveState(), before);
});

test.run();
