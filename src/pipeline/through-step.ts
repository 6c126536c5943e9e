import { memoryLimitBytes } from "../base/config.js";
import { BaseEstimator, type AnyEstimator } from "../base/estimator.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import type { InputLike } from "../data/documents.js";
import { isArrowRecordBatch, isArrowTable } from "../data/arrow.js";
import { Matrix } from "../data/matrix.js";
import { chunkRowsFor, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { inBlock, tableBlocks } from "../data/table-blocks.js";
import { tableRows, type TableLike } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { Chunk } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { ambientStepCache } from "./step-cache.js";

/** A transformer, fitted or not. */
interface Transformer {
  fit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  transform?(X: InputLike, options?: RunOptions): Promise<TableLike>;
  fitTransform?(X: InputLike, y?: VectorLike, options?: object): Promise<TableLike>;
  getFeatureNamesOut?(inputFeatures?: readonly string[]): readonly string[];
}

/**
 * Fits a step; what it makes of X (in `withCache` read where it was made before). Where X is not in memory and the result would pass memoryLimit, that is a table which is
 * computed in every pass: the same numbers.
 */
export async function fitThroughStep(
  step: Transformer,
  X: InputLike,
  y: VectorLike | undefined,
  options: RunOptions,
): Promise<InputLike> {
  const make = async (): Promise<InputLike> => {
    const table = blockwise(step, X);
    if (table === undefined && step.fitTransform !== undefined) return step.fitTransform(X, y, options);
    await step.fit?.(X, y, options);
    return throughStep(step, X, runOptions(options));
  };
  const cache = ambientStepCache();
  if (cache === undefined || !(step instanceof BaseEstimator)) return make();
  return cache.use({ step: step as AnyEstimator, X, y, options }, make);
}

/** What a fitted step makes of X, as fitThroughStep gives it; X itself where the step has no transform. */
export async function throughStep(step: Transformer, X: InputLike, options: RunOptions): Promise<InputLike> {
  if (step.transform === undefined) return X;
  const table = blockwise(step, X);
  const nFeatures = table && columnsOut(step);
  if (table !== undefined && nFeatures !== undefined) {
    const rows = await tableRows(X as TableLike, "Pipeline: X", options.signal);
    if (8 * rows * nFeatures > (memoryLimitBytes() ?? Infinity)) {
      return new TransformedSource(step as Required<Transformer>, table, rows, nFeatures);
    }
  }
  return step.transform(X, options);
}

/** The options that every call on a step takes. */
export function runOptions({ signal, onProgress }: RunOptions): RunOptions {
  return { ...(signal && { signal }), ...(onProgress && { onProgress }) };
}

/** What a fitted transformer makes of a table, computed block by block in every pass: it is never in memory as a whole. */
class TransformedSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames = undefined;
  readonly categories = undefined;
  readonly #step: Required<Transformer>;
  readonly #table: RowSource;

  constructor(step: Required<Transformer>, table: RowSource, nRows: number, nFeatures: number) {
    this.nFeatures = nFeatures;
    this.nRows = nRows;
    this.#step = step;
    this.#table = table;
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const size = blockRows(Math.max(this.#table.nFeatures, this.nFeatures));
    for await (const block of tableBlocks(this.#table, size, signal)) {
      const Z = await inBlock(block, this.#step.transform(block.source, signal && { signal }));
      for await (const chunk of rowSourceOf(Z as MatrixLike, "Pipeline").chunks(signal)) {
        yield { ...chunk, firstRow: block.firstRow + chunk.firstRow };
      }
    }
  }
}

/** X as numbers, if there is a memory limit and X is not in memory, and the step may be asked block by block. */
function blockwise(step: Transformer, X: InputLike): RowSource | undefined {
  if (memoryLimitBytes() === undefined || isInMemory(X) || !(step instanceof BaseEstimator)) return undefined;
  const { rowwise, documents } = (step as AnyEstimator).tags;
  return rowwise === false || documents === true ? undefined : numbersOf(X);
}

/** How many columns a fitted step makes; undefined where it does not tell. */
export function columnsOut(step: Pick<Transformer, "getFeatureNamesOut">): number | undefined {
  try {
    return step.getFeatureNamesOut?.().length;
  } catch {
    return undefined;
  }
}

/** Rows of a block: about 4 MB, and no more than a quarter of memoryLimit, as far as whole slots allow. */
function blockRows(cols: number): number {
  const rows = Math.floor((memoryLimitBytes() ?? Infinity) / (4 * 8 * Math.max(1, cols)));
  return Math.max(1024, Math.min(chunkRowsFor(cols), rows - (rows % 1024)));
}

function isInMemory(X: InputLike): boolean {
  return X instanceof Matrix || X instanceof CsrMatrix || Array.isArray(X) || isArrowTable(X) || isArrowRecordBatch(X);
}

/** X as numbers and codes of categories; undefined where it holds something else. */
function numbersOf(X: InputLike): RowSource | undefined {
  try {
    return rowSourceOf(X as MatrixLike, "Pipeline: X", { categories: true });
  } catch {
    return undefined;
  }
}
