/** Row uses, as the addon knows them. */
export const TRAIN = 0;
export const VALIDATE = 1;

/**
 * Chooses rows to hold out: a byte per row, VALIDATE or TRAIN. `size` below 1 is a share, else a number of rows. With
 * `codes` every class gives its share (stratified), but keeps a row to train on. A row is chosen by a hash of the seed and
 * its index: the same choice for any chunking.
 */
export function holdOut(rows: number, size: number, seed: number, codes?: ArrayLike<number>, nClasses = 1): Uint8Array {
  const wanted = Math.min(rows - 1, size < 1 ? Math.ceil(size * rows) : size);
  const counts = new Float64Array(nClasses);
  for (let i = 0; i < rows; i++) counts[codes?.[i] ?? 0] = (counts[codes?.[i] ?? 0] as number) + 1;
  const quotas = shareOut(counts, wanted);
  const use = new Uint8Array(rows);
  for (let k = 0; k < nClasses; k++) {
    choose(use, quotas[k] as number, seed, (i) => codes === undefined || codes[i] === k);
  }
  return use;
}

/** `wanted` rows over classes in proportion to their counts: whole parts first, then the largest remainders. */
function shareOut(counts: Float64Array, wanted: number): Float64Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const exact = counts.map((count) => (count * wanted) / Math.max(1, total));
  const quotas = exact.map(Math.floor);
  const byRemainder = Array.from(counts.keys()).sort(
    (a, b) => (exact[b] as number) - (quotas[b] as number) - ((exact[a] as number) - (quotas[a] as number)) || a - b,
  );
  let left = wanted - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const k of byRemainder) {
    if (left-- > 0) quotas[k] = (quotas[k] as number) + 1;
  }
  return quotas.map((quota, k) => Math.max(0, Math.min(quota, (counts[k] as number) - 1)));
}

/** Marks the `quota` rows of a class that have the smallest hashes. */
function choose(use: Uint8Array, quota: number, seed: number, isOfClass: (row: number) => boolean): void {
  if (quota === 0) return;
  const sizes = new Uint32Array(65_536);
  for (let i = 0; i < use.length; i++) {
    if (isOfClass(i)) sizes[hash(seed, i) >>> 16] = (sizes[hash(seed, i) >>> 16] as number) + 1;
  }
  let bucket = 0;
  let before = 0;
  while (before + (sizes[bucket] as number) < quota) before += sizes[bucket++] as number;
  const last: number[] = [];
  for (let i = 0; i < use.length; i++) {
    if (!isOfClass(i)) continue;
    const high = hash(seed, i) >>> 16;
    if (high < bucket) use[i] = VALIDATE;
    else if (high === bucket) last.push(i);
  }
  last.sort((a, b) => hash(seed, a) - hash(seed, b) || a - b);
  for (const i of last.slice(0, quota - before)) use[i] = VALIDATE;
}

/** 32 well-mixed bits of a seed and an index (the finaliser of MurmurHash3, twice). */
function hash(seed: number, index: number): number {
  return mix(mix(seed ^ Math.floor(seed / 2 ** 32)) ^ mix(index + 0x9e3779b9));
}

function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
