/**
 * A sum with the rounding errors carried along (Neumaier 1974): as exact as one rounding of the true sum, so that a metric
 * does not depend on the number of rows or their order in its first 15 digits.
 */
export class Sum {
  #high = 0;
  #low = 0;

  add(x: number): void {
    const sum = this.#high + x;
    this.#low += Math.abs(this.#high) >= Math.abs(x) ? this.#high - sum + x : x - sum + this.#high;
    this.#high = sum;
  }

  get value(): number {
    return Number.isFinite(this.#high) ? this.#high + this.#low : this.#high;
  }
}

/** The (weighted) mean of term(0) … term(n - 1), or the sum if not `normalize`. */
export function weightedMean(
  n: number,
  weights: Float64Array | undefined,
  term: (i: number) => number,
  normalize = true,
): number {
  const sum = new Sum();
  const total = new Sum();
  for (let i = 0; i < n; i++) {
    const weight = weights === undefined ? 1 : (weights[i] as number);
    sum.add(weight * term(i));
    if (weights !== undefined) total.add(weight);
  }
  if (!normalize) return sum.value;
  return sum.value / (weights === undefined ? n : total.value);
}
