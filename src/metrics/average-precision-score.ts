import { invalidArgument, invalidData, show } from "../base/errors.js";
import { encodeLabels, type Label, type VectorLike } from "../data/vector.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { averageOverClasses, type ScoreAverage } from "./average.js";
import { checkChoice, checkOptions } from "./options.js";
import { toPrecisionRecall } from "./precision-recall-curve.js";
import { onlyColumn, readScores, type ScoreLike } from "./scores.js";
import { Sum } from "./sum.js";
import { checkLengths, indexOfLabel, labelKey, readWeights, showLabels } from "./targets.js";
import { flags, thresholdCurve } from "./threshold-curve.js";

/** Options of averagePrecisionScore. */
export interface AveragePrecisionOptions {
  /** More than two classes: how the classes' scores are averaged; null returns them all. Default "macro". */
  readonly average?: ScoreAverage | undefined;
  /** The positive label of a binary problem. Default 1 (or true). */
  readonly posLabel?: Label | undefined;
  readonly sampleWeight?: VectorLike | undefined;
}

const WHERE = "averagePrecisionScore";

/**
 * Average precision: the mean of precisions at each threshold, weighted by the rise in recall; the area under the
 * precision-recall curve without interpolation, as scikit-learn's average_precision_score. More than two classes: each
 * against the rest, `yScore` with one column a class.
 *
 * @example await averagePrecisionScore([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.8333…
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function averagePrecisionScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: AveragePrecisionOptions & { readonly average: null },
): Promise<Float64Array>;
export function averagePrecisionScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options?: AveragePrecisionOptions & { readonly average?: Exclude<ScoreAverage, null> | undefined },
): Promise<number>;
export async function averagePrecisionScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: AveragePrecisionOptions = {},
): Promise<number | Float64Array> {
  checkOptions(WHERE, options, ["average", "posLabel", "sampleWeight"]);
  const { average = "macro", posLabel = 1 } = options;
  checkChoice(WHERE, "average", average, ["macro", "weighted", "micro", null]);
  const { classes, codes } = await encodeLabels(yTrue, `${WHERE}: yTrue`);
  const table = await readScores(WHERE, "yScore", yScore);
  checkLengths(WHERE, codes.length, "yScore", table.rows);
  const weights = await readWeights(WHERE, options.sampleWeight, table.rows);
  if (classes.length > 2) {
    if (labelKey(posLabel) !== 1) {
      throw invalidArgument(`${WHERE}: posLabel belongs to binary problems, but yTrue has ${classes.length} classes`);
    }
    if (table.cols !== classes.length) {
      throw invalidData(
        `${WHERE}: yTrue has ${classes.length} classes: yScore must have as many columns, got ${table.flat ? "a flat array" : table.cols}`,
      );
    }
    return averageOverClasses(codes, table, weights, average, areaOf);
  }
  const positive = indexOfLabel(classes, posLabel);
  if (classes.length === 2 && positive < 0) {
    throw invalidArgument(
      `${WHERE}: posLabel ${show(posLabel)} is not a label of yTrue, which has ${showLabels(classes)}`,
    );
  }
  return areaOf(await thresholdCurve(flags(codes, positive), onlyColumn(WHERE, "yScore", table), weights));
}

/** The step-wise area under the precision-recall curve. */
function areaOf(curve: ThresholdCurveResult): number {
  const { precision, recall } = toPrecisionRecall(WHERE, curve);
  const sum = new Sum();
  for (let k = 0; k + 1 < recall.length; k++) {
    sum.add(((recall[k] as number) - (recall[k + 1] as number)) * (precision[k] as number));
  }
  return Math.max(0, sum.value);
}
