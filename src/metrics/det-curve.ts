import { invalidData } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { checkOptions } from "./options.js";
import { dropEqualRecall } from "./precision-recall-curve.js";
import type { ScoreLike } from "./scores.js";
import { binaryCurve, type CurveOptions } from "./threshold-curve.js";

/** The detection error tradeoff. All three have the same length. */
export interface DetCurve {
  /** False positive rates, falling. */
  readonly fpr: Float64Array;
  /** False negative rates (1 - recall), rising. */
  readonly fnr: Float64Array;
  /** Rising: entry k is that of scores >= thresholds[k]. The last is Infinity where no score is above all negatives. */
  readonly thresholds: Float64Array;
}

/**
 * False positive and false negative rate for every threshold on the scores, from where positives are missed to where
 * negatives are wrong, as scikit-learn's det_curve (dropIntermediate: false).
 *
 * @example const { fpr, fnr } = await detCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // [0.5, 0.5, 0], [0, 0.5, 0.5]
 * @throws TreelineError ERR_INVALID_DATA where yTrue has one class only, ERR_INVALID_ARGUMENT
 */
export async function detCurve(yTrue: VectorLike, yScore: ScoreLike, options: CurveOptions = {}): Promise<DetCurve> {
  const where = "detCurve";
  checkOptions(where, options, ["posLabel", "sampleWeight", "dropIntermediate"]);
  return toDet(where, await binaryCurve(where, yTrue, yScore, options), options.dropIntermediate ?? false);
}

/** The curve of counted thresholds. */
function toDet(where: string, counted: ThresholdCurveResult, dropIntermediate: boolean): DetCurve {
  const whole = {
    thresholds: behind(Infinity, counted.thresholds),
    truePositives: behind(0, counted.truePositives),
    falsePositives: behind(0, counted.falsePositives),
  };
  const { thresholds, truePositives: tps, falsePositives: fps } = dropIntermediate ? dropEqualRecall(whole) : whole;
  const positives = tps[tps.length - 1] as number;
  const negatives = fps[fps.length - 1] as number;
  if (!(positives > 0 && negatives > 0)) {
    throw invalidData(`${where}: yTrue has one class only: the curve is not defined`);
  }
  // From the last threshold without false positives to the first without false negatives.
  const first = fps.findLastIndex((count) => count === 0);
  const last = tps.indexOf(positives);
  const flipped = (of: (k: number) => number): Float64Array =>
    Float64Array.from({ length: last - first + 1 }, (_, k) => of(last - k));
  return {
    fpr: flipped((k) => (fps[k] as number) / negatives),
    fnr: flipped((k) => (positives - (tps[k] as number)) / positives),
    thresholds: flipped((k) => thresholds[k] as number),
  };
}

function behind(first: number, values: Float64Array): Float64Array {
  const out = new Float64Array(values.length + 1);
  out[0] = first;
  out.set(values, 1);
  return out;
}
