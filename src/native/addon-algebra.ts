import type { BlockMapHandle, FeatureLabels, JobOptions, SinkHandle } from "./addon-types.js";

/** Sums over rows x: of x - shift, and of (x - shift)(x - shift)ᵀ, nFeatures × nFeatures. */
export interface GramResult {
  readonly rows: number;
  readonly shift: Float64Array;
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

/** R of a QR factorisation, height × cols, row-major. */
export interface TsqrResult {
  /** Rows of the table. */
  readonly rows: number;
  readonly height: number;
  readonly cols: number;
  readonly values: Float64Array;
}

/** (x - shift) W: weights are nFeatures × nOutputs, row-major. */
export interface Projection {
  readonly weights: Float64Array;
  readonly shift: Float64Array;
  readonly nOutputs: number;
}

/** Matrix products, decompositions and the sinks they are made from (native/binding/algebra.cc). Row-major throughout. */
export interface AlgebraAddon {
  /** nearMean: products of values less a shift near their means, which loses no digits. */
  createGramSink(labels: FeatureLabels, nearMean: boolean): SinkHandle;
  gramResult(sink: SinkHandle, job: JobOptions): Promise<GramResult>;
  /** Products about the mean, divided by rows - ddof: nFeatures × nFeatures. */
  gramCovariance(
    sink: SinkHandle,
    ddof: number,
    job: JobOptions,
  ): Promise<{ readonly rows: number; readonly mean: Float64Array; readonly covariance: Float64Array }>;
  /** intercept: of the table with a column of ones before it. With a projection, of the projected table. */
  createTsqrSink(labels: FeatureLabels, intercept: boolean, projection: Projection | undefined): SinkHandle;
  tsqrResult(sink: SinkHandle, job: JobOptions): Promise<TsqrResult>;
  /** (X - shift)ᵀ (X - shift) W. */
  createSubspaceSink(labels: FeatureLabels, projection: Projection): SinkHandle;
  subspaceResult(sink: SinkHandle, job: JobOptions): Promise<Float64Array>;
  /** (x - shift) weights + offset; weights are labels.nFeatures × offset.length. */
  createProjectionMap(
    labels: FeatureLabels,
    weights: Float64Array,
    shift: Float64Array,
    offset: Float64Array,
  ): BlockMapHandle;

  /** Eigenvalues, descending, and eigenvectors as rows. */
  symmetricEigen(
    a: Float64Array,
    n: number,
    job: JobOptions,
  ): Promise<{ readonly values: Float64Array; readonly vectors: Float64Array }>;
  /** k = min(rows, cols) singular values, descending; vectors as rows: ut is k × rows, vt k × cols. */
  thinSvd(
    a: Float64Array,
    rows: number,
    cols: number,
    job: JobOptions,
  ): Promise<{ readonly values: Float64Array; readonly ut: Float64Array; readonly vt: Float64Array }>;
  /** An orthonormal basis of the columns; cols ≤ rows. */
  orthonormalize(a: Float64Array, rows: number, cols: number, job: JobOptions): Promise<Float64Array>;
  /** Orthonormal columns in random directions: the same for a seed. */
  randomBasis(rows: number, cols: number, seed: number, job: JobOptions): Promise<Float64Array>;
  /** x (cols × nRhs) of least |a x - b| and least |x|; singular values up to rcond times the largest count as 0. */
  leastSquares(
    a: Float64Array,
    rows: number,
    cols: number,
    b: Float64Array,
    nRhs: number,
    rcond: number,
    job: JobOptions,
  ): Promise<{ readonly x: Float64Array; readonly rank: number; readonly singularValues: Float64Array }>;
  /** x (n × nRhs) of u x = b for an upper triangle. */
  solveUpper(u: Float64Array, n: number, b: Float64Array, nRhs: number, job: JobOptions): Promise<Float64Array>;
  /** a (rows × inner) times b (inner × cols), in the precision of both (native/binding/multiply.cc). */
  multiply<T extends Float32Array | Float64Array>(
    a: T,
    b: T,
    rows: number,
    inner: number,
    cols: number,
    job: JobOptions,
  ): Promise<T>;
}
