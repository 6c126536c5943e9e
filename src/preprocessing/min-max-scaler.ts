import type { FittedBase } from "../base/estimator.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import type { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { ChunkedTransformer, refuseInfinite } from "./chunked-transformer.js";

/** Parameters of MinMaxScaler. */
export interface MinMaxScalerParams {
  /** Where the least and the greatest value of each column go. Default [0, 1]. */
  featureRange: readonly [low: number, high: number];
  /** Keep what lies outside of fit's range within featureRange. Default false. */
  clip: boolean;
}

const SPECS: ParamSpecs<MinMaxScalerParams> = {
  featureRange: custom<MinMaxScalerParams["featureRange"]>(
    [0, 1],
    "two numbers [low, high], low < high",
    (value) =>
      Array.isArray(value) && value.length === 2 && value.every((x) => Number.isFinite(x)) && value[0] < value[1],
    [1, 0],
  ),
  clip: boolean(false),
};

interface Fitted extends FittedBase {
  readonly dataMin: Float64Array;
  readonly dataMax: Float64Array;
  readonly rows: number;
}

/**
 * Brings every column to a range, [0, 1] by default: scikit-learn's MinMaxScaler. Missing values (NaN) are left out of fit
 * and stay. Constant columns become the low end.
 *
 * @example const Z = await new MinMaxScaler().fitTransform([[1, 10], [3, 30]]); // 0 0, 1 1
 */
export class MinMaxScaler extends ChunkedTransformer<MinMaxScalerParams, Fitted> {
  constructor(params: Partial<MinMaxScalerParams> = {}) {
    super("MinMaxScaler", SPECS, params);
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: RunOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const axis = { axis: 0 } as const;
    const [dataMin, dataMax] = (await computeAll([X.nanMin(axis), X.nanMax(axis)], { signal: options.signal })) as [
      Float64Array,
      Float64Array,
    ];
    refuseInfinite(dataMin, X, where);
    refuseInfinite(dataMax, X, where);
    return { dataMin, dataMax, rows: X.rows };
  }

  /**
   * Learns from more rows: ranges become those of all rows seen since the last fit.
   *
   * @throws TreelineError ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, y?: unknown, options: RunOptions = {}): Promise<this> {
    const before = this.fittedOrUndefined;
    if (before === undefined) return this.fit(X, y, options);
    this.checkParams();
    this.checkFeatures("partialFit", rowSourceOf(X, "MinMaxScaler.partialFit: X"));
    const more = await this.learn(await this.table(X, "partialFit", options), "MinMaxScaler.partialFit", options);
    const both = (a: Float64Array, b: Float64Array, of: (x: number, y: number) => number): Float64Array =>
      a.map((x, j) => (Number.isNaN(x) ? (b[j] as number) : Number.isNaN(b[j]) ? x : of(x, b[j] as number)));
    this.setFitted({
      ...before,
      dataMin: both(before.dataMin, more.dataMin, Math.min),
      dataMax: both(before.dataMax, more.dataMax, Math.max),
      rows: before.rows + more.rows,
    });
    return this;
  }

  protected override apply(X: ChunkedMatrix, fitted: Fitted): ChunkedMatrix {
    const { featureRange, clip } = this.params;
    const Z = X.multiply(scaleOf(fitted, featureRange)).add(offsetOf(fitted, featureRange));
    return clip ? Z.clip(featureRange[0], featureRange[1]) : Z;
  }

  /** Back to original values. */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const fitted = this.fitted("inverseTransform");
    const table = await this.seen(X, "inverseTransform", options);
    const { featureRange } = this.params;
    return this.answer(table.subtract(offsetOf(fitted, featureRange)).divide(scaleOf(fitted, featureRange)), options);
  }

  /** Least value of each column; NaN for one without values. */
  get dataMin_(): Float64Array {
    return this.fitted("dataMin_").dataMin;
  }

  /** Greatest value of each column. */
  get dataMax_(): Float64Array {
    return this.fitted("dataMax_").dataMax;
  }

  /** dataMax_ - dataMin_. */
  get dataRange_(): Float64Array {
    const { dataMin, dataMax } = this.fitted("dataRange_");
    return dataMax.map((high, j) => high - (dataMin[j] as number));
  }

  /** What columns are multiplied by. */
  get scale_(): Float64Array {
    return scaleOf(this.fitted("scale_"), this.params.featureRange);
  }

  /** What is added after that. */
  get min_(): Float64Array {
    return offsetOf(this.fitted("min_"), this.params.featureRange);
  }

  /** Rows seen. */
  get nSamplesSeen_(): number {
    return this.fitted("nSamplesSeen_").rows;
  }
}

