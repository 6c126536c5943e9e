import type { VectorLike } from "../data/vector.js";
import { contingencyOf, type Contingency } from "./contingency-matrix.js";
import { expectedMutualInformation } from "./expected-mutual-information.js";
import { checkChoice, checkOptions } from "./options.js";
import { Sum } from "./sum.js";

/** Options of normalizedMutualInfoScore and adjustedMutualInfoScore. */
export interface MutualInfoOptions {
  /** The mean of the two entropies that is divided by. Default "arithmetic". */
  readonly averageMethod?: "min" | "geometric" | "arithmetic" | "max" | undefined;
}

/**
 * Mutual information of two labellings, in nats, as scikit-learn's mutual_info_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function mutualInfoScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  return mutualInformation(await contingencyOf("mutualInfoScore", labelsTrue, labelsPred));
}

/**
 * Mutual information over the mean of the two entropies, 0 … 1, as scikit-learn's normalized_mutual_info_score. Not adjusted
 * for chance: many clusters score higher.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function normalizedMutualInfoScore(
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
  options: MutualInfoOptions = {},
): Promise<number> {
  const where = "normalizedMutualInfoScore";
  const averageMethod = methodOf(where, options);
  const table = await contingencyOf(where, labelsTrue, labelsPred);
  if (table.first.length === 1 && table.second.length === 1) return 1;
  const information = mutualInformation(table);
  return information === 0 ? 0 : information / meanEntropy(table, averageMethod);
}

/**
 * Mutual information adjusted for chance: 1 for the same clusters, about 0 for random ones, as scikit-learn's
 * adjusted_mutual_info_score. Takes time by the number of cells times the size of clusters.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function adjustedMutualInfoScore(
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
  options: MutualInfoOptions = {},
): Promise<number> {
  const where = "adjustedMutualInfoScore";
  const averageMethod = methodOf(where, options);
  const table = await contingencyOf(where, labelsTrue, labelsPred);
  if (table.first.length === 1 || table.second.length === 1) return table.first.length === table.second.length ? 1 : 0;
  const expected = await expectedMutualInformation(table);
  // Both differences are 0 of a perfect match: what rounding leaves of them is kept off 0, with its sign.
  const apart = (x: number): number => (x < 0 ? Math.min(x, -Number.EPSILON) : Math.max(x, Number.EPSILON));
  return apart(mutualInformation(table) - expected) / apart(meanEntropy(table, averageMethod) - expected);
}

function methodOf(where: string, options: MutualInfoOptions): NonNullable<MutualInfoOptions["averageMethod"]> {
  checkOptions(where, options, ["averageMethod"]);
  const { averageMethod = "arithmetic" } = options;
  checkChoice(where, "averageMethod", averageMethod, ["min", "geometric", "arithmetic", "max"]);
  return averageMethod;
}

function meanEntropy({ first, second }: Contingency, method: MutualInfoOptions["averageMethod"]): number {
  const [u, v] = [entropyOf(first), entropyOf(second)];
  if (method === "min") return Math.min(u, v);
  if (method === "max") return Math.max(u, v);
  return method === "geometric" ? Math.sqrt(u * v) : (u + v) / 2;
}

/** Entropy of a labelling with so many rows a label, in nats. */
export function entropyOf(counts: Float64Array): number {
  if (counts.length === 1) return 0;
  const total = counts.reduce((sum, n) => sum + n, 0);
  const sum = new Sum();
  for (const n of counts) sum.add(-(n / total) * (Math.log(n) - Math.log(total)));
  return sum.value;
}

export function mutualInformation({ first, second, cells, rows }: Contingency): number {
  if (first.length === 1 || second.length === 1) return 0;
  const sum = new Sum();
  for (const [i, j, n] of cells) {
    const outer = (first[i] as number) * (second[j] as number);
    const share = n / rows;
    const term = share * (Math.log(n) - Math.log(rows)) + share * (2 * Math.log(rows) - Math.log(outer));
    if (Math.abs(term) >= Number.EPSILON) sum.add(term);
  }
  return Math.max(0, sum.value);
}
