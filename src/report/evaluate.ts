import { invalidArgument, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readTarget, type Label, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import { averagePrecisionScore } from "../metrics/average-precision-score.js";
import { balancedAccuracyScore } from "../metrics/balanced-accuracy-score.js";
import { brierScoreLoss } from "../metrics/brier-score-loss.js";
import { logLoss } from "../metrics/log-loss.js";
import { matthewsCorrcoef } from "../metrics/matthews-corrcoef.js";
import { meanAbsoluteError } from "../metrics/mean-absolute-error.js";
import { rootMeanSquaredError } from "../metrics/mean-squared-error.js";
import { medianAbsoluteError } from "../metrics/median-absolute-error.js";
import { precisionRecallCurve } from "../metrics/precision-recall-curve.js";
import { f1Score } from "../metrics/precision-recall-fscore-support.js";
import { r2Score } from "../metrics/r2-score.js";
import { rocAucScore } from "../metrics/roc-auc-score.js";
import type { Scorable } from "../metrics/scorer.js";
import { readScores } from "../metrics/scores.js";
import { encodeLabels } from "../data/vector.js";
import { indexOfLabel } from "../metrics/targets.js";
import { scoresOf } from "../plot/binary-scores.js";
import type { Named } from "../plot/call.js";
import type { ModelRow } from "./measure.js";
import type { Problem } from "./problem.js";

/** The rows that models are compared on. */
export interface TestRows {
  readonly X: MatrixLike;
  readonly y: VectorLike;
  readonly weights: Float64Array | undefined;
}

/** What one model answered and how good that is. */
export interface Evaluated {
  readonly name: string;
  readonly row: ModelRow;
  /** Classes, or numbers. */
  readonly predicted: VectorLike;
  /** Scores of the positive class, of two. */
  readonly scores?: Float64Array;
  /** Whether they are probabilities. */
  readonly isProba?: boolean;
}

/** Asks a fitted model for its answers to the rows, timed, and measures them. */
export async function evaluate(
  { name, value: model }: Named<Scorable>,
  problem: Problem,
  rows: TestRows,
  fitSeconds: number | undefined,
): Promise<Evaluated> {
  const base = { model: name, fitSeconds };
  switch (problem.kind) {
    case "regression": {
      const { answer: predicted, seconds } = await timed(() => predict(name, model, rows.X));
      return { name, predicted, row: { ...base, predictSeconds: seconds, ...(await ofNumbers(rows, predicted)) } };
    }
    case "binary": {
      const { answer, seconds } = await timed(() => scoresOf("report", name, model, rows.X, problem.positive));
      const scores = (await readScores("report", name, answer)).values;
      const predicted = await predict(name, model, rows.X);
      const isProba = typeof model.predictProba === "function";
      const row = { ...base, predictSeconds: seconds, ...(await ofScores(problem, rows, scores, predicted, isProba)) };
      return { name, predicted, scores, isProba, row };
    }
    case "multiclass": {
      const { answer: predicted, seconds } = await timed(() => predict(name, model, rows.X));
      const measures = await ofClasses(problem.classes, rows, predicted, await model.predictProba?.(rows.X));
      return { name, predicted, row: { ...base, predictSeconds: seconds, ...measures } };
    }
  }
}

async function timed<T>(body: () => Promise<T>): Promise<{ answer: T; seconds: number }> {
  const start = performance.now();
  const answer = await body();
  return { answer, seconds: (performance.now() - start) / 1000 };
}

async function predict(name: string, model: Scorable, X: MatrixLike): Promise<VectorLike> {
  const answer = await (model as Required<Pick<Scorable, "predict">>).predict(X);
  if (!(answer instanceof Matrix)) return answer;
  throw invalidArgument(`report: ${show(name)} predicts ${answer.cols} targets: report models of one target`);
}

type Measures = Readonly<Record<string, number | undefined>>;

async function ofScores(
  { y, positive }: Extract<Problem, { kind: "binary" }>,
  { weights: sampleWeight }: TestRows,
  scores: Float64Array,
  predicted: VectorLike,
  isProba: boolean,
): Promise<Measures> {
  const options = { sampleWeight };
  const { classes, codes } = await encodeLabels(predicted, "report: predictions");
  const code = indexOfLabel(classes, positive);
  const decided = Uint8Array.from(codes, (one) => (one === code ? 1 : 0));
  const curve = await precisionRecallCurve(y, scores, options);
  const one = new Set(y).size < 2; // there is no area between one class and none
  return {
    rocAuc: one ? undefined : await rocAucScore(y, scores, options),
    averagePrecision: await averagePrecisionScore(y, scores, options),
    f1: await f1Score(y, decided, { ...options, zeroDivision: 0 }),
    ...bestThreshold(curve),
    recallAtPrecision90: recallAt(0.9, curve),
    matthewsCorrcoef: await matthewsCorrcoef(y, decided, options),
    brierScore: isProba ? await brierScoreLoss(y, scores, { ...options, posLabel: 1 }) : undefined,
    logLoss: isProba ? await logLoss(y, scores, { ...options, labels: [0, 1] }) : undefined,
  };
}

/** Precision and recall by rising threshold, one longer than the thresholds. */
interface Curve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly thresholds: Float64Array;
}

