import { AsyncLocalStorage } from "node:async_hooks";

/** What decides, besides the table, about what is made of it: equal keys, equal results. */
export interface SharedKey {
  readonly text: string;
  readonly arrays: readonly (Float64Array | Uint8Array | undefined)[];
}

/** How something is made of a table's rows, and how its memory is given back. */
export interface Maker<T> {
  readonly make: () => Promise<T>;
  readonly free: (made: T) => void;
}

interface Entry {
  readonly table: object;
  readonly key: SharedKey;
  readonly made: Promise<unknown>;
  readonly free: () => void;
  users: number;
}

/** Of what nobody uses just now, so much is kept for the fits to come. */
const MOST_IDLE = 2;

const scoped = new AsyncLocalStorage<{ readonly tables: SharedTables; readonly table: object }>();

/**
 * Tables that several fits of one search learn from, and what the first of them made of the rows (bins), kept for the others
 * until the last has ended. Only for tables that nobody else can change: those that the search itself has cut.
 */
export class SharedTables {
  readonly #entries: Entry[] = []; // the latest used last
  #isReleased = false;

  /** Runs a fit on `table`, which may take what another has made of it. */
  run<R>(table: object, fit: () => R): R {
    return scoped.run({ tables: this, table }, fit);
  }

  /** The fits have ended: what they kept is given back. */
  release(): void {
    this.#isReleased = true;
    this.#evict();
  }

  /** @internal Calls `use` with what there is under the key, made first if need be. */
  async use<T, R>(
    table: object,
    key: SharedKey,
    maker: Maker<T>,
    signal: AbortSignal | undefined,
    use: (made: T) => Promise<R>,
  ): Promise<R> {
    for (;;) {
      const found = this.#entries.find((entry) => entry.table === table && isSame(entry.key, key));
      if (found) this.#remove(found);
      const entry = found ?? newEntry(table, key, maker);
      this.#entries.push(entry);
      entry.users++;
      try {
        let made: T;
        try {
          made = (await entry.made) as T;
        } catch (error) {
          this.#remove(entry);
          signal?.throwIfAborted();
          if (found === undefined) throw error;
          continue; // another's failure or abort is not this one's: it tries for itself
        }
        return await use(made);
      } finally {
        entry.users--;
        this.#evict();
      }
    }
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  /** Frees what is idle beyond what is kept, the longest idle first. */
  #evict(): void {
    const idle = this.#entries.filter((entry) => entry.users === 0);
    for (const entry of idle.slice(0, this.#isReleased ? idle.length : -MOST_IDLE)) {
      this.#remove(entry);
      entry.free();
    }
  }
}

/**
 * Calls `use` with what is made of a table's rows. In a search whose fits share the table it is made once for all equal keys;
 * elsewhere, and without a key, it is made for this use and freed after it.
 */
export async function withShared<T, R>(
  table: object,
  key: SharedKey | undefined,
  maker: Maker<T>,
  signal: AbortSignal | undefined,
  use: (made: T) => Promise<R>,
): Promise<R> {
  const scope = scoped.getStore();
  if (key !== undefined && scope?.table === table) return scope.tables.use(table, key, maker, signal, use);
  const made = await maker.make();
  try {
    return await use(made);
  } finally {
    maker.free(made);
  }
}

function newEntry<T>(table: object, key: SharedKey, { make, free }: Maker<T>): Entry {
  const made = make();
  return { table, key, made, free: () => void made.then(free, () => undefined), users: 0 };
}

function isSame(a: SharedKey, b: SharedKey): boolean {
  return a.text === b.text && a.arrays.every((array, k) => isSameArray(array, b.arrays[k]));
}

function isSameArray(a: Float64Array | Uint8Array | undefined, b: Float64Array | Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined || a === b) return a === b;
  return bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array | Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
