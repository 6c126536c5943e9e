import { invalidData } from "../base/errors.js";
import type { Chunk, ChunkColumn, ColumnArray } from "../native/addon.js";
import {
  arrowBatches,
  ArrowTypeId,
  isHalfFloat,
  isPlainNumeric,
  isStringType,
  isValid,
  validityOf,
  valueTypeOf,
  type ArrowData,
  type ArrowField,
  type ArrowRecordBatch,
  type ArrowTable,
  type ArrowType,
  type ArrowVector,
} from "./arrow.js";
import { chunkRowsFor, type RowSource } from "./row-source.js";

/** Read in place of a chunk that holds nothing but nulls. */
const ALL_MISSING: ChunkColumn = { values: Float64Array.of(NaN), stride: 0 };

/**
 * Reads an Arrow Table or RecordBatch in row chunks. Numbers and booleans are read where they lie; Dictionary columns of
 * numbers become their values, those of strings codes into `categories`, one list for all chunks whatever dictionary each
 * of them has. Nulls are missing values.
 */
export class ArrowSource implements RowSource {
  readonly nFeatures: number;
  readonly nRows: number;
  readonly featureNames: readonly string[];
  readonly categories: readonly (readonly string[] | undefined)[] | undefined;
  readonly #batches: readonly ArrowRecordBatch[];
  readonly #decoders: readonly (DictionaryDecoder | undefined)[];

  /** @throws TreelineError ERR_INVALID_DATA for a column that holds neither numbers, booleans nor categories. */
  constructor(table: ArrowTable | ArrowRecordBatch, where: string) {
    const { fields } = table.schema;
    this.#batches = arrowBatches(table);
    this.nFeatures = fields.length;
    this.nRows = table.numRows;
    this.featureNames = fields.map((field) => String(field.name));
    fields.forEach((field) => checkFieldType(field, where));
    this.#decoders = fields.map((field, j) => this.#decoderOf(field, j));
    const categories = this.#decoders.map((decoder) => decoder?.categories);
    this.categories = categories.some((names) => names !== undefined) ? categories : undefined;
  }

  *chunks(): Iterable<Chunk> {
    const step = chunkRowsFor(this.nFeatures);
    let firstRow = 0;
    for (const batch of this.#batches) {
      for (let from = 0; from < batch.numRows; from += step) {
        const rows = Math.min(step, batch.numRows - from);
        const columns = this.featureNames.map((name, j) => {
          const data = batch.data.children[j] as ArrowData;
          return this.#decoders[j]?.decode(data, from, rows) ?? chunkColumn(data, from, name);
        });
        yield { rows, firstRow, columns };
        firstRow += rows;
      }
    }
  }

  #decoderOf(field: ArrowField, j: number): DictionaryDecoder | undefined {
    if (field.type.typeId !== ArrowTypeId.Dictionary) return undefined;
    const decoder = new DictionaryDecoder(isStringType(valueTypeOf(field.type)), String(field.name));
    for (const batch of this.#batches) decoder.learn(batch.data.children[j]?.dictionary);
    return decoder;
  }
}

/** Refuses a column that holds no numbers, and says what to do. */
function checkFieldType({ name, type }: ArrowField, where: string): void {
  const values = valueTypeOf(type);
  if (isPlainNumeric(values) || values.typeId === ArrowTypeId.Bool || values.typeId === ArrowTypeId.Null) return;
  if (isStringType(values) && type.typeId === ArrowTypeId.Dictionary) return;
  throw invalidData(`${where}: column ${JSON.stringify(String(name))} is ${String(type)}: ${advice(values)}`);
}

function advice(type: ArrowType): string {
  const { Date, Time, Timestamp, Decimal } = ArrowTypeId;
  if (isStringType(type)) return "drop it, or encode it: as a Dictionary column for categories, or as numbers";
  if (isHalfFloat(type) || type.typeId === Decimal) return "cast it to Float32 or Float64 first";
  if (type.typeId === Date || type.typeId === Time || type.typeId === Timestamp) {
    return "derive numbers from it first (an hour, a weekday, seconds since an event), or drop it";
  }
  return "features must be numbers, booleans or dictionary-encoded strings; drop it or derive numbers from it";
}

/** Rows from `from` on of a chunk of numbers or booleans, without a copy where the chunk has all its values. */
function chunkColumn(data: ArrowData, from: number, name: string): ChunkColumn {
  if (data.nullCount >= data.length) return ALL_MISSING;
  const validity = validityOf(data);
  const nulls = validity === undefined ? undefined : { validity, validityOffset: data.offset + from };
  if (data.typeId === ArrowTypeId.Bool) {
    const first = data.offset + from;
    const bytes = Math.ceil((data.offset + data.length) / 8);
    return { values: withAllElements(data, bytes, 8, name), bits: true, offset: first, ...nulls };
  }
  return { values: withAllElements(data, data.length, 1, name), offset: from, ...nulls };
}

/** The elements of a chunk, padded where its last rows are nulls for which it has no memory. */
function withAllElements(data: ArrowData, needed: number, rowsEach: number, name: string): ColumnArray {
  const values = data.values as ColumnArray;
  if (values.length >= needed) return values;
  if (data.nullCount <= (needed - values.length - 1) * rowsEach || validityOf(data) === undefined) {
    throw invalidData(`X: column ${JSON.stringify(name)} is shorter than its table: was its buffer transferred away?`);
  }
  const padded = new (values.constructor as new (length: number) => Float64Array)(needed);
  padded.set(values as Float64Array);
  return padded;
}

/** Turns the indices of a Dictionary column into numbers: its values, or codes of categories, one list for all chunks. */
class DictionaryDecoder {
  readonly categories: string[] | undefined;
  readonly #name: string;
  readonly #codes = new Map<string, number>();
  readonly #values = new Map<ArrowVector, Float64Array>();

  constructor(strings: boolean, name: string) {
    this.categories = strings ? [] : undefined;
    this.#name = name;
  }

  /** Adds a dictionary's values. */
  learn(dictionary: ArrowVector | undefined): void {
    if (dictionary === undefined || this.#values.has(dictionary)) return;
    this.#values.set(
      dictionary,
      Float64Array.from({ length: dictionary.length }, (_, i) => this.#numberOf(dictionary.get(i))),
    );
  }

  decode(data: ArrowData, from: number, rows: number): ChunkColumn {
    if (data.nullCount >= data.length) return ALL_MISSING;
    const values = data.dictionary && this.#values.get(data.dictionary);
    if (values === undefined) throw invalidData(`X: column ${JSON.stringify(this.#name)} has lost its dictionary`);
    const indices = withAllElements(data, data.length, 1, this.#name);
    const validity = validityOf(data);
    const out = new Float64Array(rows);
    for (let i = 0; i < rows; i++) {
      out[i] = isValid(data, validity, from + i) ? (values[Number(indices[from + i])] ?? NaN) : NaN;
    }
    return { values: out };
  }

  #numberOf(value: unknown): number {
    if (value === null || value === undefined) return NaN;
    if (this.categories === undefined) return Number(value);
    const name = String(value);
    let code = this.#codes.get(name);
    if (code === undefined) {
      this.#codes.set(name, (code = this.categories.length));
      this.categories.push(name);
    }
    return code;
  }
}
