import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingRegressor,
  fromBuffer,
  loadDiabetes,
  type HistGradientBoostingRegressorParams,
} from "../../src/index.js";

type Params = Partial<HistGradientBoostingRegressorParams>;

const { data, target } = await loadDiabetes();
const y = Float64Array.from(target as ArrayLike<number>);
const ALL: readonly Params[] = [
  { loss: "absoluteError" },
  { loss: "quantile", quantile: 0.8 },
  { loss: "huber", huberDelta: 30 },
  { loss: "fair", fairC: 20 },
  { loss: "mape" },
  { loss: "poisson" },
  { loss: "gamma" },
  { loss: "tweedie", variancePower: 1.2 },
];

async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

for (const params of ALL) {
  test(`${JSON.stringify(params)}: a warm start, saving and threads change nothing`, async () => {
    const fit = (more: Params): Promise<HistGradientBoostingRegressor> =>
      new HistGradientBoostingRegressor({ randomState: 1, ...params, ...more }).fit(data, y);
    const straight = await fit({ maxIter: 12, nJobs: 1 });
    const warm = await fit({ maxIter: 5, warmStart: true, nJobs: 3 });
    const copy = fromBuffer<HistGradientBoostingRegressor>(warm.toBuffer());
    assert.equal(await copy.predict(data), await warm.predict(data));
    await copy.setParams({ maxIter: 12 }).fit(data, y);
    assert.equal(await copy.predict(data), await straight.predict(data));
    assert.equal(copy.predictSync(data), await straight.predict(data));
    const stages: Float64Array[] = [];
    for await (const stage of straight.stagedPredict(data)) stages.push(stage);
    assert.is(stages.length, 12);
    assert.equal(stages[11], await straight.predict(data));
  });

  test(`${JSON.stringify(params)}: the training loss falls`, async () => {
    const options = { maxIter: 30, earlyStopping: true, validationFraction: null, learningRate: 0.05 } as const;
    const { trainScore_ } = await new HistGradientBoostingRegressor({ ...params, ...options }).fit(data, y);
    assert.ok((trainScore_.at(-1) as number) > (trainScore_[0] as number));
    assert.ok(trainScore_.every(Number.isFinite));
  });
}

test("a quantile leaves its share of the training rows above and below", async () => {
  for (const quantile of [0.1, 0.5, 0.9]) {
    const params = { loss: "quantile", quantile, maxIter: 100, minSamplesLeaf: 40 } as const;
    const predicted = await new HistGradientBoostingRegressor(params).fit(data, y).then((model) => model.predict(data));
    const below = y.filter((value, i) => value <= (predicted[i] as number)).length / y.length;
    assert.ok(Math.abs(below - quantile) < 0.04, `${below} of the rows lie below the quantile ${quantile}`);
  }
});

test("one tree of medians predicts the medians of its leaves", async () => {
  const X = [[0], [0], [0], [1], [1], [1], [1]];
  const params = { loss: "absoluteError", maxIter: 1, learningRate: 1, minSamplesLeaf: 1 } as const;
  const model = await new HistGradientBoostingRegressor(params).fit(X, [1, 2, 90, 10, 11, 13, 1000]);
  assert.equal(Array.from(await model.predict([[0], [1]])), [2, 12]);
  const sampleWeight = [1, 1, 3, 1, 1, 1, 1];
  const weighted = await new HistGradientBoostingRegressor(params).fit(X, [1, 2, 90, 10, 11, 13, 1000], {
    sampleWeight,
  });
  assert.equal(Array.from(await weighted.predict([[0], [1]])), [90, 12]);
});

test("cross-entropy predicts shares, log links predict positive means", async () => {
  const shares = y.map((value) => value / 350);
  const share = await new HistGradientBoostingRegressor({ loss: "crossEntropy", maxIter: 30 }).fit(data, shares);
  assert.ok((await share.predict(data)).every((value) => value > 0 && value < 1));
  for (const loss of ["poisson", "tweedie"] as const) {
    const zeros = y.map((value, i) => (i % 3 === 0 ? 0 : value));
    const model = await new HistGradientBoostingRegressor({ loss, maxIter: 30 }).fit(data, zeros);
    const predicted = await model.predict(data);
    assert.ok(predicted.every((value) => value > 0));
    const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
    if (loss === "poisson") assert.ok(Math.abs(sum(predicted) / sum(zeros) - 1) < 0.05);
  }
});

test("targets that a loss is not defined for are refused by row", async () => {
  const X = [[1], [2], [3]];
  const cases: [Params, number[], RegExp][] = [
    [{ loss: "poisson" }, [1, -1, 2], /y: loss "poisson" needs non-negative values, got -1 in row 1/],
    [{ loss: "poisson" }, [0, 0, 0], /needs a value above 0, but all are 0/],
    [{ loss: "tweedie" }, [0, 0, -2], /non-negative values, got -2 in row 2/],
    [{ loss: "gamma" }, [1, 0, 2], /positive values, got 0 in row 1/],
    [{ loss: "crossEntropy" }, [0, 1, 1.5], /values from 0 to 1, got 1.5 in row 2/],
  ];
  for (const [params, targets, pattern] of cases) {
    const error = await errorOf(new HistGradientBoostingRegressor(params).fit(X, targets));
    assert.match(error.message, pattern);
    assert.is(error.code, "ERR_INVALID_DATA");
  }
  const noQuantile = await errorOf(new HistGradientBoostingRegressor({ loss: "quantile" }).fit(X, [1, 2, 3]));
  assert.match(noQuantile.message, /loss "quantile" needs the parameter quantile/);
  assert.is(noQuantile.code, "ERR_INVALID_ARGUMENT");
  const model = await new HistGradientBoostingRegressor({ warmStart: true, maxIter: 2 }).fit(X, [1, 2, 3]);
  const changed = await errorOf(model.setParams({ loss: "gamma", maxIter: 4 }).fit(X, [1, 2, 3]));
  assert.match(changed.message, /goes on with the loss of the last fit, "squaredError", got "gamma"/);
});

test.run();
