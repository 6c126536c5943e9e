import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import type { State } from "../base/persistence.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { BoostingTrace } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { fitBoosting, type BoostingRows } from "./boosting-fit.js";
import {
  BOOSTING_SPECS,
  checkValidationOptions,
  type BoostingFitOptions,
  type BoostingParams,
} from "./boosting-params.js";
import { BoostingForest } from "./boosting-predict.js";

/** Parameters of HistGradientBoostingRegressor. */
export interface HistGradientBoostingRegressorParams extends BoostingParams {
  /** "squaredError" is the one there is today. */
  loss: "squaredError";
}

const SPECS: ParamSpecs<HistGradientBoostingRegressorParams> = {
  loss: choice("squaredError", ["squaredError"]),
  ...BOOSTING_SPECS,
};

interface Fitted extends FittedBase {
  readonly forest: BoostingForest;
  readonly seed: number;
  readonly doEarlyStopping: boolean;
}

/**
 * Gradient boosting of regression trees on binned features: fast from thousands of rows on, NaN is a missing value that
 * every split sends where it helps.
 * Follows scikit-learn's HistGradientBoostingRegressor. Gradients are rounded to 16 bits and summed as integers: the model
 * is the same, bit for bit, for any nJobs, any chunking of X and any instruction set. minSamplesLeaf counts rows exactly.
 *
 * @example
 * const model = await new HistGradientBoostingRegressor({ maxIter: 200, randomState: 0 }).fit(X, y);
 * const predicted = await model.predict(XTest); // Float64Array
 */
export class HistGradientBoostingRegressor extends BaseEstimator<HistGradientBoostingRegressorParams, Fitted> {
  constructor(params: Partial<HistGradientBoostingRegressorParams> = {}) {
    super("HistGradientBoostingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns the trees. X: nSamples × nFeatures; y: nSamples finite numbers. Progress counts iterations of at most maxIter;
   * its score is the training loss where early stopping computes it, else NaN.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: BoostingFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "HistGradientBoostingRegressor.fit";
    checkValidationOptions(where, options, this.params);
    const train = await rowsOf(X, y, options.sampleWeight, where, options.signal);
    const validation =
      options.XVal !== undefined && options.yVal !== undefined
        ? await rowsOf(options.XVal, options.yVal, options.sampleWeightVal, `${where}: validation`, options.signal)
        : undefined;
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    const { model, seed, doEarlyStopping } = await fitBoosting(
      {
        where,
        params: this.params,
        loss: "squaredError",
        nOutputs: 1,
        nClasses: undefined,
        train,
        validation,
        previous: last && { model: last.forest.model, seed: last.seed },
      },
      options,
    );
    this.setFitted({
      nFeaturesIn: train.source.nFeatures,
      featureNamesIn: train.source.featureNames,
      forest: new BoostingForest(model, "squaredError"),
      seed,
      doEarlyStopping,
    });
    return this;
  }

  /** Predicted values, one per row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const source = this.#source("predict", X);
    return (await this.fitted("predict").forest.map(source, "raw", this.params.nJobs, options)).values;
  }

  /** predict for a few rows in memory, at once and on this thread: for serving. */
  predictSync(X: MatrixLike): Float64Array {
    const source = this.#source("predictSync", X);
    return this.fitted("predictSync").forest.mapSync(source, "raw", `${this.className}.predictSync`).values;
  }

  /** Predictions after each iteration. */
  async *stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<Float64Array> {
    const source = this.#source("stagedPredict", X);
    for await (const { values } of this.fitted("stagedPredict").forest.staged(source, this.params.nJobs, options)) {
      yield values;
    }
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: BoostingFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Iterations done. */
  get nIter_(): number {
    return this.fitted("nIter_").forest.info.nIterations;
  }

  /** Trees an iteration: 1. */
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
    return { ...rest, forest: forest.toBytes() } as unknown as State;
  }

  /** @internal */
  override loadState(state: State): void {
    const { forest, ...rest } = state as unknown as Omit<Fitted, "forest"> & { forest: Uint8Array };
    this.setFitted({ ...rest, forest: BoostingForest.fromBytes(forest, "squaredError") });
  }

  #source(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}

async function rowsOf(
  X: MatrixLike,
  y: VectorLike,
  sampleWeight: VectorLike | undefined,
  where: string,
  signal: AbortSignal | undefined,
): Promise<BoostingRows> {
  const source = rowSourceOf(X, `${where}: X`);
  const targets = await readTarget(y, `${where}: y`, signal);
  const weights = await readSampleWeight(sampleWeight, targets.length, where);
  return { source, targets, weights };
}
