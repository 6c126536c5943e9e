// Which features are kept, by their scores or p-values: scikit-learn's rules.

/** The k of the highest scores, "all" of them. Of equal scores the last ones, as scikit-learn's stable sort has it. */
export function kBestMask(scores: Float64Array, k: number | "all"): boolean[] {
  if (k === "all") return Array.from(scores, () => true);
  const values = withoutNaN(scores);
  const order = Array.from(values, (_, j) => j).sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const kept = new Set(k === 0 ? [] : order.slice(-k));
  return Array.from(values, (_, j) => kept.has(j));
}

/** The highest `percentile` per cent of the scores; of equal scores at the border the first ones. */
export function percentileMask(scores: Float64Array, percentile: number): boolean[] {
  if (percentile === 100 || percentile === 0) return Array.from(scores, () => percentile === 100);
  const values = withoutNaN(scores);
  const threshold = quantileOf(values.slice().sort(), 100 - percentile);
  let room = Math.trunc((values.length * percentile) / 100);
  for (const value of values) if (value > threshold) room--;
  return Array.from(values, (value) => value > threshold || (value === threshold && room-- > 0));
}

/** P-values below alpha: a false positive rate. */
export function fprMask(pvalues: Float64Array, alpha: number): boolean[] {
  return Array.from(pvalues, (p) => p < alpha);
}

/** An upper bound of the false discovery rate (Benjamini, Hochberg 1995). */
export function fdrMask(pvalues: Float64Array, alpha: number): boolean[] {
  const n = pvalues.length;
  let most = -Infinity;
  pvalues
    .slice()
    .sort()
    .forEach((p, i) => {
      if (p <= (alpha / n) * (i + 1)) most = Math.max(most, p);
    });
  return Array.from(pvalues, (p) => p <= most);
}

/** P-values below alpha, divided by their number: a family-wise error rate (Bonferroni). */
export function fweMask(pvalues: Float64Array, alpha: number): boolean[] {
  return Array.from(pvalues, (p) => p < alpha / pvalues.length);
}

/** NaN is the worst score. */
function withoutNaN(scores: Float64Array): Float64Array {
  return scores.map((score) => (Number.isNaN(score) ? -Number.MAX_VALUE : score));
}

/** numpy.percentile of ascending values, rounding as numpy does. */
function quantileOf(sorted: Float64Array, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const [a, b] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number];
  const t = place - below;
  if (a === b || t === 0) return a;
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}
