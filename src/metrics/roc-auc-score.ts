import { invalidArgument, invalidData, warnUndefinedMetric } from "../base/errors.js";
import { encodeLabels, type EncodedLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { area } from "./auc.js";
import { averageOverClasses, type ScoreAverage } from "./average.js";
import { columnCodes } from "./column-codes.js";
import { checkChoice, checkOptions } from "./options.js";
import { toRoc } from "./roc-curve.js";
import { onlyColumn, readScores, type ScoreLike, type ScoreTable } from "./scores.js";
import { Sum } from "./sum.js";
import { checkLengths, readWeights } from "./targets.js";
import { flags, thresholdCurve } from "./threshold-curve.js";

/** Options of rocAucScore. */
export interface RocAucOptions {
  /** More than two classes: how the classes' scores are averaged; null returns them all. Default "macro". */
  readonly average?: ScoreAverage | undefined;
  readonly sampleWeight?: VectorLike | undefined;
  /** Only the part of the curve up to this false positive rate, standardised (McClish). 0 < maxFpr <= 1. Default: all. */
  readonly maxFpr?: number | null | undefined;
  /** More than two classes: each against the rest ("ovr") or every pair ("ovo"); must be said. Default "raise". */
  readonly multiClass?: "raise" | "ovr" | "ovo" | undefined;
  /** More than two classes: the classes of yScore's columns, sorted. Default: those of yTrue. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
}

const WHERE = "rocAucScore";

/**
 * Area under the receiver operating characteristic, as scikit-learn's roc_auc_score. Binary: the greater label is the
 * positive one, `yScore` its scores; NaN and an UndefinedMetricWarning when yTrue has one class only. More than two
 * classes: `yScore` holds probabilities, one column a class, and `multiClass` says how to reduce them.
 *
 * @example await rocAucScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.75
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function rocAucScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: RocAucOptions & { readonly average: null },
): Promise<Float64Array>;
export function rocAucScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options?: RocAucOptions & { readonly average?: Exclude<ScoreAverage, null> | undefined },
): Promise<number>;
export async function rocAucScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: RocAucOptions = {},
): Promise<number | Float64Array> {
  checkOptions(WHERE, options, ["average", "sampleWeight", "maxFpr", "multiClass", "labels"]);
  const maxFpr = options.maxFpr ?? 1;
  if (!(maxFpr > 0 && maxFpr <= 1)) throw invalidArgument(`${WHERE}: maxFpr must be in (0, 1], got ${maxFpr}`);
  checkChoice(WHERE, "average", options.average ?? null, ["macro", "weighted", "micro", null]);
  const labels = await encodeLabels(yTrue, `${WHERE}: yTrue`);
  const table = await readScores(WHERE, "yScore", yScore);
  checkLengths(WHERE, labels.codes.length, "yScore", table.rows);
  const weights = await readWeights(WHERE, options.sampleWeight, table.rows);
  if (labels.classes.length > 2 || table.cols > 2) return multiClassAuc(labels, table, weights, options);
  const scores = onlyColumn(WHERE, "yScore", table);
  return binaryAuc(await thresholdCurve(flags(labels.codes, 1), scores, weights), maxFpr);
}

function multiClassAuc(
  labels: EncodedLabels,
  table: ScoreTable,
  weights: Float64Array | undefined,
  options: RocAucOptions,
): Promise<number | Float64Array> {
  const { average = "macro", multiClass = "raise" } = options;
  if ((options.maxFpr ?? 1) !== 1) throw invalidArgument(`${WHERE}: maxFpr is for binary problems only`);
  if (multiClass !== "ovr" && multiClass !== "ovo") {
    throw invalidArgument(`${WHERE}: yTrue or yScore has more than two classes: say { multiClass: "ovr" } or "ovo"`);
  }
  if (table.flat) throw invalidData(`${WHERE}: yTrue has more than two classes: yScore must have one column a class`);
  checkRowSums(table);
  const codes = columnCodes(WHERE, labels, table.cols, options.labels);
  if (multiClass === "ovr") return averageOverClasses(codes, table, weights, average, (curve) => binaryAuc(curve, 1));
  if (average !== "macro" && average !== "weighted") {
    throw invalidArgument(`${WHERE}: average must be "macro" or "weighted" for multiClass "ovo"`);
  }
  if (weights !== undefined) throw invalidArgument(`${WHERE}: sampleWeight is not supported for multiClass "ovo"`);
  return oneVersusOne(codes, table, average);
}

function checkRowSums({ values, rows, cols }: ScoreTable): void {
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += values[i * cols + j] as number;
    if (Math.abs(1 - sum) > 1e-8 + 1e-5 * Math.abs(sum)) {
      throw invalidData(`${WHERE}: more than two classes need probabilities: row ${i} of yScore sums to ${sum}, not 1`);
    }
  }
}

/** Hand and Till (2001): the mean over pairs of classes of the two AUCs of a pair. */
async function oneVersusOne(codes: Int32Array, table: ScoreTable, average: "macro" | "weighted"): Promise<number> {
  const present = [...new Set(codes)].sort((a, b) => a - b);
  const sum = new Sum();
  const total = new Sum();
  for (const [k, a] of present.entries()) {
    for (const b of present.slice(k + 1)) {
      const rows = Array.from(codes.keys()).filter((i) => codes[i] === a || codes[i] === b);
      const pairAuc = async (positive: number): Promise<number> => {
        const scores = Float64Array.from(rows, (i) => table.values[i * table.cols + positive] as number);
        const truth = Uint8Array.from(rows, (i) => (codes[i] === positive ? 1 : 0));
        return binaryAuc(await thresholdCurve(truth, scores, undefined), 1);
      };
      const weight = average === "weighted" ? rows.length / codes.length : 1;
      sum.add(weight * (((await pairAuc(a)) + (await pairAuc(b))) / 2));
      total.add(weight);
    }
  }
  return sum.value / total.value;
}

/** The area of one curve up to maxFpr. */
function binaryAuc(curve: ThresholdCurveResult, maxFpr: number): number {
  const last = curve.thresholds.length - 1;
  if (!((curve.truePositives[last] ?? 0) > 0 && (curve.falsePositives[last] ?? 0) > 0)) {
    warnUndefinedMetric(`${WHERE}: yTrue has one class only: ROC-AUC is not defined (NaN)`);
    return NaN;
  }
  const { fpr, tpr } = toRoc(WHERE, curve, false);
  if (maxFpr === 1) return area(fpr, tpr);
  const stop = fpr.findIndex((rate) => rate > maxFpr);
  const [x0, x1] = [fpr[stop - 1] as number, fpr[stop] as number];
  const [y0, y1] = [tpr[stop - 1] as number, tpr[stop] as number];
  const x = Float64Array.from([...fpr.subarray(0, stop), maxFpr]);
  const y = Float64Array.from([...tpr.subarray(0, stop), y0 + ((y1 - y0) / (x1 - x0)) * (maxFpr - x0)]);
  const least = 0.5 * maxFpr ** 2;
  return 0.5 * (1 + (area(x, y) - least) / (maxFpr - least));
}
