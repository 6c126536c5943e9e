import { mix } from "../base/random.js";
import { normalQuantile } from "./portable-math.js";

/**
 * Random numbers of the generators: xoshiro128** (Blackman, Vigna 2018), seeded by (seed, stream). The same on every
 * platform; not NumPy's numbers.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number, stream = 0) {
    const key = mix(mix((seed >>> 0) ^ 0x9e3779b9) ^ Math.floor(seed / 2 ** 32)) ^ mix(stream + 0x85ebca6b);
    this.#a = mix(key + 1);
    this.#b = mix(key + 0x9e3779b9);
    this.#c = mix(key ^ 0x5bd1e995);
    this.#d = mix(key + 0xc2b2ae35) | 1;
  }

  /** 32 random bits, as a non-negative integer. */
  bits(): number {
    const x = Math.imul(this.#b, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** In the open interval (low, high); 52 random bits. */
  uniform(low = 0, high = 1): number {
    const u = ((this.bits() >>> 6) * 2 ** 26 + (this.bits() >>> 6) + 0.5) / 2 ** 52;
    return low + (high - low) * u;
  }

  /** Standard normal. */
  normal(): number {
    return normalQuantile(this.uniform());
  }

  /** An integer in 0 … n - 1, n at most 2^32: all equally likely. */
  integer(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let bits = this.bits();
    while (bits >= limit) bits = this.bits();
    return bits % n;
  }

  /** 0 … n - 1 in random order. */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = order[i] as number;
      order[i] = order[j] as number;
      order[j] = held;
    }
    return order;
  }

  /** Float64Array of n draws. */
  normals(n: number): Float64Array {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.normal();
    return out;
  }

  uniforms(n: number, low = 0, high = 1): Float64Array {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = this.uniform(low, high);
    return out;
  }
}
