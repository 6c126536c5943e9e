import { memoryLimitBytes, spillDirectory } from "../base/config.js";
import { chunkRowsFor } from "../data/row-source.js";
import type { ChunkStoreInfo, FloatType, JobOptions, SinkHandle } from "../native/addon.js";
import { addon } from "../native/load.js";

/** Rows of a slot: chunks are made of whole slots (native/matrix/reblock.h). */
export const SLOT_ROWS = 1024;

/** Bytes of all stores in memory: they share the one memoryLimit. */
let residentBytes = 0;
const forgotten = new FinalizationRegistry<number>((bytes) => {
  residentBytes -= bytes;
});

/** A native store of chunks, filled once. Its memory is freed by dispose, else when it is collected. */
export class ChunkStoreHolder {
  readonly handle: SinkHandle;
  readonly cols: number;
  readonly dtype: FloatType;
  readonly chunkRows: number;
  #info: ChunkStoreInfo | undefined;
  #disposed = false;

  private constructor(handle: SinkHandle, cols: number, dtype: FloatType, chunkRows: number) {
    this.handle = handle;
    this.cols = cols;
    this.dtype = dtype;
    this.chunkRows = chunkRows;
  }

  /** An empty store under the memoryLimit and spillDirectory in force. `rows`: how many will come, if it is known. */
  static create(cols: number, dtype: FloatType, chunkRows: number, rows: number | undefined): ChunkStoreHolder {
    const limit = memoryLimitBytes() ?? Infinity;
    const wanted = rows === undefined ? chunkRows : Math.min(chunkRows, wholeSlots(rows));
    const handle = addon().createChunkStore({
      cols,
      dtype,
      chunkRows: wanted,
      memoryBytes: Math.max(0, limit - residentBytes),
      spillDirectory: spillDirectory(),
    });
    return new ChunkStoreHolder(handle, cols, dtype, chunkRows);
  }

  async finish(job: JobOptions): Promise<ChunkStoreInfo> {
    this.#info = await addon().finishChunkStore(this.handle, job);
    residentBytes += this.#info.memoryBytes;
    forgotten.register(this, this.#info.memoryBytes, this);
    return this.#info;
  }

  /** Of a finished store. */
  get info(): ChunkStoreInfo {
    return this.#info ?? { rows: 0, memoryBytes: 0, spilledBytes: 0 };
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    addon().releaseChunkStore(this.handle);
    residentBytes -= this.info.memoryBytes;
    forgotten.unregister(this);
  }
}

/** A number of rows rounded up to whole slots, at least one. */
export function wholeSlots(rows: number): number {
  return Math.max(1, Math.ceil(rows / SLOT_ROWS)) * SLOT_ROWS;
}

/** Rows of a chunk where the user names none: about 4 MB of float64. */
export function defaultChunkRows(cols: number): number {
  return wholeSlots(chunkRowsFor(cols));
}
