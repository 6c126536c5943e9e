import { takeBreak } from "../data/vector.js";

// Scores into probabilities. Sums over rows are formed a few rows at a time: the event loop gets its turns between.

const MOST = 30;
const ROWS_A_TURN = 32_768;

/** Sums over rows: `add` adds the rows [begin, end) to the totals. */
async function totals(
  n: number,
  width: number,
  add: (out: Float64Array, begin: number, end: number) => void,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const out = new Float64Array(width);
  for (let begin = 0; begin < n; begin += ROWS_A_TURN) {
    add(out, begin, Math.min(n, begin + ROWS_A_TURN));
    await takeBreak(signal);
  }
  return out;
}

/**
 * Platt's scaling: the logistic curve of scores with the least loss on smoothed targets (Platt 1999; Lin, Lin, Weng 2007;
 * scikit-learn's _sigmoid_calibration), by Newton's method. The chance is 1 / (1 + exp(slope · score + offset)).
 */
export async function plattScaling(
  scores: Float64Array,
  isPositive: Uint8Array,
  weights: Float64Array | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly slope: number; readonly offset: number }> {
  const n = scores.length;
  const largest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0);
  const scale = largest >= MOST ? largest : 1;
  const [prior0, prior1] = (await totals(
    n,
    2,
    (out, begin, end) => {
      for (let i = begin; i < end; i++) {
        const k = isPositive[i] as number;
        out[k] = (out[k] as number) + (weights?.[i] ?? 1);
      }
    },
    signal,
  )) as unknown as [number, number];
  const [high, low] = [(prior1 + 1) / (prior1 + 2), 1 / (prior0 + 2)];
  /** Loss, its two derivatives, and the three second ones. */
  const at = (a: number, b: number): Promise<Float64Array> =>
    totals(
      n,
      6,
      (out, begin, end) => {
        let [loss, ga, gb, haa, hab, hbb] = out as unknown as [number, number, number, number, number, number];
        for (let i = begin; i < end; i++) {
          const f = (scores[i] as number) / scale;
          const z = a * f + b; // minus the log-odds
          const e = Math.exp(-Math.abs(z));
          const other = z >= 0 ? 1 / (1 + e) : e / (1 + e); // the chance of the other class
          const target = isPositive[i] === 1 ? high : low;
          const w = weights?.[i] ?? 1;
          loss += w * (Math.max(z, 0) + Math.log1p(e) - (1 - target) * z);
          const g = w * (other - 1 + target);
          const h = w * other * (1 - other);
          ga += g * f;
          gb += g;
          haa += h * f * f;
          hab += h * f;
          hbb += h;
        }
        out.set([loss, ga, gb, haa, hab, hbb]);
      },
      signal,
    );
  let [a, b] = [0, Math.log((prior0 + 1) / (prior1 + 1))];
  let now = await at(a, b);
  for (let iteration = 0; iteration < 100; iteration++) {
    const [loss, ga, gb, haa, hab, hbb] = now as unknown as [number, number, number, number, number, number];
    const [paa, pbb] = [haa + 1e-12, hbb + 1e-12];
    const determinant = paa * pbb - hab * hab;
    const [da, db] = [-(pbb * ga - hab * gb) / determinant, -(paa * gb - hab * ga) / determinant];
    const expected = ga * da + gb * db;
    if (!(Math.abs(expected) > 1e-14 * Math.max(1, loss))) break;
    let step = 1;
    let next = await at(a + da, b + db);
    while (step > 1e-10 && !((next[0] as number) <= loss + 1e-4 * step * expected)) {
      step /= 2;
      next = await at(a + step * da, b + step * db);
    }
    if (!((next[0] as number) < loss)) break;
    [a, b, now] = [a + step * da, b + step * db, next];
  }
  return { slope: a / scale, offset: b };
}

/**
 * The inverse temperature: the factor of logits with the least log loss (Guo et al. 2017), by Newton's method on the derivative,
 * which rises, kept between bounds. logits: rows × classes.
 */
export async function inverseTemperature(
  logits: Float64Array,
  nClasses: number,
  codes: Int32Array,
  weights: Float64Array | undefined,
  signal: AbortSignal | undefined,
): Promise<number> {
  /** The derivative by beta, and its derivative. */
  const slopes = (beta: number): Promise<Float64Array> =>
    totals(
      codes.length,
      2,
      (out, begin, end) => {
        for (let i = begin; i < end; i++) {
          const first = i * nClasses;
          let most = -Infinity;
          for (let k = 0; k < nClasses; k++) most = Math.max(most, beta * (logits[first + k] as number));
          let [total, mean, square] = [0, 0, 0];
          for (let k = 0; k < nClasses; k++) {
            const logit = logits[first + k] as number;
            const e = Math.exp(beta * logit - most);
            if (e === 0) continue;
            total += e;
            mean += e * logit;
            square += e * logit * logit;
          }
          mean /= total;
          const w = weights?.[i] ?? 1;
          out[0] = (out[0] as number) + w * (mean - (logits[first + (codes[i] as number)] as number));
          out[1] = (out[1] as number) + w * (square / total - mean * mean);
        }
      },
      signal,
    );
  let [low, high] = [Math.exp(-10), Math.exp(10)]; // scikit-learn's bounds
  let beta = 1;
  for (let iteration = 0; iteration < 100; iteration++) {
    const [slope, curvature] = (await slopes(beta)) as unknown as [number, number];
    if (slope > 0) high = beta;
    else low = beta;
    let next = beta - slope / curvature;
    if (!(next > low && next < high)) next = Math.sqrt(low * high);
    if (Math.abs(next - beta) <= 1e-13 * beta) break;
    beta = next;
  }
  return beta;
}
