import { isBreak, takeBreak } from "../data/vector.js";

/** Row uses, as the addon knows them. */
export const TRAIN = 0;
export const VALIDATE = 1;
export const IGNORE = 2;

/**
 * Chooses rows to hold out: a byte per row, VALIDATE or TRAIN. `size` below 1 is a share, else a number of rows. With
 * `codes` every class gives its share (stratified), but keeps a row to train on. A row is chosen by a hash of the seed and
 * its index: the same choice for any chunking. The event loop has its turns meanwhile.
 */
export async function holdOut(
  rows: number,
  size: number,
  seed: number,
  codes?: ArrayLike<number>,
  nClasses = 1,
): Promise<Uint8Array> {
  const wanted = Math.min(rows - 1, size < 1 ? Math.ceil(size * rows) : size);
  const counts = new Float64Array(nClasses);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak();
    counts[codes?.[i] ?? 0] = (counts[codes?.[i] ?? 0] as number) + 1;
  }
  const quotas = shareOut(counts, wanted);
  const use = new Uint8Array(rows);
  for (const [k, members] of (await rowsByClass(rows, counts, codes)).entries()) {
    await choose(use, members, quotas[k] as number, seed);
  }
  return use;
}

/** The rows of each class, in order: views of one array. */
async function rowsByClass(
  rows: number,
  counts: Float64Array,
  codes: ArrayLike<number> | undefined,
): Promise<Uint32Array[]> {
  const sorted = new Uint32Array(rows);
  const starts = new Float64Array(counts.length);
  for (let k = 1; k < counts.length; k++) starts[k] = (starts[k - 1] as number) + (counts[k - 1] as number);
  const ends = starts.slice();
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak();
    const k = codes?.[i] ?? 0;
    const at = ends[k] as number;
    sorted[at] = i;
    ends[k] = at + 1;
  }
  return Array.from(starts, (start, k) => sorted.subarray(start, ends[k]));
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

/** Marks the `quota` rows of a class, its `members`, that have the smallest hashes. */
async function choose(use: Uint8Array, members: Uint32Array, quota: number, seed: number): Promise<void> {
  if (quota === 0) return;
  const hashes = new Uint32Array(members.length);
  const sizes = new Uint32Array(65_536);
  for (let m = 0; m < members.length; m++) {
    if (isBreak(m)) await takeBreak();
    const bits = hash(seed, members[m] as number);
    hashes[m] = bits;
    sizes[bits >>> 16] = (sizes[bits >>> 16] as number) + 1;
  }
  let bucket = 0;
  let before = 0;
  while (before + (sizes[bucket] as number) < quota) before += sizes[bucket++] as number;
  const last: number[] = [];
  for (let m = 0; m < members.length; m++) {
    if (isBreak(m)) await takeBreak();
    const high = (hashes[m] as number) >>> 16;
    if (high < bucket) use[members[m] as number] = VALIDATE;
    else if (high === bucket) last.push(m);
  }
  last.sort((a, b) => (hashes[a] as number) - (hashes[b] as number) || a - b);
  for (const m of last.slice(0, quota - before)) use[members[m] as number] = VALIDATE;
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
