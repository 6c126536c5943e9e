import type { EstimatorTags } from "../base/estimator.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { custom, type ParamSpec } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { tableShape } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { FeatureSelector, type SelectorFitted } from "./feature-selector.js";
import { mutualInfoClassif, mutualInfoRegression } from "./mutual-info.js";
import {
  chi2Scores,
  correlations,
  regressionScores,
  varianceScores,
  type ScoreOptions,
  type UnivariateScores,
} from "./score-functions.js";

/** The scores of a function: with p-values, or alone. */
export type ScoresLike =
  | readonly number[]
  | Float64Array
  | { readonly scores: readonly number[] | Float64Array; readonly pvalues: readonly number[] | Float64Array | null };

/**
 * What to score features by: the name of a score function, with which a selector can be saved, or a function of X, y and
 * { signal }.
 */
export type ScoreFunc =
  | "fClassif"
  | "fRegression"
  | "rRegression"
  | "chi2"
  | "mutualInfoClassif"
  | "mutualInfoRegression"
  | ((X: never, y: never, options: ScoreOptions) => ScoresLike | Promise<ScoresLike>);

type Named = Extract<ScoreFunc, string>;

const NAMED: Readonly<
  Record<
    Named,
    (X: MatrixLike, y: VectorLike, where: string, options: ScoreOptions) => Promise<UnivariateScores | Float64Array>
  >
> = {
  fClassif: varianceScores,
  fRegression: regressionScores,
  rRegression: async (X, y, where, options) => (await correlations(X, y, where, options)).values,
  chi2: chi2Scores,
  mutualInfoClassif: (X, y, _where, options) => mutualInfoClassif(X, y, options),
  mutualInfoRegression: (X, y, _where, options) => mutualInfoRegression(X, y, options),
};

/** Parameters of all filters. */
export interface FilterParams {
  /** What to score features by: "fClassif" (default), "fRegression", "rRegression", "chi2", "mutualInfoClassif", "mutualInfoRegression", or a function. */
  scoreFunc: ScoreFunc;
}

/** The rule of scoreFunc. */
export function scoreFuncSpec(): ParamSpec<ScoreFunc> {
  return custom<ScoreFunc>(
    "fClassif",
    'one of "fClassif", "fRegression", "rRegression", "chi2", "mutualInfoClassif", "mutualInfoRegression", or a function of X and y',
    (value) => typeof value === "function" || (typeof value === "string" && Object.hasOwn(NAMED, value)),
    "fClasif",
  );
}

export interface FilterFitted extends SelectorFitted {
  readonly scores: Float64Array;
  readonly pvalues: Float64Array | null;
}

/** Selectors that look at each feature alone: scores, and a rule which of them are good enough. */
export abstract class UnivariateFilter<P extends FilterParams> extends FeatureSelector<P, FilterFitted> {
  get tags(): EstimatorTags {
    const { scoreFunc } = this.params;
    const positive = scoreFunc === "chi2" ? { positiveOnly: true } : {};
    const requiresY = typeof scoreFunc === "string";
    return { kind: "transformer", allowNaN: false, requiresY, sampleWeight: false, ...positive };
  }

  /** The features to keep. */
  protected abstract supportOf(scores: Float64Array, pvalues: Float64Array | null): boolean[];

  /** Throws, or warns, where parameters do not suit the number of features. */
  protected checkAgainst(_nFeatures: number, _where: string): void {}

  /**
   * Scores the features. y: class labels or numbers, as the score function wants them.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the score function throws.
   */
  override async fit(X: MatrixLike, y?: VectorLike, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const { scoreFunc } = this.params;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, `${where}: X`);
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    this.checkAgainst(nFeaturesIn, where);
    const { signal } = options;
    const made =
      typeof scoreFunc === "string"
        ? await NAMED[scoreFunc as Named](X, y as VectorLike, where, { signal })
        : await scoreFunc(X as never, y as never, { signal });
    const { scores, pvalues } = readScores(made, nFeaturesIn, where);
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, scores, pvalues, support: this.supportOf(scores, pvalues) });
    return this;
  }

  /** The score of every feature. */
  get scores_(): Float64Array {
    return this.fitted("scores_").scores;
  }

  /** The p-value of every feature; null where the score function gives none. */
  get pvalues_(): Float64Array | null {
    return this.fitted("pvalues_").pvalues;
  }

  /** The p-values. @throws TreelineError ERR_INVALID_ARGUMENT where the score function gives none. */
  protected needed(pvalues: Float64Array | null): Float64Array {
    if (pvalues !== null) return pvalues;
    throw invalidArgument(`${this.className}.fit: scoreFunc gives no p-values, which are needed here`);
  }
}

function readScores(
  made: unknown,
  nFeatures: number,
  where: string,
): { readonly scores: Float64Array; readonly pvalues: Float64Array | null } {
  const read = (values: unknown, what: string): Float64Array => {
    const isNumbers =
      values instanceof Float64Array || (Array.isArray(values) && values.every((v) => typeof v === "number"));
    if (isNumbers && values.length === nFeatures) return Float64Array.from(values as number[]);
    throw invalidArgument(`${where}: scoreFunc must give ${nFeatures} ${what}, one a feature, got ${show(values)}`);
  };
  if (Array.isArray(made) || ArrayBuffer.isView(made)) return { scores: read(made, "scores"), pvalues: null };
  const { scores, pvalues = null } = (made ?? {}) as { readonly scores?: unknown; readonly pvalues?: unknown };
  return { scores: read(scores, "scores"), pvalues: pvalues === null ? null : read(pvalues, "p-values") };
}
