import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where as choose } from "../chunked/elementwise.js";
import { computeAll } from "../chunked/reduction.js";
import { hstack } from "../chunked/stack.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { columnKinds, tableColumn, tableShape, type CellValue, type TableLike } from "../data/table-columns.js";
import { isBreak, takeBreak, type ColumnValues } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { namesOf } from "../preprocessing/chunked-transformer.js";

/** What stands for a missing value besides null, undefined and NaN. */
export type MissingValue = number | string | null;

/** Parameters of SimpleImputer. */
export interface SimpleImputerParams {
  /** What is missing: NaN and null (default NaN), or besides them a number or string of your data. */
  missingValues: MissingValue;
  /** What takes its place: the column's "mean" (default), "median", its "mostFrequent" value, or a "constant". */
  strategy: "mean" | "median" | "mostFrequent" | "constant";
  /** The constant. Default null: 0 for numbers, "missingValue" for strings. */
  fillValue: number | string | null;
  /** Append columns that tell where values were missing, for the columns that had some in fit. Default false. */
  addIndicator: boolean;
  /** Keep columns without any value, filled with 0 (or the constant). Default false: they are dropped. */
  keepEmptyFeatures: boolean;
}

export function missingValuesSpec(): ParamSpec<MissingValue> {
  return custom<MissingValue>(
    NaN,
    "a number, NaN, a string or null",
    (value) => value === null || typeof value === "number" || typeof value === "string",
    {},
  );
}

const SPECS: ParamSpecs<SimpleImputerParams> = {
  missingValues: missingValuesSpec(),
  strategy: choice("mean", ["mean", "median", "mostFrequent", "constant"]),
  fillValue: custom<number | string | null>(
    null,
    "a number, a string or null",
    (value) => value === null || typeof value === "number" || typeof value === "string",
    {},
  ),
  addIndicator: boolean(false),
  keepEmptyFeatures: boolean(false),
};

interface Fitted extends FittedBase {
  /** What takes the place of missing values, by column; NaN: the column has none and is dropped. */
  readonly statistics: readonly (CellValue | null)[];
  /** Columns that had missing values. */
  readonly missing: readonly number[];
  /** All columns are numbers, and so is the result. */
  readonly numeric: boolean;
}

/** Whether a value is missing. */
export function isMissing(value: CellValue, missingValue: MissingValue): boolean {
  return (
    value === null ||
    value === undefined ||
    (typeof value === "number" && Number.isNaN(value)) ||
    value === missingValue
  );
}

/**
 * Fills in missing values column by column: scikit-learn's SimpleImputer. Tables of numbers give a Matrix; tables with
 * strings, for "mostFrequent" and "constant", rows of values, which the encoders take. Missing are null, NaN, and what
 * missingValues names.
 *
 * @example
 * const Z = await new SimpleImputer({ strategy: "median" }).fitTransform([[1, NaN], [3, 4], [5, 8]]);
 */
export class SimpleImputer extends BaseEstimator<SimpleImputerParams, Fitted> {
  constructor(params: Partial<SimpleImputerParams> = {}) {
    super("SimpleImputer", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /**
   * Learns what takes the place of missing values.
   *
   * @throws TreelineError ERR_INVALID_DATA for strings where the strategy needs numbers; ERR_INVALID_ARGUMENT.
   */
  async fit(X: TableLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "SimpleImputer.fit";
    const { strategy, fillValue } = this.params;
    const { nFeatures, featureNames } = tableShape(X, `${where}: X`);
    if (nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const kinds = columnKinds(X, `${where}: X`);
    const text = kinds.findIndex((kind) => kind !== "number" && kind !== "boolean");
    const numeric = text < 0;
    if (!numeric && strategy !== "mostFrequent" && strategy !== "constant") {
      throw invalidData(
        `${where}: column ${show(featureNames?.[text] ?? text)} holds ${kinds[text]}s, of which there is no ${strategy}: use ` +
          'strategy "mostFrequent" or "constant"',
      );
    }
    if (numeric && strategy === "constant" && typeof fillValue === "string") {
      throw invalidArgument(`${where}: fillValue must be a number for columns of numbers, got ${show(fillValue)}`);
    }
    const learned =
      numeric && strategy !== "mostFrequent"
        ? await this.#numbers(X as MatrixLike, where, options)
        : await this.#values(
            X,
            nFeatures,
            kinds.map((kind) => kind === "number" || kind === "boolean"),
            where,
            options,
          );
    options.signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn: nFeatures, featureNamesIn: featureNames, numeric, ...learned });
    return this;
  }

  /**
   * The table without missing values: a Matrix where all columns are numbers, else rows of values. Columns that held no value
   * in fit are left out, unless keepEmptyFeatures.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  async transform(X: TableLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const fitted = this.fitted("transform");
    const where = "SimpleImputer.transform";
    this.checkFeatures("transform", tableShape(X, `${where}: X`));
    const answer = fitted.numeric
      ? await this.#filledNumbers(X as MatrixLike, fitted, options)
      : await this.#filledRows(X, fitted, where, options);
    return answer as Matrix<Float64Array>;
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: TableLike, y?: unknown, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** Names of the columns: those of fit without dropped ones, then missingindicator_<name>. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("SimpleImputer", fitted, inputFeatures);
    const kept = keptColumns(fitted).map((j) => names[j] as string);
    return this.params.addIndicator
      ? [...kept, ...fitted.missing.map((j) => `missingindicator_${names[j] as string}`)]
      : kept;
  }

  /** What takes the place of missing values, by column; NaN for a column that is dropped. */
  get statistics_(): readonly CellValue[] {
    return this.fitted("statistics_").statistics.map((value) => value ?? NaN);
  }

