import { invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, custom, nullable, number, type ParamSpecs } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { tableColumn } from "../data/table-columns.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import { sortedOrder } from "./sorted-order.js";

/** Parameters of IsotonicRegression. */
export interface IsotonicRegressionParams {
  /** Least value of predictions. Default null: no bound. */
  yMin: number | null;
  /** Greatest value of predictions. Default null: no bound. */
  yMax: number | null;
  /** Predictions rise with X (default true), fall, or as the rank correlation says ("auto"). */
  increasing: boolean | "auto";
  /** Values outside of fit's X: NaN ("nan", default), the nearest prediction ("clip"), or an error ("raise"). */
  outOfBounds: "nan" | "clip" | "raise";
}

const SPECS: ParamSpecs<IsotonicRegressionParams> = {
  yMin: nullable(number(0)),
  yMax: nullable(number(0)),
  increasing: custom<boolean | "auto">(
    true,
    'true, false or "auto"',
    (value) => typeof value === "boolean" || value === "auto",
    1,
  ),
  outOfBounds: choice("nan", ["nan", "clip", "raise"]),
};

interface Fitted extends FittedBase {
  /** Corners of the piecewise linear function, ascending in x. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly increasing: boolean;
}

/** Options of IsotonicRegression.fit. */
export interface IsotonicFitOptions extends RunOptions {
  /** One non-negative weight a row; rows of weight 0 are left out. */
  readonly sampleWeight?: VectorLike | undefined;
}

/**
 * The rising (or falling) function that is nearest to the data in squared error, by pooling adjacent violators: scikit-learn's
 * IsotonicRegression. X has one column, or is a column.
 *
 * @example
 * const model = await new IsotonicRegression({ outOfBounds: "clip" }).fit([1, 2, 3, 4], [1, 3, 2, 4]);
 * await model.predict([2.5]); // 2.5
 */
export class IsotonicRegression extends BaseEstimator<IsotonicRegressionParams, Fitted> {
  constructor(params: Partial<IsotonicRegressionParams> = {}) {
    super("IsotonicRegression", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: false, requiresY: true, sampleWeight: true, oneColumn: true };
  }

  /** Learns the function. @throws TreelineError ERR_INVALID_DATA */
  async fit(X: MatrixLike | VectorLike, y: VectorLike, options: IsotonicFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "IsotonicRegression.fit";
    const { signal } = options;
    const { values, featureNames } = await columnOf(X, `${where}: X`, signal);
    const targets = await readTarget(y, `${where}: y`, signal);
    if (values.length === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    if (targets.length !== values.length) {
      throw invalidData(`${where}: y has ${targets.length} values, but X has ${values.length} rows`);
    }
    const weights = await readSampleWeight(options.sampleWeight, values.length, where);
    const { increasing: wanted, yMin, yMax } = this.params;
    const order = (await sortedOrder(values, targets, signal)).filter(
      (i) => weights === undefined || (weights[i] as number) > 0,
    );
    const increasing = wanted === "auto" ? await rises(values, targets, signal) : wanted;
    const points = distinct(order, values, targets, weights);
    const fitted = pooled(points.y, points.weight, increasing);
    const [low, high] = [yMin ?? -Infinity, yMax ?? Infinity];
    const bounded = fitted.map((value) => Math.min(high, Math.max(low, value)));
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: featureNames, increasing, ...corners(points.x, bounded) });
    return this;
  }

  /** The function at each value of X: a number a row. @throws TreelineError ERR_INVALID_DATA with outOfBounds "raise". */
  async predict(X: MatrixLike | VectorLike, options: RunOptions = {}): Promise<Float64Array> {
    const { x, y } = this.fitted("predict");
    const where = "IsotonicRegression.predict";
    const { values } = await columnOf(X, `${where}: X`, options.signal);
    const { outOfBounds } = this.params;
    const [first, last] = [x[0] as number, x.at(-1) as number];
    if (outOfBounds === "raise") {
      const row = values.findIndex((value) => value < first || value > last);
      if (row >= 0) {
        throw invalidData(
          `${where}: row ${row} of X is ${values[row]}, outside of fit's range ${first} … ${last}; outOfBounds "clip" takes the nearest`,
        );
      }
    }
    return values.map((value) => {
      if (outOfBounds === "nan" && (value < first || value > last)) return NaN;
      return interpolated(x, y, Math.min(last, Math.max(first, value)));
    });
  }

  /** predict under the name transformers have. */
  async transform(X: MatrixLike | VectorLike, options: RunOptions = {}): Promise<Float64Array> {
    return this.predict(X, options);
  }

