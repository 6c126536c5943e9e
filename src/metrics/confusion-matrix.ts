import { invalidData, warnUndefinedMetric } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { checkChoice, checkOptions, type WeightedOptions } from "./options.js";
import { checkLabels, indexOfLabel, readLabelPair, type LabelPair } from "./targets.js";

/** Options of confusionMatrix. */
export interface ConfusionMatrixOptions extends WeightedOptions {
  /** Which classes, in which order; rows of other classes are left out. Default: all, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  /** Divide by the sums of the rows ("true"), the columns ("pred") or of all. Default: counts. */
  readonly normalize?: "true" | "pred" | "all" | null | undefined;
}

/**
 * Confusion matrix, nClasses × nClasses: entry (i, j) is the weight of rows that are class i and predicted as class j, as
 * scikit-learn's confusion_matrix.
 *
 * @example (await confusionMatrix([0, 0, 1], [0, 1, 1])).toArray(); // [[1, 1], [0, 1]]
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function confusionMatrix(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: ConfusionMatrixOptions = {},
): Promise<Matrix<Float64Array>> {
  const where = "confusionMatrix";
  checkOptions(where, options, ["labels", "sampleWeight", "normalize"]);
  const { normalize = null } = options;
  checkChoice(where, "normalize", normalize, ["true", "pred", "all", null]);
  const pair = await readLabelPair(where, yTrue, yPred, options.sampleWeight);
  const labels = options.labels === undefined ? pair.classes : checkLabels(where, options.labels);
  const place = Int32Array.from(pair.classes, (label) => indexOfLabel(labels, label));
  if (!pair.truth.some((code) => (place[code] as number) >= 0)) {
    throw invalidData(`${where}: none of the labels asked for is in yTrue`);
  }
  if (labels.length === 1) {
    warnUndefinedMetric(`${where}: there is one class only; name all known classes in { labels } for the right shape`);
  }
  const counts = count(pair, place, labels.length);
  return new Matrix(normalize === null ? counts : normalized(counts, labels.length, normalize), [
    labels.length,
    labels.length,
  ]);
}

function count({ truth, predicted, weights }: LabelPair, place: Int32Array, size: number): Float64Array {
  const counts = new Float64Array(size * size);
  for (let i = 0; i < truth.length; i++) {
    const row = place[truth[i] as number] as number;
    const col = place[predicted[i] as number] as number;
    if (row < 0 || col < 0) continue;
    counts[row * size + col] =
      (counts[row * size + col] as number) + (weights === undefined ? 1 : (weights[i] as number));
  }
  return counts;
}

/** Divided by sums; 0 where a sum is 0. */
function normalized(counts: Float64Array, size: number, by: "true" | "pred" | "all"): Float64Array {
  const group = (cell: number): number => (by === "all" ? 0 : by === "true" ? Math.floor(cell / size) : cell % size);
  const sums = new Float64Array(size);
  counts.forEach((value, cell) => (sums[group(cell)] = (sums[group(cell)] as number) + value));
  return counts.map((value, cell) => (value === 0 ? 0 : value / (sums[group(cell)] as number)));
}
