import { Matrix } from "../data/matrix.js";
import type { VectorLike } from "../data/vector.js";
import { contingencyOf } from "./contingency-matrix.js";

/** Ordered pairs of different rows: together (11) or apart (00) in both labellings, or in one of them. */
interface PairCounts {
  readonly apart: number;
  readonly onlyPred: number;
  readonly onlyTrue: number;
  readonly together: number;
}

/**
 * Pairs of rows that two clusterings put together or apart, 2 × 2: entry (i, j) counts the ordered pairs that are together
 * (1) or apart (0) in the first and in the second; as scikit-learn's pair_confusion_matrix.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function pairConfusionMatrix(
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
): Promise<Matrix<Float64Array>> {
  const pairs = await pairsOf("pairConfusionMatrix", labelsTrue, labelsPred);
  return new Matrix(Float64Array.of(pairs.apart, pairs.onlyPred, pairs.onlyTrue, pairs.together), [2, 2]);
}

/**
 * Rand index: the fraction of pairs of rows that two clusterings agree on, 0 … 1, as scikit-learn's rand_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function randScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  const { apart, onlyPred, onlyTrue, together } = await pairsOf("randScore", labelsTrue, labelsPred);
  const all = apart + onlyPred + onlyTrue + together;
  return onlyPred + onlyTrue === 0 ? 1 : (apart + together) / all;
}

/**
 * Rand index adjusted for chance: 1 for the same clusters, about 0 for random ones, -0.5 at least; as scikit-learn's
 * adjusted_rand_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function adjustedRandScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  const {
    apart: tn,
    onlyPred: fp,
    onlyTrue: fn,
    together: tp,
  } = await pairsOf("adjustedRandScore", labelsTrue, labelsPred);
  if (fn === 0 && fp === 0) return 1;
  return (2 * (tp * tn - fn * fp)) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn));
}

/**
 * Fowlkes-Mallows index: the geometric mean of precision and recall over pairs of rows, 0 … 1, as scikit-learn's
 * fowlkes_mallows_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function fowlkesMallowsScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  const { onlyPred, onlyTrue, together } = await pairsOf("fowlkesMallowsScore", labelsTrue, labelsPred);
  if (together === 0) return 0;
  return Math.sqrt(together / (together + onlyPred)) * Math.sqrt(together / (together + onlyTrue));
}

async function pairsOf(where: string, labelsTrue: VectorLike, labelsPred: VectorLike): Promise<PairCounts> {
  const { first, second, cells, rows } = await contingencyOf(where, labelsTrue, labelsPred);
  const squares = (counts: ArrayLike<number>): number => Array.from(counts).reduce((sum, n) => sum + n * n, 0);
  const both = squares(cells.map(([, , n]) => n));
  const onlyPred = squares(second) - both;
  const onlyTrue = squares(first) - both;
  return { apart: rows * rows - onlyPred - onlyTrue - both, onlyPred, onlyTrue, together: both - rows };
}
