import type { ColumnArray } from "../native/addon.js";
import type { BatchColumn, Cell } from "./cell.js";
import type { RawColumn } from "./frame-reader.js";
import type { Field } from "./relation.js";

/** The values of a column as JavaScript has them. */
export function valuesOf(column: RawColumn): BatchColumn {
  const { field, values, isNull } = column;
  if (values === undefined) return column.strings as Cell[];
  if (field.kind === "number") return numbersOf(values, isNull);
  const cells: Cell[] = Array.from(values as ArrayLike<number | bigint>, (value) => cellOf(field, value));
  isNull?.forEach((missing, i) => missing === 1 && (cells[i] = null));
  return cells;
}

function cellOf({ kind, categories }: Field, value: number | bigint): Cell {
  if (kind === "boolean") return value === 1;
  if (kind === "category") return categories?.[Number(value)] ?? null;
  return new Date(Number(value));
}

function numbersOf(values: ColumnArray, isNull: Uint8Array | undefined): BatchColumn {
  const wide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  const numbers = wide ? safeNumbers(values, isNull) : values;
  if (numbers === undefined) {
    const integers = values as BigInt64Array | BigUint64Array;
    return isNull === undefined ? integers : Array.from(integers, (value, i) => (isNull[i] === 1 ? null : value));
  }
  const floats =
    numbers instanceof Float64Array || numbers instanceof Float32Array
      ? numbers
      : Float64Array.from(numbers as Int32Array);
  isNull?.forEach((missing, i) => missing === 1 && (floats[i] = NaN));
  return floats;
}

/** 64-bit integers as numbers; undefined when one of them is no safe integer. Reads halves: no BigInt is made. */
function safeNumbers(values: BigInt64Array | BigUint64Array, isNull: Uint8Array | undefined): Float64Array | undefined {
  const halves = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length); // little endian, as all of Node's
  const signed = values instanceof BigInt64Array;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const high = halves[2 * i + 1] as number;
    const value = (signed ? high | 0 : high) * 4_294_967_296 + (halves[2 * i] as number);
    if (!Number.isSafeInteger(value) && isNull?.[i] !== 1) return undefined;
    out[i] = value;
  }
  return out;
}
