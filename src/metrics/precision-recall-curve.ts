import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { checkOptions } from "./options.js";
import type { ScoreLike } from "./scores.js";
import { binaryCurve, type CurveOptions } from "./threshold-curve.js";

/** Precision and recall over all thresholds. */
export interface PrecisionRecallCurve {
  /** One longer than thresholds: the last is 1. */
  readonly precision: Float64Array;
  /** Falling; one longer than thresholds: the last is 0. */
  readonly recall: Float64Array;
  /** Rising: entry k of precision and recall is that of scores >= thresholds[k]. */
  readonly thresholds: Float64Array;
}

/**
 * Precision and recall for every threshold on the scores, as scikit-learn's precision_recall_curve.
 *
 * @example const { precision, recall } = await precisionRecallCurve(y, proba.column(1));
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function precisionRecallCurve(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: CurveOptions = {},
): Promise<PrecisionRecallCurve> {
  const where = "precisionRecallCurve";
  checkOptions(where, options, ["posLabel", "sampleWeight", "dropIntermediate"]);
  const curve = await binaryCurve(where, yTrue, yScore, options);
  return toPrecisionRecall(where, options.dropIntermediate === true ? dropEqualRecall(curve) : curve);
}

/** The curve of counted thresholds. */
export function toPrecisionRecall(where: string, curve: ThresholdCurveResult): PrecisionRecallCurve {
  const { thresholds, truePositives: tps, falsePositives: fps } = curve;
  const n = thresholds.length;
  const total = tps[n - 1] ?? 0;
  if (total === 0) warnUndefinedMetric(`${where}: yTrue has no positive label; recall is set to 1 for all thresholds`);
  const precision = new Float64Array(n + 1).fill(1);
  const recall = new Float64Array(n + 1);
  for (let k = 0; k < n; k++) {
    const tp = tps[k] as number;
    const predicted = tp + (fps[k] as number);
    precision[n - 1 - k] = predicted === 0 ? 0 : tp / predicted;
    recall[n - 1 - k] = total === 0 ? 1 : tp / total;
  }
  return { precision, recall, thresholds: thresholds.slice().reverse() };
}

/** Keeps the first and the last point of every stretch of equal recall. */
export function dropEqualRecall(curve: ThresholdCurveResult): ThresholdCurveResult {
  const tps = curve.truePositives;
  if (tps.length <= 2) return curve;
  const keep = new Uint8Array(tps.length).fill(1);
  for (let k = 1; k < tps.length - 1; k++) keep[k] = tps[k] !== tps[k - 1] || tps[k + 1] !== tps[k] ? 1 : 0;
  return pick(curve, keep);
}

/** The points of a curve where keep is 1. */
export function pick(curve: ThresholdCurveResult, keep: Uint8Array): ThresholdCurveResult {
  const count = keep.reduce((sum, flag) => sum + flag, 0);
  const kept = (values: Float64Array): Float64Array => {
    const out = new Float64Array(count);
    for (let k = 0, at = 0; k < values.length; k++) if (keep[k] === 1) out[at++] = values[k] as number;
    return out;
  };
  return {
    thresholds: kept(curve.thresholds),
    truePositives: kept(curve.truePositives),
    falsePositives: kept(curve.falsePositives),
  };
}
