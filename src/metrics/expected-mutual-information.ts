import { takeBreak } from "../data/vector.js";
import type { Contingency } from "./contingency-matrix.js";
import { Sum } from "./sum.js";

/** Terms between two turns of the event loop. */
const TURN_TERMS = 0x40000;

/**
 * Expected mutual information of two random labellings with as many rows a label, in nats (Vinh, Epps and Bailey 2010; as
 * scikit-learn's _expected_mutual_info_fast.pyx). Labels of equal size are computed once.
 */
export async function expectedMutualInformation({ first, second, rows }: Contingency): Promise<number> {
  const factorial = logFactorials(rows);
  const sum = new Sum();
  let terms = 0;
  for (const [a, timesA] of sizesOf(first)) {
    for (const [b, timesB] of sizesOf(second)) {
      const fixed = logOf(factorial, a, b, rows - a, rows - b) - (factorial[rows] as number);
      const end = Math.min(a, b);
      for (let n = Math.max(1, a + b - rows); n <= end; n++) {
        if (++terms % TURN_TERMS === 0) await takeBreak();
        const chance = Math.exp(fixed - logOf(factorial, n, a - n, b - n, rows - a - b + n));
        sum.add(timesA * timesB * (n / rows) * (Math.log(rows) + Math.log(n) - Math.log(a) - Math.log(b)) * chance);
      }
    }
  }
  return sum.value;
}

/** How many labels there are of each size. */
function sizesOf(counts: Float64Array): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const n of counts) sizes.set(n, (sizes.get(n) ?? 0) + 1);
  return sizes;
}

/** ln k! for k = 0 … n, summed without loss. */
function logFactorials(n: number): Float64Array {
  const logs = new Float64Array(n + 1);
  const sum = new Sum();
  for (let k = 2; k <= n; k++) {
    sum.add(Math.log(k));
    logs[k] = sum.value;
  }
  return logs;
}

function logOf(factorial: Float64Array, p: number, q: number, r: number, s: number): number {
  return (factorial[p] as number) + (factorial[q] as number) + (factorial[r] as number) + (factorial[s] as number);
}
