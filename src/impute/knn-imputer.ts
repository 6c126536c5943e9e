import { effectiveNJobs } from "../base/config.js";
import { invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, integer, type ParamSpecs } from "../base/params.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where as choose } from "../chunked/elementwise.js";
import { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { inTurns } from "../data/vector.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { namesOf } from "../preprocessing/chunked-transformer.js";

/** Parameters of KNNImputer. */
export interface KNNImputerParams {
  /** What is missing besides NaN and null. Default NaN: nothing else. */
  missingValues: number;
  /** Donors of a value, at most. Default 5. */
  nNeighbors: number;
  /** Donors weigh all alike ("uniform", default), or by 1 / "distance". */
  weights: "uniform" | "distance";
  /** How far rows are from each other: the one there is, over the columns that both have. */
  metric: "nanEuclidean";
  /** Append columns that tell where values were missing, for the columns that had some in fit. Default false. */
  addIndicator: boolean;
  /** Keep columns without any value, filled with 0. Default false: they are dropped. */
  keepEmptyFeatures: boolean;
}

const SPECS: ParamSpecs<KNNImputerParams> = {
  missingValues: custom<number>(NaN, "a number or NaN", (value) => typeof value === "number", "none"),
  nNeighbors: integer(5, { min: 1 }),
  weights: choice("uniform", ["uniform", "distance"]),
  metric: choice("nanEuclidean", ["nanEuclidean"]),
  addIndicator: boolean(false),
  keepEmptyFeatures: boolean(false),
};

interface Fitted extends FittedBase {
  /** The rows of fit: nSamples × nFeaturesIn, NaN where missing. */
  readonly rows: Float64Array;
  /** Columns that had missing values. */
  readonly missing: readonly number[];
  /** Columns without any value. */
  readonly empty: readonly number[];
}

/**
 * Fills in missing values by the mean of the nearest rows of fit that have them. Near is Euclidean over the columns that both
 * rows have, scaled up to all; where no row is comparable, the mean of the column. The rows of fit are held in memory and
 * saved with it (sklearn.impute.KNNImputer; weights by name, not by a function).
 *
 * @example
 * const Z = await new KNNImputer({ nNeighbors: 2 }).fitTransform([[1, 2], [3, NaN], [5, 6]]);
 */
export class KNNImputer extends BaseEstimator<KNNImputerParams, Fitted> {
  constructor(params: Partial<KNNImputerParams> = {}) {
    super("KNNImputer", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /** Stores X: nSamples × nFeatures. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT, ERR_MEMORY_LIMIT */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "KNNImputer.fit";
    const source = await this.#source(where, X, options);
    const { nFeatures, featureNames } = source;
    if (nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    if (source.nRows !== undefined) refuseTooLarge(24 * source.nRows * nFeatures, where);
    const copy = addon().createAffineMap(new Float64Array(nFeatures), new Float64Array(nFeatures).fill(1), false);
    const { rows, values } = await runJob(effectiveNJobs(), options, (job) =>
      mapRows(source, copy, nFeatures, Float64Array, job, options.signal),
    );
    if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const counts = await countMissing(where, values, nFeatures, featureNames, options);
    const all = Array.from(counts, (_, j) => j);
    const missing = all.filter((j) => (counts[j] as number) > 0);
    const empty = all.filter((j) => counts[j] === rows);
    this.setFitted({ nFeaturesIn: nFeatures, featureNamesIn: featureNames, rows: values, missing, empty });
    return this;
  }

  /**
   * The table without missing values; columns that held none in fit are left out, unless keepEmptyFeatures.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async transform(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const fitted = this.fitted("transform");
    const where = "KNNImputer.transform";
    this.checkFeatures("transform", rowSourceOf(X, `${where}: X`));
    const source = await this.#source(where, X, options);
    const { nNeighbors, weights, addIndicator } = this.params;
    const { nFeaturesIn: width, featureNamesIn: names } = fitted;
    const labels = { where: `${where}: X`, names, nFeatures: width };
    const map = addon().createImputeMap(labels, fitted.rows, nNeighbors, weights === "distance");
    const copy = addon().createAffineMap(new Float64Array(width), new Float64Array(width).fill(1), false);
    const [filled, given] = await runJob(effectiveNJobs(), options, async (job) => [
      await mapRows(source, map, width, Float64Array, job, options.signal, where),
      addIndicator ? await mapRows(source, copy, width, Float64Array, job, options.signal) : undefined,
    ]);
    if (filled === undefined) throw new Error("unreachable");
    const kept = this.#kept(fitted);
    const cols = kept.length + (given === undefined ? 0 : fitted.missing.length);
    const out = new Float64Array(filled.rows * cols);
    const isEmpty = new Set(fitted.empty);
    await inTurns(filled.rows, options.signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        kept.forEach((j, at) => (out[i * cols + at] = isEmpty.has(j) ? 0 : (filled.values[i * width + j] as number)));
        if (given === undefined) continue;
        fitted.missing.forEach((j, at) => {
          if (Number.isNaN(given.values[i * width + j])) out[i * cols + kept.length + at] = 1;
        });
      }
    });
    return new Matrix(out, [filled.rows, cols]);
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: MatrixLike, y?: unknown, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** Names of the columns: those of fit without dropped ones, then missingindicator_<name>. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("KNNImputer", fitted, inputFeatures);
    const kept = this.#kept(fitted).map((j) => names[j] as string);
    return this.params.addIndicator
      ? [...kept, ...fitted.missing.map((j) => `missingindicator_${names[j] as string}`)]
      : kept;
  }

  /** The columns that had missing values in fit: those of the indicator. */
  get indicatorFeatures_(): readonly number[] {
    return this.fitted("indicatorFeatures_").missing;
  }

  /** X with NaN for missing values. */
  async #source(where: string, X: MatrixLike, { signal }: RunOptions): Promise<RowSource> {
    const { missingValues } = this.params;
    const source = rowSourceOf(X, `${where}: X`);
    if (Number.isNaN(missingValues)) return source;
    const table = await ChunkedMatrix.from(X, { signal, dtype: "float64" });
    return rowSourceOf(choose(table.equal(missingValues), NaN, table), `${where}: X`);
  }

  #kept({ nFeaturesIn, empty }: Fitted): number[] {
    const all = Array.from({ length: nFeaturesIn }, (_, j) => j);
    return this.params.keepEmptyFeatures ? all : all.filter((j) => !empty.includes(j));
  }
}

/** Missing values by column. @throws TreelineError ERR_INVALID_DATA for infinite ones. */
async function countMissing(
  where: string,
  values: Float64Array,
  nFeatures: number,
  names: readonly string[] | undefined,
  { signal }: RunOptions,
): Promise<Int32Array> {
  const counts = new Int32Array(nFeatures);
  await inTurns(values.length, signal, (begin, end) => {
    for (let at = begin; at < end; at++) {
      const value = values[at] as number;
      if (value - value === 0) continue;
      const j = at % nFeatures;
      if (!Number.isNaN(value)) {
        throw invalidData(
          `${where}: X holds an infinite value in row ${(at - j) / nFeatures}, column ${show(names?.[j] ?? j)}: only NaN may ` +
            "stand for a missing one",
        );
      }
      counts[j] = (counts[j] as number) + 1;
    }
  });
  return counts;
}
