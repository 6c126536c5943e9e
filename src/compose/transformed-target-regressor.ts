import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, custom, nullable, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { type TableLike } from "../data/table-columns.js";
import { readTargets, targetMatrix, type TargetsLike } from "../data/targets.js";
import { inTurns, type VectorLike } from "../data/vector.js";
import { meanR2 } from "../ensemble/multi-output.js";
import { LinearRegression } from "../linear-model/linear-regression.js";
import type { RunOptions } from "../native/job.js";
import { numbersOf } from "../pipeline/side-by-side.js";
import { FunctionTransformer } from "../preprocessing/function-transformer.js";
import { estimatorSpec, has, tagsOf, type Methods, type Wrappable } from "../wrappers/wrapped.js";

/** A function of one number. */
export type NumberFunction = (value: number) => number;

/** Parameters of TransformedTargetRegressor. */
export interface TransformedTargetRegressorParams {
  /** What learns the transformed targets; null (default): LinearRegression. It is cloned, not changed. */
  regressor: Wrappable | null;
  /** What transforms the targets, nSamples × nTargets, and back; null (default): `func` and `inverseFunc`, if any. */
  transformer: object | null;
  /** What each target becomes before it is learned (`Math.log1p`). Default null: itself. */
  func: NumberFunction | null;
  /** The way back from each prediction (`Math.expm1`). Default null: itself. */
  inverseFunc: NumberFunction | null;
  /** Warn where the way back does not lead back. Default true. */
  checkInverse: boolean;
}

function numberFunction(): ParamSpec<NumberFunction | null> {
  return custom<NumberFunction | null>(
    null,
    "a function of a number, or null",
    (f) => f === null || typeof f === "function",
    "log",
  );
}

const SPECS: ParamSpecs<TransformedTargetRegressorParams> = {
  regressor: nullable(estimatorSpec("fit")),
  transformer: custom<object | null>(
    null,
    "a transformer with fit, transform and inverseTransform, or null",
    (value) => value === null || ["fit", "transform", "inverseTransform"].every((method) => has(value, method)),
    "a transformer",
  ),
  func: numberFunction(),
  inverseFunc: numberFunction(),
  checkInverse: boolean(true),
};

/** Options of TransformedTargetRegressor.fit: they go to the regressor. */
export interface TransformedTargetFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

/** What a transformer of targets can do. */
interface TargetTransformer {
  fit(y: Matrix, ignored?: undefined, options?: RunOptions): Promise<unknown>;
  transform(y: Matrix, options?: RunOptions): Promise<TableLike>;
  inverseTransform(y: Matrix, options?: RunOptions): Promise<TableLike>;
}

interface Fitted extends FittedBase {
  readonly regressor: Wrappable;
  readonly transformer: object;
  readonly nTargets: number;
  /** y was a column. */
  readonly isFlat: boolean;
}

/**
 * A regressor that learns transformed targets and whose predictions are transformed back: scikit-learn's
 * TransformedTargetRegressor. `func` and `inverseFunc` are functions of one number, where scikit-learn's get an array; a model
 * with them cannot be saved, one with a transformer can.
 *
 * @example
 * const model = new TransformedTargetRegressor({ regressor: new Ridge(), func: Math.log1p, inverseFunc: Math.expm1 });
 * await model.fit(X, y);
 */
