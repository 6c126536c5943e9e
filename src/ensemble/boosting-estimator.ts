import { BaseEstimator, type FittedBase } from "../base/estimator.js";
import type { State } from "../base/persistence.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { BoostingLoss, BoostingTrace } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import type { BoostingFit, BoostingPrevious } from "./boosting-fit.js";
import type { BoostingParams } from "./boosting-params.js";
import { BoostingForest, type BoostingOutput, type RowValues } from "./boosting-predict.js";
import { inCodesOf, type CategoryNames } from "./category-codes.js";

/** What every boosting fit learns. */
export interface BoostingFitted extends FittedBase {
  readonly forest: BoostingForest;
  readonly seed: number;
  readonly doEarlyStopping: boolean;
  readonly categoryNames: CategoryNames | undefined;
}

/** What a warm start goes on from. */
export function previousOf({ forest, seed, categoryNames }: BoostingFitted): BoostingPrevious {
  return { model: forest.model, seed, categoryNames };
}

/**
 * What the estimators of histogram gradient boosting share: the fitted attributes, the ways to map rows through the
 * trees, and saving.
 */
export abstract class BaseHistGradientBoosting<
  P extends BoostingParams,
  F extends BoostingFitted,
> extends BaseEstimator<P, F> {
  /** Iterations done. */
  get nIter_(): number {
    return this.fitted("nIter_").forest.info.nIterations;
  }

  /** Trees an iteration: one a class of more than two, else 1. */
  get nTreesPerIteration_(): number {
    return this.fitted("nTreesPerIteration_").forest.info.nOutputs;
  }

  /** Whether early stopping was on. */
  get doEarlyStopping_(): boolean {
    return this.fitted("doEarlyStopping_").doEarlyStopping;
  }

  /** Where the last fit spent its time, stage by stage, and its memory; undefined after loading. */
  get trace_(): BoostingTrace | undefined {
    return this.fitted("trace_").forest.info.trace;
  }

  /** Per feature whether it holds categories; null if none does. */
  get isCategorical_(): boolean[] | null {
    const { categories } = this.fitted("isCategorical_").forest.info;
    return categories.length === 0 ? null : Array.from(categories, (codes) => codes !== undefined);
  }

  /** Negative training loss before the first iteration and after each; empty without early stopping. */
  get trainScore_(): Float64Array {
    return this.fitted("trainScore_").forest.info.trainScore;
  }

  /** Negative loss of the held-out rows, likewise; empty if there are none. */
  get validationScore_(): Float64Array {
    return this.fitted("validationScore_").forest.info.validationScore;
  }

  /** @internal */
  override saveState(): State {
    const { forest, ...rest } = this.fitted("save");
    return { ...rest, loss: forest.loss, forest: forest.toBytes() } as unknown as State;
  }

  /** @internal */
  override loadState(state: State): void {
    const { forest, loss, ...rest } = state as unknown as SavedState;
    this.setFitted({ ...rest, forest: BoostingForest.fromBytes(forest, loss) } as unknown as F);
  }

  /** The fitted state a finished fit leads to. */
  protected fittedOf(
    { model, categoryNames, seed, doEarlyStopping }: BoostingFit,
    loss: BoostingLoss,
    X: RowSource,
  ): BoostingFitted {
    return {
      nFeaturesIn: X.nFeatures,
      featureNamesIn: X.featureNames,
      forest: new BoostingForest(model, loss),
      seed,
      doEarlyStopping,
      categoryNames,
    };
  }

  protected async map(method: string, output: BoostingOutput, X: MatrixLike, options?: RunOptions): Promise<RowValues> {
    const source = this.#source(method, X);
    return this.fitted(method).forest.map(source, output, this.params.nJobs, options);
  }

  protected mapSync(method: string, output: BoostingOutput, X: MatrixLike): RowValues {
    const source = this.#source(method, X);
    return this.fitted(method).forest.mapSync(source, output, `${this.className}.${method}`);
  }

  /** Raw predictions after each iteration. */
  protected staged(method: string, X: MatrixLike, options?: RunOptions): AsyncGenerator<RowValues> {
    const source = this.#source(method, X);
    return this.fitted(method).forest.staged(source, this.params.nJobs, options);
  }

  #source(method: string, X: MatrixLike): RowSource {
    const { categoryNames } = this.fitted(method);
    const where = `${this.className}.${method}: X`;
    const source = rowSourceOf(X, where, { categories: true });
    this.checkFeatures(method, source);
    return inCodesOf(source, categoryNames, where);
  }
}

interface SavedState {
  readonly forest: Uint8Array;
  readonly loss: BoostingLoss;
}
