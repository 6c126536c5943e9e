import { effectiveNJobs, memoryLimitBytes, spillDirectory } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { choice, custom, either, type ParamSpec } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import { pour, mapRows, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import type { FeatureLabels, FloatArray, JobOptions, SinkHandle } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** First centres given row by row: nClusters × nFeatures. */
export type InitialCenters = readonly (readonly number[])[];

/** Options of clustering's fit and score. */
export interface ClusterFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** A rule for `init`: one of the names, or rows of numbers. */
export function initSpec<T extends string>(fallback: T, names: readonly T[]): ParamSpec<T | InitialCenters> {
  const rows = custom<InitialCenters>([], "rows of numbers (nClusters × nFeatures)", isRows);
  return either<T, InitialCenters>(choice(fallback, names), rows, fallback);
}

function isRows(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((row) => Array.isArray(row) && row.every(Number.isFinite))
  );
}

/** What a rule for `nInit` accepts: "auto" or a number of starts. */
export function resolvedNInit(nInit: number | "auto", init: unknown, forRandom: number): number {
  if (typeof init !== "string") return 1;
  return nInit === "auto" ? (init === "random" ? forRandom : 1) : nInit;
}

/** Given centres as the seam takes them. @throws TreelineError ERR_INVALID_ARGUMENT for a wrong shape. */
export function startOf(
  className: string,
  init: string | InitialCenters,
  nClusters: number,
  nFeatures: number,
): Float64Array | undefined {
  if (typeof init === "string") return undefined;
  if (init.length !== nClusters || init.some((row) => row.length !== nFeatures)) {
    throw invalidArgument(
      `${className}: init must be nClusters × nFeatures, ${nClusters} × ${nFeatures}, got ${init.length} × ${init[0]?.length ?? 0}`,
    );
  }
  return Float64Array.from(init.flat());
}

/** The points of a table in a native store, and their weights. */
export interface Poured {
  readonly sink: SinkHandle;
  readonly weights: Float64Array | undefined;
  readonly rows: number;
}

/** Reads X and its weights, checks both. `atLeast`: the fewest rows that will do. */
export async function pourPoints(
  where: string,
  source: RowSource,
  options: ClusterFitOptions,
  shift: Float64Array | undefined,
  atLeast: number,
  job: JobOptions,
): Promise<Poured> {
  if (source.nRows !== undefined) checkEnough(where, source.nRows, atLeast);
  const given = options.sampleWeight;
  let weights: Float64Array | undefined;
  if (given !== undefined) {
    const values = await readTarget(given, `${where}: sampleWeight`, options.signal);
    weights = await readSampleWeight(values, source.nRows ?? values.length, where);
  }
  const budget = { memoryLimit: memoryLimitBytes() ?? 0, spillDirectory: spillDirectory() };
  const sink = addon().createPointSink(labelsOf(where, source), shift, budget);
  const { rows } = await pour(source, sink, job, options.signal);
  checkEnough(where, rows, atLeast);
  if (weights !== undefined && weights.length !== rows) {
    throw invalidData(`${where}: sampleWeight has ${weights.length} values, but X has ${rows} rows`);
  }
  return { sink, weights, rows };
}

function checkEnough(where: string, rows: number, atLeast: number): void {
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (rows < atLeast) {
    throw invalidData(
      `${where}: X has ${rows} rows, fewer than nClusters, ${atLeast}: give it more, or lower nClusters`,
    );
  }
}

/** What native messages call a table. */
export function labelsOf(where: string, source: RowSource): FeatureLabels {
  return { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
}

/** The RowSource of X, at least one column wide. */
export function sourceOf(where: string, X: MatrixLike): RowSource {
  const source = rowSourceOf(X, `${where}: X`);
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  return source;
}

/** Fitted centres: less the shift that the points were compared with. */
export interface FittedCenters {
  readonly centers: Float64Array;
  readonly shift: Float64Array;
}

/** The nearest centre of every row, or the squared distance from it. */
export async function mapCenters(
  where: string,
  source: RowSource,
  { centers, shift }: FittedCenters,
  output: "label" | "squaredDistance",
  options?: RunOptions,
): Promise<Float64Array> {
  const { values } = await runJob(effectiveNJobs(), options, (job) => {
    const map = addon().createCentersMap(labelsOf(where, source), centers, shift, output);
    return mapRows(source, map, 1, Float64Array, job, options?.signal);
  });
  return values;
}

/** Distances of every row from all centres: float32 for a Matrix of float32, else float64. */
export async function centerDistances<T extends FloatArray>(
  where: string,
  X: MatrixLike,
  source: RowSource,
  fitted: FittedCenters,
  options?: RunOptions,
): Promise<Matrix<T>> {
  const narrow = X instanceof Matrix && X.data instanceof Float32Array;
  const type = (narrow ? Float32Array : Float64Array) as unknown as new (length: number) => T;
  const nClusters = fitted.centers.length / fitted.shift.length;
  return runJob(effectiveNJobs(), options, async (job) => {
    const map = addon().createPairwiseMap(labelsOf(where, source), centersOf(fitted), "euclidean", 0);
    const { rows, values } = await mapRows(source, map, nClusters, type, job, options?.signal, where);
    return new Matrix(values, [rows, nClusters]);
  });
}

/** Minus the weighted sum of squared distances from the nearest centres. */
export async function scoreOf(
  where: string,
  source: RowSource,
  fitted: FittedCenters,
  options: ClusterFitOptions,
): Promise<number> {
  const values = await mapCenters(where, source, fitted, "squaredDistance", options);
  const weights =
    options.sampleWeight === undefined
      ? undefined
      : await readSampleWeight(
          await readTarget(options.sampleWeight, `${where}: sampleWeight`, options.signal),
          values.length,
          where,
        );
  return -values.reduce((sum, value, i) => sum + value * (weights?.[i] ?? 1), 0);
}

/** The centres in the units of X. */
export function centersOf({ centers, shift }: FittedCenters): Float64Array {
  return centers.map((value, at) => value + (shift[at % shift.length] as number));
}

/** A rule for nInit. */
export function nInitSpec(): ParamSpec<number | "auto"> {
  return custom<number | "auto">(
    "auto",
    'a positive integer, or "auto"',
    (value) => value === "auto" || (Number.isInteger(value) && (value as number) >= 1),
    0,
  );
}

/** How a message shows a count of clusters. */
export function showClusters(found: number, wanted: number): string {
  return `${show(found)} distinct clusters, fewer than nClusters, ${wanted}: X may hold equal rows`;
}
