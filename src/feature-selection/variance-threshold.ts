import type { EstimatorTags } from "../base/estimator.js";
import { invalidData } from "../base/errors.js";
import { number, type ParamSpecs } from "../base/params.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { RunOptions } from "../native/job.js";
import { refuseInfinite } from "../preprocessing/chunked-transformer.js";
import { FeatureSelector, type SelectorFitted } from "./feature-selector.js";

/** Parameters of VarianceThreshold. */
export interface VarianceThresholdParams {
  /** Features whose variance is not greater are dropped. Default 0: those of one value. */
  threshold: number;
}

const SPECS: ParamSpecs<VarianceThresholdParams> = { threshold: number(0, { min: 0 }) };

interface Fitted extends SelectorFitted {
  readonly variances: Float64Array;
}

/**
 * Drops features that hardly vary: scikit-learn's VarianceThreshold. Missing values (NaN) are left out of the variance; with
 * threshold 0 a feature is dropped if it has one value, whatever its rounded variance is.
 *
 * @example const Z = await new VarianceThreshold().fitTransform([[0, 2, 0, 3], [0, 1, 4, 3], [0, 1, 1, 3]]); // columns 1, 2
 */
export class VarianceThreshold extends FeatureSelector<VarianceThresholdParams, Fitted> {
  constructor(params: Partial<VarianceThresholdParams> = {}) {
    super("VarianceThreshold", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /**
   * Learns the variances, in one pass: the same bits for any nJobs and any chunking of X. y does not matter.
   *
   * @throws TreelineError ERR_INVALID_DATA, also if no feature varies enough.
   */
  override async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "VarianceThreshold.fit";
    const source = rowSourceOf(X, `${where}: X`);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const { signal } = options;
    const table = await ChunkedMatrix.from(source, { dtype: "float64", signal });
    if (table.rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const axis = { axis: 0 } as const;
    const [least, most, count, variance] = (await computeAll(
      [table.nanMin(axis), table.nanMax(axis), table.count(axis), table.nanVariance(axis)],
      { signal },
    )) as [Float64Array, Float64Array, Float64Array, Float64Array];
    refuseInfinite(least, table, where);
    refuseInfinite(most, table, where);
    const { threshold } = this.params;
    // Of features without missing values scikit-learn tells the range where that is less than the variance.
    const variances = variance.map((v, j) => {
      const range = (most[j] as number) - (least[j] as number);
      if (threshold > 0 || Number.isNaN(v)) return v;
      return range === 0 || count[j] === table.rows ? Math.min(v, range) : v;
    });
    const support = Array.from(variances, (v) => v > threshold);
    if (!support.includes(true)) {
      const one = table.rows === 1 ? " (X has only one row)" : "";
      throw invalidData(`${where}: no feature in X meets the variance threshold ${threshold.toFixed(5)}${one}`);
    }
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, support, variances });
    return this;
  }

  /** Variance of every feature (divisor n); NaN for one without values. With threshold 0 its range where that is less. */
  get variances_(): Float64Array {
    return this.fitted("variances_").variances;
  }
}
