import { isBreak, takeBreak } from "../data/vector.js";

// Estimates of mutual information, in nats, from distances between near points: Kraskov, Stögbauer and Grassberger (2004) for
// two numbers, Ross (2014) for a number and a class; scikit-learn's _mutual_info.py. Never below 0.

/** The logarithmic derivative of the gamma function at a positive integer or number: recurrence up to 10, then the series. */
export function digamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += 1 / at;
  const r = 1 / (at * at);
  const series =
    r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * (1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12))))));
  return Math.log(at) - 0.5 / at - series - shift;
}

/** The greatest number below a distance that is not 0: the count within it leaves the neighbour itself out. */
function justBelow(x: number): number {
  if (x === 0) return 0;
  const bits = new BigInt64Array(Float64Array.of(x).buffer);
  bits[0] = (bits[0] as bigint) - 1n;
  return new Float64Array(bits.buffer)[0] as number;
}

/** The order of values, ascending. */
function orderOf(values: Float64Array): Int32Array {
  return Int32Array.from(values, (_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
}

/** How many of the sorted values lie within `radius` of x, x itself among them. */
function countWithin(sorted: Float64Array, x: number, radius: number): number {
  const firstFrom = (holds: (value: number) => boolean): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(sorted[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return firstFrom((value) => value - x > radius) - firstFrom((value) => x - value <= radius);
}

/**
 * Between two numbers. For every point the distance to its k-th neighbour, the greater of both coordinates' differences, is
 * found by going outwards in the order of x until x alone is farther: O(n^1.5) for points that are spread out.
 */
export async function informationOfNumbers(
  x: Float64Array,
  y: Float64Array,
  nNeighbors: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const n = x.length;
  const order = orderOf(x);
  const xs = Float64Array.from(order, (i) => x[i] as number);
  const ys = Float64Array.from(order, (i) => y[i] as number);
  const sortedY = y.slice().sort();
  const near = new Float64Array(nNeighbors);
  let sum = 0;
  for (let p = 0; p < n; p++) {
    if (p % TURN_POINTS === TURN_POINTS - 1) await takeBreak(signal);
    const radius = justBelow(kthDistance(xs, ys, p, near));
    sum += digamma(countWithin(xs, xs[p] as number, radius)) + digamma(countWithin(sortedY, ys[p] as number, radius));
  }
  return Math.max(0, digamma(n) + digamma(nNeighbors) - sum / n);
}

/** Points whose neighbours are looked for between two turns of the event loop. */
const TURN_POINTS = 1024;

/** The distance from point p to its k-th neighbour, k = near.length, which is used as scratch. */
function kthDistance(xs: Float64Array, ys: Float64Array, p: number, near: Float64Array): number {
  const k = near.length;
  const [x, y] = [xs[p] as number, ys[p] as number];
  near.fill(Infinity); // ascending
  let [left, right] = [p - 1, p + 1];
  for (;;) {
    const toLeft = left >= 0 ? x - (xs[left] as number) : Infinity;
    const toRight = right < xs.length ? (xs[right] as number) - x : Infinity;
    const alone = Math.min(toLeft, toRight);
    if (alone >= (near[k - 1] as number)) return near[k - 1] as number;
    const q = toLeft <= toRight ? left-- : right++;
    const distance = Math.max(alone, Math.abs((ys[q] as number) - y));
    let at = k - 1;
    if (distance >= (near[at] as number)) continue;
    for (; at > 0 && distance < (near[at - 1] as number); at--) near[at] = near[at - 1] as number;
    near[at] = distance;
  }
}

/** Between a number and a class, given by its code. Points that are alone in their class are left out. */
export async function informationOfNumberAndClass(
  x: Float64Array,
  codes: Int32Array,
  nNeighbors: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const byClass = new Map<number, number[]>();
  for (const i of orderOf(x)) {
    const of = byClass.get(codes[i] as number);
    if (of === undefined) byClass.set(codes[i] as number, [x[i] as number]);
    else of.push(x[i] as number);
  }
  const groups = [...byClass.values()].filter((of) => of.length > 1);
  const kept = Float64Array.from(groups.flat()).sort();
  if (kept.length === 0) return 0;
  let sum = 0;
  let done = 0;
  for (const group of groups) {
    const k = Math.min(nNeighbors, group.length - 1);
    const ofClass = digamma(k) - digamma(group.length);
    for (const [p, value] of group.entries()) {
      if (isBreak(done++)) await takeBreak(signal);
      const radius = justBelow(kthOfSorted(group, p, k));
      sum += ofClass - digamma(countWithin(kept, value, radius));
    }
  }
  return Math.max(0, digamma(kept.length) + sum / kept.length);
}

/** The distance from sorted[p] to its k-th nearest among the others: the nearest k are k in a row. */
function kthOfSorted(sorted: readonly number[], p: number, k: number): number {
  const x = sorted[p] as number;
  let [left, right] = [p - 1, p + 1];
  let distance = 0;
  for (let taken = 0; taken < k; taken++) {
    const toLeft = left >= 0 ? x - (sorted[left] as number) : Infinity;
    const toRight = right < sorted.length ? (sorted[right] as number) - x : Infinity;
    distance = Math.min(toLeft, toRight);
    if (toLeft <= toRight) left--;
    else right++;
  }
  return distance;
}