  /** The columns that had missing values in fit: those of the indicator. */
  get indicatorFeatures_(): readonly number[] {
    return this.fitted("indicatorFeatures_").missing;
  }

  /** X with NaN for missing values. */
  async #table(X: MatrixLike, { signal }: RunOptions): Promise<ChunkedMatrix> {
    const { missingValues } = this.params;
    const table = await ChunkedMatrix.from(X, { signal, dtype: "float64" });
    return typeof missingValues === "number" && !Number.isNaN(missingValues)
      ? choose(table.equal(missingValues), NaN, table)
      : table;
  }

  async #numbers(X: MatrixLike, where: string, options: RunOptions): Promise<Pick<Fitted, "statistics" | "missing">> {
    const { strategy, fillValue, keepEmptyFeatures } = this.params;
    const table = await this.#table(X, options);
    if (table.rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const axis = { axis: 0 } as const;
    const middle = strategy === "median" ? table.nanMedian(axis) : table.nanMean(axis);
    const [missing, found] = (await computeAll([table.isNaN().sum(axis), middle], { signal: options.signal })) as [
      Float64Array,
      Float64Array,
    ];
    const statistics = Array.from(found, (value, j) => {
      const empty = missing[j] === table.rows;
      if (strategy === "constant") return empty && !keepEmptyFeatures ? null : Number(fillValue ?? 0);
      if (!empty && !Number.isFinite(value)) {
        const column = show(table.featureNames?.[j] ?? j);
        throw invalidData(
          `${where}: X holds an infinite value in column ${column}: only NaN may stand for a missing one`,
        );
      }
      return empty ? (keepEmptyFeatures ? 0 : null) : value;
    });
    return { statistics, missing: indicesOf(missing, (n) => n > 0) };
  }

  async #values(
    X: TableLike,
    nFeatures: number,
    isNumber: readonly boolean[],
    where: string,
    { signal }: RunOptions,
  ): Promise<Pick<Fitted, "statistics" | "missing">> {
    const { strategy, fillValue, missingValues, keepEmptyFeatures } = this.params;
    const statistics: CellValue[] = [];
    const missing: number[] = [];
    for (let j = 0; j < nFeatures; j++) {
      const values = await tableColumn(X, j, `${where}: X`, signal);
      if (values.length === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
      const { best, rows } = await mostFrequent(values, missingValues, signal);
      if (rows < values.length) missing.push(j);
      const empty = rows === 0;
      const constant = fillValue ?? (isNumber[j] ? 0 : "missingValue");
      if (empty && !keepEmptyFeatures) statistics.push(null);
      else statistics.push(strategy === "constant" || empty ? constant : best);
    }
    return { statistics, missing };
  }

  async #filledNumbers(X: MatrixLike, fitted: Fitted, options: RunOptions): Promise<Matrix> {
    const table = await this.#table(X, options);
    const kept = keptColumns(fitted);
    if (kept.length < fitted.nFeaturesIn) {
      warnData(
        `SimpleImputer.transform: ${fitted.nFeaturesIn - kept.length} columns had no value in fit and are left out; keepEmptyFeatures keeps them`,
      );
    }
    const values = kept.map((j) => fitted.statistics[j] as number);
    const filled = table.select(...kept).fillNaN(Float64Array.from(values));
    const { signal } = options;
    if (!this.params.addIndicator || fitted.missing.length === 0) return filled.toMatrix({ signal });
    return hstack([filled, table.select(...fitted.missing).isNaN()]).toMatrix({ signal });
  }

  async #filledRows(X: TableLike, fitted: Fitted, where: string, { signal }: RunOptions): Promise<CellValue[][]> {
    const { missingValues, addIndicator } = this.params;
    const columns: CellValue[][] = [];
    const indicators: CellValue[][] = [];
    for (let j = 0; j < fitted.nFeaturesIn; j++) {
      const values = await tableColumn(X, j, `${where}: X`, signal);
      const statistic = fitted.statistics[j];
      const filled = new Array<CellValue>(values.length);
      const flags = new Array<CellValue>(values.length);
      for (let i = 0; i < values.length; i++) {
        if (isBreak(i)) await takeBreak(signal);
        const lacks = isMissing(values[i], missingValues);
        filled[i] = lacks ? statistic : values[i];
        flags[i] = lacks ? 1 : 0;
      }
      if (statistic !== null) columns.push(filled);
      if (addIndicator && fitted.missing.includes(j)) indicators.push(flags);
    }
    const all = [...columns, ...indicators];
    return Array.from({ length: all[0]?.length ?? 0 }, (_, i) => all.map((column) => column[i]));
  }
}

function keptColumns({ statistics }: Fitted): number[] {
  return indicesOf(statistics, (value) => value !== null);
}

function indicesOf<T>(values: ArrayLike<T>, is: (value: T) => boolean): number[] {
  return Array.from(values, (value, j) => (is(value) ? j : -1)).filter((j) => j >= 0);
}

/** The value of most rows, the least of equally frequent ones; how many rows have a value. */
async function mostFrequent(
  values: ColumnValues,
  missingValue: MissingValue,
  signal: AbortSignal | undefined,
): Promise<{ readonly best: CellValue; readonly rows: number }> {
  const counts = new Map<NonNullable<CellValue>, number>();
  let rows = 0;
  for (let i = 0; i < values.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    const value = values[i];
    if (isMissing(value, missingValue)) continue;
    rows++;
    counts.set(value as NonNullable<CellValue>, (counts.get(value as NonNullable<CellValue>) ?? 0) + 1);
  }
  let best: CellValue = null;
  let most = 0;
  for (const [value, count] of counts) {
    if (count > most || (count === most && best !== null && best !== undefined && value < best))
      [best, most] = [value, count];
  }
  return { best, rows };
}
