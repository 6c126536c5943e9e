import type { FittedBase } from "../base/estimator.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import { normalQuantile } from "../datasets/portable-math.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { ChunkedTransformer, refuseInfinite } from "./chunked-transformer.js";
import { nonZero } from "./min-max-scaler.js";

/** Parameters of RobustScaler. */
export interface RobustScalerParams {
  /** Subtract the median. Default true. */
  withCentering: boolean;
  /** Divide by the distance of two quantiles. Default true. */
  withScaling: boolean;
  /** Which quantiles, in per cent. Default [25, 75]. */
  quantileRange: readonly [low: number, high: number];
  /** Scale so that normally distributed values have variance 1. Default false. */
  unitVariance: boolean;
}

const SPECS: ParamSpecs<RobustScalerParams> = {
  withCentering: boolean(true),
  withScaling: boolean(true),
  quantileRange: custom<RobustScalerParams["quantileRange"]>(
    [25, 75],
    "two percentages [low, high], low < high",
    (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((q) => typeof q === "number" && q >= 0 && q <= 100) &&
      value[0] < value[1],
    [75, 25],
  ),
  unitVariance: boolean(false),
};

interface Fitted extends FittedBase {
  readonly center: Float64Array | undefined;
  readonly scale: Float64Array | undefined;
}

/**
 * Centres columns at their median and divides by the distance of two quantiles, which outliers do not move: scikit-learn's
 * RobustScaler. Quantiles are exact. Missing values (NaN) are left out of fit and stay.
 *
 * @example const Z = await new RobustScaler().fitTransform(X);
 */
export class RobustScaler extends ChunkedTransformer<RobustScalerParams, Fitted> {
  constructor(params: Partial<RobustScalerParams> = {}) {
    super("RobustScaler", SPECS, params);
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: RunOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const { withCentering, withScaling, quantileRange, unitVariance } = this.params;
    const [low, high] = quantileRange;
    const [extremes, quantiles] = (await computeAll(
      [X.abs().nanMax({ axis: 0 }), X.nanQuantile([low / 100, 0.5, high / 100], { axis: 0 })],
      { signal: options.signal },
    )) as [Float64Array, Matrix];
    refuseInfinite(extremes, X, where);
    const row = (i: number): Float64Array => Float64Array.from({ length: X.cols }, (_, j) => quantiles.at(i, j));
    const [first, median, last] = [row(0), row(1), row(2)];
    const unit = unitVariance ? normalQuantile(high / 100) - normalQuantile(low / 100) : 1;
    return {
      center: withCentering ? median : undefined,
      scale: withScaling ? last.map((value, j) => nonZero(value - (first[j] as number)) / unit) : undefined,
    };
  }

  protected override apply(X: ChunkedMatrix, { center, scale }: Fitted): ChunkedMatrix {
    const centred = center === undefined ? X : X.subtract(center);
    return scale === undefined ? centred : centred.divide(scale);
  }

  /** Back to original values. */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const { center, scale } = this.fitted("inverseTransform");
    const table = await this.seen(X, "inverseTransform", options);
    const wide = scale === undefined ? table : table.multiply(scale);
    return this.answer(center === undefined ? wide : wide.add(center), options);
  }

  /** Medians; undefined without centering. */
  get center_(): Float64Array | undefined {
    return this.fitted("center_").center;
  }

  /** What columns are divided by; undefined without scaling. */
  get scale_(): Float64Array | undefined {
    return this.fitted("scale_").scale;
  }
}
