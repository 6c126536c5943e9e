import { invalidArgument, invalidData, show } from "../base/errors.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { quantileGrid } from "./grid.js";
import { readMatrix, type TableInMemory } from "./read-matrix.js";
import { averageByRecursion, hasLinearLeaves, hasTrees, splitsOnCategories } from "./tree-recursion.js";

/** "average": the mean over the rows; "individual": a curve a row (ICE); "both". */
export type PartialDependenceKind = "average" | "individual" | "both";

/** Options of partialDependence. */
export interface PartialDependenceOptions {
  /** Default "average". */
  readonly kind?: PartialDependenceKind | undefined;
  /**
   * "brute": predicts X once a grid point, for any estimator; "recursion": walks the trees of a HistGradientBoosting model
   * instead, far faster, with the training rows in place of X, in raw predictions. Default "auto": recursion where it
   * gives what was asked for.
   */
  readonly method?: "auto" | "brute" | "recursion" | undefined;
  /** What is averaged. Default "auto": predictProba, else decisionFunction, of classifiers; predict of regressors. */
  readonly responseMethod?: "auto" | "predict" | "predictProba" | "decisionFunction" | undefined;
  /** Most values of a feature in the grid: all it has, or evenly spaced ones. Default 100. */
  readonly gridResolution?: number | undefined;
  /** Shares of the rows below the ends of evenly spaced grids. Default [0.05, 0.95]. */
  readonly percentiles?: readonly [number, number] | undefined;
  /** One non-negative weight per row, for the average. */
  readonly sampleWeight?: VectorLike | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How predictions depend on one or two features. Grid points are numbered with the last feature fastest. */
export interface PartialDependence {
  /** The values of each feature that were tried. */
  readonly gridValues: readonly Float64Array[];
  /** Outputs × grid points: one output for regressors and two classes (the second), else one a class. */
  readonly average: Matrix<Float64Array> | undefined;
  /** For each output nSamples × grid points. */
  readonly individual: readonly Matrix<Float64Array>[] | undefined;
}

/** What is asked of the estimator. */
export interface Predictor {
  predict?(X: MatrixLike): Promise<unknown>;
  predictProba?(X: MatrixLike): Promise<Matrix>;
  decisionFunction?(X: MatrixLike): Promise<unknown>;
  readonly classes_?: LabelArray;
}

/**
 * How the predictions of a fitted estimator depend on one feature or two, the others being what they are: the mean over the
 * rows of X with the features set to each point of a grid. Follows scikit-learn's partial_dependence (Friedman 2001;
 * individual curves: Goldstein et al. 2015).
 *
 * @param features index or name of a feature, or two of them.
 * @example
 * const { gridValues, average } = await partialDependence(model, X, "age");
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function partialDependence(
  estimator: Predictor,
  X: MatrixLike,
  features: number | string | readonly (number | string)[],
  options: PartialDependenceOptions = {},
): Promise<PartialDependence> {
  const where = "partialDependence";
  const { kind = "average", gridResolution = 100, percentiles = [0.05, 0.95], signal } = options;
  if (!["average", "individual", "both"].includes(kind)) {
    throw invalidArgument(`${where}: kind must be "average", "individual" or "both", got ${show(kind)}`);
  }
  const table = await readMatrix(X, `${where}: X`, signal);
  if (table.matrix.rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  const columns = columnsOf(features, table, where);
  const gridValues = columns.map((j) => quantileGrid(table.matrix.column(j), gridResolution, percentiles, where));
  const points = product(gridValues);
  if (usesRecursion(estimator, columns, kind, options, where)) {
    const outputs = await averageByRecursion(estimator as never, columns, points, signal);
    return { gridValues, average: stack(outputs), individual: undefined };
  }
  const weights = await readSampleWeight(options.sampleWeight, table.matrix.rows, where);
  const respond = responseOf(estimator, options.responseMethod ?? "auto", where);
  const individual = await curves(respond, table, columns, points, signal);
  return {
    gridValues,
    average: kind === "individual" ? undefined : stack(individual.map((rows) => columnMeans(rows, weights))),
    individual: kind === "average" ? undefined : individual,
  };
}

function columnsOf(
  features: number | string | readonly (number | string)[],
  { matrix, featureNames }: TableInMemory,
  where: string,
): number[] {
  const given = typeof features === "number" || typeof features === "string" ? [features] : features;
  if (given.length < 1 || given.length > 2) {
    throw invalidArgument(`${where}: features must be one feature or two, got ${given.length}`);
  }
  return given.map((feature) => {
    const j = typeof feature === "string" ? (featureNames?.indexOf(feature) ?? -1) : feature;
    if (Number.isInteger(j) && j >= 0 && j < matrix.cols) return j;
    throw invalidArgument(`${where}: X has no feature ${show(feature)}, it has ${matrix.cols} features`);
  });
}

/** All points of a grid, the last feature fastest. */
function product(gridValues: readonly Float64Array[]): number[][] {
  return gridValues.reduce<number[][]>(
    (points, values) => points.flatMap((point) => Array.from(values, (value) => [...point, value])),
    [[]],
  );
}

/** Losses whose raw predictions are the predictions. */
const IDENTITY: ReadonlySet<unknown> = new Set(["squaredError", "absoluteError", "quantile", "huber", "fair", "mape"]);

function usesRecursion(
  estimator: Predictor,
  columns: readonly number[],
  kind: PartialDependenceKind,
  { method = "auto", responseMethod = "auto", sampleWeight }: PartialDependenceOptions,
  where: string,
): boolean {
  if (method === "brute") return false;
  const obstacle = !hasTrees(estimator)
    ? "the estimator has no trees"
    : kind !== "average"
      ? `kind is "${kind}"`
      : sampleWeight !== undefined
        ? "there are sample weights"
        : responseMethod === "predictProba" || (responseMethod === "predict" && estimator.classes_ !== undefined)
          ? `responseMethod is "${responseMethod}"`
          : splitsOnCategories(estimator, columns)
            ? "a feature is categorical"
            : hasLinearLeaves(estimator)
              ? "leaves are linear"
              : undefined;
  if (method === "recursion") {
    if (obstacle !== undefined) throw invalidArgument(`${where}: method "recursion" is not possible: ${obstacle}`);
    return true;
  }
  if (obstacle !== undefined) return false;
  if (estimator.classes_ !== undefined) return responseMethod === "decisionFunction";
  const { loss } = (estimator as unknown as { getParams(): { loss?: unknown } }).getParams();
  return IDENTITY.has(loss);
}

/** Numbers of every row: a column an output. */
type Respond = (X: MatrixLike) => Promise<Matrix>;

function responseOf(estimator: Predictor, asked: string, where: string): Respond {
  const isClassifier = estimator.classes_ !== undefined;
  const methods = asked !== "auto" ? [asked] : isClassifier ? ["predictProba", "decisionFunction"] : ["predict"];
  const name = methods.find((method) => typeof (estimator as Record<string, unknown>)[method] === "function");
  if (name === undefined || !["predict", "predictProba", "decisionFunction"].includes(name)) {
    throw invalidArgument(`${where}: the estimator must have ${methods.join(" or ")}`);
  }
  if (name === "predict" && isClassifier) {
    throw invalidArgument(`${where}: classes cannot be averaged: responseMethod must not be "predict" for classifiers`);
  }
  return async (X) => {
    const values = await (estimator as Record<string, (X: MatrixLike) => Promise<unknown>>)[name]?.(X);
    if (!(values instanceof Matrix)) return new Matrix(values as Float64Array, [(values as Float64Array).length, 1]);
    if (estimator.classes_?.length !== 2 || values.cols !== 2) return values;
    const second = Float64Array.from(values.column(1) as ArrayLike<number>);
    return new Matrix(second, [second.length, 1]);
  };
}

/** Predictions of all rows at all points: for each output rows × points. */
async function curves(
  respond: Respond,
  { matrix, rebuild }: TableInMemory,
  columns: readonly number[],
  points: readonly (readonly number[])[],
  signal: AbortSignal | undefined,
): Promise<Matrix<Float64Array>[]> {
  const changed = new Matrix(matrix.data.slice(), [matrix.rows, matrix.cols]);
  const outputs: Matrix<Float64Array>[] = [];
  for (const [p, point] of points.entries()) {
    signal?.throwIfAborted();
    columns.forEach((column, k) => {
      for (let i = 0; i < matrix.rows; i++) changed.data[i * matrix.cols + column] = point[k] as number;
    });
    const values = await respond(rebuild(changed));
    for (let k = 0; k < values.cols; k++) {
      outputs[k] ??= new Matrix(new Float64Array(matrix.rows * points.length), [matrix.rows, points.length]);
      const column = values.column(k);
      for (let i = 0; i < matrix.rows; i++) (outputs[k] as Matrix).data[i * points.length + p] = column[i] as number;
    }
  }
  return outputs;
}

function columnMeans(rows: Matrix<Float64Array>, weights: Float64Array | undefined): Float64Array {
  const sums = new Float64Array(rows.cols);
  let total = 0;
  for (let i = 0; i < rows.rows; i++) {
    const weight = weights?.[i] ?? 1;
    total += weight;
    for (let p = 0; p < rows.cols; p++) {
      sums[p] = (sums[p] as number) + weight * (rows.data[i * rows.cols + p] as number);
    }
  }
  return sums.map((sum) => sum / total);
}

function stack(rows: readonly Float64Array[]): Matrix<Float64Array> {
  const cols = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * cols);
  rows.forEach((row, k) => data.set(row, k * cols));
  return new Matrix(data, [rows.length, cols]);
}
