import { takeBreak } from "../data/vector.js";

const RUN = 16_384;

/** The places of values in ascending order, equal ones by their second value, then their place; the event loop gets its turns. */
export async function sortedOrder(
  first: Float64Array,
  second: Float64Array,
  signal?: AbortSignal,
): Promise<Int32Array> {
  const n = first.length;
  const before = (a: number, b: number): number =>
    (first[a] as number) - (first[b] as number) || (second[a] as number) - (second[b] as number) || a - b;
  let order = Int32Array.from({ length: n }, (_, i) => i);
  for (let begin = 0; begin < n; begin += RUN) {
    order.subarray(begin, begin + RUN).sort(before);
    await takeBreak(signal);
  }
  for (let width = RUN; width < n; width *= 2) {
    const merged = new Int32Array(n);
    for (let begin = 0; begin < n; begin += 2 * width) {
      const [middle, end] = [Math.min(n, begin + width), Math.min(n, begin + 2 * width)];
      let [a, b] = [begin, middle];
      for (let k = begin; k < end; k++) {
        const left = b >= end || (a < middle && before(order[a] as number, order[b] as number) <= 0);
        merged[k] = order[left ? a++ : b++] as number;
        if (k % 262_144 === 262_143) await takeBreak(signal);
      }
    }
    order = merged;
  }
  return order;
}
