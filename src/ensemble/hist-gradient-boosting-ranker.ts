import type { EstimatorTags } from "../base/estimator.js";
import { boolean, choice, custom, integer, number, type ParamSpecs } from "../base/params.js";
import { gainsOf, isLabelGain, type LabelGain } from "../data/label-gain.js";
import { readQueries, type Queries, type QueryOptions } from "../data/queries.js";
import { isRow, type RowLike } from "../data/row.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { groupNdcgScore } from "../metrics/group-ranking-scores.js";
import { getScorer } from "../metrics/scorer.js";
import type { RunOptions } from "../native/job.js";
import { BaseHistGradientBoosting, type BoostingFitted } from "./boosting-estimator.js";
import type { BoostingRows } from "./boosting-fit.js";
import {
  BOOSTING_SPECS,
  checkValidationOptions,
  type BoostingFitOptions,
  type BoostingParams,
} from "./boosting-params.js";
import { readInitScore } from "./init-score.js";
import {
  firstOf,
  isEvalAt,
  namedMetrics,
  RANKING_METRICS,
  readEvalMetric,
  type EvalAt,
  type RankingMetricName,
} from "./ranking-metrics.js";
import { readWatchedRows, type LabelledRows, type ReadRows } from "./watched-rows.js";

/**
 * Parameters of HistGradientBoostingRanker. `validationFraction` is a share (or number) of the queries.
 */
export interface HistGradientBoostingRankerParams extends Omit<BoostingParams, "scoring"> {
  /** What a document of grade 0, 1, 2, … is worth, not falling. Default null: 2^grade - 1, for grades up to 30. */
  labelGain: LabelGain;
  /** Pairs of documents count if one of them is among so many that are ranked highest. Default 30. */
  lambdarankTruncationLevel: number;
  /**
   * Pairs whose scores are far apart count less, and queries with many pairs are not much louder than others. Default true.
   */
  lambdarankNorm: boolean;
  /** Steepness of the logistic function of the difference of two scores. Default 1. */
  sigmoid: number;
  /**
   * Metrics count so many documents of a query, those of highest scores; null: all. A list (LightGBM's eval_at): evalSet
   * has the metrics at each, early stopping watches the first given, as LightGBM with first_metric_only watches the
   * smallest. Default 10.
   */
  evalAt: EvalAt;
  /** What early stopping watches: "ndcg", "map" (mean average precision) or "mrr" (mean reciprocal rank). Default "ndcg". */
  scoring: RankingMetricName;
}

const SPECS: ParamSpecs<HistGradientBoostingRankerParams> = {
  ...BOOSTING_SPECS,
  labelGain: custom<LabelGain>(
    null,
    "a list of gains, none below 0 or below the one before it, or null",
    isLabelGain,
    Float64Array.of(1, 0),
  ),
  lambdarankTruncationLevel: integer(30, { min: 1 }),
  lambdarankNorm: boolean(true),
  sigmoid: number(1, { min: 0, exclusiveMin: true }),
  evalAt: custom<EvalAt>(10, "a positive integer, a list of different ones, or null", isEvalAt, Int32Array.of(1)),
  scoring: choice<RankingMetricName>("ndcg", RANKING_METRICS),
};

/** Options of HistGradientBoostingRanker.fit: group or groupId must be given, also for rows to watch. */
export interface RankerFitOptions extends Omit<BoostingFitOptions, "evalSet" | "evalMetric">, QueryOptions {
  /** One non-negative weight per row, or one per query. */
  readonly sampleWeight?: VectorLike | undefined;
  /** The queries of XVal. */
  readonly groupVal?: QueryOptions["group"];
  readonly groupIdVal?: QueryOptions["groupId"];
  /**
   * More rows whose metrics are recorded, iteration by iteration, in evalResults_: as "ndcg", or "ndcg@1", "ndcg@5", … if
   * evalAt is a list. They change nothing else.
   */
  readonly evalSet?: readonly LabelledRows[] | undefined;
  /** What is recorded of evalSet besides `scoring`: "ndcg", "map", "mrr", or several. */
  readonly evalMetric?: RankingMetricName | readonly RankingMetricName[] | undefined;
}

/**
 * Ranks documents: gradient boosting by lambdarank, which pushes the documents of a query past each other by how much that
 * changes the query's NDCG (Burges 2010). Follows LightGBM's LGBMRanker. X has a row a document, y its grade: 0 for no use,
 * 1, 2, … for more. Which rows are one query is told by `group` (sizes) or `groupId` (an id a row). NaN is a missing value.
 * The model is the same, bit for bit, for any nJobs, any chunking of X and any instruction set.
 *
 * @example
 * const model = await new HistGradientBoostingRanker().fit(X, grades, { groupId: queries });
 * const scores = await model.predict(candidates); // sort a query's documents by these, highest first
 */
