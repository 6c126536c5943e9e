import type { FittedBase } from "../base/estimator.js";
import { boolean, custom, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import type { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
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
    this.checkFeatures("inverseTransform", rowSourceOf(X, "RobustScaler.inverseTransform: X"));
    const table = await this.table(X, "inverseTransform", options);
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

/** The quantile of the standard normal distribution (P. J. Acklam's approximation, refined by a step of Halley's). */
export function normalQuantile(p: number): number {
  if (p <= 0) return -Infinity;
  if (p >= 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const q = Math.sqrt(-2 * Math.log(p));
  const poly = (c: readonly number[], x: number): number => c.reduce((sum, k) => sum * x + k, 0);
  let x: number;
  if (p < 0.02425) {
    x =
      poly(
        [
          -7.784894002430293e-3, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
          2.938163982698783,
        ],
        q,
      ) /
      (poly([7.784695709041462e-3, 0.3224671290700398, 2.445134137142996, 3.754408661907416], q) * q + 1);
  } else {
    const u = p - 0.5;
    const r = u * u;
    x =
      (poly(
        [
          -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
          2.506628277459239,
        ],
        r,
      ) *
        u) /
      (poly([-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572], r) * r +
        1);
  }
  const e = 0.5 * erfc(-x / Math.SQRT2) - p;
  const step = e * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2);
  return x - step / (1 + (x * step) / 2);
}

/** The complementary error function, by its continued fraction or series: about 15 digits. */
function erfc(x: number): number {
  const z = Math.abs(x);
  let tail: number;
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    tail = 1 - (2 / Math.sqrt(Math.PI)) * sum;
  } else {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (z + fraction);
    tail = Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction));
  }
  return x < 0 ? 2 - tail : tail;
}