function scaleOf({ dataMin, dataMax }: Fitted, [low, high]: readonly [number, number]): Float64Array {
  return dataMin.map((least, j) => (high - low) / nonZero((dataMax[j] as number) - least));
}

function offsetOf(fitted: Fitted, range: readonly [number, number]): Float64Array {
  const scale = scaleOf(fitted, range);
  return fitted.dataMin.map((least, j) => range[0] - least * (scale[j] as number));
}

/** What to divide by: 1 for nothing (scikit-learn's _handle_zeros_in_scale). */
export function nonZero(scale: number): number {
  return Math.abs(scale) < 10 * Number.EPSILON ? 1 : scale;
}

/** Parameters of MaxAbsScaler. */
export interface MaxAbsScalerParams {
  /** Keep what is larger than anything in fit within [-1, 1]. Default false. */
  clip: boolean;
}

interface MaxAbsFitted extends FittedBase {
  readonly maxAbs: Float64Array;
  readonly rows: number;
}

/**
 * Divides every column by its largest absolute value: scikit-learn's MaxAbsScaler. Zeros stay zeros.
 *
 * @example const Z = await new MaxAbsScaler().fitTransform([[1, -10], [-2, 5]]); // 0.5 -1, -1 0.5
 */
export class MaxAbsScaler extends ChunkedTransformer<MaxAbsScalerParams, MaxAbsFitted> {
  constructor(params: Partial<MaxAbsScalerParams> = {}) {
    super("MaxAbsScaler", { clip: boolean(false) }, params);
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: RunOptions,
  ): Promise<Omit<MaxAbsFitted, keyof FittedBase>> {
    const [maxAbs] = (await computeAll([X.abs().nanMax({ axis: 0 })], { signal: options.signal })) as [Float64Array];
    refuseInfinite(maxAbs, X, where);
    return { maxAbs, rows: X.rows };
  }

  /** Learns from more rows. @throws TreelineError ERR_INVALID_DATA */
  async partialFit(X: MatrixLike, y?: unknown, options: RunOptions = {}): Promise<this> {
    const before = this.fittedOrUndefined;
    if (before === undefined) return this.fit(X, y, options);
    this.checkParams();
    this.checkFeatures("partialFit", rowSourceOf(X, "MaxAbsScaler.partialFit: X"));
    const more = await this.learn(await this.table(X, "partialFit", options), "MaxAbsScaler.partialFit", options);
    const maxAbs = before.maxAbs.map((x, j) => {
      const other = more.maxAbs[j] as number;
      return Number.isNaN(x) ? other : Number.isNaN(other) ? x : Math.max(x, other);
    });
    this.setFitted({ ...before, maxAbs, rows: before.rows + more.rows });
    return this;
  }

  protected override apply(X: ChunkedMatrix, { maxAbs }: MaxAbsFitted): ChunkedMatrix {
    const Z = X.divide(maxAbs.map(nonZero));
    return this.params.clip ? Z.clip(-1, 1) : Z;
  }

  /** Back to original values. */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const { maxAbs } = this.fitted("inverseTransform");
    const table = await this.seen(X, "inverseTransform", options);
    return this.answer(table.multiply(maxAbs.map(nonZero)), options);
  }

  /** The largest absolute value of each column; NaN for one without values. */
  get maxAbs_(): Float64Array {
    return this.fitted("maxAbs_").maxAbs;
  }

  /** What columns are divided by. */
  get scale_(): Float64Array {
    return this.fitted("scale_").maxAbs.map(nonZero);
  }

  /** Rows seen. */
  get nSamplesSeen_(): number {
    return this.fitted("nSamplesSeen_").rows;
  }
}
