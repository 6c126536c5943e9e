/** The place of the greatest of `n` numbers from `begin`, counted from there; of equal ones the first. */
export function argmax(values: ArrayLike<number>, begin = 0, n = values.length): number {
  let best = 0;
  for (let k = 1; k < n; k++) if ((values[begin + k] as number) > (values[begin + best] as number)) best = k;
  return best;
}

/** The same of every `n` numbers: of rows of `n` values one after another. */
export function argmaxRows(values: ArrayLike<number>, n: number): Int32Array {
  const out = new Int32Array(values.length / n);
  for (let i = 0; i < out.length; i++) out[i] = argmax(values, i * n, n);
  return out;
}
