import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, pour } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
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

/** Options of StandardScaler.fit. */
export interface StandardScalerFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  /** Per column: the (weighted) number of values that are not NaN. */
  readonly count: Float64Array;
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly scale: Float64Array;
}

/**
 * Standardises features: (x - mean) / standard deviation, each column by itself; constant columns are only centred.
 * Missing values (NaN) are left out of the statistics and stay NaN; infinities are refused.
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
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: true };
  }

  /**
   * Learns mean and variance of every column. X: nSamples × nFeatures.
   *
   * @throws TreelineError ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options?: StandardScalerFitOptions): Promise<this> {
    this.checkParams();
    this.setFitted(await this.#learn("fit", X, options));
    return this;
  }

  /**
   * Learns from more rows: mean and variance become those of all rows seen since the last fit.
   *
   * @throws TreelineError ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, _y?: unknown, options?: StandardScalerFitOptions): Promise<this> {
    this.checkParams();
    const before = this.fittedOrUndefined;
    const source = rowSourceOf(X, "StandardScaler.partialFit: X");
    if (before !== undefined) this.checkFeatures("partialFit", source);
    const more = await this.#learn("partialFit", X, options);
    this.setFitted(before === undefined ? more : merged(before, more));
    return this;
  }

  /**
   * The standardised table, nSamples × nFeatures: float32 for a Matrix of float32, else float64.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    return this.#map("transform", X, false, options) as Promise<Matrix<T>>;
  }

  /** Back from standardised to original values: x * scale + mean. Float types and errors as in transform. */
  async inverseTransform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    return this.#map("inverseTransform", X, true, options) as Promise<Matrix<T>>;
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options?: StandardScalerFitOptions,
  ): Promise<Matrix<T>> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /**
   * Names of the columns of transform's result: those of fit, or x0, x1, … where there were none.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for inputFeatures that are not those of fit.
   */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const { featureNamesIn, nFeaturesIn } = this.fitted("getFeatureNamesOut");
    const names = featureNamesIn ?? inputFeatures;
    if (inputFeatures !== undefined && inputFeatures.length !== nFeaturesIn) {
      throw invalidArgument(
        `StandardScaler.getFeatureNamesOut: inputFeatures has ${inputFeatures.length} names, expected ${nFeaturesIn}`,
      );
    }
    if (inputFeatures?.some((name, j) => name !== names?.[j])) {
      throw invalidArgument("StandardScaler.getFeatureNamesOut: inputFeatures must be the feature names of fit");
    }
    return Array.from({ length: nFeaturesIn }, (_, j) => names?.[j] ?? `x${j}`);
  }

  /** Column means; NaN for a column without values. */
  get mean_(): Float64Array {
    return this.fitted("mean_").mean;
  }

  /** Column variances, divisor n; NaN for a column without values. */
  get var_(): Float64Array {
    return this.fitted("var_").variance;
  }

  /** What columns are divided by: the standard deviation, 1 for constant columns. */
  get scale_(): Float64Array {
    return this.fitted("scale_").scale;
  }

  /** Rows seen, or their total weight; per column where missing values make columns differ. */
  get nSamplesSeen_(): number | Float64Array {
    const { count } = this.fitted("nSamplesSeen_");
    const first = count[0] as number;
    return count.every((n) => n === first) ? first : count;
  }

  async #learn(method: string, X: MatrixLike, options: StandardScalerFitOptions = {}): Promise<Fitted> {
    const where = `StandardScaler.${method}`;
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const weights = await readWeights(options.sampleWeight, source.nRows, where);
    const { nFeatures, featureNames } = source;
    return runJob(effectiveNJobs(), options, async (job) => {
      const labels = { where: `${where}: X`, names: featureNames, nFeatures };
      const sink = addon().createMomentsSink(nFeatures, weights, labels);
      const { rows } = await pour(source, sink, job, options.signal);
      if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
      if (weights !== undefined && weights.length !== rows) {
        throw invalidData(`${where}: sampleWeight has ${weights.length} values, but X has ${rows} rows`);
      }
      const { count, mean, variance } = addon().momentsResult(sink);
      return withScale({ nFeaturesIn: nFeatures, featureNamesIn: featureNames, count, mean, variance });
    });
  }

  async #map(method: string, X: MatrixLike, inverse: boolean, options?: RunOptions): Promise<Matrix> {
    const { mean, scale } = this.fitted(method);
    const { withMean, withStd } = this.params;
    const source = rowSourceOf(X, `StandardScaler.${method}: X`);
    this.checkFeatures(method, source);
    const cols = source.nFeatures;
    const narrow = X instanceof Matrix && X.data instanceof Float32Array;
    return runJob(effectiveNJobs(), options, async (job) => {
      const map = addon().createAffineMap(
        withMean ? mean : new Float64Array(cols),
        withStd ? scale : new Float64Array(cols).fill(1),
        inverse,
      );
      const type: new (length: number) => FloatArray = narrow ? Float32Array : Float64Array;
      const { rows, values } = await mapRows(source, map, cols, type, job, options?.signal, `StandardScaler.${method}`);
      return new Matrix(values, [rows, cols]);
    });
  }
}

/** Sample weights, checked against the number of rows where it is known. */
async function readWeights(
  sampleWeight: VectorLike | undefined,
  rows: number | undefined,
  where: string,
): Promise<Float64Array | undefined> {
  if (sampleWeight === undefined) return undefined;
  const values = await readTarget(sampleWeight, `${where}: sampleWeight`);
  return readSampleWeight(values, rows ?? values.length, where);
}

function withScale(moments: Omit<Fitted, "scale">): Fitted {
  const { count } = moments;
  const mean = moments.mean.map((m, j) => (count[j] === 0 ? NaN : m));
  const variance = moments.variance.map((v, j) => (count[j] === 0 ? NaN : v));
  const scale = variance.map((v, j) => (isConstant(v, mean[j] as number, count[j] as number) ? 1 : Math.sqrt(v)));
  return { ...moments, mean, variance, scale };
}

/** Moments of two sets of rows together (Chan, Golub, LeVeque 1979). */
function merged(a: Fitted, b: Fitted): Fitted {
  const columns = Array.from(a.count, (_, j) => mergedColumn(columnOf(a, j), columnOf(b, j)));
  return withScale({
    nFeaturesIn: a.nFeaturesIn,
    featureNamesIn: a.featureNamesIn,
    count: Float64Array.from(columns, (column) => column.count),
    mean: Float64Array.from(columns, (column) => column.mean),
    variance: Float64Array.from(columns, (column) => column.variance),
  });
}

interface ColumnMoments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

function columnOf({ count, mean, variance }: Fitted, j: number): ColumnMoments {
  return { count: count[j] as number, mean: mean[j] as number, variance: variance[j] as number };
}

function mergedColumn(a: ColumnMoments, b: ColumnMoments): ColumnMoments {
  if (b.count === 0) return a;
  if (a.count === 0) return b;
  const count = a.count + b.count;
  const share = b.count / count;
  const apart = b.mean - a.mean;
  return {
    count,
    mean: a.mean + apart * share,
    variance: a.variance * (1 - share) + b.variance * share + apart * apart * share * (1 - share),
  };
}

/** Whether a variance is rounding noise of a constant column (scikit-learn's _is_constant_feature). */
export function isConstant(variance: number, mean: number, n: number): boolean {
  const eps = Number.EPSILON;
  return variance <= n * eps * variance + (n * mean * eps) ** 2;
}
