import { BaseEstimator, type FittedBase } from "../base/estimator.js";
import { invalidData, warnData } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { selectColumns } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { namesOf, refuseNonFinite } from "../preprocessing/chunked-transformer.js";

/** What every selector learns. */
export interface SelectorFitted extends FittedBase {
  /** Which features are kept. */
  readonly support: readonly boolean[];
}

/** Transformers that keep some of the features and drop the others. */
export abstract class FeatureSelector<P extends object, F extends SelectorFitted> extends BaseEstimator<P, F> {
  /** Which features are kept: a mask, or with `indices` their numbers. @throws TreelineError ERR_NOT_FITTED */
  getSupport(options?: { readonly indices?: false | undefined }): boolean[];
  getSupport(options: { readonly indices: true }): number[];
  getSupport({ indices = false }: { readonly indices?: boolean | undefined } = {}): boolean[] | number[] {
    const { support } = this.fitted("getSupport");
    return indices ? indicesOf(support) : [...support];
  }

  /**
   * The features that are kept: a Matrix, float32 for a Matrix of float32, else float64; of a CsrMatrix a CsrMatrix.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async transform<T extends FloatArray = Float64Array>(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<T>> {
    const { support } = this.fitted("transform");
    const where = `${this.className}.transform`;
    const source = rowSourceOf(X, `${where}: X`);
    this.checkFeatures("transform", source);
    const kept = indicesOf(support);
    if (kept.length === 0) {
      warnData(`${where}: no features were selected: either the data are too noisy, or the test is too strict`);
    }
    const { signal } = options;
    const narrow = X instanceof Matrix && X.data instanceof Float32Array;
    const table = await ChunkedMatrix.from(source, { dtype: narrow ? "float32" : "float64", signal });
    if (!this.tags.allowNaN) await refuseNonFinite(table, where, signal);
    if (X instanceof CsrMatrix) return selectColumns(X, kept, `${where}: X`) as unknown as Matrix<T>;
    const type = narrow ? Float32Array : Float64Array;
    if (kept.length === 0) return new Matrix(new type(0), [table.rows, 0]) as unknown as Matrix<T>;
    return (await table.select(...kept).toMatrix({ signal })) as unknown as Matrix<T>;
  }

  /** fit, then transform of the same X. */
  async fitTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    y?: VectorLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    return ((await this.fit(X, y, options)) as this).transform<T>(X, options);
  }

  /** Learns which features to keep. */
  abstract fit(X: MatrixLike, y?: VectorLike, options?: RunOptions): Promise<this>;

  /**
   * The table with as many features as in fit: zeros where features were dropped. A CsrMatrix stays one.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const { support } = this.fitted("inverseTransform");
    const where = `${this.className}.inverseTransform`;
    const kept = indicesOf(support);
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures !== kept.length) {
      throw invalidData(`${where}: X has ${source.nFeatures} features, but ${kept.length} were selected`);
    }
    const cols = support.length;
    if (X instanceof CsrMatrix) {
      const indices = X.indices.map((j) => kept[j] as number);
      return new CsrMatrix(X.data, indices, X.indptr, [X.rows, cols]) as unknown as Matrix<T>;
    }
    const narrow = X instanceof Matrix && X.data instanceof Float32Array;
    const { signal } = options;
    const table = await ChunkedMatrix.from(source, { dtype: narrow ? "float32" : "float64", signal });
    refuseTooLarge(table.rows * cols * (narrow ? 4 : 8), where, "give fewer rows at a time");
    const given = kept.length === 0 ? undefined : await table.toMatrix({ signal });
    const data = new (narrow ? Float32Array : Float64Array)(table.rows * cols);
    kept.forEach((j, k) => data.set((given as Matrix).column(k), j * table.rows));
    return new Matrix(data, [table.rows, cols], "column") as unknown as Matrix<T>;
  }

  /**
   * Names of the features that are kept: those of fit, or x0, x1, … where there were none.
   *
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_ARGUMENT for inputFeatures that are not those of fit.
   */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    return namesOf(this.className, fitted, inputFeatures).filter((_, j) => fitted.support[j]);
  }
}

/** The places of true. */
export function indicesOf(mask: readonly boolean[]): number[] {
  return mask.flatMap((kept, j) => (kept ? [j] : []));
}
