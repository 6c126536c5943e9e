import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { checkOptions } from "./options.js";
import { pick } from "./precision-recall-curve.js";
import type { ScoreLike } from "./scores.js";
import { binaryCurve, type CurveOptions } from "./threshold-curve.js";

/** The receiver operating characteristic. All three have the same length and start at threshold Infinity. */
export interface RocCurve {
  /** False positive rates, rising. */
  readonly fpr: Float64Array;
  /** True positive rates, rising. */
  readonly tpr: Float64Array;
  /** Falling: entry k is that of scores >= thresholds[k]. */
  readonly thresholds: Float64Array;
}

/**
 * True and false positive rate for every threshold on the scores, as scikit-learn's roc_curve (dropIntermediate: true).
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function rocCurve(yTrue: VectorLike, yScore: ScoreLike, options: CurveOptions = {}): Promise<RocCurve> {
  checkOptions("rocCurve", options, ["posLabel", "sampleWeight", "dropIntermediate"]);
  return toRoc("rocCurve", await binaryCurve("rocCurve", yTrue, yScore, options), options.dropIntermediate ?? true);
}

/** The curve of counted thresholds. */
export function toRoc(where: string, counted: ThresholdCurveResult, dropIntermediate: boolean): RocCurve {
  const curve = dropIntermediate ? dropCollinear(counted) : counted;
  const rate = (counts: Float64Array, kind: string): Float64Array => {
    const total = counts[counts.length - 1] ?? 0;
    if (!(total > 0))
      warnUndefinedMetric(`${where}: yTrue has no ${kind} label: the ${kind} rate is not defined (NaN)`);
    const out = new Float64Array(counts.length + 1);
    for (let k = 0; k < counts.length; k++) out[k + 1] = (counts[k] as number) / total;
    return total > 0 ? out : out.fill(NaN);
  };
  const thresholds = new Float64Array(curve.thresholds.length + 1);
  thresholds[0] = Infinity;
  thresholds.set(curve.thresholds, 1);
  return { fpr: rate(curve.falsePositives, "negative"), tpr: rate(curve.truePositives, "positive"), thresholds };
}

/** Leaves out points between and on one line with their neighbours. */
function dropCollinear(curve: ThresholdCurveResult): ThresholdCurveResult {
  const { truePositives: tps, falsePositives: fps } = curve;
  const n = tps.length;
  if (n <= 2) return curve;
  const bend = (v: Float64Array, k: number): boolean =>
    (v[k + 1] as number) - (v[k] as number) !== (v[k] as number) - (v[k - 1] as number);
  const keep = new Uint8Array(n).fill(1);
  for (let k = 1; k < n - 1; k++) keep[k] = bend(tps, k) || bend(fps, k) ? 1 : 0;
  return pick(curve, keep);
}
