/**
 * The parts of apache-arrow's classes that are read here. Tables are recognised by shape: any copy of apache-arrow will
 * do, and importing Treeline never imports it.
 */
export interface ArrowType {
  readonly typeId: number;
}

/** One chunk of a column. `values` is already sliced; `offset` counts bits of the validity bitmap (and of Bool values). */
export interface ArrowData {
  readonly type: ArrowType;
  readonly typeId: number;
  readonly length: number;
  readonly offset: number;
  readonly stride: number;
  readonly nullCount: number;
  readonly values: unknown;
  readonly nullBitmap: Uint8Array | null | undefined;
  readonly valueOffsets: unknown;
  readonly children: readonly ArrowData[];
  readonly dictionary?: ArrowVector | undefined;
}

/** An Arrow Vector: one column in chunks. */
export interface ArrowVector {
  readonly type: ArrowType;
  readonly length: number;
  readonly data: readonly ArrowData[];
  get(index: number): unknown;
}

export interface ArrowField {
  readonly name: string | number | symbol;
  readonly type: ArrowType;
}

/** An Arrow RecordBatch: consecutive rows, one chunk a column. */
export interface ArrowRecordBatch {
  readonly schema: { readonly fields: readonly ArrowField[] };
  readonly data: ArrowData;
  readonly numRows: number;
  /** A Vector of one column. */
  getChildAt(index: number): unknown;
}

/** An Arrow Table: record batches of one schema. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly ArrowField[] };
  readonly batches: readonly ArrowRecordBatch[];
  readonly numRows: number;
}

/** apache-arrow's Type enumeration, as far as it is read here. */
export const ArrowTypeId = {
  Null: 1,
  Int: 2,
  Float: 3,
  Binary: 4,
  Utf8: 5,
  Bool: 6,
  Decimal: 7,
  Date: 8,
  Time: 9,
  Timestamp: 10,
  LargeUtf8: 20,
  Utf8View: 24,
  Dictionary: -1,
} as const;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function hasFields(value: Record<string, unknown>): boolean {
  return isObject(value["schema"]) && Array.isArray(value["schema"]["fields"]) && typeof value["numRows"] === "number";
}

export function isArrowTable(value: unknown): value is ArrowTable {
  return isObject(value) && Array.isArray(value["batches"]) && hasFields(value);
}

export function isArrowRecordBatch(value: unknown): value is ArrowRecordBatch {
  return isObject(value) && hasFields(value) && isObject(value["data"]) && Array.isArray(value["data"]["children"]);
}

export function isArrowVector(value: unknown): value is ArrowVector {
  return (
    isObject(value) &&
    Array.isArray(value["data"]) &&
    typeof value["get"] === "function" &&
    isObject(value["type"]) &&
    typeof value["type"]["typeId"] === "number"
  );
}

/** The record batches of a Table or RecordBatch. */
export function arrowBatches(table: ArrowTable | ArrowRecordBatch): readonly ArrowRecordBatch[] {
  return isArrowTable(table) ? table.batches : [table];
}

/** Whether a chunk's elements are plain numbers in a typed array: integers of any width, Float32, Float64. */
export function isPlainNumeric(type: ArrowType): boolean {
  return type.typeId === ArrowTypeId.Int || (type.typeId === ArrowTypeId.Float && !isHalfFloat(type));
}

export function isHalfFloat(type: ArrowType): boolean {
  return type.typeId === ArrowTypeId.Float && (type as { precision?: number }).precision === 0;
}

export function isStringType(type: ArrowType): boolean {
  const { Utf8, LargeUtf8, Utf8View } = ArrowTypeId;
  return type.typeId === Utf8 || type.typeId === LargeUtf8 || type.typeId === Utf8View;
}

/** The value type of a Dictionary type, the type itself of others. */
export function valueTypeOf(type: ArrowType): ArrowType {
  return type.typeId === ArrowTypeId.Dictionary ? ((type as { dictionary?: ArrowType }).dictionary ?? type) : type;
}

/** The bitmap of a chunk that has nulls; undefined: none are null. */
export function validityOf(data: ArrowData): Uint8Array | undefined {
  return data.nullCount > 0 && data.nullBitmap?.byteLength ? data.nullBitmap : undefined;
}

/** Whether row i of a chunk is not null. */
export function isValid(data: ArrowData, validity: Uint8Array | undefined, i: number): boolean {
  if (validity === undefined) return true;
  const bit = data.offset + i;
  return ((validity[bit >> 3] as number) & (1 << (bit & 7))) !== 0;
}