export class HistGradientBoostingRanker extends BaseHistGradientBoosting<
  HistGradientBoostingRankerParams,
  BoostingFitted
> {
  constructor(params: Partial<HistGradientBoostingRankerParams> = {}) {
    super("HistGradientBoostingRanker", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "ranker", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns the trees. X: nSamples × nFeatures; y: nSamples grades. A row's weight multiplies its gradients; rows of weight 0
   * are left out. Progress counts iterations of at most maxIter; its score is the negative `scoring` of the training queries
   * where early stopping computes it, else NaN.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: RankerFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "HistGradientBoostingRanker.fit";
    const { labelGain, lambdarankTruncationLevel, lambdarankNorm, sigmoid, evalAt, scoring } = this.params;
    const metrics = namedMetrics([scoring, ...readEvalMetric(options.evalMetric, where)], evalAt);
    const common = { ...options, evalMetric: undefined };
    checkValidationOptions(where, common, this.params);
    const read: ReadRows = (rows, what, whatY) => rowsOf(rows, labelGain, what, whatY, options.signal);
    const train = await read({ ...options, X, y }, where, `${where}: y`);
    const fitted = await this.learn(
      {
        where,
        params: { ...this.params, scoring: "loss" },
        loss: "lambdarank",
        lossParameter: 0,
        lambdarank: {
          truncationLevel: lambdarankTruncationLevel,
          norm: lambdarankNorm,
          sigmoid,
          metrics: [...metrics.values()],
        },
        rankingMetrics: [...metrics.keys()],
        customLoss: undefined,
        nOutputs: 1,
        vectorLeaves: false,
        nClasses: undefined,
        train,
        ...(await readWatchedRows(options, where, read)),
        scorable: (raw) => ({ predict: () => Promise.resolve(raw) }),
        labels: (targets) => targets,
        scorerNamed: getScorer,
      },
      common,
    );
    this.setFitted(fitted);
    return this;
  }

  /** A score per row: within a query, the higher the better. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    return (await this.map("predict", "raw", X, options)).values;
  }

  /**
   * predict for one row, or a few rows in memory, at once and on this thread: for serving. A row (Float64Array,
   * Float32Array or number[] of nFeatures) takes a microsecond or two and gives a number, not an array.
   */
  predictSync(row: RowLike): number;
  predictSync(X: MatrixLike): Float64Array;
  predictSync(X: MatrixLike | RowLike): Float64Array | number {
    if (!isRow(X)) return this.mapSync("predictSync", "raw", X).values;
    return this.mapRow("predictSync", "raw", X)[0] as number;
  }

  /** Scores after each iteration. */
  async *stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<Float64Array> {
    for await (const { values } of this.staged("stagedPredict", X, options)) yield values;
  }

  /** Mean NDCG of predict(X) for the grades y, of evalAt documents (the first, of a list) a query: groupNdcgScore. */
  async score(X: MatrixLike, y: VectorLike, options: RankerFitOptions = {}): Promise<number> {
    const { evalAt, labelGain } = this.params;
    const k = firstOf(evalAt);
    const { group, groupId, sampleWeight } = options;
    return groupNdcgScore(y, await this.predict(X), { group, groupId, k, labelGain, sampleWeight });
  }
}

async function rowsOf(
  rows: LabelledRows,
  labelGain: LabelGain,
  where: string,
  whereY: string,
  signal: AbortSignal | undefined,
): Promise<BoostingRows> {
  const source = rowSourceOf(rows.X, `${where}: X`, { categories: true });
  const grades = await readTarget(rows.y as VectorLike, whereY, signal);
  const targets = gainsOf(grades, labelGain, whereY);
  const queries = await readQueries(rows, targets.length, where, signal);
  const weights = await readWeights(rows.sampleWeight, queries, where);
  const initScore = await readInitScore(rows.initScore, targets.length, 1, `${where}: initScore`);
  return { table: rows.X, source, rows: targets.length, targets, weights, initScore, queries };
}

/** Weights of rows; given for queries, those of their rows. */
async function readWeights(
  sampleWeight: VectorLike | undefined,
  { codes, count }: Queries,
  where: string,
): Promise<Float64Array | undefined> {
  if (sampleWeight === undefined) return undefined;
  const given = await readTarget(sampleWeight, `${where}: sampleWeight`);
  const ofRows =
    given.length === count && count !== codes.length
      ? Float64Array.from(codes, (query) => given[query] as number)
      : given;
  return readSampleWeight(ofRows, codes.length, where);
}
