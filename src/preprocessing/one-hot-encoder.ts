import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, integer, nullable, type ParamSpecs } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";
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
import { denseOnes, sparseOnes } from "./ones.js";

/** Parameters of OneHotEncoder. */
export interface OneHotEncoderParams {
  /** The categories of every column; "auto" (default): those of fit's data, sorted. */
  categories: CategoriesParam;
  /** Leave a column out: "first" of each feature, of features of two categories only ("ifBinary"), or a category of each. Default null: none. */
  drop: "first" | "ifBinary" | readonly Category[] | null;
  /** Give a CsrMatrix (default true) or a Matrix. */
  sparseOutput: boolean;
  /** Values that fit did not see: "error" (default), zeros ("ignore", and "warn" which tells of it), or the infrequent ones' column. */
  handleUnknown: "error" | "ignore" | "infrequentIfExist" | "warn";
  /** Categories of fewer rows (a fraction: of a smaller share) are infrequent and have one column together. Default null. */
  minFrequency: number | null;
  /** Most columns of a feature, that of the infrequent ones included. Default null: any. */
  maxCategories: number | null;
  /** The name of a column: "concat" (default) feature_category, or a function of both. */
  featureNameCombiner: "concat" | ((feature: string, category: Category) => string);
}

const SPECS: ParamSpecs<OneHotEncoderParams> = {
  categories: categoriesSpec(),
  drop: custom<OneHotEncoderParams["drop"]>(
    null,
    '"first", "ifBinary", an array of a category for each feature, or null',
    (value) => value === null || value === "first" || value === "ifBinary" || Array.isArray(value),
    1,
  ),
  sparseOutput: boolean(true),
  handleUnknown: choice("error", ["error", "ignore", "infrequentIfExist", "warn"]),
  minFrequency: minFrequencySpec(),
  maxCategories: nullable(integer(1, { min: 1 })),
  featureNameCombiner: custom<OneHotEncoderParams["featureNameCombiner"]>(
    "concat",
    '"concat" or a function of a feature and a category',
    (value) => value === "concat" || typeof value === "function",
    1,
  ),
};

interface Fitted extends FittedBase {
  readonly categories: readonly (readonly Category[])[];
  /** Of each category its column within the feature's, -1 for one that is dropped. */
  readonly places: readonly Int32Array[];
  /** Columns of each feature. */
  readonly widths: readonly number[];
  readonly infrequent: readonly (readonly boolean[])[];
  readonly drop: readonly (number | null)[];
}

const INFREQUENT = "infrequent";

/**
 * A column for each category of each feature, 1 where a row has it: scikit-learn's OneHotEncoder. X holds strings, numbers
 * and booleans in any mixture of columns: rows of values, Arrow tables, Frames, matrices. Missing values (null, NaN) are a
 * category of their own.
 *
 * @example
 * const encoder = new OneHotEncoder({ handleUnknown: "ignore" });
 * const Z = await encoder.fitTransform([["red", 1], ["blue", 2], ["red", 2]]); // CsrMatrix, 3 × 4
 * encoder.getFeatureNamesOut(); // x0_blue, x0_red, x1_1, x1_2
 */
