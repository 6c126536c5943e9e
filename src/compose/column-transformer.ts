import { invalidArgument, invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { parallel } from "../base/parallel.js";
import { boolean, custom, nJobs, nullable, number, type ParamSpecs } from "../base/params.js";
import type { Matrix } from "../data/matrix.js";
import { columnNumbers, tableRows, tableShape, type TableLike, type TableShape } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { automaticNames } from "../pipeline/names.js";
import { numbersOf, scaled, sideBySide, type Numbers } from "../pipeline/side-by-side.js";
import { selectedColumns, type Columns } from "./column-selector.js";
import { columnsFor, fittedPart, readsDocuments, type ColumnStep, type Made, type Methods } from "./fitted-part.js";

export type { ColumnStep } from "./fitted-part.js";

/** Parameters of ColumnTransformer. */
export interface ColumnTransformerParams {
  /** What to do with which columns: [name, transformer, columns]. A column may be used several times. */
  transformers: readonly (readonly [name: string, step: ColumnStep, columns: Columns])[];
  /** What to do with all other columns: "drop" (default), "passthrough", or a transformer. */
  remainder: ColumnStep;
  /** The result is a CsrMatrix if one of its parts is, and less than this share of its values is stored. Default 0.3. */
  sparseThreshold: number;
  /** Transformers that run at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** What a transformer's columns are multiplied by, by its name. Default null: 1. */
  transformerWeights: Readonly<Record<string, number>> | null;
  /** Names of columns out start with the transformer's, name__column (default true), or are the columns' own. */
  verboseFeatureNamesOut: boolean;
}

const isStep = (value: unknown): boolean =>
  value === "drop" || value === "passthrough" || (typeof value === "object" && value !== null);

const SPECS: ParamSpecs<ColumnTransformerParams> = {
  transformers: custom<ColumnTransformerParams["transformers"]>(
    [],
    "an array of [name, transformer, columns]",
    (value) =>
      Array.isArray(value) &&
      value.every(
        (entry: unknown) =>
          Array.isArray(entry) && entry.length === 3 && typeof entry[0] === "string" && isStep(entry[1]),
      ),
    "no transformers",
  ),
  remainder: custom<ColumnStep>("drop", '"drop", "passthrough" or a transformer', isStep, "keep"),
  sparseThreshold: number(0.3, { min: 0, max: 1 }),
  nJobs: nJobs(),
  transformerWeights: nullable(
    custom<Readonly<Record<string, number>>>(
      {},
      "an object of numbers by transformer",
      (value) =>
        typeof value === "object" && Object.values(value as object).every((weight) => typeof weight === "number"),
      "heavy",
    ),
  ),
  verboseFeatureNamesOut: boolean(true),
};

interface Part {
  readonly name: string;
  /** Fitted, or "passthrough". */
  readonly step: ColumnStep;
  readonly columns: readonly number[];
  /** It is given its one column as documents, not as a table. */
  readonly documents?: boolean;
  /** How many columns of the result are its own. */
  readonly width: number;
}

interface Fitted extends FittedBase {
  readonly parts: readonly Part[];
  readonly dropped: readonly number[];
}

const REMAINDER = "remainder";

/**
 * Different transformers for different columns, their results side by side: scikit-learn's ColumnTransformer. Columns are named
 * or numbered, or chosen by a function (makeColumnSelector). X may hold strings, where a transformer takes them: a vectorizer gets
 * the texts of one column, named or numbered as it is (`"text"`; `["text"]` is a table of one column, which it reads too). The
 * transformers given stay unfitted; fit fits clones of them, which namedTransformers_ shows.
 *
 * @example
 * const prepare = new ColumnTransformer({
 *   transformers: [
 *     ["scale", new StandardScaler(), ["Time", "Amount"]],
 *     ["encode", new OneHotEncoder({ handleUnknown: "ignore" }), ["country"]],
 *   ],
 *   remainder: "passthrough",
 * });
 * const model = makePipeline(prepare, new LogisticRegression());
 */
export class ColumnTransformer extends BaseEstimator<ColumnTransformerParams, Fitted> {
  constructor(params: Partial<ColumnTransformerParams> = {}) {
    super("ColumnTransformer", SPECS, params);
  }

  get tags(): EstimatorTags {
    const steps = [...this.#steps().map(([, step]) => step), this.params.remainder];
    const rowwise = steps.every((step) => (step as { tags?: EstimatorTags } | null)?.tags?.rowwise !== false);
    const tags = { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false } as const;
    return rowwise ? tags : { ...tags, rowwise };
  }

  /**
   * Fits every transformer on its columns.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for columns that are not there, and what the transformers throw.
   */
  async fit(X: TableLike, y?: VectorLike, options: RunOptions = {}): Promise<this> {
    this.setFitted((await this.#learn(X, y, options, false)).fitted);
    return this;
  }

  /** fit, then transform of the same X, each transformer's work done once. */
  async fitTransform(X: TableLike, y?: VectorLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { made, fitted } = await this.#learn(X, y, options, true);
    const tables = made.map(({ table }, k) => {
      const { name } = fitted.parts[k] as Part;
      return { name, table: this.#weighed(name, table as Numbers) };
    });
    const result = await sideBySide(tables, this.params.sparseThreshold, "ColumnTransformer.fit", options.signal);
    options.signal?.throwIfAborted();
    this.setFitted(fitted);
    return result as Matrix<Float64Array>;
  }

  /**
   * The results of all transformers side by side: a Matrix, or a CsrMatrix (see sparseThreshold). Columns are found by name where
   * X has names, now and in fit: their order does not matter, and columns that are dropped may be missing.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  async transform(X: TableLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const fitted = this.fitted("transform");
    const where = "ColumnTransformer.transform";
    const shape = tableShape(X, `${where}: X`);
    const place = this.#places(fitted, shape, where);
    const tables = await parallel(
      fitted.parts.map(({ name, step, columns, documents = false }) => async (stop: AbortSignal) => {
        const given = columnsFor(X, columns.map(place), documents, `${where}: X`);
        const table =
          step === "passthrough"
            ? (given as TableLike)
            : await (step as Required<Methods>).transform(given, { signal: stop });
        return { name, table: this.#weighed(name, await numbersOf(table, `${where}: ${show(name)}`, stop)) };
      }),
      { nJobs: this.params.nJobs ?? undefined, signal: options.signal },
    );
    return (await sideBySide(tables, this.params.sparseThreshold, where, options.signal)) as Matrix<Float64Array>;
  }

  /**
   * Names of the columns of the result: transformer__column, or the columns' own names without verboseFeatureNamesOut.
   *
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_ARGUMENT where a transformer does not tell, or names occur twice.
   */
  getFeatureNamesOut(inputFeatures?: readonly string[]): readonly string[] {
    const { parts, nFeaturesIn, featureNamesIn } = this.fitted("getFeatureNamesOut");
    const where = "ColumnTransformer.getFeatureNamesOut";
    const names = inputFeatures ?? featureNamesIn ?? Array.from({ length: nFeaturesIn }, (_, j) => `x${j}`);
    const out = parts.flatMap(({ name, step, columns }) => {
      const given = columns.map((j) => names[j] as string);
      if (step !== "passthrough" && (step as Methods).getFeatureNamesOut === undefined) {
        throw invalidArgument(`${where}: the transformer ${show(name)} does not name its columns`);
      }
      const of = step === "passthrough" ? given : (step as Required<Methods>).getFeatureNamesOut(given);
      return this.params.verboseFeatureNamesOut ? of.map((column) => `${name}__${column}`) : of;
    });
    const twice = out.find((name, k) => out.indexOf(name) !== k);
    if (twice === undefined || this.params.verboseFeatureNamesOut) return out;
    throw invalidArgument(`${where}: two columns are named ${show(twice)}; verboseFeatureNamesOut tells them apart`);
  }

  /** The fitted transformers with their names and column numbers, "drop" for what is left out. */
  get transformers_(): readonly (readonly [name: string, step: ColumnStep, columns: readonly number[]])[] {
    const { parts, dropped } = this.fitted("transformers_");
    const used = parts.map(({ name, step, columns }) => [name, step, columns] as const);
    return dropped.length > 0 ? [...used, [REMAINDER, "drop", dropped] as const] : used;
  }

  /** The fitted transformers by name. */
  get namedTransformers_(): Readonly<Record<string, ColumnStep>> {
    return Object.fromEntries(this.transformers_.map(([name, step]) => [name, step]));
  }

  /** Where each transformer's columns are in the result: [first, one past the last]. */
  get outputIndices_(): Readonly<Record<string, readonly [begin: number, end: number]>> {
    let first = 0;
    return Object.fromEntries(
      this.fitted("outputIndices_").parts.map(({ name, width }) => [name, [first, (first += width)] as const]),
    );
  }

  protected override nested(): ReadonlyMap<string, unknown> {
    const { remainder } = this.params;
    const steps = this.#steps().map(([name, step]) => [name, step] as const);
    return new Map([...steps, ...(typeof remainder === "object" ? [[REMAINDER, remainder] as const] : [])]);
  }

  protected override replaceNested(name: string, value: unknown): Partial<ColumnTransformerParams> {
    return {
      transformers: this.#steps().map(
        ([key, step, columns]) => [key, key === name ? (value as ColumnStep) : step, columns] as const,
      ),
    };
  }

  /** The transformers as parameters; none while they are malformed: fit tells. */
  #steps(): ColumnTransformerParams["transformers"] {
    return SPECS.transformers.accepts(this.params.transformers) ? this.params.transformers : [];
  }

  /** What is to be fitted on which columns. */
  #planned(X: TableLike, shape: TableShape, where: string): Omit<Part, "width">[] {
    const steps = this.#steps().map(([name, step, columns]) => {
      if (name === "" || name.includes("__") || Object.hasOwn(SPECS, name)) {
        throw invalidArgument(
          `${where}: a transformer must not be named ${show(name)} (empty, a parameter, or with "__")`,
        );
      }
      const selected = selectedColumns(columns, X, `${where}: ${show(name)}`);
      const isOne = typeof columns === "string" || typeof columns === "number";
      return {
        name,
        step,
        columns: selected,
        documents: isOne && readsDocuments(step, X, selected[0] as number, where),
      };
    });
    const names = steps.map(({ name }) => name);
    const twice = names.find((name, k) => names.indexOf(name) !== k);
    if (twice !== undefined) throw invalidArgument(`${where}: there are two transformers named ${show(twice)}`);
    for (const name of Object.keys(this.params.transformerWeights ?? {})) {
      if (!names.includes(name) && name !== REMAINDER) {
        throw invalidArgument(
          `${where}: transformerWeights names ${show(name)}, which is no transformer; there are ${names.join(", ")}`,
        );
      }
    }
    const used = new Set(steps.flatMap(({ columns }) => columns));
    const others = Array.from({ length: shape.nFeatures }, (_, j) => j).filter((j) => !used.has(j));
    const { remainder } = this.params;
    const all = [...steps, ...(others.length > 0 ? [{ name: REMAINDER, step: remainder, columns: others }] : [])];
    const kept = all.filter(({ step, columns }) => step !== "drop" && columns.length > 0);
    for (const { name, step } of kept) {
      const methods = step as Methods;
      const canFit = methods.fit !== undefined || methods.fitTransform !== undefined;
      if (step === "passthrough" || (canFit && methods.transform !== undefined)) continue;
      throw invalidArgument(
        `${where}: ${show(name)} must be a transformer with fit and transform, "drop" or "passthrough"`,
      );
    }
    if (kept.length === 0) throw invalidArgument(`${where}: all columns are dropped: nothing is left`);
    return kept;
  }

  /** The transformers fitted on their columns, and what they made of them where that is `wanted` or tells their widths. */
  async #learn(
    X: TableLike,
    y: VectorLike | undefined,
    { signal }: RunOptions,
    wanted: boolean,
  ): Promise<{ readonly made: readonly Made[]; readonly fitted: Fitted }> {
    this.checkParams();
    const where = "ColumnTransformer.fit";
    const shape = tableShape(X, `${where}: X`);
    if (shape.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    if ((await tableRows(X, where, signal)) === 0) {
      throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    }
    const steps = this.#planned(X, shape, where);
    const made = await parallel(
      steps.map(({ name, step, columns, documents = false }) => async (stop: AbortSignal) => {
        const given = columnsFor(X, columns, documents, `${where}: X`);
        const numbers = (table: TableLike): Promise<Numbers> => numbersOf(table, `${where}: ${show(name)}`, stop);
        return fittedPart(step, given, columns.length, y, wanted, numbers, stop);
      }),
      { nJobs: this.params.nJobs ?? undefined, signal },
    );
    signal?.throwIfAborted();
    const used = new Set(steps.flatMap(({ columns }) => columns));
    const fitted = {
      nFeaturesIn: shape.nFeatures,
      featureNamesIn: shape.featureNames,
      parts: steps.map(({ name, columns, documents = false }, k) => {
        const { step, width } = made[k] as Made;
        return { name, step, columns, documents, width };
      }),
      dropped: Array.from({ length: shape.nFeatures }, (_, j) => j).filter((j) => !used.has(j)),
    };
    return { made, fitted };
  }

  /** Where the columns of fit are now. */
  #places({ parts, featureNamesIn }: Fitted, shape: TableShape, where: string): (j: number) => number {
    if (featureNamesIn === undefined || shape.featureNames === undefined) {
      this.checkFeatures("transform", shape);
      return (j) => j;
    }
    const needed = [...new Set(parts.flatMap(({ columns }) => columns))];
    const missing = needed
      .map((j) => featureNamesIn[j] as string)
      .filter((name) => !shape.featureNames?.includes(name));
    if (missing.length > 0) throw invalidData(`${where}: columns are missing: ${missing.map(show).join(", ")}`);
    const found = columnNumbers(
      needed.map((j) => featureNamesIn[j] as string),
      shape,
      where,
    );
    const places = new Map(needed.map((j, k) => [j, found[k] as number]));
    return (j) => places.get(j) as number;
  }

  #weighed(name: string, table: Numbers): Numbers {
    return scaled(table, this.params.transformerWeights?.[name] ?? 1);
  }
}

/**
 * A ColumnTransformer whose transformers are named after their classes, as makePipeline names steps.
 *
 * @example const prepare = makeColumnTransformer([new StandardScaler(), ["Time", "Amount"]], ["passthrough", ["V1", "V2"]]);
 */
export function makeColumnTransformer(
  ...steps: readonly (readonly [step: ColumnStep, columns: Columns])[]
): ColumnTransformer {
  const names = automaticNames(steps.map(([step]) => step));
  return new ColumnTransformer({
    transformers: steps.map(([step, columns], k) => [names[k] as string, step, columns] as const),
  });
}
