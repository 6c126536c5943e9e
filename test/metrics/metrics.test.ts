import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accuracyScore,
  auc,
  averagePrecisionScore,
  classificationReport,
  confusionMatrix,
  f1Score,
  fbetaScore,
  getScorer,
  getScorerNames,
  logLoss,
  makeScorer,
  Matrix,
  meanSquaredError,
  precisionRecallCurve,
  precisionScore,
  r2Score,
  rocAucScore,
  rocCurve,
  TreelineError,
  type ColumnSource,
  type VectorLike,
} from "../../src/index.js";

const y = [0, 0, 1, 1];
const score = [0.1, 0.4, 0.35, 0.8];

async function rejects(call: () => Promise<unknown>, message: string | RegExp, code: string): Promise<void> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, TreelineError);
    if (typeof message === "string") assert.is((error as Error).message, message);
    else assert.match((error as Error).message, message);
    assert.is((error as TreelineError).code, code);
    return;
  }
  assert.unreachable("nothing was thrown");
}

test("reads every kind of column alike: arrays, typed arrays, booleans, bigint and lazy columns", async () => {
  const lazy: ColumnSource = {
    name: "y",
    async *values() {
      yield Float64Array.of(0, 0);
      yield Float64Array.of(1, 1);
    },
  };
  const kinds: VectorLike[] = [y, Int8Array.from(y), y.map(Boolean), BigInt64Array.from(y.map(BigInt)), lazy];
  for (const truth of kinds) {
    assert.is(await rocAucScore(truth, score), 0.75);
    assert.is(await averagePrecisionScore(truth, Float64Array.from(score)), 0.8333333333333333);
    assert.is(await accuracyScore(truth, [0, 1, 1, 1]), 0.75);
  }
});

test("true is 1 and false is 0 when one column holds booleans and the other numbers", async () => {
  assert.is(await f1Score([true, false, true], [1, 0, 0]), 2 / 3);
  assert.equal((await confusionMatrix([1, 0], [true, true])).toArray(), [
    [0, 1],
    [0, 1],
  ]);
});

test("sorts a million tied and untied scores as a naive count does", async () => {
  const n = 1_000_000;
  const scores = Float64Array.from({ length: n }, (_, i) => Math.round(Math.sin(i) * 1000) / 1000);
  const truth = Uint8Array.from({ length: n }, (_, i) => (Math.sin(i * 1.7) + Math.sin(i) > 0.5 ? 1 : 0));
  const wins = new Map<number, [number, number]>();
  scores.forEach((s, i) => {
    const counts = wins.get(s + 0) ?? [0, 0];
    counts[truth[i] as 0 | 1]++;
    wins.set(s + 0, counts);
  });
  let [below, area, positives] = [0, 0, 0];
  for (const s of [...wins.keys()].sort((a, b) => a - b)) {
    const [negative, positive] = wins.get(s) as [number, number];
    area += positive * (below + negative / 2);
    below += negative;
    positives += positive;
  }
  const expected = area / (below * positives);
  assert.ok(Math.abs((await rocAucScore(truth, scores)) - expected) < 1e-13);
});

test("weights of 0 leave rows out; integer weights repeat them", async () => {
  const weights = [0, 3, 1, 2];
  const repeat = <T>(values: readonly T[]): T[] => values.flatMap((v, i) => Array<T>(weights[i] as number).fill(v));
  assert.is(
    await averagePrecisionScore(y, score, { sampleWeight: weights }),
    await averagePrecisionScore(repeat(y), repeat(score)),
  );
  assert.equal(
    (await rocCurve(y, score, { sampleWeight: weights })).tpr,
    (await rocCurve(repeat(y), repeat(score))).tpr,
  );
});

test("does not change or keep what it is given", async () => {
  const scores = Float64Array.from(score);
  const before = scores.slice();
  const { thresholds } = await precisionRecallCurve(y, scores);
  assert.equal(scores, before);
  assert.not(thresholds.buffer === scores.buffer);
});

