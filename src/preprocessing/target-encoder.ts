import { invalidArgument, invalidData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, choice, either, number, randomState, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { RowMask } from "../data/row-mask.js";
import { tableColumn, tableRows, tableShape, type TableLike } from "../data/table-columns.js";
import { inTurns, type LabelArray, type VectorLike } from "../data/vector.js";
import { checkCv, cvSpec, type Cv } from "../model-selection/check-cv.js";
import type { Fold } from "../model-selection/fold.js";
import { KFold, StratifiedKFold } from "../model-selection/k-fold.js";
import type { Splitter } from "../model-selection/splitter.js";
import type { RunOptions } from "../native/job.js";
import { categoriesSpec, codesOfColumn, learnCategories, type CategoriesParam, type Category } from "./categories.js";
import { namesOf } from "./chunked-transformer.js";
import { codedTargets, type CodedTargets, type TargetKind } from "./target-kind.js";
import { categoryMeans, momentsOf, type Smooth } from "./target-means.js";

/** Parameters of TargetEncoder. */
export interface TargetEncoderParams {
  /** The categories of every column; "auto" (default): those of fit's data, sorted. */
  categories: CategoriesParam;
  /** What y is; "auto" (default): numbers with a fraction are continuous, else classes. */
  targetType: TargetKind | "auto";
  /** As how many rows the mean of all rows counts, at least 0; "auto" (default): by each category's variance. */
  smooth: Smooth;
  /** How fitTransform divides the rows: a number of folds (default 5), or a splitter that tests every row once. */
  cv: Cv;
  /** Shuffle the rows before they are divided; for a number of folds. Default true. */
  shuffle: boolean;
  /** Seed of the shuffling; null (default): a new one for every fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<TargetEncoderParams> = {
  categories: categoriesSpec(),
  targetType: choice("auto", ["auto", "continuous", "binary", "multiclass"]),
  smooth: either<"auto", number>(choice("auto", ["auto"]), number(1, { min: 0 })) as ParamSpec<Smooth>,
  cv: { ...cvSpec(), default: 5 },
  shuffle: boolean(true),
  randomState: randomState(),
};

/** Options of TargetEncoder's fit and fitTransform. */
export interface TargetEncoderFitOptions extends RunOptions {
  /** The group of every row, for a cv that keeps groups together. */
  readonly groups?: VectorLike | null | undefined;
}

interface Fitted extends FittedBase {
  readonly categories: readonly (readonly Category[])[];
  readonly targetType: TargetKind;
  readonly classes: LabelArray | undefined;
  /** Of the whole, for each class of several. */
  readonly targetMean: Float64Array;
  /** Feature after feature, for each class of several: of every category its number. */
  readonly encodings: readonly Float64Array[];
}

/** Everything a fit has read: the categories of every column and their codes, the targets. */
interface Coded extends CodedTargets, FittedBase {
  readonly categories: Fitted["categories"];
  readonly codes: readonly Int32Array[];
  readonly rows: number;
}

/** What a feature's categories become, and what others do, for each class of several. */
interface Encodings {
  readonly encodings: readonly Float64Array[];
  readonly targetMean: Float64Array;
}

/**
 * Each category becomes the mean target of its rows, drawn towards the mean of all rows the less of them there are:
 * scikit-learn's TargetEncoder, for columns of many categories. With several classes there is a column for each feature and
 * class. Missing values are a category; values that fit did not see become the mean of all rows.
 *
 * fitTransform encodes every row by means that its own target had no part in (cross fitting), so that a model behind it
 * does not believe the encoding too much. It is not fit, then transform, and what pipelines and ColumnTransformer call.
 *
 * @example
 * const encoder = new TargetEncoder({ randomState: 0 });
 * const Z = await encoder.fitTransform([["dog"], ["cat"], ["dog"], ["cat"], ["dog"], ["cat"]], [1.5, 3, 1, 3.5, 2, 2.5]);
 */
export class TargetEncoder extends BaseEstimator<TargetEncoderParams, Fitted> {
  constructor(params: Partial<TargetEncoderParams> = {}) {
    super("TargetEncoder", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: true, sampleWeight: false, rowwise: false };
  }

  /**
   * Learns the categories and their numbers from all rows.
   *
   * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
   */
  async fit(X: TableLike, y?: VectorLike, options: TargetEncoderFitOptions = {}): Promise<this> {
    this.checkParams();
    await this.#keep(await this.#coded(X, y, "TargetEncoder.fit", options.signal), options.signal);
    return this;
  }

  /**
   * fit; then every row encoded by means of the other folds' rows, nSamples × nFeatures (× nClasses where there are several).
   *
   * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT, also for a cv that does not test every row exactly once.
   */
  async fitTransform(
    X: TableLike,
    y?: VectorLike,
    options: TargetEncoderFitOptions = {},
  ): Promise<Matrix<Float64Array>> {
    const where = "TargetEncoder.fitTransform";
    const { signal, groups } = options;
    this.checkParams();
    const coded = await this.#coded(X, y, where, signal);
    const folds: Fold[] = [];
    const labels = coded.kind === "continuous" ? undefined : (y as VectorLike);
    for await (const fold of this.#splitter(labels).masks(coded.rows, labels, { groups, signal }, where)) {
      folds.push(fold);
    }
    await refuseOverlap(folds, coded.rows, where, signal);
    const width = coded.codes.length * coded.columns.length;
    const out = new Float64Array(coded.rows * width);
    for (const { train, test } of folds) {
      await encodeRows(coded.codes, await this.#encodings(coded, train, signal), test, out, signal);
    }
    await this.#keep(coded, signal);
    return new Matrix(out, [coded.rows, width]);
  }

  /**
   * The numbers that fit learned from all rows: nSamples × nFeatures (× nClasses where there are several). For the rows of
   * fit take fitTransform.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  async transform(X: TableLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const fitted = this.fitted("transform");
    const { categories, encodings } = fitted;
    const where = "TargetEncoder.transform";
    const shape = tableShape(X, `${where}: X`);
    this.checkFeatures("transform", shape);
    const { signal } = options;
    const rows = await tableRows(X, where, signal);
    const codes: Int32Array[] = [];
    for (let j = 0; j < shape.nFeatures; j++) {
      const values = await tableColumn(X, j, `${where}: X`, signal);
      codes.push(await codesOfColumn(values, categories[j] as readonly Category[], signal));
    }
    const out = new Float64Array(rows * encodings.length);
    await encodeRows(codes, fitted, undefined, out, signal);
    return new Matrix(out, [rows, encodings.length]);
  }

  /** Names of the columns: those of fit, with several classes feature_class. @throws TreelineError ERR_NOT_FITTED */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("TargetEncoder", fitted, inputFeatures);
    if (fitted.targetType !== "multiclass") return names;
    return names.flatMap((name) =>
      Array.from(fitted.classes as ArrayLike<unknown>, (label) => `${name}_${String(label)}`),
    );
  }

  /** Categories of every feature in their order; missing (null) last. */
  get categories_(): readonly (readonly Category[])[] {
    return this.fitted("categories_").categories;
  }

  /** Of every feature (with several classes: of feature 0 for each class, then feature 1, …) the number of each category. */
  get encodings_(): readonly Float64Array[] {
    return this.fitted("encodings_").encodings;
  }

  /** The mean target of all rows; with several classes the share of each. */
  get targetMean_(): number | Float64Array {
    const { targetMean, targetType } = this.fitted("targetMean_");
    return targetType === "multiclass" ? targetMean : (targetMean[0] as number);
  }

  /** What y was. */
  get targetType_(): TargetKind {
    return this.fitted("targetType_").targetType;
  }

  /** The classes of y, sorted; undefined where it was continuous. */
  get classes_(): LabelArray | undefined {
    return this.fitted("classes_").classes;
  }

  async #coded(
    X: TableLike,
    y: VectorLike | undefined,
    where: string,
    signal: AbortSignal | undefined,
  ): Promise<Coded> {
    const targets = await codedTargets(y, this.params.targetType, where, signal);
    const { shape, columns, rows } = await learnCategories(X, this.params.categories, true, where, signal);
    const targetRows = (targets.columns[0] as Float64Array).length;
    if (targetRows !== rows) throw invalidData(`${where}: y has ${targetRows} values, but X has ${rows} rows`);
    const categories = columns.map((column) => column.categories);
    const codes: Int32Array[] = [];
    for (const [j, of] of categories.entries()) {
      codes.push(await codesOfColumn(await tableColumn(X, j, `${where}: X`, signal), of, signal));
    }
    return {
      ...targets,
      rows,
      codes,
      categories,
      nFeaturesIn: shape.nFeatures,
      featureNamesIn: shape.featureNames,
    };
  }

  #splitter(labels: VectorLike | undefined): Splitter {
    const { cv, shuffle, randomState } = this.params;
    if (typeof cv !== "number" && cv !== null) return checkCv(cv);
    const params = { nSplits: cv ?? 5, shuffle, randomState: shuffle ? randomState : null };
    return labels === undefined ? new KFold(params) : new StratifiedKFold(params);
  }

  async #encodings(
    { codes, categories, columns }: Coded,
    rows: RowMask | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Encodings> {
    const { smooth } = this.params;
    const encodings = new Array<Float64Array>(codes.length * columns.length);
    const targetMean = new Float64Array(columns.length);
    for (const [c, y] of columns.entries()) {
      const moments = await momentsOf(y, rows, signal);
      targetMean[c] = moments.mean;
      for (const [j, of] of codes.entries()) {
        const nCategories = (categories[j] as readonly Category[]).length;
        encodings[j * columns.length + c] = await categoryMeans(of, nCategories, y, smooth, moments, rows, signal);
      }
    }
    return { encodings, targetMean };
  }

  async #keep(coded: Coded, signal: AbortSignal | undefined): Promise<void> {
    const learned = await this.#encodings(coded, undefined, signal);
    signal?.throwIfAborted();
    const { nFeaturesIn, featureNamesIn, categories, kind: targetType, classes } = coded;
    this.setFitted({ nFeaturesIn, featureNamesIn, categories, targetType, classes, ...learned });
  }
}

