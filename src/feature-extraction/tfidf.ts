import { invalidData } from "../base/errors.js";
import { boolean, choice, nullable, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { inTurns, isBreak, takeBreak } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";

/** What becomes 1 in every row. */
export type Norm = "l1" | "l2" | null;

/** How counts of terms become weights. */
export interface TfidfParams {
  /** What becomes 1 in every row: the sum of squares "l2" (default) or of absolute values "l1"; null: rows stay. */
  norm: Norm;
  /** Terms weigh the less the more documents they are in. Default true. */
  useIdf: boolean;
  /** Document frequencies as if one more document held every term. Default true. */
  smoothIdf: boolean;
  /** 1 + log(count) in place of the count. Default false. */
  sublinearTf: boolean;
}

export function normSpec(): ParamSpec<Norm> {
  return nullable(choice<"l1" | "l2">("l2", ["l1", "l2"]), "l2");
}

/** The rules of the parameters. */
export const TFIDF_SPECS: ParamSpecs<TfidfParams> = {
  norm: normSpec(),
  useIdf: boolean(true),
  smoothIdf: boolean(true),
  sublinearTf: boolean(false),
};

/** 1 + log(documents / documents with the term) by column; every stored entry counts, as in scikit-learn. Float32 of float32. */
export async function idfOf(X: CsrMatrix, smooth: boolean, signal: AbortSignal | undefined): Promise<FloatArray> {
  const extra = smooth ? 1 : 0;
  const frequency = new Float64Array(X.cols).fill(extra);
  await inTurns(X.nnz, signal, (begin, end) => {
    for (let k = begin; k < end; k++) {
      const j = X.indices[k] as number;
      frequency[j] = (frequency[j] as number) + 1;
    }
  });
  const idf = frequency.map((count) => Math.log((X.rows + extra) / count) + 1);
  return X.data instanceof Float32Array ? Float32Array.from(idf) : idf;
}

/**
 * Counts as weights: a new CsrMatrix with the same places.
 *
 * @param idf of the columns; undefined: all weigh the same.
 * @throws TreelineError ERR_INVALID_DATA for a count that is not positive, where sublinearTf takes its logarithm.
 */
export async function weighted(
  X: CsrMatrix,
  idf: FloatArray | undefined,
  { norm, sublinearTf }: TfidfParams,
  where: string,
  signal: AbortSignal | undefined,
): Promise<CsrMatrix> {
  const data = X.data.slice();
  await inTurns(data.length, signal, (begin, end) => {
    for (let k = begin; k < end; k++) {
      const count = data[k] as number;
      if (sublinearTf && !(count > 0)) {
        throw invalidData(`${where}: sublinearTf takes logarithms of counts, which must be positive, got ${count}`);
      }
      if (sublinearTf) data[k] = Math.log(count) + 1;
      if (idf !== undefined) data[k] = (data[k] as number) * (idf[X.indices[k] as number] as number);
    }
  });
  return normalizeRows(new CsrMatrix(data, X.indices, X.indptr, X.shape), norm, signal);
}

/** Scales every row to a norm of 1, in place; rows of zeros stay. */
export async function normalizeRows(X: CsrMatrix, norm: Norm, signal: AbortSignal | undefined): Promise<CsrMatrix> {
  if (norm === null) return X;
  for (let i = 0, seen = 0; i < X.rows; i++) {
    const { values } = X.row(i);
    let sum = 0;
    for (const value of values) sum += norm === "l1" ? Math.abs(value) : value * value;
    const length = norm === "l1" ? sum : Math.sqrt(sum);
    if (length !== 0) for (let k = 0; k < values.length; k++) values[k] = (values[k] as number) / length;
    seen += values.length + 1;
    if (seen < 0x10000 && !isBreak(i)) continue;
    await takeBreak(signal);
    seen = 0;
  }
  return X;
}
