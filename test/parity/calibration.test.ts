import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CalibratedClassifierCV,
  calibrationCurve,
  FixedThresholdClassifier,
  GaussianNB,
  IsotonicRegression,
  loadBreastCancer,
  loadIris,
  LogisticRegression,
  RidgeClassifier,
  StandardScaler,
  TunedThresholdClassifierCV,
  type Matrix,
} from "../../src/index.js";

// Isotonic regression, calibrated and tuned classifiers beside scikit-learn's (make_calibration.py).

type Column = (number | null)[];
const values = JSON.parse(readFileSync("test/parity/calibration.json", "utf8")) as {
  x: number[];
  y: number[];
  w: number[];
  grid: number[];
  isotonic: [object, boolean, number[], number[], Column][];
  calibrated: [string, string, object, number[]][];
  curves: ["uniform" | "quantile", number[], number[]][];
  tuned: [string, object, number, number, number[], number[]][];
  fixed: number[];
};
const MODELS = {
  GaussianNB: () => new GaussianNB(),
  RidgeClassifier: () => new RidgeClassifier(),
  LogisticRegression: () => new LogisticRegression({ tol: 1e-10, maxIter: 1000 }),
};
const modelOf = (name: string): GaussianNB => MODELS[name as "GaussianNB"]();

function close(actual: ArrayLike<number>, expected: Column, tolerance: number, what: string): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((value, i) => {
    const got = actual[i] as number;
    const fits = value === null ? Number.isNaN(got) : Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value));
    assert.ok(fits, `${what}[${i}]: ${got} is not ${value}`);
  });
}

async function dataOf(name: string): Promise<[number[][] | Matrix, Float64Array]> {
  if (name === "iris") return loadIris({ returnXy: true });
  const [X, y] = await loadBreastCancer({ returnXy: true });
  const Z = await new StandardScaler().fitTransform(X);
  return [Z.toArray().map((row) => Array.from(row).slice(0, 6)), y];
}

values.isotonic.forEach(([params, weighted, x, y, predicted], k) => {
  test(`IsotonicRegression (${k}) ${JSON.stringify(params)}`, async () => {
    const model = new IsotonicRegression(params);
    await model.fit(values.x, values.y, { sampleWeight: weighted ? values.w : undefined });
    close(model.XThresholds_, x, 1e-12, "XThresholds_");
    close(model.yThresholds_, y, 1e-12, "yThresholds_");
    close(await model.predict(values.grid), predicted, 1e-12, "predictions");
    const columns = values.grid.map((at) => [at]);
    assert.is(String(await model.transform(columns)), String(await model.predict(values.grid)));
  });
});

values.calibrated.forEach(([name, data, params, expected], k) => {
  test(`CalibratedClassifierCV (${k}) of ${name} on ${data}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf(data);
    const model = new CalibratedClassifierCV({ estimator: modelOf(name), ...params });
    const proba = await (await model.fit(X, y)).predictProba(X);
    const every = proba.toArray().filter((_, i) => i % 7 === 0);
    close(
      every.flatMap((row) => Array.from(row)),
      expected,
      "method" in params && params.method === "temperature" ? 1e-4 : 2e-5,
      "probabilities",
    ); // scikit-learn stops at gradients of 1e-6, and five digits of a temperature
  });
});

values.curves.forEach(([strategy, probTrue, probPred]) => {
  test(`calibrationCurve, ${strategy}`, async () => {
    const [X, y] = await dataOf("cancer");
    const p = (await (await new GaussianNB().fit(X, y)).predictProba(X)).column(1);
    const curve = await calibrationCurve(y, p, { nBins: 8, strategy });
    close(curve.probTrue, probTrue, 1e-12, "probTrue");
    close(curve.probPred, probPred, 1e-9, "probPred");
  });
});

values.tuned.forEach(([name, params, threshold, score, thresholds, scores], k) => {
  test(`TunedThresholdClassifierCV (${k}) of ${name}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf("cancer");
    const model = new TunedThresholdClassifierCV({ estimator: modelOf(name), storeCvResults: true, ...params });
    await model.fit(X, y);
    close([model.bestThreshold_, model.bestScore_], [threshold, score], 1e-8, "best");
    close(model.cvResults_?.thresholds ?? [], thresholds, 1e-8, "thresholds");
    close(model.cvResults_?.scores ?? [], scores, 1e-8, "scores");
  });
});

test("FixedThresholdClassifier, with the rarer label as the positive one", async () => {
  const [X, y] = await dataOf("cancer");
  const model = new FixedThresholdClassifier({ estimator: new GaussianNB(), threshold: 0.05, posLabel: 0 });
  assert.equal(Array.from((await (await model.fit(X, y)).predict(X)) as Float64Array), values.fixed);
});

const refused = async (run: () => Promise<unknown>, message: RegExp): Promise<void> =>
  run().then(
    () => assert.unreachable("not refused"),
    (error: Error) => assert.match(error.message, message),
  );

test("one split by a share; what does not go together is refused", async () => {
  const [X, y] = await dataOf("cancer");
  const one = { estimator: new GaussianNB(), cv: 0.25, refit: false, randomState: 0 };
  const model = await new TunedThresholdClassifierCV(one).fit(X, y);
  const again = await new TunedThresholdClassifierCV(one).fit(X, y);
  assert.is(model.bestThreshold_, again.bestThreshold_);
  assert.is(await model.score(X, y), await again.score(X, y));
  await refused(() => new TunedThresholdClassifierCV({ ...one, cv: 3 }).fit(X, y), /refit: false needs one split/);
  await refused(() => new TunedThresholdClassifierCV({ ...one, scoring: "rocAuc" }).fit(X, y), /must judge labels/);
  await refused(
    () => new FixedThresholdClassifier({ estimator: new StandardScaler() }).fit(X, y),
    /predictProba or decisionFunction/,
  );
  const raising = await new IsotonicRegression({ outOfBounds: "raise" }).fit([1, 2], [1, 2]);
  await refused(() => raising.predict([3]), /row 0 of X is 3, outside of fit's range 1 … 2/);
  await refused(() => new IsotonicRegression().fit([[1, 2]], [1]), /must be one column, got 2 features/);
  await refused(() => calibrationCurve([0, 1], [0.5, 1.5]), /must be in 0 … 1, got 1.5 in row 1/);
  await refused(
    () => new CalibratedClassifierCV({ estimator: new StandardScaler() }).fit(X, y),
    /decisionFunction or predictProba/,
  );
});

test.run();
