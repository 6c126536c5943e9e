const INTERVALS = 1024;

/**
 * A monotone curve through given points (F. N. Fritsch, R. E. Carlson 1980: piecewise cubic, no overshoot), tabulated
 * and read by linear interpolation; constant outside.
 */
export class Curve {
  readonly #low: number;
  readonly #perUnit: number;
  readonly #values: Float64Array;

  /** x ascending, at least two. */
  constructor(x: readonly number[], y: readonly number[]) {
    const slopes = monotoneSlopes(x, y);
    const [low, high] = [x[0] as number, x[x.length - 1] as number];
    this.#low = low;
    this.#perUnit = INTERVALS / (high - low);
    this.#values = new Float64Array(INTERVALS + 2);
    let k = 0;
    for (let i = 0; i <= INTERVALS; i++) {
      const at = low + (i * (high - low)) / INTERVALS;
      while (k < x.length - 2 && at > (x[k + 1] as number)) k++;
      this.#values[i] = hermite(x, y, slopes, k, at);
    }
    this.#values[INTERVALS] = y[y.length - 1] as number;
    this.#values[INTERVALS + 1] = this.#values[INTERVALS] as number;
  }

  at(x: number): number {
    const position = Math.min(INTERVALS, Math.max(0, (x - this.#low) * this.#perUnit));
    const i = Math.floor(position);
    const value = this.#values[i] as number;
    return value + (position - i) * ((this.#values[i + 1] as number) - value);
  }
}

/** Derivatives at the points: weighted harmonic means of the neighbouring slopes, 0 at a turn. */
function monotoneSlopes(x: readonly number[], y: readonly number[]): Float64Array {
  const n = x.length;
  const width = Float64Array.from({ length: n - 1 }, (_, k) => (x[k + 1] as number) - (x[k] as number));
  const secant = width.map((h, k) => ((y[k + 1] as number) - (y[k] as number)) / h);
  const slopes = new Float64Array(n);
  for (let k = 1; k < n - 1; k++) {
    const [a, b] = [secant[k - 1] as number, secant[k] as number];
    const [wa, wb] = [width[k - 1] as number, width[k] as number];
    if (a * b > 0) slopes[k] = (3 * (wa + wb)) / ((2 * wb + wa) / a + (wb + 2 * wa) / b);
  }
  slopes[0] = secant[0] as number;
  slopes[n - 1] = secant[n - 2] as number;
  return slopes;
}

function hermite(x: readonly number[], y: readonly number[], slopes: Float64Array, k: number, at: number): number {
  const h = (x[k + 1] as number) - (x[k] as number);
  const t = (at - (x[k] as number)) / h;
  const [s, t2] = [1 - t, t * t];
  return (
    s * s * ((1 + 2 * t) * (y[k] as number) + t * h * (slopes[k] as number)) +
    t2 * ((1 + 2 * s) * (y[k + 1] as number) - s * h * (slopes[k + 1] as number))
  );
}
