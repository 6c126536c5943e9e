import { clone, type EstimatorTags } from "../base/estimator.js";
import { invalidData, warnData } from "../base/errors.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import { withProgressBar } from "../base/progress-bar.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { selectColumns, tableShape } from "../data/table-columns.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { Progress, RunOptions } from "../native/job.js";
import { estimatorSpec, has, tagsOf, type Answer, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { FeatureSelector, type SelectorFitted } from "./feature-selector.js";
import { importanceGetterSpec, importancesOf, type ImportanceGetter } from "./importances.js";

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

const isCountOrShare = (value: unknown): boolean =>
  typeof value === "number" && value > 0 && (value < 1 || Number.isInteger(value));

const SPECS: ParamSpecs<RFEParams> = {
  estimator: estimatorSpec("fit"),
  nFeaturesToSelect: custom<number | null>(
    null,
    "a positive integer, a share between 0 and 1, or null",
    (value) => value === null || isCountOrShare(value),
    0,
  ),
  step: custom<number>(1, "a positive integer, or a share between 0 and 1", isCountOrShare, 0),
  verbose: boolean(false),
  importanceGetter: importanceGetterSpec(),
};

/** Options of RFE.fit: they go to every fit of the estimator. */
export interface RFEFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends SelectorFitted {
  readonly estimator: Wrappable;
  readonly ranking: Int32Array;
}

/**
 * Drops the least important features round by round, fitting the estimator anew on those that are left: scikit-learn's RFE
 * (recursive feature elimination, Guyon et al. 2002). Afterwards it answers as the estimator does that was fitted on the
 * features that were kept. Of equal importances the first features are dropped first.
 *
 * @example
 * const selector = await new RFE({ estimator: new LogisticRegression(), nFeaturesToSelect: 5 }).fit(X, y);
 * console.log(selector.getFeatureNamesOut(), selector.ranking_);
 */
export class RFE extends FeatureSelector<RFEParams, Fitted> {
  constructor(params: Partial<RFEParams> = {}) {
    super("RFE", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOf(this.params.estimator), kind: "transformer" };
  }

  /** Drops features until as many are left as are wanted. @throws TreelineError ERR_INVALID_DATA, and what the estimator throws. */
  override async fit(X: MatrixLike, y?: VectorLike, options: RFEFitOptions = {}): Promise<this> {
    this.checkParams();
    const fitted = await (this.params.verbose
      ? withProgressBar<Progress, RFEFitOptions, Fitted>("RFE", options, (run) => this.#eliminate(X, y, run))
      : this.#eliminate(X, y, options));
    this.setFitted(fitted);
    return this;
  }

  async #eliminate(X: MatrixLike, y: VectorLike | undefined, options: RFEFitOptions): Promise<Fitted> {
    const where = "RFE.fit";
    const { estimator, nFeaturesToSelect, step, importanceGetter } = this.params;
    const { onProgress, ...fitOptions } = options;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, `${where}: X`);
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const wanted = counted(nFeaturesToSelect ?? 0.5, nFeaturesIn);
    if (wanted > nFeaturesIn) {
      warnData(`${where}: nFeaturesToSelect is ${wanted}, but X has ${nFeaturesIn} features: all are kept`);
    }
    const most = counted(step, nFeaturesIn);
    const ranking = new Int32Array(nFeaturesIn).fill(1);
    const rounds = Math.max(0, Math.ceil((nFeaturesIn - wanted) / most)) + 1;
    let left = Array.from({ length: nFeaturesIn }, (_, j) => j);
    let round = 0;
    const fitted = async (): Promise<Wrappable> => {
      options.signal?.throwIfAborted();
      const model = clone(estimator as Wrappable);
      const table = left.length === nFeaturesIn ? X : selectColumns(X, left, `${where}: X`);
      await (model as Required<Methods>).fit(table as MatrixLike, y, fitOptions);
      onProgress?.({ fraction: ++round / rounds, done: round, total: rounds, score: NaN });
      return model;
    };
    while (left.length > wanted) {
      const squares = importancesOf(await fitted(), importanceGetter, 2, left.length, where).map((norm) => norm * norm);
      const order = left.map((_, k) => k).sort((a, b) => (squares[a] as number) - (squares[b] as number) || a - b);
      const dropped = new Set(order.slice(0, Math.min(most, left.length - wanted)));
      left = left.filter((_, k) => !dropped.has(k));
      const kept = new Set(left);
      ranking.forEach((rank, j) => (ranking[j] = kept.has(j) ? rank : rank + 1));
    }
    const model = await fitted();
    options.signal?.throwIfAborted();
    const kept = new Set(left);
    const support = Array.from(ranking, (_, j) => kept.has(j));
    return { nFeaturesIn, featureNamesIn, support, ranking, estimator: model };
  }

  /** 1 for features that were kept; the greater, the earlier a feature was dropped. */
  get ranking_(): Int32Array {
    return this.fitted("ranking_").ranking;
  }

  /** How many features were kept. */
  get nFeatures_(): number {
    return this.getSupport({ indices: true }).length;
  }

  /** The estimator, fitted on the features that were kept. */
  get estimator_(): Wrappable {
    return this.fitted("estimator_").estimator;
  }

  /** The classes of the estimator, if it is a classifier. */
  get classes_(): LabelArray {
    return (this.estimator_ as Required<Methods>).classes_;
  }

  /** Predictions from the features that were kept; undefined if the estimator gives none. */
  get predict(): (X: MatrixLike, options?: RunOptions) => Promise<LabelArray> {
    return this.#answer("predict");
  }

  /** Class probabilities; undefined if the estimator gives none. */
  get predictProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#answer("predictProba");
  }

  /** Logarithms of class probabilities; undefined if the estimator gives none. */
  get predictLogProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#answer("predictLogProba");
  }

  /** Decision values; undefined if the estimator gives none. */
  get decisionFunction(): (X: MatrixLike, options?: RunOptions) => Promise<Float64Array | Matrix<Float64Array>> {
    return this.#answer("decisionFunction");
  }

  /** The estimator's score on the features that were kept; undefined if it has none. */
  get score(): (X: MatrixLike, y?: VectorLike, options?: RFEFitOptions) => Promise<number> {
    if (!has(this.#model(), "score")) return undefined as never;
    return async (X, y, options) => {
      const { table, model } = this.#kept("score", X);
      return model.score(table, y, options);
    };
  }

  #answer(method: Answer): never {
    if (!has(this.#model(), method)) return undefined as never;
    const answer = async (X: MatrixLike, options?: RunOptions): Promise<unknown> => {
      const { table, model } = this.#kept(method, X);
      return model[method](table, options);
    };
    return answer as never;
  }

  #model(): unknown {
    return this.fittedOrUndefined?.estimator ?? this.params.estimator;
  }

  #kept(method: string, X: MatrixLike): { readonly table: MatrixLike; readonly model: Required<Methods> } {
    const { estimator } = this.fitted(method);
    const where = `RFE.${method}: X`;
    this.checkFeatures(method, tableShape(X, where));
    const table = selectColumns(X, this.getSupport({ indices: true }), where) as MatrixLike;
    return { table, model: estimator as Required<Methods> };
  }
}

/** A number of features; a share of all as a number, at least 1. */
function counted(value: number, all: number): number {
  return value >= 1 ? value : Math.max(1, Math.floor(value * all));
}
