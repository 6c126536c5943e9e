import type { VectorLike } from "../data/vector.js";
import { countClasses } from "./class-counts.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { readLabelPair } from "./targets.js";

/**
 * Matthews correlation coefficient (phi; Gorodkin's R_K for more than two classes), -1 … 1, as scikit-learn's
 * matthews_corrcoef. 0 where it is not defined.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function matthewsCorrcoef(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions("matthewsCorrcoef", options, ["sampleWeight"]);
  const counts = countClasses(await readLabelPair("matthewsCorrcoef", yTrue, yPred, options.sampleWeight));
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);
  const total = counts.predicted.reduce((sum, x) => sum + x, 0);
  const right = counts.right.reduce((sum, x) => sum + x, 0);
  const covariance = right * total - dot(counts.actual, counts.predicted);
  const variances =
    (total ** 2 - dot(counts.predicted, counts.predicted)) * (total ** 2 - dot(counts.actual, counts.actual));
  return variances === 0 ? 0 : covariance / Math.sqrt(variances);
}
