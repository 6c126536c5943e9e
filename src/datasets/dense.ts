/** Rows and columns of a row-major table in a new order: out[i, j] = values[rowOrder[i], colOrder[j]]. */
export function permuted(
  values: Float64Array,
  cols: number,
  rowOrder: Uint32Array,
  colOrder: Uint32Array,
): Float64Array {
  const out = new Float64Array(rowOrder.length * cols);
  let at = 0;
  for (const row of rowOrder) {
    for (const col of colOrder) out[at++] = values[row * cols + col] as number;
  }
  return out;
}

/** 0 … n - 1. */
export function identity(n: number): Uint32Array {
  return Uint32Array.from({ length: n }, (_, i) => i);
}

/** a (n × k) times b (k × m), row-major. */
export function product(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const x = a[i * k + l] as number;
      for (let j = 0; j < m; j++) out[i * m + j] = (out[i * m + j] as number) + x * (b[l * m + j] as number);
    }
  }
  return out;
}
