import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { DiscountedGainsOptions } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { checkOptions } from "./options.js";
import { readScores, type ScoreLike } from "./scores.js";
import { Sum } from "./sum.js";
import { readWeights } from "./targets.js";

/** Options of ndcgScore. */
export interface NdcgOptions {
  /** Only the k highest scores of a row count. Default null: all. */
  readonly k?: number | null | undefined;
  /** Weight of every row: non-negative, not all zero. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
  /** Trust that no scores of a row are equal: a little faster. Default false: the mean over all orders of equal scores. */
  readonly ignoreTies?: boolean | undefined;
}

/** Options of dcgScore. */
export interface DcgOptions extends NdcgOptions {
  /** Base of the discount's logarithm: the lower, the more the first ranks count. Default 2. */
  readonly logBase?: number | undefined;
}

/**
 * Discounted cumulative gain: the true gains of a row, ranked by their scores, each divided by the logarithm of its rank
 * + 1; the mean over rows. Both tables nSamples × nDocuments. Follows scikit-learn's dcg_score (Järvelin and Kekäläinen
 * 2002); equal scores as McSherry and Najork 2008. For queries of different lengths see groupNdcgScore.
 *
 * @example await dcgScore([[10, 0, 0, 1, 5]], [[0.1, 0.2, 0.3, 4, 70]]); // 9.499…
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function dcgScore(yTrue: ScoreLike, yScore: ScoreLike, options: DcgOptions = {}): Promise<number> {
  checkOptions("dcgScore", options, ["k", "logBase", "sampleWeight", "ignoreTies"]);
  const { logBase = 2 } = options;
  if (!(logBase > 0) || logBase === 1) {
    throw invalidArgument(`dcgScore: logBase must be a positive number other than 1, got ${show(logBase)}`);
  }
  return meanOverRows("dcgScore", yTrue, yScore, options, { logBase, isNormalized: false });
}

/**
 * Normalized discounted cumulative gain: dcgScore of every row, divided by the most its gains could give; 0 for a row
 * without gains. From 0 to 1. Follows scikit-learn's ndcg_score.
 *
 * @example await ndcgScore([[10, 0, 0, 1, 5]], [[0.1, 0.2, 0.3, 4, 70]]); // 0.6956…
 * @throws TreelineError ERR_INVALID_DATA (also for negative gains and rows of one document), ERR_INVALID_ARGUMENT
 */
export async function ndcgScore(yTrue: ScoreLike, yScore: ScoreLike, options: NdcgOptions = {}): Promise<number> {
  checkOptions("ndcgScore", options, ["k", "sampleWeight", "ignoreTies"]);
  return meanOverRows("ndcgScore", yTrue, yScore, options, { logBase: 2, isNormalized: true });
}

/** The rank up to which documents count, as the addon wants it. @throws TreelineError ERR_INVALID_ARGUMENT */
export function ranksOf(where: string, k: number | null | undefined): number {
  if (k === undefined || k === null) return 0;
  if (!Number.isSafeInteger(k) || k < 1)
    throw invalidArgument(`${where}: k must be a positive integer, or null, got ${show(k)}`);
  return k;
}

async function meanOverRows(
  where: string,
  yTrue: ScoreLike,
  yScore: ScoreLike,
  options: NdcgOptions,
  how: Pick<DiscountedGainsOptions, "logBase" | "isNormalized">,
): Promise<number> {
  const { ignoreTies = false, sampleWeight } = options;
  if (typeof ignoreTies !== "boolean") {
    throw invalidArgument(`${where}: ignoreTies must be true or false, got ${show(ignoreTies)}`);
  }
  const k = ranksOf(where, options.k);
  const gains = await readScores(where, "yTrue", yTrue);
  const scores = await readScores(where, "yScore", yScore);
  for (const [name, { flat }] of Object.entries({ yTrue: gains, yScore: scores })) {
    if (flat)
      throw invalidData(`${where}: ${name} must be a table with a row a query; a list is a table of one row: [list]`);
  }
  const { rows, cols } = gains;
  if (rows !== scores.rows || cols !== scores.cols) {
    throw invalidData(`${where}: yTrue is ${rows} × ${cols}, but yScore ${scores.rows} × ${scores.cols}`);
  }
  if (rows === 0) throw invalidData(`${where}: yTrue is empty; at least 1 row is needed`);
  if (how.isNormalized) checkGains(where, gains.values, cols);
  const weights = await readWeights(where, sampleWeight, rows);
  const queries = Int32Array.from(gains.values.keys(), (i) => Math.floor(i / cols));
  const values = await runJob(effectiveNJobs(), {}, (job) =>
    addon().discountedGains(gains.values, scores.values, queries, { k, ignoreTies, ...how }, job),
  );
  return weightedMean(values, weights);
}

function checkGains(where: string, gains: Float64Array, cols: number): void {
  if (cols < 2) throw invalidData(`${where}: yTrue has ${cols} column(s): a ranking needs at least 2 documents`);
  const negative = gains.findIndex((gain) => gain < 0);
  if (negative >= 0) {
    throw invalidData(
      `${where}: yTrue must not be negative, got ${gains[negative]} in row ${Math.floor(negative / cols)}, column ${negative % cols}`,
    );
  }
}

/** Their mean; `weights` undefined: all 1. */
export function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  const sum = new Sum();
  const total = new Sum();
  values.forEach((value, i) => {
    const weight = weights?.[i] ?? 1;
    sum.add(weight * value);
    total.add(weight);
  });
  return sum.value / total.value;
}
