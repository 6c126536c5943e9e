import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { gainsOf, isLabelGain, type LabelGain } from "../data/label-gain.js";
import { queryMeans, readQueries, type QueryOptions } from "../data/queries.js";
import { readTarget, type VectorLike } from "../data/vector.js";
import type { RankingMetric } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { ranksOf, weightedMean } from "./dcg-score.js";
import { checkOptions } from "./options.js";
import { checkLengths, readWeights } from "./targets.js";

/** Options of groupNdcgScore, groupMapScore and groupMrrScore. */
export interface GroupRankingOptions extends QueryOptions {
  /** Only the k highest scores of a query count. Default 10; null: all. */
  readonly k?: number | null | undefined;
  /** What a document of each grade is worth. Default null: 2^grade - 1. */
  readonly labelGain?: LabelGain | undefined;
  /** Weight of every row; a query weighs their mean. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
}

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
  options: GroupRankingOptions,
): Promise<number> {
  return meanOverQueries("groupNdcgScore", "ndcg", yTrue, yScore, options);
}

/**
 * Mean average precision of queries: LightGBM's and XGBoost's map@k. Documents that are worth something (grades from 1,
 * unless labelGain says otherwise) are of use; of each of them among the k ranked highest, the share of use up to its
 * rank; their sum, over the most there could be. A query without any counts 1; equal scores count the mean over their
 * orders, where LightGBM and XGBoost take them as they come.
 *
 * @example await groupMapScore([2, 0, 1, 0, 1], [0.9, 0.5, 0.1, 0.2, 0.7], { group: [3, 2] });
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function groupMapScore(
  yTrue: VectorLike,
  yScore: VectorLike,
  options: GroupRankingOptions,
): Promise<number> {
  return meanOverQueries("groupMapScore", "map", yTrue, yScore, options);
}

/**
 * Mean reciprocal rank of queries: 1 over the rank of the first document of use, 0 if it is not among the k ranked
 * highest. Documents of use, queries without any and equal scores as in groupMapScore.
 *
 * @example await groupMrrScore([2, 0, 1, 0, 1], [0.9, 0.5, 0.1, 0.2, 0.7], { group: [3, 2] });
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function groupMrrScore(
  yTrue: VectorLike,
  yScore: VectorLike,
  options: GroupRankingOptions,
): Promise<number> {
  return meanOverQueries("groupMrrScore", "mrr", yTrue, yScore, options);
}

async function meanOverQueries(
  where: string,
  kind: RankingMetric["kind"],
  yTrue: VectorLike,
  yScore: VectorLike,
  options: GroupRankingOptions,
): Promise<number> {
  checkOptions(where, options, ["group", "groupId", "k", "labelGain", "sampleWeight"]);
  const { labelGain = null } = options;
  if (!isLabelGain(labelGain)) {
    throw invalidArgument(
      `${where}: labelGain must be a list of gains, none below 0 or below the one before it, or null`,
    );
  }
  const k = ranksOf(where, options.k === undefined ? 10 : options.k);
  const grades = await readTarget(yTrue, `${where}: yTrue`);
  const scores = await readTarget(yScore, `${where}: yScore`);
  checkLengths(where, grades.length, "yScore", scores.length);
  const gains = gainsOf(grades, labelGain, `${where}: yTrue`);
  const queries = await readQueries(options, grades.length, where);
  const weights = await readWeights(where, options.sampleWeight, grades.length);
  const values = await runJob(effectiveNJobs(), {}, (job) =>
    addon().rankingScores(gains, scores, queries.codes, { kind, k }, job),
  );
  const ofRows = weights ?? new Float64Array(grades.length).fill(1);
  return weightedMean(values, queryMeans(ofRows, queries).subarray(0, values.length));
}
