import { invalidArgument, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { accuracyScore } from "./accuracy-score.js";
import { averagePrecisionScore } from "./average-precision-score.js";
import { balancedAccuracyScore } from "./balanced-accuracy-score.js";
import { brierScoreLoss } from "./brier-score-loss.js";
import { classLikelihoodRatios } from "./class-likelihood-ratios.js";
import { d2BrierScore } from "./d2-brier-score.js";
import { explainedVarianceScore } from "./explained-variance-score.js";
import { jaccardScore } from "./jaccard-score.js";
import { d2LogLossScore, logLoss } from "./log-loss.js";
import { matthewsCorrcoef } from "./matthews-corrcoef.js";
import { maxError } from "./max-error.js";
import { meanAbsoluteError } from "./mean-absolute-error.js";
import { meanAbsolutePercentageError } from "./mean-absolute-percentage-error.js";
import { d2AbsoluteErrorScore } from "./mean-pinball-loss.js";
import { meanSquaredError, rootMeanSquaredError } from "./mean-squared-error.js";
import { meanSquaredLogError, rootMeanSquaredLogError } from "./mean-squared-log-error.js";
import { meanGammaDeviance, meanPoissonDeviance } from "./mean-tweedie-deviance.js";
import { medianAbsoluteError } from "./median-absolute-error.js";
import { adjustedMutualInfoScore, mutualInfoScore, normalizedMutualInfoScore } from "./mutual-info-score.js";
import { f1Score, precisionScore, recallScore } from "./precision-recall-fscore-support.js";
import { r2Score } from "./r2-score.js";
import { adjustedRandScore, fowlkesMallowsScore, randScore } from "./rand-score.js";
import { rocAucScore } from "./roc-auc-score.js";
import type { ScoreLike } from "./scores.js";
import { indexOfLabel, showLabels } from "./targets.js";
import { topKAccuracyScore } from "./top-k-accuracy-score.js";
import { completenessScore, homogeneityScore, vMeasureScore } from "./v-measure-score.js";

/** What a scorer needs of an estimator: at least the method it asks for. */
export interface Scorable {
  predict?(X: InputLike): Promise<VectorLike | Matrix>;
  predictProba?(X: InputLike): Promise<Matrix>;
  decisionFunction?(X: InputLike): Promise<VectorLike | Matrix>;
  readonly classes_?: LabelArray;
}

export type ResponseMethod = "predict" | "predictProba" | "decisionFunction";

/** Scores a fitted estimator on data; greater is better. */
export interface Scorer {
  (
    estimator: Scorable,
    X: InputLike,
    y: VectorLike,
    options?: { readonly sampleWeight?: VectorLike | undefined },
  ): Promise<number>;
  /** The methods it scores, best first. */
  readonly responseMethod: readonly ResponseMethod[];
  /** -1 where the metric is a loss: the scorer returns its negative. */
  readonly sign: 1 | -1;
}

/** Options of makeScorer; all others go to the metric. */
export interface ScorerOptions {
  /** What of the estimator the metric takes; of a list the first it has. Default "predict". */
  readonly responseMethod?: ResponseMethod | readonly ResponseMethod[] | undefined;
  /** False: the metric is a loss, the scorer its negative. Default true. */
  readonly greaterIsBetter?: boolean | undefined;
  readonly [option: string]: unknown;
}

/** A metric: (yTrue, predictions, options) → number. */
export type Metric<O> = (yTrue: VectorLike, prediction: never, options: O) => Promise<number> | number;

/**
 * A scorer from a metric, as scikit-learn's make_scorer. Probabilities and decision values of binary classifiers are
 * those of the class `posLabel` (default: the greater one).
 *
 * @example const f2 = makeScorer(fbetaScore, { beta: 2 });
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function makeScorer<O>(metric: Metric<O>, options: ScorerOptions = {}): Scorer {
  if (typeof metric !== "function") throw invalidArgument(`makeScorer: expected a metric, got ${show(metric)}`);
  const { responseMethod = "predict", greaterIsBetter = true, ...metricOptions } = options;
  const methods = typeof responseMethod === "string" ? [responseMethod] : responseMethod;
  return scorerOf(metric, methods, greaterIsBetter ? 1 : -1, () => metricOptions);
}

function scorerOf(
  metric: Metric<never>,
  responseMethod: readonly ResponseMethod[],
  sign: 1 | -1,
  optionsFor: (estimator: Scorable) => Readonly<Record<string, unknown>>,
): Scorer {
  const score = async (
    estimator: Scorable,
    X: InputLike,
    y: VectorLike,
    { sampleWeight }: { readonly sampleWeight?: VectorLike | undefined } = {},
  ): Promise<number> => {
    const options = optionsFor(estimator);
    const prediction = await response(estimator, X, responseMethod, options["posLabel"] as Label | undefined);
    const given = sampleWeight === undefined ? options : { ...options, sampleWeight };
    return sign * (await metric(y, prediction as never, given as never));
  };
  return Object.assign(score, { responseMethod, sign });
}

/** What the metric is given: predictions, or the scores of one class or of all. */
async function response(
  estimator: Scorable,
  X: InputLike,
  methods: readonly ResponseMethod[],
  posLabel: Label | undefined,
): Promise<ScoreLike> {
  const method = methods.find((name) => typeof estimator[name] === "function");
  if (method === undefined) {
    throw invalidArgument(`scorer: the estimator must have ${methods.join(" or ")}`);
  }
  const scores = await (estimator[method] as (X: InputLike) => Promise<VectorLike | Matrix>).call(estimator, X);
  const classes = method === "predict" ? undefined : estimator.classes_;
  if (classes?.length !== 2) return scores;
  const positive = posLabel === undefined ? 1 : indexOfLabel(classes, posLabel);
  if (positive < 0) {
    throw invalidArgument(
      `scorer: posLabel ${show(posLabel)} is not a class of the estimator, which has ${showLabels(classes)}`,
    );
  }
  if (scores instanceof Matrix) return scores.cols === 2 ? scores.column(positive) : scores;
  return positive === 1 ? scores : Float64Array.from(scores as ArrayLike<number>, (score) => -score);
}

const THRESHOLD: readonly ResponseMethod[] = ["decisionFunction", "predictProba"];
const PROBA: readonly ResponseMethod[] = ["predictProba"];
const PREDICT: readonly ResponseMethod[] = ["predict"];

const fixed =
  (options: Readonly<Record<string, unknown>> = {}) =>
  () =>
    options;
/** All classes of the estimator: a fold may lack some of them. */
const withLabels = (estimator: Scorable): Record<string, unknown> =>
  estimator.classes_ === undefined ? {} : { labels: estimator.classes_ };
const multiClass = (how: "ovr" | "ovo", average: "macro" | "weighted") => (estimator: Scorable) => ({
  ...((estimator.classes_?.length ?? 0) > 2 ? withLabels(estimator) : {}),
  multiClass: how,
  average,
});

const labelsOrPositive = (e: Scorable): Record<string, unknown> =>
  (e.classes_?.length ?? 0) > 2 ? withLabels(e) : { posLabel: e.classes_?.[1] };
const likelihoodRatio =
  (which: "positive" | "negative") =>
  async (yTrue: VectorLike, yPred: VectorLike, options: object): Promise<number> =>
    (await classLikelihoodRatios(yTrue, yPred, { ...options, replaceUndefinedBy: 1 }))[which];

/** A metric that knows no weights, as a scorer that refuses them. */
const unweighted =
  (name: string, metric: (yTrue: VectorLike, yPred: VectorLike) => Promise<number>) =>
  (yTrue: VectorLike, yPred: VectorLike, options: object): Promise<number> => {
    if ("sampleWeight" in options) throw invalidArgument(`scorer ${name}: the metric takes no sampleWeight`);
    return metric(yTrue, yPred);
  };

/** What compares clusters with known classes, whatever they are called. */
const CLUSTERINGS: readonly (readonly [string, (yTrue: VectorLike, yPred: VectorLike) => Promise<number>])[] = [
  ["adjustedMutualInfoScore", adjustedMutualInfoScore],
  ["adjustedRandScore", adjustedRandScore],
  ["completenessScore", completenessScore],
  ["fowlkesMallowsScore", fowlkesMallowsScore],
  ["homogeneityScore", homogeneityScore],
  ["mutualInfoScore", mutualInfoScore],
  ["normalizedMutualInfoScore", normalizedMutualInfoScore],
  ["randScore", randScore],
  ["vMeasureScore", vMeasureScore],
];

const SCORERS: ReadonlyMap<string, Scorer> = new Map([
  ["accuracy", scorerOf(accuracyScore, PREDICT, 1, fixed())],
  ["balancedAccuracy", scorerOf(balancedAccuracyScore, PREDICT, 1, fixed())],
  ["matthewsCorrcoef", scorerOf(matthewsCorrcoef, PREDICT, 1, fixed())],
  [
    "averagePrecision",
    scorerOf(averagePrecisionScore, THRESHOLD, 1, (e) => (e.classes_?.length === 2 ? { posLabel: 1 } : {})),
  ],
  ["rocAuc", scorerOf(rocAucScore, THRESHOLD, 1, fixed())],
  ["rocAucOvr", scorerOf(rocAucScore, PROBA, 1, multiClass("ovr", "macro"))],
  ["rocAucOvrWeighted", scorerOf(rocAucScore, PROBA, 1, multiClass("ovr", "weighted"))],
  ["rocAucOvo", scorerOf(rocAucScore, PROBA, 1, multiClass("ovo", "macro"))],
  ["rocAucOvoWeighted", scorerOf(rocAucScore, PROBA, 1, multiClass("ovo", "weighted"))],
  ["negLogLoss", scorerOf(logLoss, PROBA, -1, withLabels)],
  ["d2LogLossScore", scorerOf(d2LogLossScore, PROBA, 1, withLabels)],
  ["negBrierScore", scorerOf(brierScoreLoss, PROBA, -1, labelsOrPositive)],
  ["d2BrierScore", scorerOf(d2BrierScore, PROBA, 1, labelsOrPositive)],
  ...averagedScorers("precision", precisionScore),
  ...averagedScorers("recall", recallScore),
  ...averagedScorers("f1", f1Score),
  ...averagedScorers("jaccard", jaccardScore),
  ["positiveLikelihoodRatio", scorerOf(likelihoodRatio("positive"), PREDICT, 1, fixed())],
  ["negNegativeLikelihoodRatio", scorerOf(likelihoodRatio("negative"), PREDICT, -1, fixed())],
  ["topKAccuracy", scorerOf(topKAccuracyScore, THRESHOLD, 1, withLabels)],
  ...CLUSTERINGS.map(([name, metric]): [string, Scorer] => [
    name,
    scorerOf(unweighted(name, metric), PREDICT, 1, fixed()),
  ]),
  ["r2", scorerOf(r2Score, PREDICT, 1, fixed())],
  ["negMeanSquaredError", scorerOf(meanSquaredError, PREDICT, -1, fixed())],
  ["negRootMeanSquaredError", scorerOf(rootMeanSquaredError, PREDICT, -1, fixed())],
  ["negMeanAbsoluteError", scorerOf(meanAbsoluteError, PREDICT, -1, fixed())],
  ["negMedianAbsoluteError", scorerOf(medianAbsoluteError, PREDICT, -1, fixed())],
  ["explainedVariance", scorerOf(explainedVarianceScore, PREDICT, 1, fixed())],
  ["d2AbsoluteErrorScore", scorerOf(d2AbsoluteErrorScore, PREDICT, 1, fixed())],
  ["negMaxError", scorerOf(unweighted("negMaxError", maxError), PREDICT, -1, fixed())],
  ["negMeanAbsolutePercentageError", scorerOf(meanAbsolutePercentageError, PREDICT, -1, fixed())],
  ["negMeanSquaredLogError", scorerOf(meanSquaredLogError, PREDICT, -1, fixed())],
  ["negRootMeanSquaredLogError", scorerOf(rootMeanSquaredLogError, PREDICT, -1, fixed())],
  ["negMeanPoissonDeviance", scorerOf(meanPoissonDeviance, PREDICT, -1, fixed())],
  ["negMeanGammaDeviance", scorerOf(meanGammaDeviance, PREDICT, -1, fixed())],
]);

function averagedScorers(name: string, metric: Metric<never>): [string, Scorer][] {
  return [
    [name, scorerOf(metric, PREDICT, 1, fixed({ average: "binary" }))],
    ...(["macro", "micro", "weighted"] as const).map((average): [string, Scorer] => [
      `${name}${average.charAt(0).toUpperCase()}${average.slice(1)}`,
      scorerOf(metric, PREDICT, 1, fixed({ average })),
    ]),
  ];
}

/** The names getScorer knows, sorted. */
export function getScorerNames(): string[] {
  return [...SCORERS.keys()].sort();
}

/**
 * A scorer by its name: scikit-learn's, spelt camelCase ("rocAuc", "averagePrecision", "negLogLoss", "f1Macro", "r2").
 * A scorer comes back as it is.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for an unknown name.
 */
export function getScorer(scoring: string | Scorer): Scorer {
  if (typeof scoring === "function") return scoring;
  const scorer = SCORERS.get(scoring);
  if (scorer === undefined) {
    if (typeof scoring !== "string")
      throw invalidArgument(`getScorer: expected a name or a scorer, got ${show(scoring)}`);
    refuseUnknown("getScorer", scoring, getScorerNames(), "scorer");
  }
  return scorer as Scorer;
}
