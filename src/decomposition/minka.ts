/**
 * The number of components of greatest evidence (T. P. Minka: Automatic choice of dimensionality for PCA, NIPS 2000),
 * 1 … spectrum.length - 1: what nComponents "mle" means. `spectrum` holds the variances of all components, descending.
 * The sums over pairs are kept from one rank to the next: quadratic in the number of features, not cubic.
 */
export function minkaRank(spectrum: Float64Array, nSamples: number): number {
  const n = spectrum.length;
  const at = (i: number): number => spectrum[i] as number;
  const logGammaOfHalf = logGammasOfHalves(n + 1);
  const rest = suffixSums(spectrum);
  let best = 1;
  let highest = -Infinity;
  let pu = 0;
  let logs = 0; // of the variances kept
  let within = 0; // over pairs of components kept
  let across = 0; // over pairs of a component kept and one left out: log of the difference
  for (let rank = 1; rank < n; rank++) {
    const kept = rank - 1; // the component that joins
    pu -= Math.LN2;
    pu += (logGammaOfHalf[n - kept] as number) - (Math.log(Math.PI) * (n - kept)) / 2;
    logs += Math.log(at(kept));
    for (let i = 0; i < kept; i++) {
      const difference = logOf(at(i) - at(kept));
      within += difference + logOf(1 / at(kept) - 1 / at(i));
      across -= difference;
    }
    for (let j = rank; j < n; j++) across += logOf(at(kept) - at(j));
    if (at(kept) < 1e-15) break;
    const noise = Math.max(1e-15, (rest[rank] as number) / (n - rank));
    let flat = 0;
    for (let i = 0; i < rank; i++) flat += logOf(1 / noise - 1 / at(i));
    const m = n * rank - (rank * (rank + 1)) / 2;
    const pairs = (rank * (rank - 1)) / 2 + rank * (n - rank);
    const pa = within + across + (n - rank) * flat + pairs * Math.log(nSamples);
    const pv = (-Math.log(noise) * nSamples * (n - rank)) / 2;
    const pp = (Math.log(2 * Math.PI) * (m + rank)) / 2;
    const evidence = pu - (logs * nSamples) / 2 + pv + pp - pa / 2 - (rank * Math.log(nSamples)) / 2;
    if (evidence > highest) [highest, best] = [evidence, rank];
  }
  return best;
}

/** Equal variances make a difference of 0: as if they differed by the least number there is. */
function logOf(x: number): number {
  return Math.log(Math.max(x, Number.MIN_VALUE));
}

/** ln Γ(k / 2) for k = 0 … count - 1 (0 for k = 0). */
function logGammasOfHalves(count: number): Float64Array {
  const out = new Float64Array(Math.max(count, 3));
  out[1] = Math.log(Math.PI) / 2;
  out[2] = 0;
  for (let k = 3; k < count; k++) out[k] = (out[k - 2] as number) + Math.log(k / 2 - 1);
  return out;
}

function suffixSums(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length + 1);
  for (let i = values.length - 1; i >= 0; i--) out[i] = (out[i + 1] as number) + (values[i] as number);
  return out;
}
