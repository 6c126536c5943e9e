import { invalidData } from "../base/errors.js";
import type { ColumnArray } from "../native/addon.js";
import {
  ArrowTypeId,
  isHalfFloat,
  isPlainNumeric,
  isStringType,
  isValid,
  validityOf,
  valueTypeOf,
  type ArrowData,
  type ArrowVector,
} from "./arrow.js";
import type { ColumnValues, Label } from "./vector.js";

/**
 * The values of an Arrow Vector: a typed array for numbers without nulls (the vector's own memory where it is in one
 * chunk), else an array in which nulls are null.
 *
 * @throws TreelineError ERR_INVALID_DATA for a type that is neither number, boolean nor string.
 */
export function arrowColumnValues(vector: ArrowVector, where: string): ColumnValues {
  const type = valueTypeOf(vector.type);
  const isLabel = isPlainNumeric(type) || isStringType(type) || isHalfFloat(type) || type.typeId === ArrowTypeId.Bool;
  if (!isLabel && type.typeId !== ArrowTypeId.Null) {
    throw invalidData(`${where} is an Arrow vector of ${String(type)}: it must hold numbers, booleans or strings`);
  }
  if (isPlainNumeric(vector.type) && vector.data.every((data) => data.nullCount === 0)) return join(vector.data, where);
  const out: (Label | null)[] = [];
  for (const data of vector.data) appendChunk(data, vector.type.typeId, out);
  if (out.length === vector.length) return out;
  return Array.from({ length: vector.length }, (_, i) => vector.get(i) as Label | null);
}

function join(chunks: readonly ArrowData[], where: string): ColumnArray {
  const parts = chunks.map((data) => {
    const values = data.values as Float64Array;
    if (values.length < data.length) {
      throw invalidData(`${where}: an Arrow vector is shorter than its length: was its buffer transferred away?`);
    }
    return values.subarray(0, data.length);
  });
  const [first] = parts;
  if (first === undefined) return new Float64Array(0);
  if (parts.length === 1) return first;
  const out = new (first.constructor as new (n: number) => Float64Array)(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Appends the values of a chunk of a kind that is quick to read; leaves others alone. */
function appendChunk(data: ArrowData, typeId: number, out: (Label | null)[]): void {
  const validity = validityOf(data);
  const read = reader(data, typeId);
  if (read === undefined) return;
  for (let i = 0; i < data.length; i++) {
    out.push(data.nullCount > 0 && !isValid(data, validity, i) ? null : read(i));
  }
}

function reader(data: ArrowData, typeId: number): ((i: number) => Label | null) | undefined {
  const values = data.values as ColumnArray;
  if (data.nullCount >= data.length) return () => null;
  if (isPlainNumeric(data.type)) return (i) => values[i] ?? null;
  if (typeId === ArrowTypeId.Bool) {
    return (i) => {
      const byte = values[(data.offset + i) >> 3];
      return byte === undefined ? null : ((Number(byte) >> ((data.offset + i) & 7)) & 1) === 1;
    };
  }
  if (typeId === ArrowTypeId.Dictionary && data.dictionary !== undefined) {
    const dictionary = data.dictionary;
    const decoded = Array.from({ length: dictionary.length }, (_, k) => dictionary.get(k) as Label | null);
    return (i) => decoded[Number(values[i])] ?? null;
  }
  return undefined;
}