export class TransformedTargetRegressor extends BaseEstimator<TransformedTargetRegressorParams, Fitted> {
  constructor(params: Partial<TransformedTargetRegressorParams> = {}) {
    super("TransformedTargetRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    const { kind: _, ...tags } = tagsOf(this.params.regressor ?? new LinearRegression());
    return { ...tags, kind: "regressor" };
  }

  /**
   * Fits the transformer on the targets, then the regressor on X and what they become. X: nSamples × nFeatures; y: nSamples
   * numbers, or nSamples × nTargets. Progress is the regressor's.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what transformer and regressor throw.
   */
  async fit(X: InputLike, y: TargetsLike, options: TransformedTargetFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "TransformedTargetRegressor.fit";
    const transformer = this.#freshTransformer(where);
    const { signal } = options;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const targets = await readTargets(y, `${where}: y`, signal);
    if (targets.rows === 0) throw invalidData(`${where}: y has 0 values; at least 1 is needed`);
    const table = await targetMatrix(targets, signal);
    await transformer.fit(table, undefined, { signal });
    const changed = await denseOf(await transformer.transform(table, { signal }), `${where}: the transformer`, signal);
    refuseOdd(changed, table, where);
    if (this.params.checkInverse) await warnUnlessInverse(table, transformer, where, signal);
    const regressor = clone(this.params.regressor ?? new LinearRegression());
    const { isFlat, nTargets } = targets;
    await (regressor as Required<Methods>).fit(
      X,
      isFlat && changed.cols === 1 ? Float64Array.from(changed.data) : (changed as unknown as VectorLike),
      options,
    );
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn, featureNamesIn, regressor, transformer, nTargets, isFlat });
    return this;
  }

  /** The regressor's predictions, transformed back; of several targets a Matrix, nSamples × nTargets. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<Float64Array> {
    const { regressor, transformer, isFlat } = this.fitted("predict");
    const where = "TransformedTargetRegressor.predict";
    this.checkFeatures("predict", inputShape(X, `${where}: X`));
    const predicted = (await (regressor as Required<Methods>).predict(X, options)) as ArrayLike<number> | Matrix;
    const table = predicted instanceof Matrix ? predicted : columnOf(predicted);
    const { signal } = options;
    const back = await (transformer as TargetTransformer).inverseTransform(table, { signal });
    const values = await denseOf(back, `${where}: the transformer`, signal);
    return isFlat && values.cols === 1 ? Float64Array.from(values.data) : (values as unknown as Float64Array);
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: InputLike, y: TargetsLike, options: TransformedTargetFitOptions = {}): Promise<number> {
    const where = "TransformedTargetRegressor.score";
    const predicted = (await this.predict(X, { signal: options.signal })) as Float64Array | Matrix;
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const values = predicted instanceof Matrix ? rowMajorOf(predicted) : predicted;
    const { nTargets } = this.fitted("score");
    return meanR2(targets, values, nTargets, { sampleWeight: options.sampleWeight }, `${where}: y`);
  }

  /** The fitted regressor: it knows the transformed targets. */
  get regressor_(): Wrappable {
    return this.fitted("regressor_").regressor;
  }

  /** The fitted transformer of the targets; with `func` a FunctionTransformer. */
  get transformer_(): object {
    return this.fitted("transformer_").transformer;
  }

  #freshTransformer(where: string): TargetTransformer {
    const { transformer, func, inverseFunc } = this.params;
    if (transformer !== null) {
      if (func === null && inverseFunc === null) return clone(transformer) as TargetTransformer;
      throw invalidArgument(`${where}: give a transformer, or func and inverseFunc, not both`);
    }
    if ((func === null) !== (inverseFunc === null)) {
      const [given, other] = func === null ? ["inverseFunc", "func"] : ["func", "inverseFunc"];
      throw invalidArgument(`${where}: ${given} needs ${other}; where nothing is to be done give (value) => value`);
    }
    return new FunctionTransformer({
      func: func && everywhere(func, `${where}: func`),
      inverseFunc: inverseFunc && everywhere(inverseFunc, `${where}: inverseFunc`),
      validate: true,
    }) as unknown as TargetTransformer;
  }
}

/** A function of one number as one of tables. */
function everywhere(func: NumberFunction, what: string): (table: Matrix) => Promise<Matrix> {
  return async ({ data, shape, order }) => {
    const out = new Float64Array(data.length);
    await inTurns(data.length, undefined, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const value: unknown = func(data[i] as number);
        if (typeof value !== "number") throw invalidArgument(`${what} must return a number, got ${show(value)}`);
        out[i] = value;
      }
    });
    return new Matrix(out, shape, order);
  };
}

function columnOf(values: ArrayLike<number>): Matrix {
  return new Matrix(Float64Array.from(values), [values.length, 1]);
}

/** What a transformer gave, row by row. */
async function denseOf(table: TableLike, who: string, signal: AbortSignal | undefined): Promise<Matrix> {
  const numbers = await numbersOf(table, who, signal);
  const dense = numbers instanceof CsrMatrix ? numbers.toDense() : numbers;
  return dense.order === "row" ? dense : new Matrix(rowMajorOf(dense), dense.shape);
}

function rowMajorOf(table: Matrix): Float64Array {
  if (table.order === "row") return table.data as Float64Array;
  const { rows, cols } = table;
  return Float64Array.from({ length: rows * cols }, (_, k) => table.at(Math.floor(k / cols), k % cols));
}

/** @throws TreelineError ERR_INVALID_DATA for targets that became no number, or rows that were lost. */
function refuseOdd(changed: Matrix, { rows, cols, data }: Matrix, where: string): void {
  if (changed.rows !== rows) {
    throw invalidData(`${where}: the transformer makes ${changed.rows} rows of y's ${rows}`);
  }
  const odd = changed.data.findIndex((value) => !Number.isFinite(value));
  if (odd < 0) return;
  const row = Math.floor(odd / changed.cols);
  const from = changed.cols === cols ? ` of ${data[odd]}` : "";
  throw invalidData(
    `${where}: the transformed y must be finite numbers, got ${changed.data[odd]}${from} in row ${row}`,
  );
}

/** As scikit-learn, of about ten rows: numpy.allclose. */
async function warnUnlessInverse(
  table: Matrix,
  transformer: TargetTransformer,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { rows, cols } = table;
  const step = Math.max(1, Math.floor(rows / 10));
  const chosen = Matrix.from(Array.from({ length: Math.ceil(rows / step) }, (_, k) => Array.from(table.row(k * step))));
  const there = await denseOf(await transformer.transform(chosen, { signal }), where, signal);
  const back = await denseOf(await transformer.inverseTransform(there, { signal }), where, signal);
  const isClose = (value: number, k: number): boolean => {
    const wanted = chosen.at(Math.floor(k / cols), k % cols);
    return Math.abs(value - wanted) <= 1e-8 + 1e-5 * Math.abs(value);
  };
  if (back.data.length === chosen.data.length && (back.data as Float64Array).every(isClose)) return;
  warnData(
    `${where}: the functions or the transformer are not strictly inverse of each other; checkInverse: false if that is meant`,
  );
}