/** Writes the numbers of a mask's rows (undefined: of all) into `out`, row after row. */
async function encodeRows(
  codes: readonly Int32Array[],
  { encodings, targetMean }: Encodings,
  mask: RowMask | undefined,
  out: Float64Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const nTargets = targetMean.length;
  const width = encodings.length;
  for (const [e, encoding] of encodings.entries()) {
    const of = codes[Math.floor(e / nTargets)] as Int32Array;
    const unknown = targetMean[e % nTargets] as number;
    await inTurns(of.length, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        if (mask !== undefined && !mask.has(i)) continue;
        const code = of[i] as number;
        out[i * width + e] = code < 0 ? unknown : (encoding[code] as number);
      }
    });
  }
}

/** @throws TreelineError ERR_INVALID_ARGUMENT unless every row is tested exactly once. */
async function refuseOverlap(
  folds: readonly Fold[],
  rows: number,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const seen = new Uint8Array(rows);
  for (const { test } of folds) {
    await inTurns(rows, signal, (begin, end) => {
      for (let i = begin; i < end; i++) if (test.has(i)) seen[i] = Math.min(2, (seen[i] as number) + 1);
    });
  }
  const row = seen.findIndex((times) => times !== 1);
  if (row < 0) return;
  throw invalidArgument(
    `${where}: cv must test every row exactly once, but tests row ${row} ${seen[row] === 0 ? "never" : "more than once"}; take a KFold, StratifiedKFold or GroupKFold`,
  );
}
