import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { invalidData } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { r2Score } from "../metrics/r2-score.js";
import type { LeastSquaresResult } from "../native/addon.js";
import type { RowSource } from "../data/row-source.js";
import type { RunOptions } from "../native/job.js";
import type { LinearFitOptions } from "./learn.js";
import { LinearPredictor, type LinearFitted, type Mapped } from "./linear-predictor.js";
import { readTargets, type Targets, type TargetsLike } from "../data/targets.js";

/** What a regression of one target or several learns. */
export interface MultiTargetFitted extends LinearFitted {
  /** y was a column. */
  readonly isFlat: boolean;
}

/** What regressors of one target or several share: predicting, and what a fit learned. */
export abstract class MultiTargetRegressor<
  P extends { nJobs: number | null },
  F extends MultiTargetFitted,
> extends BaseEstimator<P, F> {
  readonly #predictor = new LinearPredictor(this.className);

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /** X · coef_ᵀ + intercept_: a number a row, or nSamples × nTargets where y had columns. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    const fitted = this.fitted("predict");
    const { nJobs } = this.params;
    const source = this.#source("predict", X);
    const n = fitted.intercept.length;
    return shaped(fitted, await this.#predictor.map(fitted, "decision", n, source, nJobs, options));
  }

  /** predict for a few rows in memory, at once and on this thread: for serving. */
  predictSync(X: MatrixLike): Float64Array | Matrix<Float64Array> {
    const fitted = this.fitted("predictSync");
    const source = this.#source("predictSync", X);
    return shaped(fitted, this.#predictor.mapSync(fitted, "decision", fitted.intercept.length, source, "predictSync"));
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: MatrixLike, y: TargetsLike, options: LinearFitOptions = {}): Promise<number> {
    const where = `${this.className}.score: y`;
    const predicted = await this.predict(X, options);
    const { sampleWeight } = options;
    const targets = await readTargets(y, where, options.signal);
    const wanted = this.fitted("score").intercept.length;
    if (targets.nTargets !== wanted)
      throw invalidData(`${where} has ${targets.nTargets} columns, but the fit had ${wanted}`);
    let sum = 0;
    for (let t = 0; t < targets.nTargets; t++) {
      const truth = targets.values.subarray(t * targets.rows, (t + 1) * targets.rows);
      sum += await r2Score(truth, predicted instanceof Matrix ? predicted.column(t) : predicted, { sampleWeight });
    }
    return sum / targets.nTargets;
  }

  /** Coefficients: one a feature, or nTargets × nFeatures where y had columns. */
  get coef_(): Float64Array | Matrix<Float64Array> {
    const { coef, isFlat, intercept, nFeaturesIn } = this.fitted("coef_");
    return isFlat ? coef : new Matrix(coef, [intercept.length, nFeaturesIn]);
  }

  /** The intercept, or one a target where y had columns; 0 without fitIntercept. */
  get intercept_(): number | Float64Array {
    const { intercept, isFlat } = this.fitted("intercept_");
    return isFlat ? (intercept[0] as number) : intercept;
  }

  #source(method: string, X: MatrixLike): RowSource {
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}

function shaped(
  { isFlat, intercept }: MultiTargetFitted,
  { rows, values }: Mapped,
): Float64Array | Matrix<Float64Array> {
  return isFlat ? values : new Matrix(values, [rows, intercept.length]);
}

/** The fitted state that a least squares result makes. */
export function multiTargetFitted(
  source: RowSource,
  { isFlat }: Targets,
  { coef, intercept }: Pick<LeastSquaresResult, "coef" | "intercept">,
): MultiTargetFitted {
  return { nFeaturesIn: source.nFeatures, featureNamesIn: source.featureNames, coef, intercept, isFlat };
}