/** The greatest F1 and its threshold; of several the lowest. */
export function bestThreshold({ precision, recall, thresholds }: Curve): { bestF1: number; bestThreshold: number } {
  let [bestF1, at] = [0, thresholds[0] ?? NaN];
  thresholds.forEach((threshold, k) => {
    const [p, r] = [precision[k] as number, recall[k] as number];
    const f1 = p + r > 0 ? (2 * p * r) / (p + r) : 0;
    if (f1 > bestF1) [bestF1, at] = [f1, threshold];
  });
  return { bestF1, bestThreshold: at };
}

/** The greatest recall of a threshold whose precision is at least `least`; 0 where there is none. */
export function recallAt(least: number, { precision, recall, thresholds }: Curve): number {
  let best = 0;
  thresholds.forEach((_, k) => {
    if ((precision[k] as number) >= least) best = Math.max(best, recall[k] as number);
  });
  return best;
}

async function ofClasses(
  classes: readonly Label[],
  { y, weights: sampleWeight }: TestRows,
  predicted: VectorLike,
  proba: Matrix | undefined,
): Promise<Measures> {
  const options = { sampleWeight };
  const labels = { ...options, labels: classes };
  const all = (await encodeLabels(y, "report: y")).classes.length === classes.length;
  return {
    accuracy: await accuracyScore(y, predicted, options),
    balancedAccuracy: await balancedAccuracyScore(y, predicted, options),
    f1Macro: await f1Score(y, predicted, { ...options, average: "macro", zeroDivision: 0 }),
    rocAucOvr: proba !== undefined && all ? await rocAucScore(y, proba, { ...labels, multiClass: "ovr" }) : undefined,
    matthewsCorrcoef: await matthewsCorrcoef(y, predicted, options),
    logLoss: proba === undefined ? undefined : await logLoss(y, proba, labels),
  };
}

async function ofNumbers({ y, weights: sampleWeight }: TestRows, predicted: VectorLike): Promise<Measures> {
  const options = { sampleWeight };
  const [truth, answer] = [await readTarget(y, "report: y"), await readTarget(predicted, "report: predictions")];
  let [sum, total] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    const weight = sampleWeight === undefined ? 1 : (sampleWeight[i] as number);
    sum += weight * ((answer[i] as number) - (truth[i] as number));
    total += weight;
  }
  return {
    r2: await r2Score(truth, answer, options),
    rmse: await rootMeanSquaredError(truth, answer, options),
    mae: await meanAbsoluteError(truth, answer, options),
    medianAe: await medianAbsoluteError(truth, answer, options),
    bias: sum / total,
  };
}