test("takes float32 probabilities with float32's clipping", async () => {
  assert.is(await logLoss([0, 1], Float32Array.of(0, 0)), (-Math.log(2 ** -23) - Math.log(1 - 2 ** -23)) / 2);
});

test("a report reads as scikit-learn's", async () => {
  assert.is(
    await classificationReport(["a", "b", "b"], ["a", "b", "a"]),
    `              precision    recall  f1-score   support

           a       0.50      1.00      0.67         1
           b       1.00      0.50      0.67         2

    accuracy                           0.67         3
   macro avg       0.75      0.75      0.67         3
weighted avg       0.83      0.67      0.67         3
`,
  );
});

test("undefined values warn once with a stable code", async () => {
  const warnings: { name: string; code?: string }[] = [];
  const listen = (warning: Error): number => warnings.push(warning);
  process.on("warning", listen);
  assert.ok(Number.isNaN(await rocAucScore([1, 1], [0.2, 0.3])));
  assert.is(await precisionScore([1, 0], [0, 0]), 0);
  assert.is(await precisionScore([1, 0], [0, 0], { zeroDivision: 1 }), 1);
  await new Promise(setImmediate);
  process.off("warning", listen);
  assert.equal(
    warnings.map(({ name, code }) => [name, code]),
    Array(2).fill(["UndefinedMetricWarning", "TREELINE_UNDEFINED_METRIC"]),
  );
});

