import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { invalidArgument } from "../base/errors.js";
import type { CollectedTable } from "../data/collected-table.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { AnsweringEstimator } from "../wrappers/answering.js";
import { has, tagsOf, type Answer, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import type { ParamSet } from "./parameter-grid.js";
import { measuresOf, type Scoring } from "./scoring.js";
import { cvResultsTable, type CvResults } from "./search-results.js";

/** What every search learns. */
export interface SearcherFitted extends FittedBase {
  readonly bestEstimator: Wrappable | undefined;
  readonly results: CvResults;
}

/** Options of a search's score. */
export type SearchScoreOptions = RunOptions & { readonly sampleWeight?: VectorLike };

/** The searches over parameters, whatever their way: each answers as the best estimator that it found. */
export abstract class Searcher<
  P extends { estimator: Wrappable | null; scoring: Scoring },
  F extends SearcherFitted,
> extends AnsweringEstimator<P, F> {
  get tags(): EstimatorTags {
    return tagsOf(this.params.estimator);
  }

  /** The way back through the best estimator; undefined if it has none. */
  get inverseTransform(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.answer("inverseTransform");
  }

  /** Results by column, a value for every candidate. */
  get cvResults_(): CvResults {
    return this.fitted("cvResults_").results;
  }

  /** cvResults_ as an Arrow table, a row a candidate. @throws TreelineError ERR_NATIVE without apache-arrow. */
  async cvResultsTable(): Promise<CollectedTable> {
    return cvResultsTable(this.fitted("cvResultsTable").results, `${this.className}.cvResultsTable`);
  }

  /** The best candidate, fitted. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_ARGUMENT where refit was false. */
  get bestEstimator_(): Wrappable {
    return this.best("bestEstimator_");
  }

  /** Parameters of the best candidate. */
  get bestParams_(): ParamSet {
    return (this.fitted("bestParams_").results["params"] as readonly ParamSet[])[this.bestIndex_] as ParamSet;
  }

  /** Its row in cvResults_. */
  abstract get bestIndex_(): number;

  /** The classes of the best estimator, if it is a classifier. */
  get classes_(): LabelArray {
    return (this.best("classes_") as Required<Methods>).classes_;
  }

  /** The best estimator, or an error that names what asked for it. */
  protected best(what: string): Wrappable {
    const { bestEstimator } = this.fitted(what);
    if (bestEstimator !== undefined) return bestEstimator;
    throw invalidArgument(`${this.className}.${what}: there is no best estimator, for refit was false`);
  }

  /** The best estimator's score by a metric of `scoring`; without one, its own. */
  protected async scoreBest(
    metric: string | undefined,
    X: InputLike,
    y: VectorLike | undefined,
    options: SearchScoreOptions,
  ): Promise<number> {
    const best = this.best("score");
    const { scoring } = this.params;
    if (scoring === null || metric === undefined) return (best as Required<Methods>).score(X, y, options);
    const scores = await measuresOf(scoring, best, `${this.className}.score`).score(best, X, y);
    return scores[metric] as number;
  }

  protected override answer(method: Answer | "inverseTransform"): never {
    const model = this.fittedOrUndefined?.bestEstimator ?? this.params.estimator;
    if (!has(model, method)) return undefined as never;
    const answer = async (X: InputLike, options: RunOptions = {}): Promise<unknown> => {
      const best = this.best(method) as Required<Methods>;
      if (!(best instanceof BaseEstimator))
        this.checkFeatures(method, inputShape(X, `${this.className}.${method}: X`, "once"));
      return best[method as Answer](X, options);
    };
    return answer as never;
  }
}

/** What a search tells of the table it learned from. */
export function shapeOf(X: InputLike): FittedBase {
  const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, "X");
  return { nFeaturesIn, featureNamesIn };
}
