import { randomInt } from "node:crypto";

/** The seed that randomState means: itself; null: a fresh one. */
export function seedOf(randomState: number | null): number {
  return randomState ?? randomInt(2 ** 47);
}

/**
 * A random number in [0, 1) for (seed, stream, index), with no state: what a row draws depends on its global index only,
 * never on chunks. 53 random bits of two hashed words.
 */
export function randomUniform(seed: number, stream: number, index: number): number {
  const key = mix(mix(low(seed) ^ 0x9e3779b9) ^ high(seed)) ^ mix(stream + 0x85ebca6b);
  const row = mix(mix(key ^ low(index)) ^ high(index) ^ 0xc2b2ae35);
  return ((mix(row + 0x9e3779b9) >>> 5) * 2 ** 26 + (mix(row ^ 0x5bd1e995) >>> 6)) / 2 ** 53;
}

function low(x: number): number {
  return x >>> 0;
}

function high(x: number): number {
  return Math.floor(x / 2 ** 32);
}

/** A bijection of 32-bit words that scatters them well (C. Wellons' low-bias hash). */
export function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
