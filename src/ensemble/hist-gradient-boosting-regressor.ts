import type { EstimatorTags } from "../base/estimator.js";
import { nullable, number, type ParamSpecs } from "../base/params.js";
import { isRow, type RowLike } from "../data/row.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { BaseHistGradientBoosting, type BoostingFitted } from "./boosting-estimator.js";
import type { BoostingRows } from "./boosting-fit.js";
import {
  BOOSTING_SPECS,
  checkValidationOptions,
  type BoostingFitOptions,
  type BoostingParams,
  type EvalSet,
} from "./boosting-params.js";
import { responseOf } from "./boosting-predict.js";
import { lossSpec, type CustomLoss } from "./custom-loss.js";
import { readInitScore } from "./init-score.js";
import { checkTargets, lossParameter, REGRESSION_LOSSES, type RegressionLoss } from "./regression-loss.js";
import { readWatchedRows, type ReadRows } from "./watched-rows.js";

/** Parameters of HistGradientBoostingRegressor. */
export interface HistGradientBoostingRegressorParams extends BoostingParams {
  /**
   * What is minimised, and with it what predict gives: the mean of y ("squaredError"; through a logarithm "poisson" for
   * counts, "gamma" for positive y, "tweedie" for amounts that are often 0; through a logit "crossEntropy" for shares from
   * 0 to 1), its median ("absoluteError"), a quantile ("quantile"), the median with less regard for large y ("mape"), or a
   * mean that outliers move little ("huber", "fair"). The leaves of "absoluteError", "quantile" and "mape" hold exact
   * quantiles. A function is a loss of your own: predict gives the raw predictions, which start from 0 (or initScore).
   * Default "squaredError".
   */
  loss: RegressionLoss | CustomLoss;
  /** Of loss "quantile": which one, 0 … 1. Default null. */
  quantile: number | null;
  /** Of loss "huber": errors beyond count linearly. Default 0.9, as LightGBM's alpha. */
  huberDelta: number;
  /** Of loss "fair": the scale of errors that count less and less. Default 1. */
  fairC: number;
  /** Of loss "tweedie": the variance is the mean to this power, strictly between 1 (Poisson) and 2 (gamma). Default 1.5. */
  variancePower: number;
}

const SPECS: ParamSpecs<HistGradientBoostingRegressorParams> = {
  loss: lossSpec<RegressionLoss>("squaredError", REGRESSION_LOSSES),
  quantile: nullable(number(0.5, { min: 0, max: 1 })),
  huberDelta: number(0.9, { min: 0, exclusiveMin: true }),
  fairC: number(1, { min: 0, exclusiveMin: true }),
  variancePower: number(1.5, { min: 1, max: 2, exclusiveMin: true, exclusiveMax: true }),
  ...BOOSTING_SPECS,
};

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
export class HistGradientBoostingRegressor extends BaseHistGradientBoosting<
  HistGradientBoostingRegressorParams,
  BoostingFitted
> {
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
    const { loss: asked } = this.params;
    const loss = typeof asked === "function" ? "custom" : asked;
    const parameter = typeof asked === "function" ? 0 : lossParameter(where, { ...this.params, loss: asked });
    const read: ReadRows = (rows, what, whatY) => rowsOf(rows, loss, what, whatY, options.signal);
    const train = await read({ ...options, X, y }, where, `${where}: y`);
    const fitted = await this.learn(
      {
        where,
        params: this.params,
        loss,
        lossParameter: parameter,
        customLoss: typeof asked === "function" ? asked : undefined,
        nOutputs: 1,
        nClasses: undefined,
        train,
        ...(await readWatchedRows(options, where, read)),
        scorable: (raw) => ({ predict: () => Promise.resolve(responseOf(loss, raw, 1)) }),
        labels: (targets) => targets,
      },
      options,
    );
    this.setFitted(fitted);
    return this;
  }

  /** Predicted values, one per row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    return (await this.map("predict", "response", X, options)).values;
  }

  /**
   * predict for one row, or a few rows in memory, at once and on this thread: for serving. A row (Float64Array,
   * Float32Array or number[] of nFeatures) takes a microsecond or two and gives a number, not an array.
   */
  predictSync(row: RowLike): number;
  predictSync(X: MatrixLike): Float64Array;
  predictSync(X: MatrixLike | RowLike): Float64Array | number {
    if (!isRow(X)) return this.mapSync("predictSync", "response", X).values;
    return this.mapRow("predictSync", "response", X)[0] as number;
  }

  /** Predictions after each iteration. */
  async *stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<Float64Array> {
    const { forest } = this.fitted("stagedPredict");
    for await (const { values } of this.staged("stagedPredict", X, options)) yield forest.response(values);
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: BoostingFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }
}

async function rowsOf(
  rows: EvalSet,
  loss: RegressionLoss | "custom",
  where: string,
  whereY: string,
  signal: AbortSignal | undefined,
): Promise<BoostingRows> {
  const source = rowSourceOf(rows.X, `${where}: X`, { categories: true });
  const targets = await readTarget(rows.y, whereY, signal);
  if (loss !== "custom") checkTargets(whereY, loss, targets);
  const weights = await readSampleWeight(rows.sampleWeight, targets.length, where);
  const initScore = await readInitScore(rows.initScore, targets.length, 1, `${where}: initScore`);
  return { source, targets, weights, initScore };
}
