import { invalidData, warnData } from "../base/errors.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import { withProgressBar } from "../base/progress-bar.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { estimatorSpec, type Wrappable } from "../wrappers/wrapped.js";
import { EliminatingSelector, type EliminationFitOptions, type EliminationFitted } from "./eliminating-selector.js";
import { counted, countOrShare, eliminate, isCountOrShare, roundsOf, supportOf } from "./elimination.js";
import { importanceGetterSpec, type ImportanceGetter } from "./importances.js";

/** Parameters of RFE. */
export interface RFEParams {
  /** An estimator that says after fit how important features are. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** How many features to keep: a number of them, or a share of all between 0 and 1. Default null: half of them. */
  nFeaturesToSelect: number | null;
  /** How many features a round drops: a number of them, or a share of all between 0 and 1. Default 1. */
  step: number;
  /** Draw a progress bar on stderr. Default false. */
  verbose: boolean;
  /** Where the importances are. Default "auto": coef_, else featureImportances_. */
  importanceGetter: ImportanceGetter;
}

const SPECS: ParamSpecs<RFEParams> = {
  estimator: estimatorSpec("fit"),
  nFeaturesToSelect: custom<number | null>(
    null,
    "a positive integer, a share between 0 and 1, or null",
    (value) => value === null || isCountOrShare(value),
    0,
  ),
  step: countOrShare(1),
  verbose: boolean(false),
  importanceGetter: importanceGetterSpec(),
};

/** Options of RFE.fit: they go to every fit of the estimator. */
export type RFEFitOptions = EliminationFitOptions;

/**
 * Drops the least important features round by round, fitting the estimator anew on those that are left: scikit-learn's RFE
 * (recursive feature elimination, Guyon et al. 2002). Afterwards it answers as the estimator does that was fitted on the
 * features that were kept. Of equal importances the first features are dropped first.
 *
 * @example
 * const selector = await new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: 5 }).fit(X, y);
 * console.log(selector.getFeatureNamesOut(), selector.ranking_);
 */
export class RFE extends EliminatingSelector<RFEParams, EliminationFitted> {
  constructor(params: Partial<RFEParams> = {}) {
    super("RFE", SPECS, params);
  }

  /** Drops features until as many are left as are wanted. @throws TreelineError ERR_INVALID_DATA, and what the estimator throws. */
  override async fit(X: MatrixLike, y?: VectorLike, options: RFEFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RFE.fit";
    const { nFeaturesToSelect, step, importanceGetter, verbose } = this.params;
    const estimator = this.params.estimator as Wrappable;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, `${where}: X`);
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const wanted = counted(nFeaturesToSelect ?? 0.5, nFeaturesIn);
    if (wanted > nFeaturesIn) {
      warnData(`${where}: nFeaturesToSelect is ${wanted}, but X has ${nFeaturesIn} features: all are kept`);
    }
    const most = counted(step, nFeaturesIn);
    const total = roundsOf(nFeaturesIn, wanted, most);
    const run = ({ onProgress, signal, ...fitOptions }: RFEFitOptions): ReturnType<typeof eliminate> => {
      let done = 0;
      const onFit = (): void => onProgress?.({ fraction: ++done / total, done, total, score: NaN });
      const plan = { estimator, wanted, most, importanceGetter, fitOptions, signal, onFit };
      return eliminate(X, y, nFeaturesIn, plan, where);
    };
    const { model, left, ranking } = verbose
      ? await withProgressBar<Progress, RunOptions, Awaited<ReturnType<typeof run>>>("RFE", options, run)
      : await run(options);
    options.signal?.throwIfAborted();
    const support = supportOf(left, nFeaturesIn);
    this.setFitted({ nFeaturesIn, featureNamesIn, support, ranking, estimator: model });
    return this;
  }
}
