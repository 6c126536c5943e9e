import { createHash, type Hash } from "node:crypto";
import { CsrMatrix } from "./csr-matrix.js";
import { isDocuments, type Documents } from "./documents.js";
import { Matrix } from "./matrix.js";
import { rowSourceOf, type MatrixLike } from "./row-source-of.js";
import { tableBlocks } from "./table-blocks.js";
import { columnKinds, tableColumn, tableShape, type TableLike } from "./table-columns.js";
import { readColumn, takeBreak, type ColumnValues, type VectorLike } from "./vector.js";

/** Bytes hashed between two turns of the event loop: a few milliseconds. */
const TURN_BYTES = 4 << 20;
const TURN_CELLS = 1 << 16;
const BLOCK_ROWS = 4096;

/**
 * A hash of what tables and columns hold: equal for equal content, whatever memory it lies in. Other than in-memory matrices
 * are read once, a block at a time.
 */
export class ContentHash {
  readonly #hash: Hash = createHash("sha256");
  readonly #signal: AbortSignal | undefined;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** What the hash is about: texts, one after the other. */
  text(...texts: readonly string[]): void {
    for (const text of texts) this.#hash.update(`${text.length}:${text};`);
  }

  /** A table: its kind of container, names, values. @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT */
  async table(X: TableLike | Documents, where: string): Promise<void> {
    if (X instanceof Matrix) {
      this.text("Matrix", X.order, String(X.shape));
      return this.#array(X.data);
    }
    if (X instanceof CsrMatrix) {
      this.text("CsrMatrix", String(X.shape));
      for (const array of [X.data, X.indices, X.indptr]) await this.#array(array);
      return;
    }
    if (isDocuments(X)) {
      this.text("documents");
      return this.column(X, where);
    }
    const { nFeatures, featureNames } = tableShape(X, where);
    const kinds = columnKinds(X, where);
    this.text(
      Object.prototype.toString.call(X),
      X.constructor.name,
      JSON.stringify(featureNames ?? nFeatures),
      String(kinds),
    );
    if (Array.isArray(X) || kinds.some((kind) => kind !== "number")) {
      for (let j = 0; j < nFeatures; j++) await this.#values(await tableColumn(X, j, where, this.#signal));
      return;
    }
    for await (const { rows, source } of tableBlocks(rowSourceOf(X as MatrixLike, where), BLOCK_ROWS, this.#signal)) {
      this.text(String(rows));
      for await (const chunk of source.chunks()) {
        if (chunk.columns === undefined) await this.#array(chunk.values as Float64Array); // blocks are dense
      }
    }
  }

  /** A column: targets, weights. @throws TreelineError ERR_INVALID_DATA */
  async column(y: VectorLike, where: string): Promise<void> {
    await this.#values(await readColumn(y, where, this.#signal));
  }

  /** The hash, in hexadecimal digits. */
  digest(): string {
    return this.#hash.digest("hex");
  }

  async #array(array: ArrayBufferView): Promise<void> {
    this.text(array.constructor.name, String(array.byteLength));
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let begin = 0; begin < bytes.length; begin += TURN_BYTES) {
      if (begin > 0) await takeBreak(this.#signal);
      this.#hash.update(bytes.subarray(begin, begin + TURN_BYTES));
    }
  }

  async #values(values: ColumnValues): Promise<void> {
    if (ArrayBuffer.isView(values)) return this.#array(values);
    this.text("values", String(values.length));
    for (let begin = 0; begin < values.length; begin += TURN_CELLS) {
      if (begin > 0) await takeBreak(this.#signal);
      const cells = values.slice(begin, begin + TURN_CELLS) as readonly unknown[];
      if (cells.every((cell) => typeof cell === "number")) await this.#array(Float64Array.from(cells));
      else
        this.text(...cells.map((cell) => (typeof cell === "string" ? `"${cell}` : `${typeof cell} ${String(cell)}`)));
    }
  }
}
