import { invalidData } from "../base/errors.js";
import { readTarget, type VectorLike } from "../data/vector.js";
import { Sum } from "./sum.js";

/**
 * Area under a curve through the points (x, y) by the trapezoidal rule, as scikit-learn's auc.
 *
 * @throws TreelineError ERR_INVALID_DATA unless x rises or falls and there are at least 2 points.
 */
export async function auc(x: VectorLike, y: VectorLike): Promise<number> {
  return area(await readTarget(x, "auc: x"), await readTarget(y, "auc: y"));
}

/** The trapezoidal rule on arrays in memory. */
export function area(x: Float64Array, y: Float64Array): number {
  if (x.length !== y.length) throw invalidData(`auc: x has ${x.length} values, but y has ${y.length}`);
  if (x.length < 2) throw invalidData(`auc: at least 2 points are needed, got ${x.length}`);
  const sum = new Sum();
  let falls = 0;
  let rises = 0;
  for (let k = 1; k < x.length; k++) {
    const step = (x[k] as number) - (x[k - 1] as number);
    if (step < 0) falls++;
    if (step > 0) rises++;
    sum.add((step * ((y[k] as number) + (y[k - 1] as number))) / 2);
  }
  if (falls > 0 && rises > 0) throw invalidData("auc: x is neither increasing nor decreasing");
  return falls > 0 ? -sum.value : sum.value;
}
