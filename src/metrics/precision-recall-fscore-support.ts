import { invalidArgument, invalidData, show, warnUndefinedMetric } from "../base/errors.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { countClasses, type ClassCounts } from "./class-counts.js";
import { checkChoice, checkOptions, type WeightedOptions } from "./options.js";
import { checkLabels, indexOfLabel, labelKey, readLabelPair, showLabels, type LabelPair } from "./targets.js";

/**
 * Which classes count, and how: "binary": posLabel alone; "micro": all rows as one problem; "macro": the mean over
 * classes; "weighted": by support; null: every class for itself.
 */
export type FscoreAverage = "binary" | "micro" | "macro" | "weighted" | null;

/** What precisionScore, recallScore, f1Score and their like take. */
export interface PrecisionRecallOptions extends WeightedOptions {
  /** Default "binary" (precisionRecallFscoreSupport: null). */
  readonly average?: FscoreAverage | undefined;
  /** The class of average "binary". Default 1 (or true). */
  readonly posLabel?: Label | null | undefined;
  /** Which classes, in which order, unless average is "binary". Default: all, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  /** The value where a divisor is 0. NaN leaves such classes out of averages. Default "warn": 0, and a warning. */
  readonly zeroDivision?: "warn" | number | undefined;
}

export interface FbetaOptions extends PrecisionRecallOptions {
  /** Weight of recall against precision: beta < 1 favours precision. 0 … Infinity. */
  readonly beta: number;
}

type PerClass<O> = O & { readonly average: null };
type Averaged<O> = O & { readonly average?: Exclude<FscoreAverage, null> | undefined };

/** Precision, recall, F-beta of classes or of their average; support only of classes. */
export interface PrecisionRecallFscore<T extends number | Float64Array> {
  readonly precision: T;
  readonly recall: T;
  readonly fscore: T;
  /** Weight of rows of every class; null for averages. */
  readonly support: T extends number ? null : T;
}

const OPTIONS = ["average", "posLabel", "labels", "sampleWeight", "zeroDivision"];

/**
 * Precision, recall, F-beta and support, of every class (the default) or averaged, as scikit-learn's
 * precision_recall_fscore_support.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function precisionRecallFscoreSupport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: PrecisionRecallOptions & { readonly average?: null | undefined; readonly beta?: number | undefined },
): Promise<PrecisionRecallFscore<Float64Array>>;
export function precisionRecallFscoreSupport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions & {
    readonly average: Exclude<FscoreAverage, null>;
    readonly beta?: number | undefined;
  },
): Promise<PrecisionRecallFscore<number>>;
export async function precisionRecallFscoreSupport(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions & { readonly beta?: number | undefined } = {},
): Promise<PrecisionRecallFscore<number> | PrecisionRecallFscore<Float64Array>> {
  const where = "precisionRecallFscoreSupport";
  checkOptions(where, options, [...OPTIONS, "beta"]);
  const { average = null } = options;
  const pair = await readLabelPair(where, yTrue, yPred, options.sampleWeight);
  const result = scoreClasses(where, pair, { ...options, average }, ["precision", "recall", "f-score"]);
  return average === null ? result : { ...averageClasses(result, average), support: null };
}

/**
 * Precision: of the rows predicted positive, the fraction that is; as scikit-learn's precision_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function precisionScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PerClass<PrecisionRecallOptions>,
): Promise<Float64Array>;
export function precisionScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: Averaged<PrecisionRecallOptions>,
): Promise<number>;
export function precisionScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions = {},
): Promise<number | Float64Array> {
  return one("precisionScore", "precision", yTrue, yPred, options, OPTIONS);
}

/**
 * Recall: of the positive rows, the fraction predicted so; as scikit-learn's recall_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function recallScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PerClass<PrecisionRecallOptions>,
): Promise<Float64Array>;
export function recallScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: Averaged<PrecisionRecallOptions>,
): Promise<number>;
export function recallScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions = {},
): Promise<number | Float64Array> {
  return one("recallScore", "recall", yTrue, yPred, options, OPTIONS);
}

/**
 * F1: the harmonic mean of precision and recall; as scikit-learn's f1_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function f1Score(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PerClass<PrecisionRecallOptions>,
): Promise<Float64Array>;
export function f1Score(
  yTrue: VectorLike,
  yPred: VectorLike,
  options?: Averaged<PrecisionRecallOptions>,
): Promise<number>;
export function f1Score(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions = {},
): Promise<number | Float64Array> {
  return one("f1Score", "fscore", yTrue, yPred, options, OPTIONS);
}

/**
 * F-beta: the harmonic mean of precision and recall with recall weighing beta times as much; as scikit-learn's fbeta_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function fbetaScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PerClass<FbetaOptions>,
): Promise<Float64Array>;
export function fbetaScore(yTrue: VectorLike, yPred: VectorLike, options: Averaged<FbetaOptions>): Promise<number>;
export async function fbetaScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: FbetaOptions,
): Promise<number | Float64Array> {
  if (typeof (options as { beta?: unknown } | undefined)?.beta !== "number") {
    throw invalidArgument("fbetaScore: beta is missing: pass for example { beta: 2 }");
  }
  return one("fbetaScore", "fscore", yTrue, yPred, options, [...OPTIONS, "beta"]);
}

type Which = "precision" | "recall" | "fscore";

async function one(
  where: string,
  which: Which,
  yTrue: VectorLike,
  yPred: VectorLike,
  options: PrecisionRecallOptions & { readonly beta?: number },
  known: readonly string[],
): Promise<number | Float64Array> {
  checkOptions(where, options, known);
  const { average = "binary" } = options;
  const warnFor = [which === "fscore" ? "f-score" : which];
  const pair = await readLabelPair(where, yTrue, yPred, options.sampleWeight);
  const result = scoreClasses(where, pair, { ...options, average }, warnFor);
  return average === null ? result[which] : averageClasses(result, average)[which];
}

/** Precision, recall, F-beta and support of the classes asked for; of all rows as one for average "micro". */
export function scoreClasses(
  where: string,
  pair: LabelPair,
  options: PrecisionRecallOptions & { readonly beta?: number | undefined; readonly average: FscoreAverage },
  warnFor: readonly string[],
): PrecisionRecallFscore<Float64Array> {
  checkChoice(where, "average", options.average, ["binary", "micro", "macro", "weighted", null]);
  const zero = options.zeroDivision ?? "warn";
  if (zero !== "warn" && zero !== 0 && zero !== 1 && !Number.isNaN(zero)) {
    throw invalidArgument(`${where}: zeroDivision must be "warn", 0, 1 or NaN, got ${show(zero)}`);
  }
  const beta = options.beta ?? 1;
  if (!(beta >= 0)) throw invalidArgument(`${where}: beta must be a non-negative number, got ${show(beta)}`);
  return ratios(where, selected(where, pair, options), beta, zero, warnFor);
}

