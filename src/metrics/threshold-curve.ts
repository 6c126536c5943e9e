import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { encodeLabels, type EncodedLabels, type Label, type VectorLike } from "../data/vector.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { onlyColumn, readScores, type ScoreLike } from "./scores.js";
import { checkLengths, indexOfLabel, readWeights, showLabels } from "./targets.js";

/** What curves over all thresholds take. */
export interface CurveOptions {
  /** The label of the positive class. Default: 1 where the labels are 0 and 1, or -1 and 1. */
  readonly posLabel?: Label | undefined;
  readonly sampleWeight?: VectorLike | undefined;
  /** Leave out points that a drawing would not show. */
  readonly dropIntermediate?: boolean | undefined;
}

/** Sorted natively, off the JavaScript thread. `positive` holds 0 or 1. The arrays must not be the user's own. */
export function thresholdCurve(
  positive: Uint8Array,
  scores: Float64Array,
  weights: Float64Array | undefined,
): Promise<ThresholdCurveResult> {
  return runJob(effectiveNJobs(), undefined, (job) => addon().thresholdCurve(scores, positive, weights, job));
}

/** Reads a binary problem and counts positives and negatives over all thresholds. */
export async function binaryCurve(
  where: string,
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: CurveOptions,
): Promise<ThresholdCurveResult> {
  const labels = await encodeLabels(yTrue, `${where}: yTrue`);
  const table = await readScores(where, "yScore", yScore);
  checkLengths(where, labels.codes.length, "yScore", table.rows);
  const weights = await readWeights(where, options.sampleWeight, table.rows);
  const positive = positiveCode(where, labels, options.posLabel);
  return thresholdCurve(flags(labels.codes, positive), onlyColumn(where, "yScore", table), weights);
}

/** 1 where the code is `positive`, else 0. */
export function flags(codes: Int32Array, positive: number): Uint8Array {
  const out = new Uint8Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = codes[i] === positive ? 1 : 0;
  return out;
}

/**
 * The code of the positive class; -1 if yTrue does not have it.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT where it must be said but is not.
 */
export function positiveCode(where: string, labels: EncodedLabels, posLabel: Label | undefined): number {
  if (posLabel !== undefined) return indexOfLabel(labels.classes, posLabel);
  const known = Array.from<Label>(labels.classes).map(Number);
  const plain = typeof labels.classes[0] !== "string" && known.length <= 2 && known.every((c) => Math.abs(c) <= 1);
  if (!plain || (known.length === 2 && known[1] !== 1)) {
    throw invalidArgument(
      `${where}: yTrue holds the labels ${showLabels(labels.classes)}: say which is positive, for example ` +
        `{ posLabel: ${showLabels([labels.classes[labels.classes.length - 1] as Label])} }`,
    );
  }
  return indexOfLabel(labels.classes, 1);
}