  /** R² of predict(X) against y. */
  async score(X: MatrixLike | VectorLike, y: VectorLike, options: IsotonicFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** Least value of X in fit. */
  get XMin_(): number {
    return this.fitted("XMin_").x[0] as number;
  }

  /** Greatest value of X in fit. */
  get XMax_(): number {
    return this.fitted("XMax_").x.at(-1) as number;
  }

  /** Where the function bends, ascending. */
  get XThresholds_(): Float64Array {
    return this.fitted("XThresholds_").x;
  }

  /** The function there. */
  get yThresholds_(): Float64Array {
    return this.fitted("yThresholds_").y;
  }

  /** Whether the function rises. */
  get increasing_(): boolean {
    return this.fitted("increasing_").increasing;
  }
}

/** The one column of X. */
async function columnOf(
  X: MatrixLike | VectorLike,
  where: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly values: Float64Array; readonly featureNames: readonly string[] | undefined }> {
  const isTable =
    X instanceof Matrix ||
    X instanceof CsrMatrix ||
    (Array.isArray(X) ? typeof X[0] === "object" : "chunks" in X || "schema" in X);
  if (!isTable) return { values: await readTarget(X as VectorLike, where, signal), featureNames: undefined };
  const source = rowSourceOf(X as MatrixLike, where);
  if (source.nFeatures !== 1) throw invalidData(`${where} must be one column, got ${source.nFeatures} features`);
  const values = await readTarget(await tableColumn(X as MatrixLike, 0, where, signal), where, signal);
  return { values, featureNames: source.featureNames };
}

/** Whether y rises with X: by Spearman's rank correlation, as scikit-learn's check_increasing. */
async function rises(x: Float64Array, y: Float64Array, signal: AbortSignal | undefined): Promise<boolean> {
  const ranks = async (values: Float64Array): Promise<Float64Array> => {
    const order = await sortedOrder(values, values, signal);
    const out = new Float64Array(values.length);
    for (let i = 0; i < order.length;) {
      let j = i;
      while (j < order.length && values[order[j] as number] === values[order[i] as number]) j++;
      for (let k = i; k < j; k++) out[order[k] as number] = (i + j - 1) / 2;
      i = j;
    }
    return out;
  };
  const [a, b] = [await ranks(x), await ranks(y)];
  const middle = (x.length - 1) / 2;
  return a.reduce((sum, rank, i) => sum + (rank - middle) * ((b[i] as number) - middle), 0) >= 0;
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly weight: Float64Array;
}

/** Rows of the same x as one point: the weighted mean of their y. */
function distinct(order: Int32Array, x: Float64Array, y: Float64Array, weights: Float64Array | undefined): Points {
  const out = {
    x: new Float64Array(order.length),
    y: new Float64Array(order.length),
    weight: new Float64Array(order.length),
  };
  let n = 0;
  for (let i = 0; i < order.length;) {
    const at = x[order[i] as number] as number;
    let [sum, weight] = [0, 0];
    for (; i < order.length && (x[order[i] as number] as number) - at < 1e-15; i++) {
      const row = order[i] as number;
      const w = weights?.[row] ?? 1;
      sum += w * (y[row] as number);
      weight += w;
    }
    out.x[n] = at;
    out.y[n] = sum / weight;
    out.weight[n++] = weight;
  }
  return { x: out.x.slice(0, n), y: out.y.slice(0, n), weight: out.weight.slice(0, n) };
}

/** Adjacent points that violate the order are pooled to their weighted mean, until none do. */
function pooled(y: Float64Array, weight: Float64Array, increasing: boolean): Float64Array {
  const n = y.length;
  const [means, weights, ends] = [new Float64Array(n), new Float64Array(n), new Int32Array(n)];
  let blocks = 0;
  for (let k = 0; k < n; k++) {
    const i = increasing ? k : n - 1 - k;
    let [sum, total] = [(y[i] as number) * (weight[i] as number), weight[i] as number];
    while (blocks > 0 && (means[blocks - 1] as number) >= sum / total) {
      blocks--;
      sum += (means[blocks] as number) * (weights[blocks] as number);
      total += weights[blocks] as number;
    }
    means[blocks] = sum / total;
    weights[blocks] = total;
    ends[blocks++] = k + 1;
  }
  const out = new Float64Array(n);
  for (let b = 0, k = 0; b < blocks; b++) {
    for (; k < (ends[b] as number); k++) out[increasing ? k : n - 1 - k] = means[b] as number;
  }
  return out;
}

/** Points between equal neighbours say nothing. */
function corners(x: Float64Array, y: Float64Array): { readonly x: Float64Array; readonly y: Float64Array } {
  const kept = Array.from(y, (_, i) => i).filter(
    (i) => i === 0 || i === y.length - 1 || y[i] !== y[i - 1] || y[i] !== y[i + 1],
  );
  return { x: Float64Array.from(kept, (i) => x[i] as number), y: Float64Array.from(kept, (i) => y[i] as number) };
}

function interpolated(x: Float64Array, y: Float64Array, at: number): number {
  if (Number.isNaN(at)) throw invalidData(`IsotonicRegression.predict: X holds ${show(at)}; all values must be finite`);
  let [low, high] = [0, x.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] as number) <= at) low = middle;
    else high = middle;
  }
  const [x0, x1] = [x[low] as number, x[high] as number];
  if (x1 === x0 || at <= x0) return y[low] as number;
  if (at >= x1) return y[high] as number;
  return (y[low] as number) + ((at - x0) / (x1 - x0)) * ((y[high] as number) - (y[low] as number));
}
