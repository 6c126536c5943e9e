// Ascending numbers.

/** numpy.linspace: `n` numbers from low to high. */
export function linspace(low: number, high: number, n: number): Float64Array {
  if (n === 1) return Float64Array.of(low);
  const step = (high - low) / (n - 1);
  return Float64Array.from({ length: n }, (_, k) => (k === n - 1 ? high : k * step + low));
}

/** How many of ascending numbers are less than x. */
export function countBelow(ascending: Float64Array, x: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of ascending numbers are no greater than x. */
export function countUpTo(ascending: Float64Array, x: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
