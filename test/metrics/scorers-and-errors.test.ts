import { test } from "uvu";
import * as assert from "uvu/assert";
import { fromBatches } from "../../src/data/index.js";
import { makeBlobs } from "../../src/datasets/index.js";
import { LogisticRegression, PoissonRegressor } from "../../src/linear-model/index.js";
import * as metrics from "../../src/metrics/index.js";

/** scikit-learn 1.9's list, spelt camelCase. Labels of several kinds a row (…_samples) are not there. */
const NAMES =
  `accuracy adjusted_mutual_info_score adjusted_rand_score average_precision balanced_accuracy completeness_score
  d2_absolute_error_score d2_brier_score d2_log_loss_score explained_variance f1 f1_macro f1_micro f1_weighted
  fowlkes_mallows_score homogeneity_score jaccard jaccard_macro jaccard_micro jaccard_weighted matthews_corrcoef
  mutual_info_score neg_brier_score neg_log_loss neg_max_error neg_mean_absolute_error neg_mean_absolute_percentage_error
  neg_mean_gamma_deviance neg_mean_poisson_deviance neg_mean_squared_error neg_mean_squared_log_error
  neg_median_absolute_error neg_negative_likelihood_ratio neg_root_mean_squared_error neg_root_mean_squared_log_error
  normalized_mutual_info_score positive_likelihood_ratio precision precision_macro precision_micro precision_weighted r2
  rand_score recall recall_macro recall_micro recall_weighted roc_auc roc_auc_ovo roc_auc_ovo_weighted roc_auc_ovr
  roc_auc_ovr_weighted top_k_accuracy v_measure_score`
    .split(/\s+/)
    .map((name) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

process.removeAllListeners("warning");

test("scorers have scikit-learn's names", () => {
  assert.equal(metrics.getScorerNames(), NAMES.sort());
});

test("every scorer of classes gives what its metric gives, weights too", async () => {
  const [X, y] = makeBlobs({ nSamples: 120, centers: 2, clusterStd: 4, randomState: 0 });
  const model = await new LogisticRegression().fit(X, y);
  const guess = await model.predict(X);
  const proba = (await model.predictProba(X)).column(1);
  const sampleWeight = Float64Array.from(y, (_, i) => 1 + (i % 3));
  const ratios = await metrics.classLikelihoodRatios(y, guess, { sampleWeight });
  const expected: Readonly<Record<string, number>> = {
    jaccard: await metrics.jaccardScore(y, guess, { sampleWeight }),
    jaccardMacro: await metrics.jaccardScore(y, guess, { sampleWeight, average: "macro" }),
    positiveLikelihoodRatio: ratios.positive,
    negNegativeLikelihoodRatio: -ratios.negative,
    d2BrierScore: await metrics.d2BrierScore(y, proba, { sampleWeight }),
    topKAccuracy: 1,
  };
  for (const [name, value] of Object.entries(expected)) {
    assert.is(await metrics.getScorer(name)(model, X, y, { sampleWeight }), value, name);
  }
  assert.is(await metrics.getScorer("adjustedRandScore")(model, X, y), await metrics.adjustedRandScore(y, guess));
  assert.match(
    await message(metrics.getScorer("randScore")(model, X, y, { sampleWeight })),
    /scorer randScore: the metric takes no sampleWeight/,
  );
});

test("scorers of counts", async () => {
  const X = Array.from({ length: 40 }, (_, i) => [i / 10]);
  const y = X.map((_, i) => (i * 7) % 5);
  const model = await new PoissonRegressor().fit(X, y);
  const guess = await model.predict(X);
  assert.is(
    await metrics.getScorer("negMeanPoissonDeviance")(model, X, y),
    -(await metrics.meanPoissonDeviance(y, guess)),
  );
  assert.is(await metrics.getScorer("negMaxError")(model, X, y), -(await metrics.maxError(y, guess)));
  const own = await model.score(X, y);
  assert.ok(Math.abs(own - (await metrics.d2TweedieScore(y, guess, { power: 1 }))) < 1e-15);
});

test("columns of frames are read as arrays are", async () => {
  const frame = await fromBatches([
    { y: [0, 0], score: [0.1, 0.4] },
    { y: [1, 1], score: [0.35, 0.8] },
  ]);
  const { fpr, fnr, thresholds } = await metrics.detCurve(frame.column("y"), frame.column("score"));
  assert.equal(
    [[...fpr], [...fnr], [...thresholds]],
    [
      [0.5, 0.5, 0],
      [0, 0.5, 0.5],
      [0.35, 0.4, 0.8],
    ],
  );
  assert.is(await metrics.adjustedRandScore(frame.column("y"), ["b", "b", "a", "a"]), 1);
  assert.is(await metrics.maxError(frame.column("y"), frame.column("score")), 0.65);
});

test("of a rare class the counts at every threshold add up to the rows", async () => {
  const y = Uint8Array.from({ length: 20_000 }, (_, i) => Number(i % 588 === 0));
  const scores = Float32Array.from(y, (label, i) => Math.fround(Math.sin(i) + label));
  const counts = await metrics.confusionMatrixAtThresholds(y, scores);
  counts.thresholds.forEach((threshold, k) => {
    const sum =
      (counts.trueNegatives[k] as number) +
      (counts.falsePositives[k] as number) +
      (counts.falseNegatives[k] as number) +
      (counts.truePositives[k] as number);
    assert.is(sum, 20_000);
    assert.ok(k === 0 || threshold < (counts.thresholds[k - 1] as number));
  });
});

test("mistakes are named", async () => {
  const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [() => metrics.detCurve([1, 1], [0.1, 0.2]), /detCurve: yTrue has one class only/],
    [() => metrics.detCurve([], []), /empty/],
    [
      () => metrics.meanPoissonDeviance([1, -1], [1, 1]),
      /meanPoissonDeviance: yTrue must be 0 or more .* got -1 in row 1/,
    ],
    [
      () => metrics.meanGammaDeviance([1, 0], [1, 1]),
      /yTrue must be positive for a deviance of power 2, got 0 in row 1/,
    ],
    [() => metrics.meanTweedieDeviance([1], [1], { power: 0.5 }), /power must be at most 0 or at least 1, got 0.5/],
    [() => metrics.meanSquaredLogError([0], [-1]), /meanSquaredLogError: yPred must be above -1, got -1 in row 0/],
    [() => metrics.meanPinballLoss([1], [1], { alpha: 2 }), /alpha must be a number from 0 to 1, got 2/],
    [() => metrics.hingeLoss([0, 1, 2], [1, 2, 3]), /more than two classes need one column of predDecision a class/],
    [() => metrics.hingeLoss([0, 3], [1, 2], { labels: [0, 1] }), /labels that are not in the labels option: 3/],
    [() => metrics.topKAccuracyScore([0, 1], [1, 2], { k: 0 }), /k must be a positive integer, got 0/],
    [() => metrics.topKAccuracyScore(["a"], [1]), /one class only: name all classes/],
    [() => metrics.jaccardScore([0, 1, 2], [0, 1, 2]), /there are 3 classes, but average is "binary"/],
    [() => metrics.cohenKappaScore([0], [1], { weights: "cubic" as never }), /weights must be one of/],
    [() => metrics.classLikelihoodRatios([0, 1, 2], [0, 1, 2]), /two classes are needed, got 3/],
    [() => metrics.vMeasureScore([0], [0], { beta: -1 }), /beta must be a non-negative number/],
    [
      () => metrics.adjustedMutualInfoScore([0], [0], { averageMethod: "mean" as never }),
      /averageMethod must be one of/,
    ],
    [() => metrics.randScore([0, 1], [0]), /yTrue has 2 values, but labelsPred has 1/],
    [() => metrics.maxError([1, NaN], [1, 1]), /must be finite numbers, got NaN in row 1/],
  ];
  for (const [call, expected] of cases) assert.match(await message(call()), expected);
});

test("undefined values are said and chosen", async () => {
  assert.ok(Number.isNaN(await metrics.cohenKappaScore([1, 1], [1, 1])));
  assert.is(await metrics.cohenKappaScore([1, 1], [1, 1], { replaceUndefinedBy: 0 }), 0);
  assert.ok(Number.isNaN(await metrics.d2TweedieScore([1], [1])));
  const ratios = { replaceUndefinedBy: { positive: Infinity, negative: 0 } };
  assert.is((await metrics.classLikelihoodRatios([0, 1], [0, 1], ratios)).positive, Infinity);
});

test.run();
