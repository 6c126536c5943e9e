import { invalidData } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { readTarget, type VectorLike } from "../data/vector.js";

/**
 * Raw predictions to start from, row-major: one a row, or nOutputs a row as a Matrix.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function readInitScore(
  given: VectorLike | Matrix | undefined,
  rows: number,
  nOutputs: number,
  where: string,
): Promise<Float64Array | undefined> {
  if (given === undefined) return undefined;
  const isMatrix = given instanceof Matrix;
  const values = isMatrix ? Float64Array.from(given.toArray().flat()) : await readTarget(given, where);
  const shape = isMatrix ? given.shape : [values.length, 1];
  if (shape[0] !== rows || shape[1] !== nOutputs) {
    throw invalidData(`${where} must be ${rows} × ${nOutputs} numbers, got ${shape[0]} × ${shape[1]}`);
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw invalidData(`${where} must be finite numbers, got ${values[wrong]} in row ${Math.floor(wrong / nOutputs)}`);
  return values;
}
