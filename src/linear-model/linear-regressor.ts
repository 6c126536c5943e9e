import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { LinearOutput } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import type { LinearFitOptions } from "./learn.js";
import { LinearPredictor, type LinearFitted, type Mapped } from "./linear-predictor.js";

/** What regressors of one target share besides their parameters: predicting, and what a fit learned. */
export abstract class LinearRegressor<P extends { nJobs: number | null }, F extends LinearFitted> extends BaseEstimator<
  P,
  F
> {
  /** Its native maps. */
  protected readonly predictor = new LinearPredictor(this.className);

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: false, requiresY: true, sampleWeight: true };
  }

  /** X · coef_ + intercept_ (for a log link: its exponential): a number a row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const fitted = this.fitted("predict");
    const source = rowSourceOf(X, `${this.className}.predict: X`);
    this.checkFeatures("predict", source);
    const mapped: Mapped = await this.predictor.map(fitted, this.output(), 1, source, this.params.nJobs, options);
    return mapped.values;
  }

  /** predict for a few rows in memory, at once and on this thread: for serving. */
  predictSync(X: MatrixLike): Float64Array {
    const fitted = this.fitted("predictSync");
    const source = rowSourceOf(X, `${this.className}.predictSync: X`);
    this.checkFeatures("predictSync", source);
    return this.predictor.mapSync(fitted, this.output(), 1, source, "predictSync").values;
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Coefficients, one a feature. */
  get coef_(): Float64Array {
    return this.fitted("coef_").coef;
  }

  /** The intercept; 0 without fitIntercept. */
  get intercept_(): number {
    return this.fitted("intercept_").intercept[0] as number;
  }

  /** What predictions are made of margins. */
  protected output(): LinearOutput {
    return "decision";
  }
}
