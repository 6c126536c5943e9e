import { invalidData, show } from "../base/errors.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { documentBatches, type DocumentsLike } from "../data/documents.js";
import { takeBreak } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
import type { Analyzer } from "./analyzer.js";

/** Characters that are read between two turns of the event loop: a few milliseconds. */
const TURN_CHARACTERS = 0x10000;

/** Gives the column of a term, -1 for one that is not counted. */
export type ColumnOf = (term: string) => number;

/** A document's terms are added up in here: rows of a CsrMatrix, one after another. */
export interface RowBuilder {
  /** A row from its terms. */
  add(terms: Iterable<string>, where: string): void;
}

/**
 * Reads documents and hands the terms of each to a builder, in order, with the event loop's turns in between.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function readTerms(
  X: DocumentsLike,
  analyze: Analyzer,
  rows: RowBuilder,
  where: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  let since = 0;
  for await (const batch of documentBatches(X, `${where}: X`, signal)) {
    for (const document of batch) {
      rows.add(analyze(document), where);
      since += document.length + 16;
      if (since < TURN_CHARACTERS) continue;
      await takeBreak(signal);
      since = 0;
    }
  }
  signal?.throwIfAborted();
}

/** Counts of terms by document: column after column as terms are first seen, or as a vocabulary says. */
export class TermCounter implements RowBuilder {
  readonly #columnOf: ColumnOf;
  readonly #binary: boolean;
  readonly #step: () => number;
  readonly #data = new Growing(Float64Array);
  readonly #indices = new Growing(Int32Array);
  readonly #starts: number[] = [0];
  /** Where in the present row a column is, by column. */
  readonly #places = new Map<number, number>();

  /**
   * @param binary a term counts once a document.
   * @param step what the term that columnOf was asked for last adds; default 1.
   */
  constructor(columnOf: ColumnOf, binary: boolean, step: () => number = () => 1) {
    this.#columnOf = columnOf;
    this.#step = step;
    this.#binary = binary;
  }

  add(terms: Iterable<string>, where: string): void {
    const places = this.#places;
    places.clear();
    for (const term of terms) {
      if (typeof term !== "string") {
        throw invalidData(`${where}: the terms of a document must be strings, got ${show(term)}`);
      }
      const column = this.#columnOf(term);
      if (column < 0) continue;
      const place = places.get(column);
      if (place === undefined) {
        places.set(column, this.#data.length);
        this.#indices.push(column);
        this.#data.push(this.#binary ? 1 : this.#step());
      } else if (!this.#binary) this.#data.values[place] = (this.#data.values[place] as number) + this.#step();
    }
    this.#starts.push(this.#data.length);
  }

  get rows(): number {
    return this.#starts.length - 1;
  }

  get columns(): Int32Array {
    return this.#indices.values.subarray(0, this.#indices.length);
  }

  get counts(): Float64Array {
    return this.#data.values.subarray(0, this.#data.length);
  }

  /** The rows, each column moved to the place `target` has for it (-1: left out). */
  async matrix(
    cols: number,
    dtype: "float32" | "float64",
    target: Int32Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<CsrMatrix> {
    const { columns, counts } = this;
    const nnz = target === undefined ? columns.length : kept(columns, target);
    const data: FloatArray = dtype === "float32" ? new Float32Array(nnz) : new Float64Array(nnz);
    const indices = new Int32Array(nnz);
    const indptr = nnz < 2 ** 31 ? new Int32Array(this.rows + 1) : new Float64Array(this.rows + 1);
    let n = 0;
    let since = 0;
    for (let i = 0; i < this.rows; i++) {
      const entries: [column: number, count: number][] = [];
      const end = this.#starts[i + 1] as number;
      for (let k = this.#starts[i] as number; k < end; k++) {
        const column = columns[k] as number;
        const to = target === undefined ? column : (target[column] as number);
        if (to >= 0) entries.push([to, counts[k] as number]);
      }
      entries.sort(([a], [b]) => a - b);
      for (const [column, count] of entries) {
        indices[n] = column;
        data[n++] = count;
      }
      indptr[i + 1] = n;
      since += entries.length + 1;
      if (since < TURN_CHARACTERS) continue;
      await takeBreak(signal);
      since = 0;
    }
    return new CsrMatrix(data, indices, indptr, [this.rows, cols]);
  }
}

function kept(columns: Int32Array, target: Int32Array): number {
  let n = 0;
  for (const column of columns) if ((target[column] as number) >= 0) n++;
  return n;
}

/** A typed array that grows at its end. */
export class Growing<T extends Int32Array | Float64Array> {
  values: T;
  length = 0;
  readonly #type: new (n: number) => T;

  constructor(type: new (n: number) => T) {
    this.#type = type;
    this.values = new type(1024);
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new this.#type(2 * this.length);
      larger.set(this.values as never);
      this.values = larger;
    }
    this.values[this.length++] = value;
  }
}
