import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { invalidData, show } from "../base/errors.js";

/** An attribute of an ARFF file. */
export interface ArffAttribute {
  readonly name: string;
  readonly type: "numeric" | "nominal" | "string";
  /** The values a nominal attribute may take, in the file's order. */
  readonly values: readonly string[];
}

/** Columns of some rows of an ARFF file: numbers with NaN, texts with null where missing. */
export type ArffBatch = Record<string, Float64Array | (string | null)[]>;

const BATCH_ROWS = 16384;

/**
 * Reads an ARFF file (Weka's format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/), dense or
 * sparse, in batches of rows. Dates are texts; relational attributes and instance weights are refused.
 *
 * @throws TreelineError ERR_INVALID_DATA with the number of the line that cannot be read.
 */
export async function* readArff(path: string, signal?: AbortSignal): AsyncGenerator<ArffBatch, void, undefined> {
  const lines = createInterface({ input: createReadStream(path, "utf8"), crlfDelay: Infinity });
  const attributes: ArffAttribute[] = [];
  let rows: ArffRows | undefined;
  let lineNumber = 0;
  try {
    for await (const text of lines) {
      lineNumber++;
      const line = text.trim();
      if (line === "" || line.startsWith("%")) continue;
      const where = `${path}, line ${lineNumber}`;
      if (rows === undefined) {
        const attribute = readHeaderLine(line, where);
        if (attribute === "data") rows = new ArffRows(attributes);
        else if (attribute !== undefined) attributes.push(attribute);
        continue;
      }
      rows.add(line, where);
      if (rows.count === BATCH_ROWS) {
        signal?.throwIfAborted();
        yield rows.take();
      }
    }
  } finally {
    lines.close();
  }
  if (rows === undefined) throw invalidData(`${path}: an ARFF file with @data was expected`);
  yield rows.take();
}

/** An attribute, "data" for the line that ends the header, undefined for @relation. */
function readHeaderLine(line: string, where: string): ArffAttribute | "data" | undefined {
  if (/^@relation\b/i.test(line)) return undefined;
  if (/^@data\b/i.test(line)) return "data";
  const declaration = /^@attribute\s+(.*)$/i.exec(line)?.[1];
  if (declaration === undefined) throw invalidData(`${where}: @attribute or @data expected, got ${show(line)}`);
  const { value: name, end } = readToken(declaration, 0, "space", where);
  const type = declaration.slice(end).trim();
  if (type.startsWith("{")) {
    const close = type.lastIndexOf("}");
    if (close < 0) throw invalidData(`${where}: the list of values of ${show(name)} has no closing brace`);
    const values = splitValues(type.slice(1, close), where).map((value) => value ?? "?");
    return { name, type: "nominal", values };
  }
  if (/^(numeric|real|integer)\b/i.test(type)) return { name, type: "numeric", values: [] };
  if (/^(string|date)\b/i.test(type)) return { name, type: "string", values: [] };
  throw invalidData(`${where}: attribute ${show(name)} is ${show(type)}, which is not supported`);
}

/** Collects rows as columns. */
class ArffRows {
  count = 0;
  readonly #attributes: readonly ArffAttribute[];
  #columns: (Float64Array | (string | null)[])[];

  constructor(attributes: readonly ArffAttribute[]) {
    this.#attributes = attributes;
    this.#columns = this.#empty();
  }

  add(line: string, where: string): void {
    if (line.startsWith("{")) this.#addSparse(line, where);
    else this.#addDense(splitValues(line, where), where);
    this.count++;
  }

  take(): ArffBatch {
    const batch: ArffBatch = {};
    this.#columns.forEach((column, j) => (batch[this.#nameOf(j)] = column.slice(0, this.count)));
    this.#columns = this.#empty();
    this.count = 0;
    return batch;
  }

  #addDense(cells: readonly (string | null)[], where: string): void {
    if (cells.length !== this.#attributes.length) {
      throw invalidData(`${where}: ${cells.length} values for ${this.#attributes.length} attributes`);
    }
    cells.forEach((cell, j) => this.#set(j, cell, where));
  }

