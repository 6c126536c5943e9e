import { invalidArgument, show } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { contingencyOf } from "./contingency-matrix.js";
import { entropyOf, mutualInformation } from "./mutual-info-score.js";
import { checkOptions } from "./options.js";

/** Options of vMeasureScore. */
export interface VMeasureOptions {
  /** Weight of completeness against homogeneity. Default 1. */
  readonly beta?: number | undefined;
}

/** How pure clusters are and how whole classes stay, each 0 … 1. */
export interface VMeasure {
  /** 1 where every cluster holds rows of one class. */
  readonly homogeneity: number;
  /** 1 where all rows of a class are in one cluster. */
  readonly completeness: number;
  /** Their harmonic mean. */
  readonly vMeasure: number;
}

/**
 * Homogeneity, completeness and V-measure of a clustering (Rosenberg and Hirschberg 2007), as scikit-learn's
 * homogeneity_completeness_v_measure.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export function homogeneityCompletenessVMeasure(
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
  options: VMeasureOptions = {},
): Promise<VMeasure> {
  return measure("homogeneityCompletenessVMeasure", labelsTrue, labelsPred, options);
}

/**
 * How far every cluster holds rows of one class only, 0 … 1, as scikit-learn's homogeneity_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function homogeneityScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  return (await measure("homogeneityScore", labelsTrue, labelsPred, {})).homogeneity;
}

/**
 * How far all rows of a class are in the same cluster, 0 … 1, as scikit-learn's completeness_score.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function completenessScore(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<number> {
  return (await measure("completenessScore", labelsTrue, labelsPred, {})).completeness;
}

/**
 * The harmonic mean of homogeneity and completeness, 0 … 1, as scikit-learn's v_measure_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function vMeasureScore(
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
  options: VMeasureOptions = {},
): Promise<number> {
  return (await measure("vMeasureScore", labelsTrue, labelsPred, options)).vMeasure;
}

async function measure(
  where: string,
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
  options: VMeasureOptions,
): Promise<VMeasure> {
  checkOptions(where, options, ["beta"]);
  const { beta = 1 } = options;
  if (!(beta >= 0)) throw invalidArgument(`${where}: beta must be a non-negative number, got ${show(beta)}`);
  const table = await contingencyOf(where, labelsTrue, labelsPred);
  const information = mutualInformation(table);
  const share = (counts: Float64Array): number => {
    const entropy = entropyOf(counts);
    return entropy === 0 ? 1 : information / entropy;
  };
  const [homogeneity, completeness] = [share(table.first), share(table.second)];
  const sum = homogeneity + completeness;
  const vMeasure = sum === 0 ? 0 : ((1 + beta) * homogeneity * completeness) / (beta * homogeneity + completeness);
  return { homogeneity, completeness, vMeasure };
}
