import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, integer, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { checkComponents } from "./principal-components.js";
import { componentNames, flipSigns, projectRows, transposed } from "./projection.js";
import { checkRows, exactSpectrum, momentsOf, randomizedSpectrum, type Subject } from "./spectrum.js";

/** Parameters of TruncatedSVD. */
export interface TruncatedSVDParams {
  /** Components to keep, at most nFeatures ("arpack": fewer). Default 2. */
  nComponents: number;
  /** "randomized" (default), or "arpack": all digits, here by QR of the table and the singular values of R. */
  algorithm: "randomized" | "arpack";
  /** Passes of the randomized solver. Default 5. */
  nIter: number;
  /** Directions the randomized solver tries beyond nComponents. Default 10. */
  nOversamples: number;
  /** Seed of the randomized solver. Default null: another one each fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<TruncatedSVDParams> = {
  nComponents: integer(2, { min: 1 }),
  algorithm: choice("randomized", ["randomized", "arpack"]),
  nIter: integer(5, { min: 0 }),
  nOversamples: integer(10, { min: 1 }),
  randomState: randomState(),
};

interface Fitted extends FittedBase {
  readonly components: Float64Array;
  readonly explainedVariance: Float64Array;
  readonly explainedVarianceRatio: Float64Array;
  readonly singularValues: Float64Array;
}

/**
 * Truncated singular value decomposition: the leading right singular vectors of the table as it is, not centred (latent
 * semantic analysis, where it holds counts). Follows scikit-learn's TruncatedSVD, signs too. The table is read in a few
 * passes and never held. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example const Z = await new TruncatedSVD({ nComponents: 5, randomState: 0 }).fitTransform(X);
 */
export class TruncatedSVD extends BaseEstimator<TruncatedSVDParams, Fitted> {
  constructor(params: Partial<TruncatedSVDParams> = {}) {
    super("TruncatedSVD", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  /**
   * Finds the components. X: nSamples × nFeatures, finite.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for more components than features, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "TruncatedSVD.fit";
    const source = rowSourceOf(X, `${where}: X`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const { nComponents } = this.params;
    if (nComponents > nFeaturesIn) {
      throw invalidArgument(`TruncatedSVD: nComponents must be at most nFeatures, ${nFeaturesIn}, got ${nComponents}`);
    }
    const learned = await runJob(effectiveNJobs(), options, (job) =>
      this.#learn({ source, where, job, signal: options.signal }),
    );
    this.setFitted({ nFeaturesIn, featureNamesIn, ...learned });
    return this;
  }

  /** X times the components, nSamples × nComponents: float32 for a Matrix of float32, else float64. */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const { nFeaturesIn, components, singularValues } = this.fitted("transform");
    const source = rowSourceOf(X, "TruncatedSVD.transform: X");
    this.checkFeatures("transform", source);
    const count = singularValues.length;
    const projection = {
      weights: transposed(components, count, nFeaturesIn),
      shift: new Float64Array(nFeaturesIn),
      offset: new Float64Array(count),
    };
    return projectRows<T>(X, source, "TruncatedSVD.transform", projection, options);
  }

  /** Back to the features' space. X: nSamples × nComponents. */
  async inverseTransform<T extends FloatArray = Float64Array>(X: MatrixLike, options?: RunOptions): Promise<Matrix<T>> {
    const { nFeaturesIn, components, singularValues } = this.fitted("inverseTransform");
    const source = rowSourceOf(X, "TruncatedSVD.inverseTransform: X");
    checkComponents("TruncatedSVD", source.nFeatures, singularValues.length);
    const projection = {
      weights: components,
      shift: new Float64Array(singularValues.length),
      offset: new Float64Array(nFeaturesIn),
    };
    return projectRows<T>(X, source, "TruncatedSVD.inverseTransform", projection, options);
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options?: RunOptions,
  ): Promise<Matrix<T>> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /** Names of the columns of transform's result: truncatedsvd0, truncatedsvd1, … */
  getFeatureNamesOut(): string[] {
    return componentNames("TruncatedSVD", this.fitted("getFeatureNamesOut").singularValues.length);
  }

  /** Right singular vectors, nComponents × nFeatures. */
  get components_(): Matrix<Float64Array> {
    const { components, singularValues, nFeaturesIn } = this.fitted("components_");
    return new Matrix(components, [singularValues.length, nFeaturesIn]);
  }

  /** Variance of each transformed column, divisor nSamples. */
  get explainedVariance_(): Float64Array {
    return this.fitted("explainedVariance_").explainedVariance;
  }

  /** The same as shares of the variance of X. */
  get explainedVarianceRatio_(): Float64Array {
    return this.fitted("explainedVarianceRatio_").explainedVarianceRatio;
  }

  /** The leading singular values of X, descending. */
  get singularValues_(): Float64Array {
    return this.fitted("singularValues_").singularValues;
  }

  async #learn(subject: Subject): Promise<Omit<Fitted, keyof FittedBase>> {
    const { nComponents, algorithm, nIter, nOversamples, randomState } = this.params;
    const { nFeatures } = subject.source;
    const { mean, variance, rows } = await momentsOf(subject);
    checkRows(subject.where, rows, 1);
    const options = { rank: nComponents, nOversamples, nIter, seed: seedOf(randomState) };
    const found =
      algorithm === "arpack"
        ? await exactSpectrum(subject, false)
        : await randomizedSpectrum(subject, rows, new Float64Array(nFeatures), options);
    const kept = Math.min(nComponents, found.singularValues.length);
    const components = found.components.slice(0, kept * nFeatures);
    flipSigns(components, nFeatures);
    const singularValues = found.singularValues.slice(0, kept);
    // A column of the transformed table has length singularValue: its mean taken off is its variance.
    const explainedVariance = singularValues.map((value, k) => {
      const along = components
        .subarray(k * nFeatures, (k + 1) * nFeatures)
        .reduce((sum, c, j) => sum + c * (mean[j] as number), 0);
      return Math.max((value * value) / rows - along * along, 0);
    });
    const total = variance.reduce((sum, v) => sum + v, 0);
    const explainedVarianceRatio = explainedVariance.map((v) => (total > 0 ? v / total : 0));
    return { components, singularValues, explainedVariance, explainedVarianceRatio };
  }
}
