import type { Chunk } from "../native/addon.js";
import { rowsOfChunk } from "./masked-rows.js";
import type { RowSource } from "./row-source.js";

/** The rows of a table, each as often as a sample drew it, in row order: drawn out of every chunk that is read, not copied. */
export class DrawnRows implements RowSource {
  readonly #source: RowSource;
  readonly #times: ArrayLike<number>;
  readonly nRows: number;

  /** @param times how often each row was drawn. */
  constructor(source: RowSource, times: ArrayLike<number>) {
    this.#source = source;
    this.#times = times;
    let rows = 0;
    for (let i = 0; i < times.length; i++) rows += times[i] as number;
    this.nRows = rows;
  }

  get nFeatures(): number {
    return this.#source.nFeatures;
  }

  get featureNames(): readonly string[] | undefined {
    return this.#source.featureNames;
  }

  get categories(): RowSource["categories"] {
    return this.#source.categories;
  }

  check(where: string): void {
    this.#source.check?.(where);
  }

  async *chunks(signal?: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    let begin = 0;
    let firstRow = 0;
    for await (const chunk of this.#source.chunks(signal)) {
      const rows = drawn(this.#times, begin, begin + chunk.rows, begin);
      begin += chunk.rows;
      if (rows.length === 0) continue;
      yield rowsOfChunk(chunk, rows, firstRow);
      firstRow += rows.length;
    }
  }
}

/** The rows [begin, end), each as often as it was drawn, counted from `from`. */
export function drawn(times: ArrayLike<number>, begin: number, end: number, from = 0): Int32Array {
  let n = 0;
  for (let i = begin; i < end; i++) n += times[i] as number;
  const out = new Int32Array(n);
  n = 0;
  for (let i = begin; i < end; i++) for (let k = times[i] as number; k > 0; k--) out[n++] = i - from;
  return out;
}
