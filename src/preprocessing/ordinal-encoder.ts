import { invalidArgument, invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, custom, integer, nullable, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { tableColumn, tableRows, tableShape, type TableLike } from "../data/table-columns.js";
import { isBreak, takeBreak } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import {
  categoriesSpec,
  codesOfColumn,
  columnName,
  infrequentOf,
  learnCategories,
  minFrequencySpec,
  refuseUnknownCodes,
  type CategoriesParam,
  type Category,
} from "./categories.js";
import { namesOf } from "./chunked-transformer.js";

/** Parameters of OrdinalEncoder. */
export interface OrdinalEncoderParams {
  /** The categories of every column in their order; "auto" (default): those of fit's data, sorted. */
  categories: CategoriesParam;
  /** Values that fit did not see: "error" (default), or unknownValue for them ("useEncodedValue"). */
  handleUnknown: "error" | "useEncodedValue";
  /** What unknown values become: a number that no category has, or NaN. Needed with "useEncodedValue". Default null. */
  unknownValue: number | null;
  /** What missing values become. Default NaN. */
  encodedMissingValue: number;
  /** Categories of fewer rows (a fraction: of a smaller share) are infrequent and share a number, the last. Default null. */
  minFrequency: number | null;
  /** Most numbers of a feature, that of the infrequent ones included. Default null: any. */
  maxCategories: number | null;
}

const SPECS: ParamSpecs<OrdinalEncoderParams> = {
  categories: categoriesSpec(),
  handleUnknown: choice("error", ["error", "useEncodedValue"]),
  unknownValue: custom<number | null>(null, "an integer, NaN or null", (value) => {
    return value === null || (typeof value === "number" && (Number.isNaN(value) || Number.isInteger(value)));
  }),
  encodedMissingValue: custom<number>(NaN, "an integer or NaN", (value) => {
    return typeof value === "number" && (Number.isNaN(value) || Number.isInteger(value));
  }),
  minFrequency: minFrequencySpec(),
  maxCategories: nullable(integer(1, { min: 1 })),
};

interface Fitted extends FittedBase {
  readonly categories: readonly (readonly Category[])[];
  /** Of each category its number. */
  readonly numbers: readonly Float64Array[];
  readonly infrequent: readonly (readonly boolean[])[];
}

/**
 * Numbers 0, 1, 2, … for the categories of each feature: scikit-learn's OrdinalEncoder. X holds strings, numbers and booleans
 * in any mixture of columns. Missing values (null, NaN) become encodedMissingValue.
 *
 * @example
 * const encoder = new OrdinalEncoder({ categories: [["low", "middle", "high"]] });
 * const Z = await encoder.fitTransform([["high"], ["low"]]); // 2, 0
 */
export class OrdinalEncoder extends BaseEstimator<OrdinalEncoderParams, Fitted> {
  constructor(params: Partial<OrdinalEncoderParams> = {}) {
    super("OrdinalEncoder", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /**
   * Learns the categories of every column.
   *
   * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT for parameters that do not fit together.
   */
  async fit(X: TableLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "OrdinalEncoder.fit";
    const {
      categories: given,
      handleUnknown,
      unknownValue,
      encodedMissingValue,
      minFrequency,
      maxCategories,
    } = this.params;
    if ((handleUnknown === "useEncodedValue") === (unknownValue === null)) {
      throw invalidArgument(
        `${where}: unknownValue must be ${handleUnknown === "error" ? 'null with handleUnknown: "error"' : 'a number with handleUnknown: "useEncodedValue"'}, got ${show(unknownValue)}`,
      );
    }
    const lenient = handleUnknown !== "error";
    const { shape, columns, rows } = await learnCategories(X, given, lenient, where, options.signal);
    const infrequent = columns.map((column) => {
      const rare = infrequentOf(column, rows, minFrequency, maxCategories);
      return rare.map((is, k) => is && column.categories[k] !== null);
    });
    const numbers = columns.map(({ categories }, j) => {
      const rare = infrequent[j] as boolean[];
      const frequent = categories.filter((category, k) => category !== null && !rare[k]).length;
      let next = 0;
      return Float64Array.from(categories, (category, k) =>
        category === null ? encodedMissingValue : rare[k] ? frequent : next++,
      );
    });
    numbers.forEach((of, j) => {
      for (const [name, value] of Object.entries({ unknownValue, encodedMissingValue })) {
        const taken = of.some((number, k) => number === value && columns[j]?.categories[k] !== null);
        if (value !== null && taken) {
          throw invalidArgument(`${where}: ${name} ${value} is the number of a category of ${columnName(shape, j)}`);
        }
      }
    });
    options.signal?.throwIfAborted();
    this.setFitted({
      nFeaturesIn: shape.nFeatures,
      featureNamesIn: shape.featureNames,
      categories: columns.map(({ categories }) => categories),
      numbers,
      infrequent,
    });
    return this;
  }

  /** The numbers, nSamples × nFeatures. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(X: TableLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { categories, numbers, nFeaturesIn } = this.fitted("transform");
    const where = "OrdinalEncoder.transform";
    const shape = tableShape(X, `${where}: X`);
    this.checkFeatures("transform", shape);
    const { signal } = options;
    const rows = await tableRows(X, where, signal);
    const data = new Float64Array(rows * nFeaturesIn);
    for (let j = 0; j < nFeaturesIn; j++) {
      const values = await tableColumn(X, j, `${where}: X`, signal);
      const codes = await codesOfColumn(values, categories[j] as readonly Category[], signal);
      if (this.params.handleUnknown === "error") refuseUnknownCodes(codes, values, columnName(shape, j), where);
      const of = numbers[j] as Float64Array;
      for (let i = 0; i < rows; i++) {
        if (isBreak(i)) await takeBreak(signal);
        const code = codes[i] as number;
        data[i * nFeaturesIn + j] = code < 0 ? (this.params.unknownValue as number) : (of[code] as number);
      }
    }
    return new Matrix(data, [rows, nFeaturesIn]);
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: TableLike, y?: unknown, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /** The categories of numbers; null for unknown and missing values, "infrequent" for infrequent ones. */
  async inverseTransform(Z: Matrix | readonly (readonly number[])[], options: RunOptions = {}): Promise<Category[][]> {
    const { categories, numbers, infrequent, nFeaturesIn } = this.fitted("inverseTransform");
    const matrix = Z instanceof Matrix ? Z : Matrix.from(Z);
    if (matrix.cols !== nFeaturesIn) {
      throw invalidData(
        `OrdinalEncoder.inverseTransform: X has ${matrix.cols} columns, but ${nFeaturesIn} are expected`,
      );
    }
    const names = numbers.map((of, j) => {
      const found = new Map<number, Category>();
      of.forEach((number, k) =>
        found.set(number, infrequent[j]?.[k] ? "infrequent" : (categories[j]?.[k] as Category)),
      );
      return found;
    });
    const out: Category[][] = [];
    for (let i = 0; i < matrix.rows; i++) {
      if (isBreak(i)) await takeBreak(options.signal);
      out.push(
        names.map((found, j) => {
          const number = matrix.at(i, j);
          const category = found.get(number);
          if (category !== undefined || Number.isNaN(number) || number === this.params.unknownValue)
            return category ?? null;
          throw invalidData(
            `OrdinalEncoder.inverseTransform: row ${i} has ${number}, which is no category of feature ${j}`,
          );
        }),
      );
    }
    return out;
  }

  /** Names of the columns: those of fit. @throws TreelineError ERR_NOT_FITTED */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    return namesOf("OrdinalEncoder", this.fitted("getFeatureNamesOut"), inputFeatures);
  }

  /** Categories of every feature in their order; missing (null) last. */
  get categories_(): readonly (readonly Category[])[] {
    return this.fitted("categories_").categories;
  }

  /** Infrequent categories of every feature; null where there are none. */
  get infrequentCategories_(): readonly (readonly Category[] | null)[] {
    const { categories, infrequent } = this.fitted("infrequentCategories_");
    return categories.map((of, j) => {
      const rare = of.filter((_, k) => infrequent[j]?.[k]);
      return rare.length > 0 ? rare : null;
    });
  }
}
