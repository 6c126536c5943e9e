import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { boolean, custom, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import type { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { tableShape, type TableLike } from "../data/table-columns.js";
import type { RunOptions } from "../native/job.js";
import { namesOf, refuseNonFinite } from "./chunked-transformer.js";

/** Makes a table of a table. */
export type TableFunction = (X: never, kwargs: Readonly<Record<string, unknown>>) => unknown;

/** Names of the columns that a function makes. */
export type NamesFunction = (inputFeatures: readonly string[]) => readonly string[];

/** Parameters of FunctionTransformer. */
export interface FunctionTransformerParams {
  /** What to do with a table, as it was given: may be asynchronous. Default null: nothing. */
  func: TableFunction | null;
  /** The way back. Default null: nothing. */
  inverseFunc: TableFunction | null;
  /** Names of the columns: "oneToOne" those of X, or a function of them. Default null: they are not known. */
  featureNamesOut: "oneToOne" | NamesFunction | null;
  /** Second argument of func. */
  kwArgs: Readonly<Record<string, unknown>> | null;
  /** Second argument of inverseFunc. */
  invKwArgs: Readonly<Record<string, unknown>> | null;
  /** Give func a Matrix of finite numbers, and refuse others; columns must be those of fit. Default false. */
  validate: boolean;
  /**
   * func makes each row of that row alone, and is given a Matrix: a pipeline may call it with a block of rows after the other
   * where the whole would pass memoryLimit (Dask-ML's BlockTransformer). featureNamesOut must say how many columns there
   * will be. Default false.
   */
  rowwise: boolean;
}

function functionSpec(): ParamSpec<TableFunction | null> {
  return custom<TableFunction | null>(null, "a function, or null", (f) => f === null || typeof f === "function", "f");
}

function kwArgsSpec(): ParamSpec<Readonly<Record<string, unknown>> | null> {
  return custom<Readonly<Record<string, unknown>> | null>(null, "an object, or null", (o) => typeof o === "object", 1);
}

const SPECS: ParamSpecs<FunctionTransformerParams> = {
  func: functionSpec(),
  inverseFunc: functionSpec(),
  featureNamesOut: custom<FunctionTransformerParams["featureNamesOut"]>(
    null,
    '"oneToOne", a function of the names, or null',
    (value) => value === null || value === "oneToOne" || typeof value === "function",
    1,
  ),
  kwArgs: kwArgsSpec(),
  invKwArgs: kwArgsSpec(),
  validate: boolean(false),
  rowwise: boolean(false),
};

/**
 * A function of your own as a transformer: scikit-learn's FunctionTransformer. It gets the table as it was given, and may give
 * a Matrix, rows, a CsrMatrix, an Arrow table, a Frame or a ChunkedMatrix. Models with it cannot be saved: a function is no
 * data.
 *
 * @example
 * const log = new FunctionTransformer({
 *   func: async (X: Matrix) => (await ChunkedMatrix.from(X)).log1p().toMatrix(),
 *   featureNamesOut: "oneToOne",
 * });
 */
export class FunctionTransformer extends BaseEstimator<FunctionTransformerParams, FittedBase> {
  constructor(params: Partial<FunctionTransformerParams> = {}) {
    super("FunctionTransformer", SPECS, params);
  }

  get tags(): EstimatorTags {
    const { validate, rowwise } = this.params;
    return { kind: "transformer", allowNaN: !validate, requiresY: false, sampleWeight: false, rowwise };
  }

  /** Learns nothing but number and names of the columns. */
  async fit(X: TableLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    options.signal?.throwIfAborted();
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = tableShape(X, "FunctionTransformer.fit: X");
    if (this.params.validate) await this.#matrix(X, "fit", options);
    this.setFitted({ nFeaturesIn, featureNamesIn });
    return this;
  }

  /** What func makes of X. @throws TreelineError ERR_NOT_FITTED, and what func throws. */
  async transform<T = TableLike>(X: TableLike, options: RunOptions = {}): Promise<T> {
    return this.#call("transform", X, this.params.func, this.params.kwArgs, options) as Promise<T>;
  }

  /** fit, then transform of the same X. */
  async fitTransform<T = TableLike>(X: TableLike, y?: unknown, options: RunOptions = {}): Promise<T> {
    return (await this.fit(X, y, options)).transform<T>(X, options);
  }

  /** What inverseFunc makes of X. */
  async inverseTransform<T = TableLike>(X: TableLike, options: RunOptions = {}): Promise<T> {
    return this.#call("inverseTransform", X, this.params.inverseFunc, this.params.invKwArgs, options) as Promise<T>;
  }

  /** Names of the columns that func makes. @throws TreelineError ERR_INVALID_ARGUMENT where featureNamesOut is null. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): readonly string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const { featureNamesOut } = this.params;
    if (featureNamesOut === null) {
      throw invalidArgument("FunctionTransformer.getFeatureNamesOut: featureNamesOut says nothing about the names");
    }
    const names = namesOf("FunctionTransformer", fitted, inputFeatures);
    if (featureNamesOut === "oneToOne") return names;
    const made: unknown = featureNamesOut(names);
    if (Array.isArray(made) && made.every((name) => typeof name === "string")) return made as string[];
    throw invalidArgument(`FunctionTransformer: featureNamesOut must return an array of names, got ${show(made)}`);
  }

  async #call(
    method: string,
    X: TableLike,
    func: TableFunction | null,
    kwArgs: Readonly<Record<string, unknown>> | null,
    { signal }: RunOptions,
  ): Promise<unknown> {
    this.fitted(method);
    signal?.throwIfAborted();
    const { validate, rowwise } = this.params;
    if (!validate && !rowwise) return func === null ? X : func(X as never, kwArgs ?? {});
    if (method === "transform" && validate)
      this.checkFeatures(method, tableShape(X, `FunctionTransformer.${method}: X`));
    const table = await this.#matrix(X, method, { signal });
    return func === null ? table : func(table as never, kwArgs ?? {});
  }

  async #matrix(X: TableLike, method: string, { signal }: RunOptions): Promise<Matrix> {
    const where = `FunctionTransformer.${method}`;
    const table = await ChunkedMatrix.from(rowSourceOf(X as MatrixLike, `${where}: X`), { signal });
    if (table.cols === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    if (table.rows === 0 && method === "fit") throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    if (this.params.validate) await refuseNonFinite(table, where, signal);
    return table.toMatrix({ signal });
  }
}