export class OneHotEncoder extends BaseEstimator<OneHotEncoderParams, Fitted> {
  constructor(params: Partial<OneHotEncoderParams> = {}) {
    super("OneHotEncoder", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /**
   * Learns the categories of every column.
   *
   * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT for categories or drop that do not fit.
   */
  async fit(X: TableLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "OneHotEncoder.fit";
    const { categories: given, handleUnknown, minFrequency, maxCategories, drop } = this.params;
    const { shape, columns, rows } = await learnCategories(X, given, handleUnknown !== "error", where, options.signal);
    const infrequent = columns.map((column) => infrequentOf(column, rows, minFrequency, maxCategories));
    const categories = columns.map((column) => column.categories);
    const dropped = categories.map((of, j) => {
      const rare = infrequent[j] as boolean[];
      return droppedOf(drop, of, rare, j, `${where}: ${columnName(shape, j)}`);
    });
    const plans = categories.map((of, j) => placesOf(of, infrequent[j] as boolean[], dropped[j] ?? null));
    options.signal?.throwIfAborted();
    this.setFitted({
      nFeaturesIn: shape.nFeatures,
      featureNamesIn: shape.featureNames,
      categories,
      places: plans.map(({ places }) => places),
      widths: plans.map(({ width }) => width),
      infrequent,
      drop: dropped,
    });
    return this;
  }

  /**
   * nSamples × columns: a CsrMatrix, or a Matrix with sparseOutput false.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  async transform(X: TableLike, options: RunOptions = {}): Promise<CsrMatrix<Float64Array> | Matrix<Float64Array>> {
    const fitted = this.fitted("transform");
    const where = "OneHotEncoder.transform";
    const shape = tableShape(X, `${where}: X`);
    this.checkFeatures("transform", shape);
    const { signal } = options;
    const rows = await tableRows(X, where, signal);
    const nFeatures = fitted.nFeaturesIn;
    const columns = new Int32Array(rows * nFeatures); // of each row and feature; -1: none
    let first = 0;
    for (let j = 0; j < nFeatures; j++) {
      const places = await this.#column(X, j, fitted, columnName(shape, j), signal);
      for (let i = 0; i < rows; i++) {
        if (isBreak(i)) await takeBreak(signal);
        const place = places[i] as number;
        columns[i * nFeatures + j] = place < 0 ? -1 : first + place;
      }
      first += fitted.widths[j] as number;
    }
    return this.params.sparseOutput
      ? sparseOnes(columns, rows, first, signal)
      : denseOnes(columns, rows, first, signal);
  }

  /** fit, then transform of the same X. */
  async fitTransform(
    X: TableLike,
    y?: unknown,
    options: RunOptions = {},
  ): Promise<CsrMatrix<Float64Array> | Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, options);
  }

  /**
   * The rows that give such columns. A row of zeros is the category that was dropped; where none was: null, a value unknown to
   * fit. Infrequent categories are "infrequent".
   */
  async inverseTransform(
    Z: CsrMatrix | Matrix | readonly (readonly number[])[],
    options: RunOptions = {},
  ): Promise<Category[][]> {
    const { categories, places, widths, infrequent, drop } = this.fitted("inverseTransform");
    const matrix = Z instanceof CsrMatrix || Z instanceof Matrix ? Z : Matrix.from(Z);
    const cols = widths.reduce((a, b) => a + b, 0);
    if (matrix.cols !== cols) {
      throw invalidData(`OneHotEncoder.inverseTransform: X has ${matrix.cols} columns, but ${cols} are expected`);
    }
    const names = places.map((of, j) => {
      const found = new Array<Category>(widths[j] as number).fill(null);
      of.forEach((place, k) => {
        if (place >= 0) found[place] = infrequent[j]?.[k] ? INFREQUENT : (categories[j]?.[k] as Category);
      });
      return found;
    });
    const out: Category[][] = [];
    for (let i = 0; i < matrix.rows; i++) {
      if (isBreak(i)) await takeBreak(options.signal);
      const row = matrix instanceof CsrMatrix ? matrix.slice(i, i + 1).toDense().data : matrix.row(i);
      let first = 0;
      out.push(
        names.map((found, j) => {
          const part = row.subarray(first, first + found.length);
          first += found.length;
          const place = part.findIndex((value) => value !== 0);
          if (place >= 0) return found[place] as Category;
          const dropped = drop[j];
          return dropped === null || dropped === undefined ? null : (categories[j]?.[dropped] as Category);
        }),
      );
    }
    return out;
  }