  /** {index value, …}: what is left out is 0, or the first value of a nominal attribute. */
  #addSparse(line: string, where: string): void {
    const close = line.lastIndexOf("}");
    if (close < 0) throw invalidData(`${where}: a sparse row has no closing brace`);
    this.#attributes.forEach(({ type, values }, j) =>
      this.#set(j, type === "numeric" ? "0" : (values[0] ?? ""), where),
    );
    for (const pair of splitPairs(line.slice(1, close), where)) {
      if (this.#attributes[pair.index] === undefined) {
        throw invalidData(`${where}: index ${pair.index}, but there are ${this.#attributes.length} attributes`);
      }
      this.#set(pair.index, pair.value, where);
    }
  }

  #set(j: number, cell: string | null, where: string): void {
    const column = this.#columns[j] as Float64Array | (string | null)[];
    if (Array.isArray(column)) {
      column[this.count] = cell;
      return;
    }
    const value = cell === null ? NaN : Number(cell);
    if (cell !== null && (cell === "" || (Number.isNaN(value) && !/^nan$/i.test(cell)))) {
      throw invalidData(`${where}: ${this.#nameOf(j)} must be a number, got ${show(cell)}`);
    }
    column[this.count] = value;
  }

  #nameOf(j: number): string {
    return (this.#attributes[j] as ArffAttribute).name;
  }

  #empty(): (Float64Array | (string | null)[])[] {
    return this.#attributes.map(({ type }) => (type === "numeric" ? new Float64Array(BATCH_ROWS) : []));
  }
}

/** Values between commas; null for an unquoted question mark. */
function splitValues(line: string, where: string): (string | null)[] {
  if (!/['"\\%{\t]/.test(line)) return line.split(",").map((cell) => plain(cell.trim()));
  const out: (string | null)[] = [];
  for (let at = 0; at <= line.length;) {
    const token = readToken(line, at, "comma", where);
    out.push(token.quoted ? token.value : plain(token.value));
    at = token.end + 1;
    if (token.end >= line.length) break;
  }
  return out;
}

function splitPairs(text: string, where: string): { index: number; value: string | null }[] {
  const out: { index: number; value: string | null }[] = [];
  for (let at = 0; at < text.length;) {
    const head = /\s*(\d+)\s+/y;
    head.lastIndex = at;
    const index = head.exec(text);
    if (index === null) {
      if (text.slice(at).trim() === "") break;
      throw invalidData(`${where}: an index and a value expected at ${show(text.slice(at, at + 20))}`);
    }
    const token = readToken(text, head.lastIndex, "comma", where);
    out.push({ index: Number(index[1]), value: token.quoted ? token.value : plain(token.value) });
    at = token.end + 1;
  }
  return out;
}

function plain(cell: string): string | null {
  return cell === "?" ? null : cell;
}

interface Token {
  readonly value: string;
  readonly quoted: boolean;
  /** Where the separator after it is; the text's length at its end. */
  readonly end: number;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** One value from `at` on: quoted with ' or ", backslash escapes, or bare up to the separator. */
function readToken(text: string, at: number, separator: "comma" | "space", where: string): Token {
  let start = at;
  while (text[start] === " " || text[start] === "\t") start++;
  const quote = text[start];
  if (quote !== "'" && quote !== '"') {
    const end = separatorFrom(text, start, separator);
    return { value: text.slice(start, end).trim(), quoted: false, end };
  }
  let value = "";
  for (let i = start + 1; i < text.length; i++) {
    const character = text[i] as string;
    if (character === "\\" && i + 1 < text.length) {
      const escaped = text[++i] as string;
      value += ESCAPES[escaped] ?? escaped;
    } else if (character === quote) {
      const end = separatorFrom(text, i + 1, separator);
      if (text.slice(i + 1, end).trim() === "") return { value, quoted: true, end };
      throw invalidData(`${where}: a separator expected after ${show(text.slice(start, i + 1))}`);
    } else {
      value += character;
    }
  }
  throw invalidData(`${where}: a quote is not closed`);
}

function separatorFrom(text: string, from: number, separator: "comma" | "space"): number {
  if (separator === "comma") {
    const at = text.indexOf(",", from);
    return at < 0 ? text.length : at;
  }
  const at = text.slice(from).search(/\s/);
  return at < 0 ? text.length : from + at;
}
