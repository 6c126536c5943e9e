import type { VectorLike } from "../data/vector.js";
import { readNumberPair } from "./targets.js";

/**
 * The greatest absolute error, in units of y, as scikit-learn's max_error.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function maxError(yTrue: VectorLike, yPred: VectorLike): Promise<number> {
  const { truth, predicted } = await readNumberPair("maxError", yTrue, yPred);
  return truth.reduce((most, y, i) => Math.max(most, Math.abs(y - (predicted[i] as number))), 0);
}
