import { invalidData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { nullable, number, type ParamSpecs } from "../base/params.js";
import { isRow, type RowLike } from "../data/row.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { Matrix } from "../data/matrix.js";
import { readTargets, type Targets, type TargetsLike } from "../data/targets.js";
import { readSampleWeight, type VectorLike } from "../data/vector.js";
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
import { meanR2, multiOutputScorer, multiStrategySpec, rowMajor, type MultiStrategy } from "./multi-output.js";
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
  /**
   * Several targets: one tree an iteration for all, whose leaves hold a value of each ("multiOutputTree": fewer trees, and
   * targets that belong together help each other), or trees of their own for each ("oneOutputPerTree": as many separate
   * fits). Default "multiOutputTree".
   */
  multiStrategy: MultiStrategy;
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
  multiStrategy: multiStrategySpec("multiOutputTree"),
  quantile: nullable(number(0.5, { min: 0, max: 1 })),
  huberDelta: number(0.9, { min: 0, exclusiveMin: true }),
  fairC: number(1, { min: 0, exclusiveMin: true }),
  variancePower: number(1.5, { min: 1, max: 2, exclusiveMin: true, exclusiveMax: true }),
  ...BOOSTING_SPECS,
};

/** What predictions of several targets are, as `fit` of a table of targets tells the type checker. */
export interface TablePredictions {
  /** Predicted values: nSamples × nTargets. */
  predict(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>>;
  predictSync(row: RowLike): Float64Array;
  predictSync(X: MatrixLike): Matrix<Float64Array>;
  stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<Matrix<Float64Array>>;
}

interface Fitted extends BoostingFitted {
  /** y was a table: predictions are a Matrix. Undefined in models saved by older versions: it was a column. */
  readonly isTable?: boolean | undefined;
}

/**
 * Gradient boosting of regression trees on binned features: fast from thousands of rows on, NaN is a missing value that
 * every split sends where it helps.
 * Follows scikit-learn's HistGradientBoostingRegressor. Gradients are rounded to 16 bits and summed as integers: the model
 * is the same, bit for bit, for any nJobs, any chunking of X and any instruction set. minSamplesLeaf counts rows exactly.
 * y may have several targets (see multiStrategy): predictions are a Matrix then. minSumHessian goes by the mean of their
 * hessians, the loss is the mean of theirs, categories are ordered along the direction in which their gradients differ
 * most; monotonicCst is for one target.
 *
 * @example
 * const model = await new HistGradientBoostingRegressor({ maxIter: 200, randomState: 0 }).fit(X, y);
 * const predicted = await model.predict(XTest); // Float64Array; a Matrix, nSamples × nTargets, where y was a table
 */
export class HistGradientBoostingRegressor extends BaseHistGradientBoosting<
  HistGradientBoostingRegressorParams,
  Fitted
> {
  constructor(params: Partial<HistGradientBoostingRegressorParams> = {}) {
    super("HistGradientBoostingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns the trees. X: nSamples × nFeatures; y: nSamples finite numbers, or nSamples × nTargets. Progress counts iterations of at most maxIter;
   * its score is the training loss where early stopping computes it, else NaN.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options?: BoostingFitOptions): Promise<this>;
  async fit(X: MatrixLike, y: MatrixLike, options?: BoostingFitOptions): Promise<TablePredictions & this>;
  async fit(X: MatrixLike, y: TargetsLike, options: BoostingFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "HistGradientBoostingRegressor.fit";
    checkValidationOptions(where, options, this.params);
    const { loss: asked } = this.params;
    const loss = typeof asked === "function" ? "custom" : asked;
    const parameter = typeof asked === "function" ? 0 : lossParameter(where, { ...this.params, loss: asked });
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { nTargets } = targets;
    const read: ReadRows = async (rows, what, whatY) => {
      const theirs = await readTargets(rows.y, whatY, options.signal);
      if (theirs.nTargets !== nTargets)
        throw invalidData(`${whatY} has ${theirs.nTargets} columns, but y has ${nTargets}`);
      return rowsOf(rows, theirs, loss, what, whatY);
    };
    const train = await rowsOf({ ...options, X }, targets, loss, where, `${where}: y`);
    const fitted = await this.learn(
      {
        where,
        params: this.params,
        loss,
        lossParameter: parameter,
        customLoss: typeof asked === "function" ? asked : undefined,
        nOutputs: nTargets,
        vectorLeaves: nTargets > 1 && this.params.multiStrategy === "multiOutputTree",
        nClasses: undefined,
        train,
        ...(await readWatchedRows(options, where, read)),
        scorable: (raw) => ({
          predict: () => Promise.resolve(shaped(responseOf(loss, raw, nTargets), nTargets, nTargets > 1)),
        }),
        labels: (columns) => shaped(rowMajor(columns, columns.length / nTargets), nTargets, nTargets > 1),
        scorerNamed: multiOutputScorer(where, nTargets),
      },
      options,
    );
    this.setFitted({ ...fitted, isTable: !targets.isFlat });
    return this;
  }

  /** Predicted values, one per row; a Matrix, nSamples × nTargets, where y was a table (see TablePredictions). */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    return this.#shaped((await this.map("predict", "response", X, options)).values);
  }

  /**
   * predict for one row, or a few rows in memory, at once and on this thread: for serving. A row (Float64Array,
   * Float32Array or number[] of nFeatures) takes a microsecond or two and gives a number, not an array; of several targets
   * an array of nTargets.
   */
  predictSync(row: RowLike): number;
  predictSync(X: MatrixLike): Float64Array;
  predictSync(X: MatrixLike | RowLike): Float64Array | number {
    if (!isRow(X)) return this.#shaped(this.mapSync("predictSync", "response", X).values);
    const values = this.mapRow("predictSync", "response", X);
    return this.fitted("predictSync").isTable ? values.slice() : (values[0] as number);
  }

  /** Predictions after each iteration. */
  async *stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<Float64Array> {
    const { forest } = this.fitted("stagedPredict");
    for await (const { values } of this.staged("stagedPredict", X, options)) {
      yield this.#shaped(forest.response(values));
    }
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: MatrixLike, y: TargetsLike, { sampleWeight, ...options }: BoostingFitOptions = {}): Promise<number> {
    const where = "HistGradientBoostingRegressor.score: y";
    const { values } = await this.map("score", "response", X, options);
    const targets = await readTargets(y, where, options.signal);
    return meanR2(targets, values, this.fitted("score").forest.info.nOutputs, { sampleWeight }, where);
  }

  #shaped(values: Float64Array): Float64Array {
    const { isTable = false, forest } = this.fitted("predict");
    return shaped(values, forest.info.nOutputs, isTable);
  }
}

/** Rows of several targets are a Matrix. The type is that of one target: TablePredictions has the other. */
function shaped(values: Float64Array, nTargets: number, isTable: boolean): Float64Array {
  if (!isTable) return values;
  return new Matrix(values, [values.length / nTargets, nTargets]) as unknown as Float64Array;
}

async function rowsOf(
  given: Omit<EvalSet, "y">,
  { rows, nTargets, values }: Targets,
  loss: RegressionLoss | "custom",
  where: string,
  whereY: string,
): Promise<BoostingRows> {
  const source = rowSourceOf(given.X, `${where}: X`, { categories: true });
  for (let t = 0; t < nTargets && loss !== "custom"; t++) {
    const whose = nTargets > 1 ? `${whereY}, column ${t}` : whereY;
    checkTargets(whose, loss, values.subarray(t * rows, (t + 1) * rows));
  }
  const weights = await readSampleWeight(given.sampleWeight, rows, where);
  const initScore = await readInitScore(given.initScore, rows, nTargets, `${where}: initScore`);
  return { table: given.X, source, rows, targets: values, weights, initScore };
}
