/** A single value of a table. */
export type Cell = number | bigint | string | boolean | Date | null;

/**
 * A column of a batch: a Float64Array (Float32Array for FLOAT) for numbers, NaN where missing; a BigInt64Array only where a
 * 64-bit integer is not a safe integer; else an array with null where missing.
 */
export type BatchColumn = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Cell[];
