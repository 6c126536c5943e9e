import { BaseEstimator, clone, type EstimatorTags } from "../base/estimator.js";
import { invalidArgument, show, TreelineError } from "../base/errors.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { estimatorSpec, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { FeatureSelector, type SelectorFitted } from "./feature-selector.js";
import { importanceGetterSpec, importancesOf, type ImportanceGetter } from "./importances.js";

/** Parameters of SelectFromModel. */
export interface SelectFromModelParams {
  /** An estimator that says after fit how important features are. It is cloned, not changed. */
  estimator: Wrappable | null;
  /**
   * The least importance of a feature that is kept: a number, "mean", "median", or a multiple of them such as "1.25*mean".
   * Default null: 1e-5 for models with an L1 penalty, else "mean".
   */
  threshold: number | string | null;
  /** The estimator is fitted already: fit leaves it as it is, and transform needs no fit. Default false. */
  prefit: boolean;
  /** Order of the norm of a feature's coefficients where there are several: an integer but 0, ±Infinity. Default 1. */
  normOrder: number;
  /** The greatest number of features to keep, or a function of X that tells it. Default null: any. */
  maxFeatures: number | ((X: never) => number) | null;
  /** Where the importances are. Default "auto": coef_, else featureImportances_. */
  importanceGetter: ImportanceGetter;
}

const SPECS: ParamSpecs<SelectFromModelParams> = {
  estimator: estimatorSpec("fit"),
  threshold: custom<number | string | null>(
    null,
    'a number, "mean", "median", a multiple of them such as "1.25*mean", or null',
    (value) =>
      value === null ||
      (typeof value === "number" && !Number.isNaN(value)) ||
      (typeof value === "string" && multipleOf(value) !== undefined),
    "most",
  ),
  prefit: boolean(false),
  normOrder: custom<number>(
    1,
    "an integer other than 0, Infinity or -Infinity",
    (value) => value !== 0 && (Number.isInteger(value) || value === Infinity || value === -Infinity),
    0,
  ),
  maxFeatures: custom<SelectFromModelParams["maxFeatures"]>(
    null,
    "a non-negative integer, a function of X that gives one, or null",
    (value) => value === null || typeof value === "function" || isCount(value),
    -1,
  ),
  importanceGetter: importanceGetterSpec(),
};

/** Options of SelectFromModel.fit: they go to the estimator. */
export interface SelectFromModelFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends SelectorFitted {
  readonly estimator: Wrappable;
  readonly threshold: number;
  readonly maxFeatures: number | null;
}

/**
 * Keeps the features that a model finds important, by its coefficients or importances: scikit-learn's SelectFromModel. Of
 * equal importances the first features are kept.
 *
 * @example
 * const selector = new SelectFromModel({ estimator: new RandomForestClassifier(), threshold: "median" });
 * const model = makePipeline(selector, new LogisticRegression());
 */
export class SelectFromModel extends FeatureSelector<SelectFromModelParams, Fitted> {
  constructor(params: Partial<SelectFromModelParams> = {}) {
    super("SelectFromModel", SPECS, params);
  }

  get tags(): EstimatorTags {
    const { kind: _, ...tags } = tagsOf(this.params.estimator);
    return { ...tags, kind: "transformer", ...(this.params.prefit && { requiresY: false }) };
  }

  /**
   * Fits a clone of the estimator and looks at its importances; with prefit it looks at those of the estimator as it is.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  override async fit(X: MatrixLike, y?: VectorLike, options: SelectFromModelFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "SelectFromModel.fit";
    const { estimator, prefit, maxFeatures } = this.params;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, `${where}: X`);
    const most = typeof maxFeatures === "function" ? maxFeatures(X as never) : maxFeatures;
    if (most !== null && !isCount(most)) {
      throw invalidArgument(`${where}: maxFeatures must give a non-negative integer, got ${show(most)}`);
    }
    const model = prefit ? this.#prefitted(where) : clone(estimator as Wrappable);
    if (!prefit) await (model as Required<Methods>).fit(X, y, options);
    options.signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, ...this.#selected(model, most, nFeaturesIn, where) });
    return this;
  }

  /** The fitted estimator. */
  get estimator_(): Wrappable {
    return this.fitted("estimator_").estimator;
  }

