import { invalidArgument } from "../base/errors.js";
import { boolean, custom, nJobs, nullable, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { inTurns } from "../data/vector.js";
import { membersSpec, type NamedMembersParams } from "./named-members.js";

/** The parameters that both kinds of voting have. */
export interface VotingParams extends NamedMembersParams {
  /** What each estimator's vote counts, those that are dropped among them; null (default): all the same. */
  weights: readonly number[] | null;
  /** Estimators that learn or answer at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Draw a progress bar while fitting. Default false. */
  verbose: boolean;
}

export const VOTING_SPECS: ParamSpecs<VotingParams> = {
  estimators: membersSpec(),
  weights: nullable(
    custom<readonly number[]>(
      [],
      "an array of numbers",
      (value) => Array.isArray(value) && value.every((weight) => Number.isFinite(weight)),
      "heavy",
    ),
  ),
  nJobs: nJobs(),
  verbose: boolean(false),
};

/** The weights of the estimators that are used. @throws TreelineError ERR_INVALID_ARGUMENT */
export function votingWeights(
  members: NamedMembersParams["estimators"],
  weights: readonly number[] | null,
  where: string,
): Float64Array {
  if (weights !== null && weights.length !== members.length) {
    throw invalidArgument(`${where}: there are ${members.length} estimators, but weights has ${weights.length} values`);
  }
  const used = members.flatMap(([, estimator], k) => (estimator === "drop" ? [] : [weights?.[k] ?? 1]));
  if (used.reduce((sum, weight) => sum + weight, 0) !== 0) return Float64Array.from(used);
  throw invalidArgument(`${where}: weights of the estimators sum to zero, so nothing can be averaged`);
}

/** Means of equally long arrays, weighted: in the order of the arrays, so always the same bits. */
export async function weightedMeans(
  tables: readonly ArrayLike<number>[],
  weights: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Float64Array(tables[0]?.length ?? 0);
  await inTurns(sums.length, signal, (begin, end) => {
    for (const [k, table] of tables.entries()) {
      const weight = weights[k] as number;
      for (let i = begin; i < end; i++) sums[i] = (sums[i] as number) + weight * (table[i] as number);
    }
    for (let i = begin; i < end; i++) sums[i] = (sums[i] as number) / total;
  });
  return sums;
}

/** Tables of equally many rows side by side, each as wide as `width`. */
export async function columnsOf(
  tables: readonly Float64Array[],
  width: number,
  signal: AbortSignal | undefined,
): Promise<Matrix<Float64Array>> {
  const rows = (tables[0]?.length ?? 0) / width;
  const cols = width * tables.length;
  const out = new Float64Array(rows * cols);
  await inTurns(rows, signal, (begin, end) => {
    for (const [k, table] of tables.entries()) {
      for (let i = begin; i < end; i++) {
        for (let j = 0; j < width; j++) out[i * cols + k * width + j] = table[i * width + j] as number;
      }
    }
  });
  return new Matrix(out, [rows, cols]);
}
