import { invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { componentNames, projectRows, transposed } from "./projection.js";

/** Principal components, found one way or another. */
export interface ComponentsFitted extends FittedBase {
  readonly mean: Float64Array;
  /** nComponents × nFeatures. */
  readonly components: Float64Array;
  readonly explainedVariance: Float64Array;
  readonly explainedVarianceRatio: Float64Array;
  readonly singularValues: Float64Array;
  readonly noiseVariance: number;
}

/** What PCA and IncrementalPCA share: everything that follows from the components. */
export abstract class PrincipalComponents<
  P extends { whiten: boolean },
  F extends ComponentsFitted,
> extends BaseEstimator<P, F> {
  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  /** Finds the components. */
  abstract fit(X: MatrixLike, y?: unknown, options?: RunOptions): Promise<this>;

  /** The table in the components' directions, nSamples × nComponents: float32 for a Matrix of float32, else float64. */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const { nFeaturesIn, components, mean, explainedVariance } = this.fitted("transform");
    const where = `${this.className}.transform`;
    const source = rowSourceOf(X, `${where}: X`);
    this.checkFeatures("transform", source);
    const count = explainedVariance.length;
    const weights = transposed(components, count, nFeaturesIn);
    if (this.params.whiten) {
      const scale = scaleOf(explainedVariance);
      weights.forEach((value, at) => (weights[at] = value / (scale[at % count] as number)));
    }
    return projectRows<T>(X, source, where, { weights, shift: mean, offset: new Float64Array(count) }, options);
  }

  /** Back to the features' space: what of X the components hold. X: nSamples × nComponents. */
  async inverseTransform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const { components, mean, explainedVariance } = this.fitted("inverseTransform");
    const where = `${this.className}.inverseTransform`;
    const source = rowSourceOf(X, `${where}: X`);
    checkComponents(this.className, source.nFeatures, explainedVariance.length);
    const weights = Float64Array.from(components);
    if (this.params.whiten) {
      const scale = scaleOf(explainedVariance);
      weights.forEach((value, at) => (weights[at] = value * (scale[Math.floor(at / mean.length)] as number)));
    }
    const projection = { weights, shift: new Float64Array(explainedVariance.length), offset: mean };
    return projectRows<T>(X, source, where, projection, options);
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options?: RunOptions,
  ): Promise<Matrix<T>> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /** Names of the columns of transform's result: pca0, pca1, … (incrementalpca0, …). */
  getFeatureNamesOut(): string[] {
    return componentNames(this.className, this.fitted("getFeatureNamesOut").explainedVariance.length);
  }

  /**
   * The covariance matrix of the generative model (probabilistic PCA, Tipping and Bishop 1999): what the components explain,
   * and equal noise in every other direction. nFeatures × nFeatures. `whiten` is of the transformed table, not of the model.
   */
  getCovariance(): Matrix<Float64Array> {
    return modelPower(this.fitted("getCovariance"), 1);
  }

  /**
   * The inverse of getCovariance(), nFeatures × nFeatures.
   *
   * @throws TreelineError ERR_INVALID_DATA where the model gives some direction no variance: all of the table's components
   * are kept, or the smaller side of it is its number of rows.
   */
  getPrecision(): Matrix<Float64Array> {
    const fitted = this.fitted("getPrecision");
    this.checkInvertible("getPrecision", fitted);
    return modelPower(fitted, -1);
  }

  /** The directions of greatest variance, nComponents × nFeatures, of length 1, in order of their variance. */
  get components_(): Matrix<Float64Array> {
    const { components, explainedVariance, nFeaturesIn } = this.fitted("components_");
    return new Matrix(components, [explainedVariance.length, nFeaturesIn]);
  }

  /** Variance along each component, divisor one less than the rows seen. */
  get explainedVariance_(): Float64Array {
    return this.fitted("explainedVariance_").explainedVariance;
  }

  /** The same as shares of the variance of all rows seen. */
  get explainedVarianceRatio_(): Float64Array {
    return this.fitted("explainedVarianceRatio_").explainedVarianceRatio;
  }

  /** Singular values of the centred rows. */
  get singularValues_(): Float64Array {
    return this.fitted("singularValues_").singularValues;
  }

  /** Mean of every feature. */
  get mean_(): Float64Array {
    return this.fitted("mean_").mean;
  }

  /** Mean variance of the directions left out (IncrementalPCA: of the last batch's decomposition); 0 where none is. */
  get noiseVariance_(): number {
    return this.fitted("noiseVariance_").noiseVariance;
  }

  /** Number of components. */
  get nComponents_(): number {
    return this.fitted("nComponents_").explainedVariance.length;
  }

  /** Refuses a model whose covariance matrix has no inverse. */
  protected checkInvertible(method: string, fitted: F): void {
    const { explainedVariance, noiseVariance, nFeaturesIn } = fitted;
    const isWhole = explainedVariance.length === nFeaturesIn && explainedVariance.every((variance) => variance > 0);
    if (noiseVariance > 0 || isWhole) return;
    throw invalidData(
      `${this.className}.${method}: the model gives some directions no variance, so that its covariance matrix has no ` +
        "inverse: lower nComponents, so that a part of the variance is left for noise",
    );
  }
}

/** Variances along the components, none below that of the noise. */
export function modelVariances({ explainedVariance, noiseVariance }: ComponentsFitted): Float64Array {
  return explainedVariance.map((variance) => Math.max(variance, noiseVariance));
}

/** A power of the model's covariance matrix; a negative one of an invertible one. */
export function modelPower(fitted: ComponentsFitted, exponent: number): Matrix<Float64Array> {
  const { components, noiseVariance, nFeaturesIn: d } = fitted;
  const rest = noiseVariance > 0 ? noiseVariance ** exponent : 0; // without noise the components are all there is
  const data = new Float64Array(d * d);
  modelVariances(fitted).forEach((variance, k) => {
    const excess = variance ** exponent - rest;
    const row = components.subarray(k * d, (k + 1) * d);
    for (let i = 0; i < d; i++) {
      const scaled = excess * (row[i] as number);
      for (let j = i; j < d; j++) data[i * d + j] = (data[i * d + j] as number) + scaled * (row[j] as number);
    }
  });
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) data[i * d + j] = data[j * d + i] as number;
    data[i * d + i] = (data[i * d + i] as number) + rest;
  }
  return new Matrix(data, [d, d]);
}

/** Refuses a table that does not have a column for each component. */
export function checkComponents(className: string, columns: number, components: number): void {
  if (columns === components) return;
  throw invalidData(`${className}.inverseTransform: X has ${columns} columns, but there are ${components} components`);
}

/** Standard deviations to divide by: none so small that the result is no number. */
function scaleOf(variances: Float64Array): Float64Array {
  return variances.map((variance) => Math.max(Math.sqrt(variance), Number.EPSILON));
}
