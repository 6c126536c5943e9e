import { effectiveNJobs } from "../base/config.js";
import { invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, pour } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Parameters of StandardScaler. */
export interface StandardScalerParams {
  /** Subtract the mean. Default true. */
  withMean: boolean;
  /** Divide by the standard deviation. Default true. */
  withStd: boolean;
}

const SPECS: ParamSpecs<StandardScalerParams> = { withMean: boolean(true), withStd: boolean(true) };

interface Fitted extends FittedBase {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly scale: Float64Array;
  readonly nSamplesSeen: number;
}

/**
 * Standardises features: (x - mean) / standard deviation, each column by itself; constant columns are only centred.
 * Statistics of missing values (NaN) are left out, and NaN stays NaN.
 * Follows scikit-learn's StandardScaler; the moments are those of one numerically stable pass, the same bits for any
 * nJobs and any chunking of X.
 *
 * @example
 * const scaler = new StandardScaler();
 * const Z = await scaler.fitTransform([[1, 10], [2, 20], [3, 30]]);
 */
export class StandardScaler extends BaseEstimator<StandardScalerParams, Fitted> {
  constructor(params: Partial<StandardScalerParams> = {}) {
    super("StandardScaler", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /** Learns mean and variance of every column. X: nSamples × nFeatures. */
  async fit(X: MatrixLike, _y?: unknown, options?: RunOptions): Promise<this> {
    this.checkParams();
    const source = rowSourceOf(X, "StandardScaler.fit: X");
    if (source.nFeatures === 0) throw invalidData("StandardScaler.fit: X has 0 features; at least 1 is needed");
    const fitted = await runJob(effectiveNJobs(), options, async (job) => {
      const sink = addon().createMomentsSink(source.nFeatures);
      await pour(source, sink, job, options?.signal);
      const { rows, count, mean, variance } = addon().momentsResult(sink);
      if (rows === 0) throw invalidData("StandardScaler.fit: X has 0 rows; at least 1 is needed");
      const infinite = variance.findIndex((v, j) => Number.isNaN(v + (mean[j] as number)) && (count[j] as number) > 0);
      if (infinite >= 0) {
        const name = source.featureNames?.[infinite] ?? infinite;
        throw invalidData(`StandardScaler.fit: X has an infinite value (or one too large to square) in column ${name}`);
      }
      const scale = variance.map((v, j) => (isConstant(v, mean[j] as number, rows) ? 1 : Math.sqrt(v)));
      return {
        nFeaturesIn: source.nFeatures,
        featureNamesIn: source.featureNames,
        mean,
        variance,
        scale,
        nSamplesSeen: rows,
      };
    });
    this.setFitted(fitted);
    return this;
  }

  /** The standardised table: a Matrix of float64, nSamples × nFeatures. */
  async transform(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const { mean, scale } = this.fitted("transform");
    const source = rowSourceOf(X, "StandardScaler.transform: X");
    this.checkFeatures("transform", source);
    const shift = this.params.withMean ? mean : mean.map(() => 0);
    const factor = this.params.withStd ? scale.map((s) => 1 / s) : scale.map(() => 1);
    const cols = source.nFeatures;
    return runJob(effectiveNJobs(), options, async (job) => {
      const map = addon().createAffineMap(shift, factor);
      const { rows, values } = await mapRows(source, map, cols, Float64Array, job, options?.signal);
      return new Matrix(values, [rows, cols]);
    });
  }

  /** The original scale back: the inverse of transform, up to rounding. A Matrix of float64, nSamples × nFeatures. */
  async inverseTransform(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const { mean, scale, nFeaturesIn: cols } = this.fitted("inverseTransform");
    const where = "StandardScaler.inverseTransform: X";
    const source = rowSourceOf(X, where);
    if (source.nFeatures !== cols) {
      throw invalidData(`${where} has ${source.nFeatures} features, but StandardScaler is expecting ${cols} features`);
    }
    // x * factor + mean as (x - shift) * factor.
    const factor = this.params.withStd ? scale : scale.map(() => 1);
    const shift = mean.map((m, j) => (this.params.withMean ? -m / (factor[j] as number) : 0));
    return runJob(effectiveNJobs(), options, async (job) => {
      const map = addon().createAffineMap(shift, factor);
      const { rows, values } = await mapRows(source, map, cols, Float64Array, job, options?.signal);
      return new Matrix(values, [rows, cols]);
    });
  }

  /** Names of the columns of transform: those of fit, else x0, x1, … */
  getFeatureNamesOut(): string[] {
    const { featureNamesIn, nFeaturesIn } = this.fitted("getFeatureNamesOut");
    return [...(featureNamesIn ?? Array.from({ length: nFeaturesIn }, (_, j) => `x${j}`))];
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: MatrixLike, y?: unknown, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** Column means. */
  get mean_(): Float64Array {
    return this.fitted("mean_").mean;
  }

  /** Column variances, divisor n. */
  get var_(): Float64Array {
    return this.fitted("var_").variance;
  }

  /** What columns are divided by: the standard deviation, 1 for constant columns. */
  get scale_(): Float64Array {
    return this.fitted("scale_").scale;
  }

  get nSamplesSeen_(): number {
    return this.fitted("nSamplesSeen_").nSamplesSeen;
  }
}

/** Whether a variance is rounding noise of a constant column (scikit-learn's _is_constant_feature). */
function isConstant(variance: number, mean: number, n: number): boolean {
  const eps = Number.EPSILON;
  return !(variance > n * eps * variance + (n * mean * eps) ** 2);
}