const [A, D] = ["ERR_INVALID_ARGUMENT", "ERR_INVALID_DATA"];
const BAD: [string, () => Promise<unknown>, string | RegExp, string][] = [
  ["unequal lengths", () => accuracyScore([1], [1, 2]), "accuracyScore: yTrue has 1 values, but yPred has 2", D],
  ["nothing", () => accuracyScore([], []), "accuracyScore: yTrue is empty; at least 1 value is needed", D],
  ["strings against numbers", () => f1Score(["a"], [1]), /f1Score: yTrue holds strings, but yPred numbers/, D],
  [
    "probabilities as labels",
    () => accuracyScore([0, 1], [0.2, 0.7]),
    /accuracyScore: yPred: Unknown label type: continuous/,
    D,
  ],
  [
    "a missing score",
    () => rocAucScore(y, [0.1, NaN, 0, 1]),
    "rocAucScore: yScore must be finite numbers, got NaN in row 1",
    D,
  ],
  ["a missing label", () => f1Score([0, NaN], [0, 1]), /f1Score: yTrue has a missing label in row 1/, D],
  [
    "all columns of predictProba",
    () => averagePrecisionScore(y, Matrix.from(score.map((p) => [1 - p, p]))),
    "averagePrecisionScore: yScore has 2 columns, but yTrue is binary: pass the scores of the positive class, for example probabilities.column(1)",
    D,
  ],
  [
    "three classes, no choice",
    () =>
      rocAucScore(
        [0, 1, 2],
        [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
      ),
    /say \{ multiClass: "ovr" \}/,
    A,
  ],
  [
    "scores that are no probabilities",
    () =>
      rocAucScore(
        [0, 1, 2],
        [
          [1, 1, 0],
          [0, 1, 0],
          [0, 0, 1],
        ],
        { multiClass: "ovr" },
      ),
    /row 0 of yScore sums to 2/,
    D,
  ],
  [
    "unclear positive class",
    () => rocCurve(["no", "yes"], [0, 1]),
    /say which is positive, for example \{ posLabel: "yes" \}/,
    A,
  ],
  [
    "posLabel that is none",
    () => precisionScore(["a", "b"], ["a", "b"]),
    'precisionScore: posLabel 1 is not a valid label: there are "a", "b"',
    A,
  ],
  [
    "binary average of three classes",
    () => f1Score([0, 1, 2], [0, 1, 2]),
    /f1Score: there are 3 classes, but average is "binary"/,
    D,
  ],
  [
    "an unknown option",
    () => f1Score(y, y, { sample_weight: y } as never),
    'f1Score: unknown option "sample_weight"; it is spelt sampleWeight here',
    A,
  ],
  [
    "an unknown average",
    () => f1Score(y, y, { average: "mean" as never }),
    /f1Score: average must be one of "binary", "micro"/,
    A,
  ],
  [
    "negative weights",
    () => meanSquaredError([1, 2], [1, 2], { sampleWeight: [1, -1] }),
    "meanSquaredError: sampleWeight must not be negative, got -1 in row 1",
    D,
  ],
  [
    "weights of another length",
    () => r2Score([1, 2], [1, 2], { sampleWeight: [1] }),
    "r2Score: yTrue has 2 values, but sampleWeight has 1",
    D,
  ],
  [
    "weights that are all zero",
    () => accuracyScore([1], [1], { sampleWeight: [0] }),
    "accuracyScore: all values of sampleWeight are zero",
    D,
  ],
  [
    "probabilities beyond 1",
    () => logLoss([0, 1], [0, 1.5]),
    "logLoss: yProba must hold probabilities in [0, 1], got 1.5",
    D,
  ],
  [
    "one label in log loss",
    () => logLoss([1, 1], [0.2, 0.3]),
    /logLoss: yTrue holds one label only \(1\): name all classes in \{ labels \}/,
    D,
  ],
  [
    "fbeta without beta",
    () => fbetaScore(y, y, {} as never),
    "fbetaScore: beta is missing: pass for example { beta: 2 }",
    A,
  ],
  [
    "a curve that goes back and forth",
    () => auc([0, 2, 1], [0, 1, 2]),
    "auc: x is neither increasing nor decreasing",
    D,
  ],
  [
    "text for numbers",
    () => meanSquaredError(["a"] as never, [1]),
    'meanSquaredError: yTrue must be finite numbers, got "a" in row 0',
    D,
  ],
];
for (const [name, call, message, code] of BAD) test(`refuses ${name}`, () => rejects(call, message, code));

test("scorers ask the estimator for what their metric needs", async () => {
  const proba = Matrix.from(score.map((p) => [1 - p, p]));
  const model = {
    classes_: Float64Array.of(0, 1),
    predict: async () => Float64Array.of(0, 0, 0, 1),
    predictProba: async () => proba,
  };
  const X = [[0], [1], [2], [3]];
  assert.is(await getScorer("rocAuc")(model, X, y), 0.75);
  assert.is(await getScorer("averagePrecision")(model, X, y), 0.8333333333333333);
  assert.is(await getScorer("accuracy")(model, X, y, { sampleWeight: [1, 1, 4, 2] }), 0.5);
  assert.is(await getScorer("negLogLoss")(model, X, y), -(await logLoss(y, proba)));
  assert.is(await makeScorer(fbetaScore, { beta: 2 })(model, X, y), await fbetaScore(y, [0, 0, 0, 1], { beta: 2 }));
  assert.is(
    await makeScorer(logLoss, { responseMethod: "predictProba", greaterIsBetter: false })(model, X, y),
    -(await logLoss(y, proba)),
  );
  assert.ok(getScorerNames().includes("f1Macro"));
  for (const name of getScorerNames()) assert.type(getScorer(name), "function");
});

test("binary decision values are turned round for the first class", async () => {
  const model = { classes_: ["a", "b"], decisionFunction: async () => Float64Array.of(-2, -1, 1, 3) };
  const scorer = makeScorer(averagePrecisionScore, {
    responseMethod: ["decisionFunction", "predictProba"],
    posLabel: "a",
  });
  assert.is(await scorer(model, [[0]], ["a", "a", "b", "b"]), 1);
});

test("unknown scorers are refused with the nearest name", () => {
  assert.throws(() => getScorer("roc_auc"), 'getScorer: unknown scorer "roc_auc"; it is spelt rocAuc here');
  assert.throws(() => getScorer("acuracy"), 'getScorer: unknown scorer "acuracy"; did you mean accuracy?');
});

test.run();
