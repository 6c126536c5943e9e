import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import { boolean, integer, nJobs, type ParamSpecs } from "../base/params.js";
import { parallel } from "../base/parallel.js";
import { withProgressBar } from "../base/progress-bar.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import { cvSpec, type Cv } from "../model-selection/check-cv.js";
import { problemOf } from "../model-selection/evaluate.js";
import { FoldData, type FitOptions } from "../model-selection/fold-data.js";
import { measuresOf, type Measures, type ScorerLike, type Scores } from "../model-selection/scoring.js";
import type { CvResults } from "../model-selection/search-results.js";
import type { Progress } from "../native/job.js";
import { estimatorSpec, scoringSpec, type Wrappable } from "../wrappers/wrapped.js";
import { EliminatingSelector, type EliminationFitOptions, type EliminationFitted } from "./eliminating-selector.js";
import { counted, countOrShare, eliminate, roundsOf, supportOf, type EliminationRound } from "./elimination.js";
import { importanceGetterSpec, type ImportanceGetter } from "./importances.js";
import { bestNFeatures, eliminationResults, scoredRounds, type ModelScore } from "./scored-rounds.js";

/** Parameters of RFECV. */
export interface RFECVParams {
  /** An estimator that says after fit how important features are. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** How many features a round drops: a number of them, or a share of all between 0 and 1. Default 1. */
  step: number;
  /** The least number of features to keep, which is always tried. Default 1. */
  minFeaturesToSelect: number;
  /** How to split; null (default): 5 folds, stratified for a classifier, not shuffled. */
  cv: Cv;
  /** What to measure: one metric; null (default): the estimator's score method. */
  scoring: string | ScorerLike | null;
  /** Draw a progress bar on stderr. Default false. */
  verbose: boolean;
  /** Folds that are worked on at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** Where the importances are. Default "auto": coef_, else featureImportances_. */
  importanceGetter: ImportanceGetter;
}

const SPECS: ParamSpecs<RFECVParams> = {
  estimator: estimatorSpec("fit"),
  step: countOrShare(1),
  minFeaturesToSelect: integer(1, { min: 1 }),
  cv: cvSpec(),
  scoring: scoringSpec(),
  verbose: boolean(false),
  nJobs: nJobs(),
  importanceGetter: importanceGetterSpec(),
};

/** Options of RFECV.fit: all but groups go to every fit of the estimator, cut like X where they hold a value a row. */
export interface RFECVFitOptions extends EliminationFitOptions {
  /** The group of every row, for splitters that know groups. */
  readonly groups?: VectorLike | null | undefined;
}

interface Fitted extends EliminationFitted {
  readonly results: CvResults;
}

interface Found {
  readonly best: EliminationRound;
  readonly results: CvResults;
}

/**
 * RFE that finds out by cross-validation how many features to keep: scikit-learn's RFECV. In every fold features are dropped
 * round by round and each round's model is scored on the rows left out; the number of features with the best mean is kept, of
 * equally good ones the least, and then features are dropped once more with all rows. A score of NaN counts as less than all.
 * The result does not depend on nJobs.
 *
 * @example
 * const selector = await new RFECV({ estimator: new LogisticRegression(), scoring: "rocAuc", cv: 5 }).fit(X, y);
 * console.log(selector.nFeatures_, selector.cvResults_.meanTestScore);
 */
export class RFECV extends EliminatingSelector<RFECVParams, Fitted> {
  constructor(params: Partial<RFECVParams> = {}) {
    super("RFECV", SPECS, params);
  }

  /**
   * Finds the best number of features and drops the others. Progress counts fits of the estimator.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  override async fit(X: MatrixLike, y?: VectorLike, options: RFECVFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RFECV.fit";
    const { minFeaturesToSelect, scoring, verbose } = this.params;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, `${where}: X`);
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    if (minFeaturesToSelect > nFeaturesIn) {
      warnData(
        `${where}: minFeaturesToSelect is ${minFeaturesToSelect}, but X has ${nFeaturesIn} features: all are kept`,
      );
    }
    const measures = measuresOf(scoring, this.params.estimator, where);
    const run = (with_: RFECVFitOptions): Promise<Found> => this.#search(X, y, nFeaturesIn, measures, with_, where);
    const { best, results } = verbose
      ? await withProgressBar<Progress, RFECVFitOptions, Found>("RFECV", options, run)
      : await run(options);
    options.signal?.throwIfAborted();
    const { model: estimator, left, ranking } = best;
    const support = supportOf(left, nFeaturesIn);
    this.setFitted({ nFeaturesIn, featureNamesIn, support, ranking, estimator, results });
    return this;
  }

  /**
   * Results by number of features, the least first: nFeatures, meanTestScore, stdTestScore, and of every fold split0TestScore,
   * split0Ranking (Int32Arrays) and split0Support (masks), …
   */
  get cvResults_(): CvResults {
    return this.fitted("cvResults_").results;
  }

  /** The score, by `scoring`, of the estimator on the features that were kept; undefined if there is none. */
  override get score(): (X: MatrixLike, y?: VectorLike, options?: EliminationFitOptions) => Promise<number> {
    const { scoring } = this.params;
    if (scoring === null) return super.score;
    return async (X, y, options) => {
      const { table, model } = this.kept("score", X);
      const measures = measuresOf(scoring, model, "RFECV.score");
      return onlyScore(await measures.score(model as Wrappable, table, y, options?.sampleWeight), "RFECV.score");
    };
  }

  /** Drops features in every fold, a few folds at a time, then with all rows. */
  async #search(
    X: MatrixLike,
    y: VectorLike | undefined,
    nFeatures: number,
    measures: Measures,
    { groups, onProgress, signal, ...fitOptions }: RFECVFitOptions,
    where: string,
  ): Promise<Found> {
    const { cv, step, importanceGetter, minFeaturesToSelect } = this.params;
    const estimator = this.params.estimator as Wrappable;
    const most = counted(step, nFeatures);
    const least = Math.min(minFeaturesToSelect, nFeatures);
    const problem = await problemOf(estimator, X, y, { cv, groups, fitOptions: given(fitOptions), signal }, where);
    let total = (problem.folds.length + 1) * roundsOf(nFeatures, least, most);
    let done = 0;
    const tell = (score: number): void => onProgress?.({ fraction: ++done / total, done, total, score });
    const score: ModelScore = async (model, table, target) => {
      const value = onlyScore(await measures.score(model, table, target), where);
      tell(value);
      return value;
    };
    const plan = { estimator, most, importanceGetter };
    const folds = await parallel(
      problem.folds.map((fold, k) => (stop: AbortSignal) => {
        const data = new FoldData(problem.whole, fold, k);
        return scoredRounds(data, nFeatures, { ...plan, wanted: least, signal: stop }, score, where);
      }),
      { nJobs: this.params.nJobs ?? undefined, signal },
    );
    const wanted = bestNFeatures(folds);
    total = done + roundsOf(nFeatures, wanted, most);
    const last = { ...plan, wanted, fitOptions: given(fitOptions), signal, onFit: () => tell(NaN) };
    return { best: await eliminate(X, y, nFeatures, last, where), results: eliminationResults(folds) };
  }
}

function given(options: object): FitOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws TreelineError ERR_INVALID_ARGUMENT where a scorer gives several numbers. */
function onlyScore(scores: Scores, where: string): number {
  const [score, ...others] = Object.values(scores);
  if (score !== undefined && others.length === 0) return score;
  throw invalidArgument(`${where}: scoring must be one metric, got ${Object.keys(scores).join(", ") || "none"}`);
}
