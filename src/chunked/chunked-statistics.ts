import type { Matrix } from "../data/matrix.js";
import type { ChunkedMatrix } from "./chunked-matrix.js";
import { bincount, histogram, unique, type Histogram, type HistogramOptions, type UniqueValues } from "./counts.js";
import { Elementwise } from "./elementwise.js";
import type { Node } from "./node.js";
import { nodeOf } from "./operands.js";
import { quantiles, rowQuantiles, shaped, type QuantileOptions } from "./quantile.js";
import { Reduction } from "./reduction.js";
import * as statistics from "./statistics.js";
import { asBoolean, checkAxis, columnsAxis, mapped, type Axis, type NaNRule, type Reduced } from "./statistics.js";

/** A reduction of all values to one number. */
export interface WholeOptions {
  readonly axis?: null | undefined;
}

/** A reduction of each column. */
export interface ColumnsOptions {
  readonly axis: 0;
}

/** A reduction of each row. */
export interface RowsOptions {
  readonly axis: 1;
}

/** Of variance and std. */
export interface Ddof {
  /** The divisor is n - ddof. Default 0. */
  readonly ddof?: number | undefined;
}

/** Of norm. */
export interface Ord {
  /** 2 (Euclidean; of the whole matrix Frobenius), 1 (sum of absolute values) or Infinity (the greatest). Default 2. */
  readonly ord?: number | undefined;
}

type AnyOptions = (WholeOptions | ColumnsOptions | RowsOptions) & Ddof & Ord;
type Quantiles = Reduction<number | Float64Array | Matrix> | ChunkedMatrix;
type Result = Reduction<number> | Reduction<Float64Array> | ChunkedMatrix;

/**
 * The reductions of a ChunkedMatrix. `axis: null` (the default) reduces all values to one number, `axis: 0` each column to
 * one, a Float64Array; both are a Reduction, computed when it is awaited or by `compute`. `axis: 1` reduces each row: another
 * lazy ChunkedMatrix, of one column. NaN makes a result NaN; the nan… twins leave it out. Sums are made in float64, by slots
 * of 1,024 rows, and merged in order: the same bits whatever the chunk size and nJobs.
 *
 * @example await X.mean(); await X.mean({ axis: 0 }); X.divide(X.norm({ axis: 1 }));
 */
export abstract class Statistics extends Elementwise {
  /** Sum of the values; 0 of none. */
  sum(options?: WholeOptions): Reduction<number>;
  sum(options: ColumnsOptions): Reduction<Float64Array>;
  sum(options: RowsOptions): ChunkedMatrix;
  sum(options: AnyOptions = {}): Result {
    return this.#reduce("sum", options, (node, axis, where) => statistics.sum(node, axis, "propagate", where));
  }

  /** Sum of the values that are not NaN; 0 of none. */
  nanSum(options?: WholeOptions): Reduction<number>;
  nanSum(options: ColumnsOptions): Reduction<Float64Array>;
  nanSum(options: RowsOptions): ChunkedMatrix;
  nanSum(options: AnyOptions = {}): Result {
    return this.#reduce("nanSum", options, (node, axis, where) => statistics.sum(node, axis, "omit", where));
  }

  /** Mean of the values; NaN of none. */
  mean(options?: WholeOptions): Reduction<number>;
  mean(options: ColumnsOptions): Reduction<Float64Array>;
  mean(options: RowsOptions): ChunkedMatrix;
  mean(options: AnyOptions = {}): Result {
    return this.#reduce("mean", options, (node, axis, where) => statistics.mean(node, axis, "propagate", where));
  }

  /** Mean of the values that are not NaN; NaN of none. */
  nanMean(options?: WholeOptions): Reduction<number>;
  nanMean(options: ColumnsOptions): Reduction<Float64Array>;
  nanMean(options: RowsOptions): ChunkedMatrix;
  nanMean(options: AnyOptions = {}): Result {
    return this.#reduce("nanMean", options, (node, axis, where) => statistics.mean(node, axis, "omit", where));
  }

