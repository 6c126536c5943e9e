import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { TreelineError, invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";

/** Options of loadSvmlightFile. */
export interface SvmlightOptions {
  /** Columns of the table; default: one more than the greatest index there is. */
  readonly nFeatures?: number | undefined;
  /** Whether indices begin with 0; "auto" (default): they do where the file has one, else with 1. */
  readonly zeroBased?: boolean | "auto" | undefined;
  /** Read the query ids (qid:n) of rankings. Default false. */
  readonly queryId?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a file in svmlight format holds. */
export interface SvmlightData {
  readonly X: CsrMatrix<Float64Array>;
  readonly y: Float64Array;
  /** The query of every row, where queryId asked for it. */
  readonly queryId: Float64Array | undefined;
}

/**
 * Reads a sparse table in svmlight (libsvm) format: lines of a target and `index:value` pairs, comments after #. Files that
 * end in .gz are unpacked on the way. As scikit-learn's load_svmlight_file.
 *
 * @example const { X, y } = await loadSvmlightFile("agaricus.txt.train");
 * @throws TreelineError ERR_IO when the file cannot be read, ERR_INVALID_DATA with the line that is wrong,
 * ERR_INVALID_ARGUMENT
 */
export async function loadSvmlightFile(path: string, options: SvmlightOptions = {}): Promise<SvmlightData> {
  const where = "loadSvmlightFile";
  for (const name of Object.keys(options)) {
    refuseUnknown(where, name, ["nFeatures", "zeroBased", "queryId", "signal"], "option");
  }
  const file = createReadStream(path);
  const input = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => input.destroy(error)); // pipe hands no errors on
  const table = new SvmlightTable(where);
  try {
    await readLines(input, table, options.signal);
  } catch (error) {
    if (error instanceof TreelineError || options.signal?.aborted) throw error;
    throw new TreelineError("ERR_IO", `${where}: cannot read ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    file.destroy();
  }
  return table.finish(options);
}

async function readLines(input: Readable, table: SvmlightTable, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const lines = createInterface({ input, crlfDelay: Infinity });
  let failure: unknown;
  input.on("error", (error) => {
    failure = error;
    lines.close();
  });
  for await (const line of lines) {
    signal?.throwIfAborted();
    table.add(line);
  }
  if (failure !== undefined) throw failure as Error;
}

/** The table as it grows, line by line. */
class SvmlightTable {
  readonly #where: string;
  readonly #data: number[] = [];
  readonly #indices: number[] = [];
  readonly #indptr: number[] = [0];
  readonly #y: number[] = [];
  readonly #queries: number[] = [];
  #line = 0;
  #least = Infinity;
  #greatest = -1;

  constructor(where: string) {
    this.#where = where;
  }

  add(line: string): void {
    this.#line++;
    const comment = line.indexOf("#");
    const text = (comment < 0 ? line : line.slice(0, comment)).trim();
    if (text === "") return;
    const [target = "", ...pairs] = text.split(/\s+/);
    this.#y.push(this.#number(target, "target"));
    let before = -1;
    this.#queries.push(NaN);
    for (const pair of pairs) {
      const colon = pair.indexOf(":");
      const value = this.#number(pair.slice(colon + 1), "value");
      if (pair.startsWith("qid:")) {
        this.#queries[this.#queries.length - 1] = value;
        continue;
      }
      const index = Number(pair.slice(0, Math.max(0, colon)) || NaN);
      if (!Number.isInteger(index) || index < 0 || index >= 2 ** 31)
        this.#refuse(`an index expected, got ${show(pair)}`);
      if (index <= before) this.#refuse(`indices must ascend, got ${index} after ${before}`);
      before = index;
      this.#least = Math.min(this.#least, index);
      this.#greatest = Math.max(this.#greatest, index);
      this.#indices.push(index);
      this.#data.push(value);
    }
    this.#indptr.push(this.#data.length);
  }

  finish({ nFeatures, zeroBased = "auto", queryId = false }: SvmlightOptions): SvmlightData {
    const shift = (zeroBased === "auto" ? this.#least === 0 : zeroBased) ? 0 : 1;
    if (this.#least < shift) {
      throw invalidData(`${this.#where}: an index is 0, but zeroBased is false`);
    }
    const needed = this.#greatest + 1 - (this.#greatest >= 0 ? shift : 0);
    const cols = nFeatures ?? needed;
    if (!Number.isSafeInteger(cols) || cols < needed) {
      throw invalidArgument(
        `${this.#where}: nFeatures must be at least ${needed}, which the file has, got ${show(cols)}`,
      );
    }
    const indices = Int32Array.from(this.#indices, (index) => index - shift);
    const X = new CsrMatrix(Float64Array.from(this.#data), indices, Int32Array.from(this.#indptr), [
      this.#y.length,
      cols,
    ]);
    if (!queryId) return { X, y: Float64Array.from(this.#y), queryId: undefined };
    const missing = this.#queries.findIndex(Number.isNaN);
    if (missing >= 0) throw invalidData(`${this.#where}: row ${missing} has no qid`);
    return { X, y: Float64Array.from(this.#y), queryId: Float64Array.from(this.#queries) };
  }

  #number(text: string, what: string): number {
    const value = Number(text);
    if (text === "" || Number.isNaN(value)) this.#refuse(`a ${what} expected, got ${show(text)}`);
    return value;
  }

  #refuse(what: string): never {
    throw invalidData(`${this.#where}: line ${this.#line}: ${what}`);
  }
}
