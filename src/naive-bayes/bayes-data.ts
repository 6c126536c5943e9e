import { invalidData } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import { partialClasses, encodeAs } from "../data/given-classes.js";
import type { RowSource } from "../data/row-source.js";
import { pour } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import type { JobOptions, SinkHandle } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";

/** What fit takes besides X and y. */
export interface NaiveBayesFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** What partialFit takes besides X and y. */
export interface NaiveBayesPartialFitOptions extends NaiveBayesFitOptions {
  /** All the labels there will ever be: needed in the first call. */
  readonly classes?: VectorLike | undefined;
}

/** What every naive Bayes model knows. */
export interface BayesFitted extends FittedBase {
  readonly classes: LabelArray;
  /** (Weighted) number of rows of every class. */
  readonly classCount: Float64Array;
}

/** A table and its labels, checked. */
export interface BayesData {
  readonly where: string;
  readonly source: RowSource;
  readonly classes: LabelArray;
  readonly codes: Int32Array;
  readonly weights: Float64Array | undefined;
}

/** The data of a fit: the classes are those of y. @throws TreelineError */
export async function readFitData(
  where: string,
  X: MatrixLike,
  y: VectorLike,
  options: NaiveBayesFitOptions,
): Promise<BayesData> {
  const source = rowSourceOf(X, `${where}: X`);
  const { classes, codes } = await encodeLabels(y, `${where}: y`, options.signal);
  return { where, source, classes, codes, weights: await readWeights(where, source, codes, options) };
}

/** The data of a partialFit: the classes are those of the calls before, or given. @throws TreelineError */
export async function readPartialData(
  where: string,
  X: MatrixLike,
  y: VectorLike,
  before: BayesFitted | undefined,
  options: NaiveBayesPartialFitOptions,
): Promise<BayesData> {
  const source = rowSourceOf(X, `${where}: X`);
  const classes = await partialClasses(options.classes, before?.classes, where);
  const codes = await encodeAs(y, classes, `${where}: y`, options.signal);
  return { where, source, classes, codes, weights: await readWeights(where, source, codes, options) };
}

async function readWeights(
  where: string,
  source: RowSource,
  codes: Int32Array,
  options: NaiveBayesFitOptions,
): Promise<Float64Array | undefined> {
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (source.nRows !== undefined) checkRows(where, source.nRows, codes.length);
  return readSampleWeight(options.sampleWeight, codes.length, where);
}

/** Pours the table into a sink; X and y must have the same number of rows, at least 1. */
export async function pourChecked(
  { where, source, codes }: BayesData,
  sink: SinkHandle,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { rows } = await pour(source, sink, job, signal);
  checkRows(where, rows, codes.length);
}

function checkRows(where: string, rows: number, targets: number): void {
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
}