  /** Variance, sum of squared deviations / (n - ddof), merged stably (Chan, Golub, LeVeque 1979). */
  variance(options?: WholeOptions & Ddof): Reduction<number>;
  variance(options: ColumnsOptions & Ddof): Reduction<Float64Array>;
  variance(options: RowsOptions & Ddof): ChunkedMatrix;
  variance(options: AnyOptions = {}): Result {
    return this.#reduce(
      "variance",
      options,
      (node, axis, where) => statistics.variance(node, axis, options.ddof ?? 0, "propagate", where),
      ["ddof"],
    );
  }

  /** Standard deviation: the root of the variance. */
  std(options?: WholeOptions & Ddof): Reduction<number>;
  std(options: ColumnsOptions & Ddof): Reduction<Float64Array>;
  std(options: RowsOptions & Ddof): ChunkedMatrix;
  std(options: AnyOptions = {}): Result {
    return this.#reduce(
      "std",
      options,
      (node, axis, where) =>
        statistics.root(statistics.variance(node, axis, options.ddof ?? 0, "propagate", where), where),
      ["ddof"],
    );
  }

  /** Variance of the values that are not NaN, sum of squared deviations / (n - ddof), merged stably (Chan, Golub, LeVeque 1979). */
  nanVariance(options?: WholeOptions & Ddof): Reduction<number>;
  nanVariance(options: ColumnsOptions & Ddof): Reduction<Float64Array>;
  nanVariance(options: RowsOptions & Ddof): ChunkedMatrix;
  nanVariance(options: AnyOptions = {}): Result {
    return this.#reduce(
      "nanVariance",
      options,
      (node, axis, where) => statistics.variance(node, axis, options.ddof ?? 0, "omit", where),
      ["ddof"],
    );
  }

  /** Standard deviation of the values that are not NaN: the root of the variance. */
  nanStd(options?: WholeOptions & Ddof): Reduction<number>;
  nanStd(options: ColumnsOptions & Ddof): Reduction<Float64Array>;
  nanStd(options: RowsOptions & Ddof): ChunkedMatrix;
  nanStd(options: AnyOptions = {}): Result {
    return this.#reduce(
      "nanStd",
      options,
      (node, axis, where) => statistics.root(statistics.variance(node, axis, options.ddof ?? 0, "omit", where), where),
      ["ddof"],
    );
  }

  /** The least value. @throws TreelineError ERR_INVALID_DATA for no values. */
  min(options?: WholeOptions): Reduction<number>;
  min(options: ColumnsOptions): Reduction<Float64Array>;
  min(options: RowsOptions): ChunkedMatrix;
  min(options: AnyOptions = {}): Result {
    return this.#reduce("min", options, (node, axis, where) =>
      statistics.extreme(node, axis, "min", "propagate", where),
    );
  }

  /** The least value that is not NaN; NaN where there is none. @throws TreelineError ERR_INVALID_DATA for no values. */
  nanMin(options?: WholeOptions): Reduction<number>;
  nanMin(options: ColumnsOptions): Reduction<Float64Array>;
  nanMin(options: RowsOptions): ChunkedMatrix;
  nanMin(options: AnyOptions = {}): Result {
    return this.#reduce("nanMin", options, (node, axis, where) => statistics.extreme(node, axis, "min", "omit", where));
  }

  /** The greatest value. @throws TreelineError ERR_INVALID_DATA for no values. */
  max(options?: WholeOptions): Reduction<number>;
  max(options: ColumnsOptions): Reduction<Float64Array>;
  max(options: RowsOptions): ChunkedMatrix;
  max(options: AnyOptions = {}): Result {
    return this.#reduce("max", options, (node, axis, where) =>
      statistics.extreme(node, axis, "max", "propagate", where),
    );
  }

  /** The greatest value that is not NaN; NaN where there is none. @throws TreelineError ERR_INVALID_DATA for no values. */
  nanMax(options?: WholeOptions): Reduction<number>;
  nanMax(options: ColumnsOptions): Reduction<Float64Array>;
  nanMax(options: RowsOptions): ChunkedMatrix;
  nanMax(options: AnyOptions = {}): Result {
    return this.#reduce("nanMax", options, (node, axis, where) => statistics.extreme(node, axis, "max", "omit", where));
  }

  /** Where the least value is, or the first NaN: the first of several. Row (axis 0), column (axis 1), or row-major index. */
  argmin(options?: WholeOptions): Reduction<number>;
  argmin(options: ColumnsOptions): Reduction<Float64Array>;
  argmin(options: RowsOptions): ChunkedMatrix;
  argmin(options: AnyOptions = {}): Result {
    return this.#reduce("argmin", options, (node, axis, where) =>
      statistics.argExtreme(node, axis, "min", "propagate", where),
    );
  }

  /** Where the least value is that is not NaN. @throws TreelineError ERR_INVALID_DATA where there is nothing but NaN (axis 0, null). */
  nanArgmin(options?: WholeOptions): Reduction<number>;
  nanArgmin(options: ColumnsOptions): Reduction<Float64Array>;
  nanArgmin(options: RowsOptions): ChunkedMatrix;
  nanArgmin(options: AnyOptions = {}): Result {
    return this.#reduce("nanArgmin", options, (node, axis, where) =>
      statistics.argExtreme(node, axis, "min", "omit", where),
    );
  }

  /** Where the greatest value is, or the first NaN: the first of several. Row (axis 0), column (axis 1), or row-major index. */
  argmax(options?: WholeOptions): Reduction<number>;
  argmax(options: ColumnsOptions): Reduction<Float64Array>;
  argmax(options: RowsOptions): ChunkedMatrix;
  argmax(options: AnyOptions = {}): Result {
    return this.#reduce("argmax", options, (node, axis, where) =>
      statistics.argExtreme(node, axis, "max", "propagate", where),
    );
  }

  /** Where the greatest value is that is not NaN. @throws TreelineError ERR_INVALID_DATA where there is nothing but NaN (axis 0, null). */
  nanArgmax(options?: WholeOptions): Reduction<number>;
  nanArgmax(options: ColumnsOptions): Reduction<Float64Array>;
  nanArgmax(options: RowsOptions): ChunkedMatrix;
  nanArgmax(options: AnyOptions = {}): Result {
    return this.#reduce("nanArgmax", options, (node, axis, where) =>
      statistics.argExtreme(node, axis, "max", "omit", where),
    );
  }

  /** How many values are not NaN. */
  count(options?: WholeOptions): Reduction<number>;
  count(options: ColumnsOptions): Reduction<Float64Array>;
  count(options: RowsOptions): ChunkedMatrix;
  count(options: AnyOptions = {}): Result {
    return this.#reduce("count", options, (node, axis, where) => statistics.count(node, axis, where));
  }

  /** Whether a value is not 0 (NaN is not). Rows (axis 1): 1 or 0. */
  any(options?: WholeOptions): Reduction<boolean>;
  any(options: ColumnsOptions): Reduction<Uint8Array>;
  any(options: RowsOptions): ChunkedMatrix;
  any(options: AnyOptions = {}): Reduction<boolean> | Reduction<Uint8Array> | ChunkedMatrix {
    return this.#truth("any", options, statistics.any);
  }

  /** Whether no value is 0. Rows (axis 1): 1 or 0. */
  all(options?: WholeOptions): Reduction<boolean>;
  all(options: ColumnsOptions): Reduction<Uint8Array>;
  all(options: RowsOptions): ChunkedMatrix;
  all(options: AnyOptions = {}): Reduction<boolean> | Reduction<Uint8Array> | ChunkedMatrix {
    return this.#truth("all", options, statistics.all);
  }

  /** Norm of the values as one vector: Euclidean (of a matrix: Frobenius), or as `ord` says. */
  norm(options?: WholeOptions & Ord): Reduction<number>;
  norm(options: ColumnsOptions & Ord): Reduction<Float64Array>;
  norm(options: RowsOptions & Ord): ChunkedMatrix;
  norm(options: AnyOptions = {}): Result {
    return this.#reduce("norm", options, (node, axis, where) => statistics.norm(node, axis, options.ord ?? 2, where), [
      "ord",
    ]);
  }

  /**
   * Quantiles: exact by default, whatever the size of the data, in a few passes and little memory; or sketched in one pass.
   * One number for one q; a Float64Array for several, or for columns; a Matrix of q × columns for both.
   *
   * @example const [low, high] = await X.quantile([0.01, 0.99]);
   */
  quantile(q: number, options?: QuantileOptions & WholeOptions): Reduction<number>;
  quantile(q: readonly number[], options?: QuantileOptions & WholeOptions): Reduction<Float64Array>;
  quantile(q: number, options: QuantileOptions & ColumnsOptions): Reduction<Float64Array>;
  quantile(q: readonly number[], options: QuantileOptions & ColumnsOptions): Reduction<Matrix>;
  quantile(q: number | readonly number[], options: QuantileOptions & RowsOptions): ChunkedMatrix;
  quantile(q: number | readonly number[], options: QuantileOptions = {}): Quantiles {
    return this.#quantile(q, options, "propagate", "quantile");
  }

  /** Quantiles of the values that are not NaN, as quantile. */
  nanQuantile(q: number, options?: QuantileOptions & WholeOptions): Reduction<number>;
  nanQuantile(q: readonly number[], options?: QuantileOptions & WholeOptions): Reduction<Float64Array>;
  nanQuantile(q: number, options: QuantileOptions & ColumnsOptions): Reduction<Float64Array>;
  nanQuantile(q: readonly number[], options: QuantileOptions & ColumnsOptions): Reduction<Matrix>;
  nanQuantile(q: number | readonly number[], options: QuantileOptions & RowsOptions): ChunkedMatrix;
  nanQuantile(q: number | readonly number[], options: QuantileOptions = {}): Quantiles {
    return this.#quantile(q, options, "omit", "nanQuantile");
  }

  /** The quantile 0.5. */
  median(options?: QuantileOptions & WholeOptions): Reduction<number>;
  median(options: QuantileOptions & ColumnsOptions): Reduction<Float64Array>;
  median(options: QuantileOptions & RowsOptions): ChunkedMatrix;
  median(options: QuantileOptions = {}): Result {
    return this.#quantile(0.5, options, "propagate", "median") as Result;
  }

  /** The median of the values that are not NaN. */
  nanMedian(options?: QuantileOptions & WholeOptions): Reduction<number>;
  nanMedian(options: QuantileOptions & ColumnsOptions): Reduction<Float64Array>;
  nanMedian(options: QuantileOptions & RowsOptions): ChunkedMatrix;
  nanMedian(options: QuantileOptions = {}): Result {
    return this.#quantile(0.5, options, "omit", "nanMedian") as Result;
  }

  /**
   * How many values lie in each bin, as numpy.histogram: counts of all values, or of each column. NaN is in no bin.
   *
   * @example const { counts, edges } = await X.histogram({ bins: 20, range: [0, 1] });
   * @throws TreelineError ERR_INVALID_DATA for infinite values where no range is given.
   */
  histogram(options: HistogramOptions = {}): Reduction<Histogram> {
    return histogram(nodeOf(this) as Node, options, "ChunkedMatrix.histogram");
  }

  /**
   * The different values of the matrix in ascending order, and how often each occurs: numpy.unique. -0 is 0. With axis 0 of
   * each column by itself.
   *
   * @throws TreelineError ERR_MEMORY_LIMIT when there are more different values than memoryLimit allows.
   */
  unique(options?: { readonly axis?: null | undefined }): Reduction<UniqueValues>;
  unique(options: { readonly axis: 0 }): Reduction<UniqueValues[]>;
  unique(options: { readonly axis?: 0 | null | undefined } = {}): Reduction<UniqueValues> | Reduction<UniqueValues[]> {
    const where = "ChunkedMatrix.unique";
    const axis = columnsAxis(checkAxis(options, where, ["axis"]), where);
    return unique(nodeOf(this) as Node, axis, where) as Reduction<UniqueValues>;
  }

  /**
   * How often each of 0, 1, 2, … occurs in a matrix of one column: numpy.bincount. With axis 0 in each column: a matrix of
   * columns × counts.
   *
   * @throws TreelineError ERR_INVALID_DATA for a value that is no non-negative integer.
   */
  bincount(options?: {
    readonly minLength?: number | undefined;
    readonly axis?: null | undefined;
  }): Reduction<Float64Array>;
  bincount(options: { readonly minLength?: number | undefined; readonly axis: 0 }): Reduction<Matrix<Float64Array>>;
  bincount(
    options: { readonly minLength?: number | undefined; readonly axis?: 0 | null | undefined } = {},
  ): Reduction<Float64Array> | Reduction<Matrix<Float64Array>> {
    const where = "ChunkedMatrix.bincount";
    const axis = columnsAxis(checkAxis(options, where, ["axis", "minLength"]), where);
    return bincount(nodeOf(this) as Node, axis, options.minLength ?? 0, where) as Reduction<Float64Array>;
  }

  #quantile(q: number | readonly number[], options: QuantileOptions, rule: NaNRule, name: string): Quantiles {
    const where = `ChunkedMatrix.${name}`;
    const { axis = null } = options;
    if (axis === 1) return rowQuantiles(this as unknown as ChunkedMatrix, q, options, rule, where);
    const found = quantiles(nodeOf(this) as Node, q, options, rule, where);
    return mapped(found, where, (values) => shaped(values, q, axis));
  }

  #reduce(
    name: string,
    options: AnyOptions,
    reduce: (node: Node, axis: Axis, where: string) => Reduced,
    extra: readonly string[] = [],
  ): Result {
    const where = `ChunkedMatrix.${name}`;
    const axis = checkAxis(options, where, ["axis", ...extra]);
    const reduced = reduce(nodeOf(this) as Node, axis, where);
    return reduced instanceof Reduction ? reduced : this.derive(reduced);
  }

  #truth(
    name: string,
    options: AnyOptions,
    reduce: (node: Node, axis: Axis, where: string) => Reduced,
  ): Reduction<boolean> | Reduction<Uint8Array> | ChunkedMatrix {
    const where = `ChunkedMatrix.${name}`;
    const reduced = asBoolean(reduce(nodeOf(this) as Node, checkAxis(options, where), where), where);
    return reduced instanceof Reduction ? reduced : this.derive(reduced);
  }
}
