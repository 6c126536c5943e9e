import { invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { tableColumn, tableShape, type TableLike } from "../data/table-columns.js";
import { isBreak, takeBreak } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { namesOf } from "../preprocessing/chunked-transformer.js";
import { isMissing, missingValuesSpec, type MissingValue } from "./simple-imputer.js";

/** Parameters of MissingIndicator. */
export interface MissingIndicatorParams {
  /** What is missing besides null and NaN. Default NaN: nothing else. */
  missingValues: MissingValue;
  /** Columns for features that had missing values in fit ("missingOnly", default), or for "all". */
  features: "missingOnly" | "all";
  /** Refuse missing values in features that had none in fit. Default true. */
  errorOnNew: boolean;
}

const SPECS: ParamSpecs<MissingIndicatorParams> = {
  missingValues: missingValuesSpec(),
  features: choice("missingOnly", ["missingOnly", "all"]),
  errorOnNew: boolean(true),
};

interface Fitted extends FittedBase {
  readonly features: readonly number[];
  readonly complete: readonly number[];
}

/**
 * 1 where a value is missing, else 0: scikit-learn's MissingIndicator. X may hold strings.
 *
 * @example const M = await new MissingIndicator().fitTransform([[1, NaN], [3, 4]]); // one column: 1, 0
 */
export class MissingIndicator extends BaseEstimator<MissingIndicatorParams, Fitted> {
  constructor(params: Partial<MissingIndicatorParams> = {}) {
    super("MissingIndicator", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /** Learns which columns have missing values. @throws TreelineError ERR_INVALID_DATA */
  async fit(X: TableLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const { nFeatures, featureNames } = tableShape(X, "MissingIndicator.fit: X");
    if (nFeatures === 0) throw invalidData("MissingIndicator.fit: X has 0 features; at least 1 is needed");
    const all = Array.from({ length: nFeatures }, (_, j) => j);
    const has: boolean[] = [];
    for (const j of all) {
      const flags = await this.#flags(X, j, "fit", options);
      if (flags.length === 0) throw invalidData("MissingIndicator.fit: X has 0 rows; at least 1 is needed");
      has.push(flags.includes(1));
    }
    options.signal?.throwIfAborted();
    const features = this.params.features === "all" ? all : all.filter((j) => has[j]);
    const complete = all.filter((j) => !has[j]);
    this.setFitted({ nFeaturesIn: nFeatures, featureNamesIn: featureNames, features, complete });
    return this;
  }

  /** nSamples × features_.length. @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_DATA with errorOnNew. */
  async transform(X: TableLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { features, complete } = this.fitted("transform");
    const shape = tableShape(X, "MissingIndicator.transform: X");
    this.checkFeatures("transform", shape);
    if (this.params.errorOnNew && this.params.features === "missingOnly") {
      for (const j of complete) {
        const row = (await this.#flags(X, j, "transform", options)).indexOf(1);
        if (row < 0) continue;
        throw invalidData(
          `MissingIndicator.transform: column ${show(shape.featureNames?.[j] ?? j)} has a missing value in row ${row}, but had none in fit; errorOnNew: false allows it`,
        );
      }
    }
    const columns: Uint8Array[] = [];
    for (const j of features) columns.push(await this.#flags(X, j, "transform", options));
    const rows = columns[0]?.length ?? 0;
    const data = new Float64Array(rows * columns.length);
    columns.forEach((flags, k) => flags.forEach((flag, i) => (data[i * columns.length + k] = flag)));
    return new Matrix(data, [rows, columns.length]);
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: TableLike, y?: unknown, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** Names of the columns: missingindicator_<feature>. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("MissingIndicator", fitted, inputFeatures);
    return fitted.features.map((j) => `missingindicator_${names[j] as string}`);
  }

  /** The features that have a column. */
  get features_(): readonly number[] {
    return this.fitted("features_").features;
  }

  async #flags(X: TableLike, j: number, method: string, { signal }: RunOptions): Promise<Uint8Array> {
    const values = await tableColumn(X, j, `MissingIndicator.${method}: X`, signal);
    const flags = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) {
      if (isBreak(i)) await takeBreak(signal);
      if (isMissing(values[i], this.params.missingValues)) flags[i] = 1;
    }
    return flags;
  }
}
