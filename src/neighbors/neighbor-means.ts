import { invalidData } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { readTargets, type TargetsLike } from "../data/targets.js";
import type { WeightedOptions } from "../metrics/options.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";

/** Weighted means of the targets of some rows of fit, one a target. */
export function writeMeans(
  where: string,
  { targets, nSamplesFit }: { readonly targets: Float64Array; readonly nSamplesFit: number },
  indices: Float64Array,
  weights: ArrayLike<number>,
  means: Float64Array,
): void {
  let total = 0;
  for (let j = 0; j < weights.length; j++) total += weights[j] as number;
  if (total === 0) throw invalidData(`${where}: all neighbours of a row have weight 0: change weights`);
  for (let t = 0; t < means.length; t++) {
    let sum = 0;
    for (let j = 0; j < weights.length; j++) {
      sum += (weights[j] as number) * (targets[t * nSamplesFit + (indices[j] as number)] as number);
    }
    means[t] = sum / total;
  }
}

/** R² of predictions; of several targets the mean. */
export async function meanR2(
  where: string,
  y: TargetsLike,
  predicted: Float64Array | Matrix<Float64Array>,
  { sampleWeight, signal }: RunOptions & WeightedOptions,
): Promise<number> {
  const { rows, nTargets, values } = await readTargets(y, `${where}: y`, signal);
  const columns = predicted instanceof Matrix ? predicted.cols : 1;
  if (nTargets !== columns) throw invalidData(`${where}: y has ${nTargets} columns, but the fit had ${columns}`);
  let sum = 0;
  for (let t = 0; t < nTargets; t++) {
    const truth = values.subarray(t * rows, (t + 1) * rows);
    sum += await r2Score(truth, predicted instanceof Matrix ? predicted.column(t) : predicted, { sampleWeight });
  }
  return sum / nTargets;
}
