import { invalidArgument, invalidData } from "../base/errors.js";
import { clone, type AnyEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { custom, type ParamSpec } from "../base/params.js";
import { parallel, parallelStream, type Task } from "../base/parallel.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { inputBlocks, knownRows, type InputBlock } from "../data/input-blocks.js";
import type { Matrix } from "../data/matrix.js";
import { inBlock, valuesOf } from "../data/table-blocks.js";
import type { TableShape } from "../data/table-columns.js";
import { readColumn, readSampleWeight, type ColumnValues, type LabelArray, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";

/** The methods of the estimators that vote. */
export interface Voter {
  fit(X: InputLike, y: VectorLike, options?: object): Promise<unknown>;
  predict(X: InputLike, options?: RunOptions): Promise<ArrayLike<unknown>>;
  predictProba?(X: InputLike, options?: RunOptions): Promise<Matrix<Float64Array>>;
  readonly classes_: LabelArray;
}

/** What fit takes besides X and y. */
export interface BlockwiseFitOptions extends RunOptions {
  /** One weight per row, where the estimator takes them. */
  readonly sampleWeight?: VectorLike | undefined;
}

export interface BlockwiseFitted extends FittedBase {
  readonly estimators: readonly AnyEstimator[];
}

/** The parameters both kinds of voters have. */
export interface BlockwiseParams {
  /** The estimator every block's own is a clone of. */
  estimator: AnyEstimator | null;
  /** Rows of a block. Default 65536. */
  blockSize: number;
  /** Blocks that are learned, or answered for, at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
}

/** The rule of a parameter that is an estimator with fit and predict. */
export function voterSpec(): ParamSpec<AnyEstimator | null> {
  const has = (value: unknown, method: string): boolean =>
    typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === "function";
  return custom<AnyEstimator | null>(
    null,
    "an estimator with fit and predict",
    (value) => ["fit", "predict", "getParams"].every((method) => has(value, method)),
    "an estimator",
  );
}

/** X of a fit, and y as it came. */
export interface BlockwiseData {
  readonly where: string;
  readonly X: InputLike;
  readonly shape: TableShape;
  readonly y: ColumnValues;
  readonly weights: Float64Array | undefined;
}

/** @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
export async function readBlockwiseData(
  where: string,
  X: InputLike,
  y: VectorLike,
  options: BlockwiseFitOptions,
): Promise<BlockwiseData> {
  const shape = inputShape(X, `${where}: X`, "once");
  if (shape.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (y === undefined || y === null) {
    throw invalidArgument(`${where}: y is missing: this estimator learns from X and y`);
  }
  const values = await readColumn(y, `${where}: y`, options.signal);
  const rows = knownRows(X, `${where}: X`);
  if (rows !== undefined && rows !== values.length) {
    throw invalidData(`${where}: X has ${rows} rows, but y has ${values.length} values`);
  }
  return { where, X, shape, y: values, weights: await readSampleWeight(options.sampleWeight, values.length, where) };
}

/**
 * One clone per block of rows, each fitted on its block, `nJobs` at the same time. Progress counts blocks; of how many is
 * known where the table knows its rows.
 */
export async function fitBlocks(
  { where, X, y, weights }: BlockwiseData,
  { blockSize, nJobs }: BlockwiseParams,
  estimatorFor: (y: ColumnValues) => AnyEstimator,
  options: BlockwiseFitOptions,
): Promise<AnyEstimator[]> {
  const total = Math.ceil(y.length / blockSize);
  const report = ({ done }: { done: number }): void =>
    options.onProgress?.({ fraction: total > 0 ? done / total : 0, done, total, score: NaN });
  let rows = 0;
  const fitOne = async (block: InputBlock, signal: AbortSignal): Promise<AnyEstimator> => {
    const target = valuesOf(y, block);
    const estimator = estimatorFor(target);
    const sampleWeight = weights && valuesOf(weights, block);
    const blockOptions = { signal, ...(sampleWeight && { sampleWeight }) };
    await inBlock(block, (estimator as unknown as Voter).fit(block.X, target, blockOptions));
    return estimator;
  };
  async function* tasks(): AsyncGenerator<Task<AnyEstimator>, void, undefined> {
    for await (const block of inputBlocks(X, blockSize, `${where}: X`, options.signal)) {
      rows += block.rows;
      if (rows > y.length) throw invalidData(`${where}: X has more rows than y has values, which are ${y.length}`);
      yield (signal) => fitOne(block, signal);
    }
  }
  const estimators = await parallel(tasks(), {
    nJobs: nJobs ?? undefined,
    signal: options.signal,
    ...(options.onProgress && { onProgress: report }),
  });
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (rows !== y.length) throw invalidData(`${where}: X has ${rows} rows, but y has ${y.length} values`);
  return estimators;
}

/** `answer` for every block of X, a few at the same time; the results in row order, one after another. */
export async function answerBlocks(
  X: InputLike,
  { blockSize, nJobs }: BlockwiseParams,
  where: string,
  width: number,
  answer: (block: InputLike, rows: number, signal: AbortSignal) => Promise<Float64Array>,
  { signal }: RunOptions = {},
): Promise<Float64Array> {
  async function* tasks(): AsyncGenerator<Task<Float64Array>, void, undefined> {
    for await (const block of inputBlocks(X, blockSize, where, signal)) {
      yield (stop) => inBlock(block, answer(block.X, block.rows, stop));
    }
  }
  const parts: Float64Array[] = [];
  for await (const { value } of parallelStream(tasks(), { nJobs: nJobs ?? undefined, signal })) parts.push(value);
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  if (values.length % width !== 0) throw new Error("blocks of answers of unequal width");
  return values;
}

/** What generic code may expect: what the estimator says, as far as it is known. */
export function votersTags(kind: EstimatorTags["kind"], { estimator }: BlockwiseParams): EstimatorTags {
  const {
    allowNaN = true,
    sampleWeight = false,
    documents,
  } = (estimator as { tags?: EstimatorTags } | null)?.tags ?? {};
  const tags = { kind, allowNaN, requiresY: true, sampleWeight };
  return documents === true ? { ...tags, documents } : tags;
}

/** A fresh estimator for a block. */
export function voterOf({ estimator }: BlockwiseParams): AnyEstimator {
  return clone(estimator as AnyEstimator);
}
