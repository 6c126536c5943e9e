import { invalidData } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { rowsOf, type Splittable } from "../data/split.js";
import { inTurns, readSampleWeight, readTarget, takeBreak, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { DecisionTreeRegressor } from "../tree/decision-tree-regressor.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { bagTable } from "./bag-table.js";
import { drawRows, seeded } from "./bagging-draws.js";
import { fitOnDraw } from "./bagging-fit.js";
import {
  ADA_BOOST_SPECS,
  boostRounds,
  meanImportances,
  predictionsOf,
  type AdaBoostFitted,
  type AdaBoostParams,
  type Round,
} from "./boosted-members.js";
import { methodsOf, type EnsembleFitOptions } from "./member-fit.js";
import { tagsOfAll } from "./named-members.js";

/** Parameters of AdaBoostRegressor. estimator is a DecisionTreeRegressor of depth 3 by default. */
export interface AdaBoostRegressorParams extends AdaBoostParams {
  /** What of an error counts, as a share of the greatest: itself ("linear", default), its square, or 1 - exp(-error). */
  loss: "linear" | "square" | "exponential";
}

const SPECS: ParamSpecs<AdaBoostRegressorParams> = {
  ...ADA_BOOST_SPECS,
  loss: choice("linear", ["linear", "square", "exponential"]),
};

const ROWS_A_TURN = 8192;

/**
 * Regressors one after another, each on rows drawn more often the worse those before it predict them; the prediction is
 * their weighted median: scikit-learn's AdaBoostRegressor (AdaBoost.R2, Drucker 1997). An estimator that takes weights gets
 * the drawn rows as weights, any other as they are read.
 *
 * @example const model = await new AdaBoostRegressor({ nEstimators: 100, loss: "square", randomState: 0 }).fit(X, y);
 */
export class AdaBoostRegressor extends BaseEstimator<AdaBoostRegressorParams, AdaBoostFitted> {
  constructor(params: Partial<AdaBoostRegressorParams> = {}) {
    super("AdaBoostRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOfAll("regressor", [this.#estimator()]), sampleWeight: true };
  }

  /**
   * Fits up to nEstimators estimators. X: nSamples × nFeatures, whatever they take; y: nSamples numbers. Progress counts
   * rounds.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "AdaBoostRegressor.fit";
    const { signal } = options;
    const table = bagTable(X, `${where}: X`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = table;
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const target = await readTarget(y, `${where}: y`, signal);
    const rows = target.length;
    const given = await rowsOf(X as Splittable, where, { signal });
    if (given !== rows) throw invalidData(`${where}: X has ${given} rows, but y has ${rows} values`);
    if (rows === 0) throw invalidData(`${where}: y has 0 values; at least 1 is needed`);
    const sampleWeight = await readSampleWeight(options.sampleWeight, rows, where);
    const columns = Int32Array.from({ length: nFeaturesIn }, (_, j) => j);
    const seed = seedOf(this.params.randomState);
    const round = async (k: number, weights: Float64Array, isLast: boolean): Promise<Round | undefined> => {
      const model = seeded(clone(this.#estimator()), seed, k);
      const times = await drawRows({ rows, draws: rows, bootstrap: true, weights }, seed, k, signal);
      await fitOnDraw(model, table, columns, times, target, { signal });
      const said = (await methodsOf(model).predict(X, { signal })) as ArrayLike<number>;
      const result = await this.#judged(said, target, weights, isLast, signal);
      if (result !== undefined) return { estimator: model, result };
      return k === 0 ? { estimator: model, result } : undefined; // worse than chance: only a first one stays
    };
    const learned = await boostRounds(where, this.params, rows, sampleWeight, round, options);
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, ...learned });
    return this;
  }

  /** The weighted median of the estimators' predictions. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<Float64Array> {
    const predictions = await this.#predictions("predict", X, options);
    return this.#median(predictions, predictions.length, options.signal);
  }

  /** predict after each round. */
  async *stagedPredict(X: InputLike, options: RunOptions = {}): AsyncGenerator<Float64Array> {
    const predictions = await this.#predictions("stagedPredict", X, options);
    for (let count = 1; count <= predictions.length; count++) {
      yield await this.#median(predictions, count, options.signal);
    }
  }

  /** score after each round. */
  async *stagedScore(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): AsyncGenerator<number> {
    for await (const predicted of this.stagedPredict(X, { signal: options.signal })) {
      yield await r2Score(y, predicted, { sampleWeight: options.sampleWeight });
    }
  }

  /** R² of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** What was fitted, unfitted: `estimator`, or its default. */
  get estimator_(): Wrappable {
    this.fitted("estimator_");
    return this.#estimator();
  }

  /** The fitted estimators, in order. */
  get estimators_(): readonly Wrappable[] {
    return this.fitted("estimators_").estimators;
  }

  /** What each estimator counts: nEstimators numbers, 0 for rounds that were not needed. */
  get estimatorWeights_(): Float64Array {
    return this.fitted("estimatorWeights_").estimatorWeights;
  }

  /** Weighted errors of the estimators: nEstimators numbers, 1 for rounds that were not needed. */
  get estimatorErrors_(): Float64Array {
    return this.fitted("estimatorErrors_").estimatorErrors;
  }

  /** Means of the estimators' importances, by their weights. @throws TreelineError ERR_INVALID_ARGUMENT where they have none. */
  get featureImportances_(): Float64Array {
    return meanImportances(this.className, this.fitted("featureImportances_"));
  }

  #estimator(): Wrappable {
    const { estimator } = this.params;
    return estimator !== null && typeof estimator === "object" ? estimator : new DecisionTreeRegressor({ maxDepth: 3 });
  }

  /** The weight and the error of a round, and the weights of the next; undefined: it is worse than chance. */
  async #judged(
    said: ArrayLike<number>,
    target: Float64Array,
    weights: Float64Array,
    isLast: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Round["result"]> {
    const { loss, learningRate } = this.params;
    const errors = new Float64Array(target.length);
    let most = 0;
    await inTurns(target.length, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        errors[i] = Math.abs((said[i] as number) - (target[i] as number));
        if ((weights[i] as number) > 0) most = Math.max(most, errors[i] as number);
      }
    });
    let error = 0;
    await inTurns(target.length, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const share = most === 0 ? (errors[i] as number) : (errors[i] as number) / most;
        errors[i] = loss === "linear" ? share : loss === "square" ? share * share : 1 - Math.exp(-share);
        if ((weights[i] as number) > 0) error += (weights[i] as number) * (errors[i] as number);
      }
    });
    if (error <= 0) return { weight: 1, error: 0 };
    if (error >= 0.5) return undefined;
    const beta = error / (1 - error);
    if (!isLast) {
      await inTurns(target.length, signal, (begin, end) => {
        for (let i = begin; i < end; i++) {
          weights[i] = (weights[i] as number) * Math.pow(beta, (1 - (errors[i] as number)) * learningRate);
        }
      });
    }
    return { weight: learningRate * Math.log(1 / beta), error };
  }

  async #predictions(method: string, X: InputLike, options: RunOptions): Promise<ArrayLike<number>[]> {
    const fitted = this.fitted(method);
    this.checkFeatures(method, inputShape(X, `AdaBoostRegressor.${method}: X`));
    const all: ArrayLike<number>[] = [];
    for await (const values of predictionsOf(fitted, X, options)) all.push(values as ArrayLike<number>);
    return all;
  }

  /** Of the first `count` predictions of every row the first, ascending, with half of the weight at or below it. */
  async #median(
    predictions: readonly ArrayLike<number>[],
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<Float64Array> {
    const { estimatorWeights } = this.fitted("predict");
    const out = new Float64Array(predictions[0]?.length ?? 0);
    const order = Array.from({ length: count }, (_, k) => k);
    for (let i = 0; i < out.length; i++) {
      if (i % ROWS_A_TURN === ROWS_A_TURN - 1) await takeBreak(signal);
      const value = (k: number): number => predictions[k]?.[i] as number;
      order.sort((a, b) => value(a) - value(b) || a - b);
      let total = 0;
      for (const k of order) total += estimatorWeights[k] as number;
      let below = 0;
      const at = order.find((k) => (below += estimatorWeights[k] as number) >= 0.5 * total);
      out[i] = value(at ?? 0);
    }
    return out;
  }
}
