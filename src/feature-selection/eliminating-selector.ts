import type { EstimatorTags } from "../base/estimator.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { selectColumns, tableShape } from "../data/table-columns.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { has, tagsOf, type Answer, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import { FeatureSelector, type SelectorFitted } from "./feature-selector.js";

/** What goes to every fit of the estimator. */
export interface EliminationFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

export interface EliminationFitted extends SelectorFitted {
  readonly estimator: Wrappable;
  readonly ranking: Int32Array;
}

/** Selectors that drop features round by round, and answer as the estimator does that was fitted on those they kept. */
export abstract class EliminatingSelector<
  P extends { readonly estimator: Wrappable | null },
  F extends EliminationFitted,
> extends FeatureSelector<P, F> {
  get tags(): EstimatorTags {
    return { ...tagsOf(this.params.estimator), kind: "transformer" };
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
  get score(): (X: MatrixLike, y?: VectorLike, options?: EliminationFitOptions) => Promise<number> {
    if (!has(this.#model(), "score")) return undefined as never;
    return async (X, y, options) => {
      const { table, model } = this.kept("score", X);
      return model.score(table, y, options);
    };
  }

  #answer(method: Answer): never {
    if (!has(this.#model(), method)) return undefined as never;
    const answer = async (X: MatrixLike, options?: RunOptions): Promise<unknown> => {
      const { table, model } = this.kept(method, X);
      return model[method](table, options);
    };
    return answer as never;
  }

  #model(): unknown {
    return this.fittedOrUndefined?.estimator ?? this.params.estimator;
  }

  /** X without the features that were dropped, and the estimator that was fitted on such tables. */
  protected kept(method: string, X: MatrixLike): { readonly table: MatrixLike; readonly model: Required<Methods> } {
    const { estimator } = this.fitted(method);
    const where = `${this.className}.${method}: X`;
    this.checkFeatures(method, tableShape(X, where));
    const table = selectColumns(X, this.getSupport({ indices: true }), where) as MatrixLike;
    return { table, model: estimator as Required<Methods> };
  }
}