  /** Names of the columns: feature_category. @throws TreelineError ERR_NOT_FITTED */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const { featureNameCombiner } = this.params;
    const combine =
      typeof featureNameCombiner === "function"
        ? featureNameCombiner
        : (feature: string, category: Category): string => `${feature}_${String(category)}`;
    return namesOf("OneHotEncoder", fitted, inputFeatures).flatMap((feature, j) => {
      const names = new Array<string>(fitted.widths[j] as number);
      (fitted.places[j] as Int32Array).forEach((place, k) => {
        if (place < 0) return;
        const rare = fitted.infrequent[j]?.[k] === true;
        names[place] = combine(feature, rare ? INFREQUENT : (fitted.categories[j]?.[k] as Category));
      });
      return names;
    });
  }

  /** Categories of every feature, sorted: numbers, booleans, strings, missing (null) last. */
  get categories_(): readonly (readonly Category[])[] {
    return this.fitted("categories_").categories;
  }

  /** Of every feature the category that has no column, by its place in categories_; null: none was dropped. */
  get dropIdx_(): readonly (number | null)[] {
    return this.fitted("dropIdx_").drop;
  }

  /** Infrequent categories of every feature; null where there are none. */
  get infrequentCategories_(): readonly (readonly Category[] | null)[] {
    const { categories, infrequent } = this.fitted("infrequentCategories_");
    return categories.map((of, j) => {
      const rare = of.filter((_, k) => infrequent[j]?.[k]);
      return rare.length > 0 ? rare : null;
    });
  }

  /** The column within feature j's for every row. */
  async #column(
    X: TableLike,
    j: number,
    { categories, places, infrequent }: Fitted,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<Int32Array> {
    const where = "OneHotEncoder.transform";
    const values = await tableColumn(X, j, `${where}: X`, signal);
    const codes = await codesOfColumn(values, categories[j] as readonly Category[], signal);
    const { handleUnknown } = this.params;
    if (handleUnknown === "error") refuseUnknownCodes(codes, values, name, where);
    if (handleUnknown === "warn" && codes.includes(-1)) {
      warnData(
        `${where}: ${name} holds values that fit did not see, for example ${show(values[codes.indexOf(-1)])}; they become zeros`,
      );
    }
    const rare = infrequent[j]?.indexOf(true) ?? -1;
    const toRare = handleUnknown === "infrequentIfExist" || handleUnknown === "warn";
    const unknown = toRare && rare >= 0 ? (places[j]?.[rare] as number) : -1;
    return codes.map((code) => (code < 0 ? unknown : (places[j]?.[code] as number)));
  }
}

function droppedOf(
  drop: OneHotEncoderParams["drop"],
  categories: readonly Category[],
  infrequent: readonly boolean[],
  j: number,
  where: string,
): number | null {
  if (drop === null) return null;
  // The first place: that of the first frequent category, or of all infrequent ones where there is no other.
  const first = infrequent.includes(false) ? infrequent.indexOf(false) : 0;
  if (drop === "first") return first;
  if (drop === "ifBinary") {
    const places = infrequent.filter((rare) => !rare).length + (infrequent.includes(true) ? 1 : 0);
    return places === 2 ? first : null;
  }
  const category = drop[j];
  const k = categories.indexOf(category === undefined ? null : category);
  if (k < 0 || drop.length <= j)
    throw invalidArgument(`${where}: drop names ${show(category)}, which is not among its categories`);
  if (infrequent[k])
    throw invalidArgument(`${where}: drop names ${show(category)}, which is infrequent and has no column of its own`);
  return k;
}

/** Columns in order: the frequent categories, then all infrequent ones together; a dropped one has none. */
function placesOf(
  categories: readonly Category[],
  infrequent: readonly boolean[],
  dropped: number | null,
): { readonly places: Int32Array; readonly width: number } {
  const places = new Int32Array(categories.length).fill(-1);
  let width = 0;
  infrequent.forEach((rare, k) => {
    if (!rare && k !== dropped) places[k] = width++;
  });
  if (infrequent.includes(true) && !(dropped !== null && infrequent[dropped])) {
    infrequent.forEach((rare, k) => {
      if (rare) places[k] = width;
    });
    width++;
  }
  return { places, width };
}