/** The counts of the classes asked for; of their sum for average "micro". */
export function selected(
  where: string,
  pair: LabelPair,
  options: PrecisionRecallOptions & { readonly average: FscoreAverage },
): ClassCounts {
  const all = countClasses(pair);
  const labels = classesOf(where, pair, options);
  const places = labels.map((label) => indexOfLabel(pair.classes, label));
  const take = (values: Float64Array): Float64Array => {
    const taken = Float64Array.from(places, (k) => values[k] ?? 0);
    return options.average === "micro" ? Float64Array.of(taken.reduce((sum, x) => sum + x, 0)) : taken;
  };
  return { right: take(all.right), predicted: take(all.predicted), actual: take(all.actual), total: all.total };
}

function classesOf(
  where: string,
  pair: LabelPair,
  options: PrecisionRecallOptions & { readonly average: FscoreAverage },
): readonly Label[] {
  const posLabel = options.posLabel ?? 1;
  if (options.average !== "binary") {
    if (labelKey(posLabel) !== 1) {
      throw invalidArgument(`${where}: posLabel has no effect unless average is "binary": use { labels: [posLabel] }`);
    }
    return options.labels === undefined ? pair.classes : checkLabels(where, options.labels);
  }
  if (pair.classes.length > 2) {
    throw invalidData(
      `${where}: there are ${pair.classes.length} classes, but average is "binary": choose "macro", "micro", "weighted" or null`,
    );
  }
  if (pair.classes.length === 2 && indexOfLabel(pair.classes, posLabel) < 0) {
    throw invalidArgument(
      `${where}: posLabel ${show(posLabel)} is not a valid label: there are ${showLabels(pair.classes)}`,
    );
  }
  return [posLabel];
}

function ratios(
  where: string,
  { right, predicted, actual }: ClassCounts,
  beta: number,
  zero: "warn" | number,
  warnFor: readonly string[],
): PrecisionRecallFscore<Float64Array> {
  const divide = (top: Float64Array, bottom: Float64Array, name: string, why: string): Float64Array => {
    if (zero === "warn" && warnFor.includes(name) && bottom.includes(0)) {
      warnUndefinedMetric(
        `${where}: ${name} is not defined and set to 0 for a class with no ${why} rows: say zeroDivision to choose the value`,
      );
    }
    return top.map((x, k) => (bottom[k] === 0 ? (zero === "warn" ? 0 : zero) : x / (bottom[k] as number)));
  };
  const precision = divide(right, predicted, "precision", "predicted");
  const recall = divide(right, actual, "recall", "true");
  const b2 = beta * beta;
  const fscore =
    beta === Infinity
      ? recall
      : beta === 0
        ? precision
        : divide(
            right.map((tp) => (1 + b2) * tp),
            actual.map((n, k) => b2 * n + (predicted[k] as number)),
            "f-score",
            "true or predicted",
          );
  return { precision, recall, fscore, support: actual };
}

/** One number of the classes': their mean, or that of the one class (binary) or of all rows (micro). */
export function averageClasses(
  result: PrecisionRecallFscore<Float64Array>,
  average: Exclude<FscoreAverage, null>,
): Record<Which, number> {
  const weights = average === "weighted" ? result.support : undefined;
  return {
    precision: nanMean(result.precision, weights),
    recall: nanMean(result.recall, weights),
    fscore: nanMean(result.fscore, weights),
  };
}

/** The weighted mean of the values that are not NaN; their plain mean if all of these weigh 0. */
export function nanMean(values: Float64Array, weights: Float64Array | undefined): number {
  const mean = (weightOf: (k: number) => number): number => {
    let [sum, total] = [0, 0];
    values.forEach((value, k) => {
      if (Number.isNaN(value)) return;
      sum += weightOf(k) * value;
      total += weightOf(k);
    });
    return total === 0 ? NaN : sum / total;
  };
  if (weights === undefined) return mean(() => 1);
  const result = mean((k) => weights[k] as number);
  return Number.isNaN(result) ? mean(() => 1) : result;
}
