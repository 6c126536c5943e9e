import { invalidData } from "../base/errors.js";
import type { ColumnArray } from "../native/addon.js";
import {
  ArrowTypeId,
  isStringType,
  isValid,
  validityOf,
  type ArrowData,
  type ArrowRecordBatch,
  type ArrowVector,
} from "./arrow.js";

/** apache-arrow's Data constructor: taken from the data itself, so that any copy of the library will do. */
type DataConstructor = new (
  type: unknown,
  offset: number,
  length: number,
  nullCount: number,
  buffers: readonly unknown[],
  children?: readonly ArrowData[],
  dictionary?: unknown,
) => ArrowData;

/** Rows `indices` (ascending) of a record batch. */
export function takeRows(batch: ArrowRecordBatch, indices: Int32Array): ArrowRecordBatch {
  const children = batch.data.children.map((data) => takeData(data, indices));
  const struct = make(batch.data, indices.length, 0, [], children);
  return new (batch.constructor as new (schema: unknown, data: ArrowData) => ArrowRecordBatch)(batch.schema, struct);
}

/** Values `indices` (ascending) of a vector. */
export function takeValues(vector: ArrowVector, indices: Int32Array): ArrowVector {
  let first = 0;
  let k = 0;
  const chunks = vector.data.map((data) => {
    const from = k;
    const end = first + data.length;
    while (k < indices.length && (indices[k] as number) < end) k++;
    const local = indices.slice(from, k).map((i) => i - first);
    first = end;
    return takeData(data, local);
  });
  return new (vector.constructor as new (data: readonly ArrowData[]) => ArrowVector)(chunks);
}

function make(
  like: ArrowData,
  length: number,
  nullCount: number,
  buffers: readonly unknown[],
  children: readonly ArrowData[] = like.children,
): ArrowData {
  return new (like.constructor as DataConstructor)(like.type, 0, length, nullCount, buffers, children, like.dictionary);
}

// Places in Data's list of buffers: apache-arrow's BufferType.
const OFFSETS = 0;
const VALUES = 1;
const VALIDITY = 2;

function takeData(data: ArrowData, indices: Int32Array): ArrowData {
  const count = indices.length;
  const buffers: unknown[] = [];
  const validity = validityOf(data);
  let nullCount = 0;
  if (data.nullCount > 0) {
    const bits = bitsOf(count, (k) => validity !== undefined && isValid(data, validity, indices[k] as number));
    for (let k = 0; k < count; k++) nullCount += 1 - (((bits[k >> 3] as number) >> (k & 7)) & 1);
    buffers[VALIDITY] = bits;
  }
  const { typeId } = data;
  if (typeId === ArrowTypeId.Null) return make(data, count, count, buffers);
  if (typeId === ArrowTypeId.Bool) {
    const values = data.values as Uint8Array;
    buffers[VALUES] = bitsOf(count, (k) => {
      const bit = data.offset + (indices[k] as number);
      return (((values[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
    });
    return make(data, count, nullCount, buffers);
  }
  if (typeId === ArrowTypeId.Utf8 || typeId === ArrowTypeId.Binary) {
    const [offsets, bytes] = takeBytes(data.valueOffsets as Int32Array, data.values as Uint8Array, indices);
    buffers[OFFSETS] = offsets;
    buffers[VALUES] = bytes;
    return make(data, count, nullCount, buffers);
  }
  if (data.children.length > 0 || data.valueOffsets !== undefined || isStringType(data.type)) {
    throw invalidData(`an Arrow column of ${String(data.type)} cannot be split by rows: drop it or flatten it first`);
  }
  buffers[VALUES] = takeElements(data.values as ColumnArray, data.stride, indices);
  return make(data, count, nullCount, buffers);
}

/** Elements of `stride` array entries each. Rows past the end are nulls without memory: they stay 0. */
function takeElements(values: ColumnArray, stride: number, indices: Int32Array): ColumnArray {
  const out = new (values.constructor as new (length: number) => ColumnArray)(indices.length * stride);
  for (let k = 0; k < indices.length; k++) {
    for (let s = 0; s < stride; s++) {
      const value = values[(indices[k] as number) * stride + s];
      if (value !== undefined) out[k * stride + s] = value;
    }
  }
  return out;
}

function takeBytes(offsets: Int32Array, bytes: Uint8Array, indices: Int32Array): [Int32Array, Uint8Array] {
  const outOffsets = new Int32Array(indices.length + 1);
  indices.forEach((i, k) => {
    outOffsets[k + 1] = (outOffsets[k] as number) + (offsets[i + 1] ?? 0) - (offsets[i] ?? 0);
  });
  const out = new Uint8Array(outOffsets[indices.length] as number);
  indices.forEach((i, k) => {
    if (offsets[i + 1] !== undefined) out.set(bytes.subarray(offsets[i], offsets[i + 1]), outOffsets[k]);
  });
  return [outOffsets, out];
}

function bitsOf(length: number, isSet: (k: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  for (let k = 0; k < length; k++) if (isSet(k)) bits[k >> 3] = (bits[k >> 3] as number) | (1 << (k & 7));
  return bits;
}