  /** The least importance of a feature that is kept. */
  get threshold_(): number {
    return this.fitted("threshold_").threshold;
  }

  /** The greatest number of features to keep; null: any. */
  get maxFeatures_(): number | null {
    return this.fitted("maxFeatures_").maxFeatures;
  }

  /** With prefit the estimator has learned all there is to know. */
  protected override fitted(what: string): Fitted {
    const { prefit, maxFeatures } = this.params;
    if (this.isFitted || !prefit || typeof maxFeatures === "function") return super.fitted(what);
    this.checkParams();
    const where = `SelectFromModel.${what}`;
    const model = this.#prefitted(where) as { nFeaturesIn_: number; featureNamesIn_?: readonly string[] };
    const { nFeaturesIn_: nFeaturesIn, featureNamesIn_: featureNamesIn } = model;
    return { nFeaturesIn, featureNamesIn, ...this.#selected(model as Wrappable, maxFeatures, nFeaturesIn, where) };
  }

  #prefitted(where: string): Wrappable {
    const estimator = this.params.estimator as Wrappable;
    if (!(estimator instanceof BaseEstimator) || estimator.isFitted) return estimator;
    throw new TreelineError(
      "ERR_NOT_FITTED",
      `${where}: with prefit the estimator must be fitted, ${show(estimator)} is not`,
    );
  }

  #selected(
    estimator: Wrappable,
    maxFeatures: number | null,
    nFeatures: number,
    where: string,
  ): Pick<Fitted, "estimator" | "threshold" | "maxFeatures" | "support"> {
    const { importanceGetter, normOrder } = this.params;
    const importances = importancesOf(estimator, importanceGetter, normOrder, nFeatures, where);
    const threshold = thresholdOf(estimator, importances, this.params.threshold);
    const order = Array.from(importances, (_, j) => j).sort(
      (a, b) => (importances[b] as number) - (importances[a] as number) || a - b,
    );
    const among = new Set(order.slice(0, maxFeatures ?? nFeatures));
    const support = Array.from(importances, (value, j) => among.has(j) && !(value < threshold));
    return { estimator, threshold, maxFeatures, support };
  }
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** "1.25*mean" as [1.25, "mean"]; undefined for anything else. */
function multipleOf(threshold: string): readonly [scale: number, of: "mean" | "median"] | undefined {
  const match = /^\s*(?:([^*]+?)\s*\*)?\s*(mean|median)\s*$/.exec(threshold);
  const scale = match?.[1] === undefined ? 1 : Number(match[1]);
  return match === null || Number.isNaN(scale) ? undefined : [scale, match[2] as "mean" | "median"];
}

function thresholdOf(estimator: Wrappable, importances: Float64Array, threshold: number | string | null): number {
  if (typeof threshold === "number") return threshold;
  if (threshold === null && isSparseModel(estimator)) return 1e-5;
  const [scale, of] = multipleOf(threshold ?? "mean") ?? [1, "mean"];
  if (of === "mean") return scale * (importances.reduce((sum, x) => sum + x, 0) / importances.length);
  const sorted = importances.slice().sort();
  const half = sorted.length >> 1;
  const middle = sorted.length % 2 === 1 ? sorted[half] : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2;
  return scale * (middle as number);
}

/** Whether a model's penalty makes coefficients 0: that is its selection. */
function isSparseModel(estimator: Wrappable): boolean {
  const { className = "" } = estimator as { className?: string };
  const { penalty, l1Ratio } = estimator.getParams({ deep: false }) as { penalty?: unknown; l1Ratio?: unknown };
  const isOne = (ratio: unknown): boolean => Math.abs(Number(ratio) - 1) <= 1e-5 + 1e-8;
  if (penalty === "l1" || className.includes("Lasso")) return true;
  if (className === "ElasticNet" || className === "LogisticRegression") return isOne(l1Ratio);
  if (className !== "ElasticNetCV" && className !== "LogisticRegressionCV") return false;
  const { l1Ratio_: chosen } = estimator as { l1Ratio_?: number | ArrayLike<number> };
  return typeof chosen === "object" ? Array.from(chosen).every(isOne) : isOne(chosen);
}
