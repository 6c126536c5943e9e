import { effectiveNJobs } from "../base/config.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { invalidArgument, invalidData } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { mapRows } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/**
 * Transformers of numbers that are expressions: what they learn are reductions of a chunked matrix, what they do is an
 * element-wise expression of it, computed natively in one pass. `Other`: what transform gives besides a Matrix; `O`: what
 * fit's options are.
 */
export abstract class ChunkedTransformer<
  P extends object,
  F extends FittedBase,
  Other = never,
  O extends RunOptions = RunOptions,
> extends BaseEstimator<P, F> {
  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /** What is learned from X. */
  protected abstract learn(X: ChunkedMatrix, where: string, options: O): Promise<Omit<F, keyof FittedBase>>;

  /** The transformed table, lazily. */
  protected abstract apply(X: ChunkedMatrix, fitted: F): ChunkedMatrix;

  /**
   * Learns from X: nSamples × nFeatures. The same bits for any nJobs and any chunking.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: O = {} as O): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const table = await this.table(X, "fit", options);
    if (table.rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const learned = await this.learn(table, where, options);
    options.signal?.throwIfAborted();
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = table;
    this.setFitted({ nFeaturesIn, featureNamesIn, ...learned } as F);
    return this;
  }

  /** The transformed table: float32 for a Matrix of float32, else float64. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T> | Other> {
    const fitted = this.fitted("transform");
    return this.given(this.apply(await this.seen(X, "transform", options), fitted), fitted, options);
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: unknown,
    options: O = {} as O,
  ): Promise<Matrix<T> | Other> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /**
   * Names of the columns of transform's result: those of fit, or x0, x1, … where there were none.
   *
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_ARGUMENT for inputFeatures that are not those of fit.
   */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    return namesOf(this.className, this.fitted("getFeatureNamesOut"), inputFeatures);
  }

  /** What transform gives of its lazy table. */
  protected given<T extends FloatArray>(
    table: ChunkedMatrix,
    _fitted: F,
    options: RunOptions,
  ): Promise<Matrix<T> | Other> {
    return this.answer(table, options);
  }

  /** A table that must have the features of fit. */
  protected async seen(X: MatrixLike, method: string, options: RunOptions): Promise<ChunkedMatrix> {
    this.checkFeatures(method, rowSourceOf(X, `${this.className}.${method}: X`));
    return this.table(X, method, options);
  }

  protected async answer<T extends FloatArray>(table: ChunkedMatrix, { signal }: RunOptions): Promise<Matrix<T>> {
    return (await table.toMatrix({ signal })) as unknown as Matrix<T>;
  }

  /** The same with rows one after another. */
  protected async answerInRows<T extends FloatArray>(
    table: ChunkedMatrix,
    method: string,
    options: RunOptions,
  ): Promise<Matrix<T>> {
    const { rows, cols, dtype } = table;
    refuseTooLarge(table.nBytes, `${this.className}.${method}`);
    const copy = addon().createAffineMap(new Float64Array(cols), new Float64Array(cols).fill(1), false);
    const type: new (length: number) => FloatArray = dtype === "float32" ? Float32Array : Float64Array;
    const { values } = await runJob(effectiveNJobs(), options, (job) =>
      mapRows(table, copy, cols, type, job, options.signal),
    );
    return new Matrix(values as T, [rows, cols]);
  }

  protected async table(X: MatrixLike, method: string, { signal }: RunOptions): Promise<ChunkedMatrix> {
    const where = `${this.className}.${method}`;
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const narrow = X instanceof Matrix && X.data instanceof Float32Array;
    const table = await ChunkedMatrix.from(source, { dtype: narrow ? "float32" : "float64", signal });
    if (!this.tags.allowNaN) await refuseNonFinite(table, where, signal);
    return table;
  }
}

/** The names of fit's columns, or made-up ones. @throws TreelineError ERR_INVALID_ARGUMENT for others than fit saw. */
export function namesOf(
  className: string,
  { nFeaturesIn, featureNamesIn }: FittedBase,
  inputFeatures: readonly string[] | undefined,
): string[] {
  const where = `${className}.getFeatureNamesOut`;
  if (inputFeatures !== undefined && inputFeatures.length !== nFeaturesIn) {
    throw invalidArgument(`${where}: inputFeatures has ${inputFeatures.length} names, expected ${nFeaturesIn}`);
  }
  const names = featureNamesIn ?? inputFeatures;
  if (inputFeatures?.some((name, j) => name !== names?.[j])) {
    throw invalidArgument(`${where}: inputFeatures must be the feature names of fit`);
  }
  return Array.from({ length: nFeaturesIn }, (_, j) => names?.[j] ?? `x${j}`);
}

/** Refuses NaN and infinities. @throws TreelineError ERR_INVALID_DATA */
export async function refuseNonFinite(X: ChunkedMatrix, where: string, signal: AbortSignal | undefined): Promise<void> {
  const [finite] = (await computeAll([X.isFinite().sum({ axis: 0 })], { signal })) as [Float64Array];
  const j = finite.findIndex((count) => count < X.rows);
  if (j < 0) return;
  const column = X.featureNames === undefined ? String(j) : JSON.stringify(X.featureNames[j]);
  throw invalidData(`${where}: X holds NaN or an infinite value in column ${column}; all values must be finite`);
}

/** Refuses infinities in X; NaN may stand for missing values. @throws TreelineError ERR_INVALID_DATA */
export async function refuseInfinities(
  X: ChunkedMatrix,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [largest] = (await computeAll([X.abs().nanMax({ axis: 0 })], { signal })) as [Float64Array];
  refuseInfinite(largest, X, where);
}

/** Refuses infinities, which make of a column's statistics what no value is. @throws TreelineError ERR_INVALID_DATA */
export function refuseInfinite(values: Float64Array, X: ChunkedMatrix, where: string): void {
  const j = values.findIndex((value) => value === Infinity || value === -Infinity);
  if (j < 0) return;
  const column = X.featureNames === undefined ? String(j) : JSON.stringify(X.featureNames[j]);
  throw invalidData(`${where}: X holds an infinite value in column ${column}: only NaN may stand for a missing one`);
}
