import { invalidArgument } from "../base/errors.js";
import { gainsOf, isLabelGain, type LabelGain } from "../data/label-gain.js";
import { queryMeans, readQueries, type QueryOptions } from "../data/queries.js";
import { readTarget, type VectorLike } from "../data/vector.js";
import { discountedGains, ranksOf, weightedMean } from "./dcg-score.js";
import { checkOptions } from "./options.js";
import { checkLengths, readWeights } from "./targets.js";

/** Options of groupNdcgScore. */
export interface GroupNdcgOptions extends QueryOptions {
  /** Only the k highest scores of a query count. Default 10; null: all. */
  readonly k?: number | null | undefined;
  /** What a document of each grade is worth. Default null: 2^grade - 1. */
  readonly labelGain?: LabelGain | undefined;
  /** Weight of every row; a query weighs their mean. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
}

const WHERE = "groupNdcgScore";

/**
 * Mean NDCG of queries of any lengths, as ranking is judged: `yTrue` holds the grade of every document, an integer from 0,
 * worth 2^grade - 1 unless labelGain says otherwise; `yScore` what they are ranked by. `group` or `groupId` says which rows
 * belong together. A query without gains counts 1, as in LightGBM; equal scores count the mean over their orders, as in
 * ndcgScore.
 *
 * @example await groupNdcgScore([2, 0, 1, 0, 1], [0.9, 0.5, 0.1, 0.2, 0.7], { group: [3, 2] });
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function groupNdcgScore(
  yTrue: VectorLike,
  yScore: VectorLike,
  options: GroupNdcgOptions,
): Promise<number> {
  checkOptions(WHERE, options, ["group", "groupId", "k", "labelGain", "sampleWeight"]);
  const { labelGain = null } = options;
  if (!isLabelGain(labelGain)) {
    throw invalidArgument(
      `${WHERE}: labelGain must be a list of gains, none below 0 or below the one before it, or null`,
    );
  }
  const k = ranksOf(WHERE, options.k === undefined ? 10 : options.k);
  const grades = await readTarget(yTrue, `${WHERE}: yTrue`);
  const scores = await readTarget(yScore, `${WHERE}: yScore`);
  checkLengths(WHERE, grades.length, "yScore", scores.length);
  const gains = gainsOf(grades, labelGain, `${WHERE}: yTrue`);
  const queries = await readQueries(options, grades.length, WHERE);
  const weights = await readWeights(WHERE, options.sampleWeight, grades.length);
  const how = { k, logBase: 2, ignoreTies: false, isNormalized: true, withoutGain: 1 };
  const values = await discountedGains(gains, scores, queries.codes, how);
  const ofRows = weights ?? new Float64Array(grades.length).fill(1);
  return weightedMean(values, queryMeans(ofRows, queries).subarray(0, values.length));
}
