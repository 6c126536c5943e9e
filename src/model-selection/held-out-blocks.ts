import { invalidData } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import type { RowMask } from "../data/row-mask.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { rowsByMask, type Splittable } from "../data/split.js";
import {
  encodeLabels,
  readSampleWeight,
  type ColumnValues,
  type EncodedLabels,
  type VectorLike,
} from "../data/vector.js";
import { tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { permutation } from "./assignments.js";
import { derivedSeed } from "./k-fold.js";
import { splitSizes } from "./drawn-fold.js";
import { wholeOf } from "./evaluate.js";
import { maskWhere, otherRows } from "./fold.js";
import { holdOut, VALIDATE } from "./hold-out.js";

/** How a table is parted. */
export interface HeldOutOptions {
  readonly testSize: number | null;
  readonly blockSize: number;
  readonly seed: number;
  readonly sampleWeight?: VectorLike | undefined;
  readonly classes?: VectorLike | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A part of a table. */
export interface Rows {
  readonly X: MatrixLike;
  readonly y: ColumnValues | undefined;
  readonly sampleWeight?: Float64Array | undefined;
}

interface Parts {
  readonly test: Rows;
  readonly train: Rows & { readonly rows: number; readonly X: ChunkedMatrix | CsrMatrix };
  readonly classes: VectorLike | undefined;
  readonly kept: readonly ChunkedMatrix[];
}

/**
 * A table in parts, for models that learn by partialFit: rows to score on, held out once, and the others in blocks, which all
 * models share. Both are kept: in memory up to memoryLimit, beyond it in a temporary file. Which rows are where depends on
 * the seed, the number of rows and the labels only.
 */
export class HeldOutBlocks {
  /** Rows to score on; of a classifier every class has its share. */
  readonly test: Rows;
  /** Number of blocks: as equal in size as can be. */
  readonly nBlocks: number;
  /** The labels of a classifier. */
  readonly classes: VectorLike | undefined;
  readonly #parts: Parts;
  readonly #seed: number;
  readonly #orders = new Map<number, Int32Array>();

  private constructor(parts: Parts, blockSize: number, seed: number) {
    this.test = parts.test;
    this.classes = parts.classes;
    this.nBlocks = Math.ceil(parts.train.rows / blockSize);
    this.#parts = parts;
    this.#seed = seed;
  }

  /** Reads a table and parts it. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_IO */
  static async read(
    estimator: Wrappable,
    X: MatrixLike,
    y: VectorLike | undefined,
    options: HeldOutOptions,
    where: string,
  ): Promise<HeldOutBlocks> {
    const { testSize, blockSize, seed, signal } = options;
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const whole = await wholeOf(estimator, X, y, { signal }, where);
    const values = columnOf(whole.y, where);
    const sampleWeight = await readSampleWeight(options.sampleWeight, whole.rows, where);
    const isClassifier = tagsOf(estimator).kind === "classifier" && values !== undefined;
    const labels = isClassifier ? await encodeLabels(values, `${where}: y`, signal) : undefined;
    if (whole.rows < 2) throw invalidData(`${where}: X has 1 rows, and at least 2 are needed`);
    const usual = Math.min(0.2, 1 / Math.ceil(whole.rows / blockSize));
    const { test: count } = splitSizes(whole.rows, { testSize }, usual, where);
    const test = await heldOut(whole.rows, count, seed, labels);
    const train = otherRows(test);
    if (test.count === 0) throw invalidData(`${where}: every class of y has one row only: none can be held out`);
    const kept: ChunkedMatrix[] = [];
    const keep = async (mask: RowMask): Promise<ChunkedMatrix> => {
      const matrix = await ChunkedMatrix.from(rowsByMask(source, mask, mask.indices()) as MatrixLike, { signal });
      const stored = await matrix.persist({ signal });
      kept.push(stored);
      return stored;
    };
    const cut = <T extends ColumnValues>(column: T | undefined, mask: RowMask): T | undefined =>
      column && (rowsByMask(column, mask, mask.indices()) as T);
    try {
      const trainX = X instanceof CsrMatrix ? X.takeRows(train.indices()) : await keep(train);
      const isRead = (X as unknown) === source; // a Frame, a ChunkedMatrix: not to be read again for every model
      const testX = isRead ? await keep(test) : (rowsByMask(X as Splittable, test, test.indices()) as MatrixLike);
      const learn = { X: trainX, y: cut(values, train), sampleWeight: cut(sampleWeight, train), rows: train.count };
      const classes = options.classes ?? labels?.classes;
      const parts = { test: { X: testX, y: cut(values, test) }, train: learn, classes, kept };
      return new HeldOutBlocks(parts, blockSize, seed);
    } catch (error) {
      for (const matrix of kept) matrix.dispose();
      throw error;
    }
  }

  /** The block of a model's k-th call of partialFit, counted from 0: all blocks in a random order, then all in another. */
  block(k: number): Rows {
    const { X, y, sampleWeight, rows } = this.#parts.train;
    const pass = Math.floor(k / this.nBlocks);
    const order = this.#orders.get(pass) ?? permutation(this.nBlocks, derivedSeed(this.#seed, pass + 1));
    this.#orders.set(pass, order);
    const place = order[k % this.nBlocks] as number;
    const begin = Math.floor((place * rows) / this.nBlocks);
    const end = Math.floor(((place + 1) * rows) / this.nBlocks);
    return {
      X: X instanceof CsrMatrix ? X.takeRows(range(begin, end)) : X.slice(begin, end),
      y: y?.slice(begin, end) as ColumnValues | undefined,
      sampleWeight: sampleWeight?.slice(begin, end),
    };
  }

  /** Gives back what was kept. */
  dispose(): void {
    for (const matrix of this.#parts.kept) matrix.dispose();
  }
}

function columnOf(y: VectorLike | undefined, where: string): ColumnValues | undefined {
  if (y === undefined || y === null) return undefined;
  if (ArrayBuffer.isView(y) || (Array.isArray(y) && (typeof y[0] !== "object" || y[0] === null)))
    return y as ColumnValues;
  throw invalidData(`${where}: y must have one value a row`);
}

async function heldOut(rows: number, count: number, seed: number, labels: EncodedLabels | undefined): Promise<RowMask> {
  const use = await holdOut(rows, count, seed, labels?.codes, labels?.classes.length);
  return maskWhere(rows, (row) => use[row] === VALIDATE);
}

function range(begin: number, end: number): Int32Array {
  return Int32Array.from({ length: end - begin }, (_, k) => begin + k);
}
