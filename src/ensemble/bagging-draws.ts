import { invalidData } from "../base/errors.js";
import { randomUniform } from "../base/random.js";
import { isBreak, takeBreak } from "../data/vector.js";
import type { Wrappable } from "../wrappers/wrapped.js";

// What each estimator of a bag draws: keyed by the seed and the estimator's number, so the same for any nJobs.

/** How the rows of some estimators are drawn. */
export interface DrawPlan {
  readonly rows: number;
  /** Draws of each estimator. */
  readonly draws: number;
  readonly bootstrap: boolean;
  /** Rows are drawn in proportion to them. */
  readonly weights: Float64Array | undefined;
}

const [FEATURES, ROWS, SEED] = [0, 1, 2];
const BUCKETS = 65_536;

function stream(estimator: number, purpose: number): number {
  return 4 * estimator + purpose;
}

/** The randomState of an estimator of a bag. */
function seedOfEstimator(seed: number, estimator: number, place: number): number {
  return Math.floor(randomUniform(seed, stream(estimator, SEED), place) * 2 ** 31);
}

/** Rows each estimator draws. @throws TreelineError ERR_INVALID_DATA where there are not so many. */
export function drawsOf(
  maxSamples: number | null,
  rows: number,
  weights: Float64Array | undefined,
  bootstrap: boolean,
  where: string,
): number {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? rows;
  const draws = maxSamples === null ? rows : maxSamples <= 1 ? Math.max(1, Math.floor(maxSamples * total)) : maxSamples;
  if (bootstrap) return draws;
  const most = weights === undefined ? rows : weights.reduce((n, weight) => n + Number(weight > 0), 0);
  if (draws <= most) return draws;
  throw invalidData(
    `${where}: ${draws} rows cannot be drawn without replacement of ${most}${weights ? " that weigh something" : ""}; ` +
      "set bootstrap, or a smaller maxSamples",
  );
}

/** How often an estimator drew each row. The event loop has its turns meanwhile. */
export async function drawRows(
  plan: DrawPlan,
  seed: number,
  estimator: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const draws = drawing(plan, seed, estimator);
  for (let next = draws.next(); ; next = draws.next()) {
    if (next.done === true) return next.value;
    await takeBreak(signal);
  }
}

/** The same at once. */
export function drawRowsNow(plan: DrawPlan, seed: number, estimator: number): Float64Array {
  const draws = drawing(plan, seed, estimator);
  for (let next = draws.next(); ; next = draws.next()) if (next.done === true) return next.value;
}

/** Draws rows, with a break every few milliseconds. */
function* drawing(
  { rows, draws, bootstrap, weights }: DrawPlan,
  seed: number,
  estimator: number,
): Generator<undefined, Float64Array, undefined> {
  const uniform = (i: number): number => randomUniform(seed, stream(estimator, ROWS), i);
  if (!bootstrap) return yield* choosing(rows, draws, uniform, weights);
  const times = new Float64Array(rows);
  const sums = weights && cumulated(weights);
  for (let i = 0; i < draws; i++) {
    if (isBreak(i)) yield;
    const row = sums === undefined ? Math.floor(uniform(i) * rows) : placeIn(sums, uniform(i));
    times[row] = (times[row] as number) + 1;
  }
  return times;
}

/** Columns an estimator draws: without replacement ascending, all of them as they are. */
export function drawFeatures(
  nFeatures: number,
  count: number,
  withReplacement: boolean,
  seed: number,
  estimator: number,
): Int32Array {
  const uniform = (j: number): number => randomUniform(seed, stream(estimator, FEATURES), j);
  if (withReplacement) return Int32Array.from({ length: count }, (_, j) => Math.floor(uniform(j) * nFeatures));
  const all = Int32Array.from({ length: nFeatures }, (_, j) => j);
  if (count === nFeatures) return all;
  const keys = Float64Array.from(all, uniform);
  return all
    .sort((a, b) => (keys[a] as number) - (keys[b] as number))
    .slice(0, count)
    .sort();
}

/** Columns each estimator draws. @throws TreelineError ERR_INVALID_DATA where there are not so many. */
export function featureCount(maxFeatures: number | "one", nFeatures: number, where: string): number {
  if (maxFeatures === "one") return 1;
  const count = maxFeatures <= 1 ? Math.max(1, Math.floor(maxFeatures * nFeatures)) : maxFeatures;
  if (count <= nFeatures) return count;
  throw invalidData(`${where}: maxFeatures is ${maxFeatures}, but X has ${nFeatures} features`);
}

function cumulated(weights: Float64Array): Float64Array {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/** The first row whose cumulated weight is above a share of all weight. */
function placeIn(sums: Float64Array, share: number): number {
  const wanted = share * (sums[sums.length - 1] as number);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * So many rows without replacement: those with the smallest -log(u) / weight (Efraimidis and Spirakis 2006), which without
 * weights are those with the greatest u.
 */
function* choosing(
  rows: number,
  count: number,
  uniform: (row: number) => number,
  weights: Float64Array | undefined,
): Generator<undefined, Float64Array, undefined> {
  const times = new Float64Array(rows);
  if (count === rows && weights === undefined) return times.fill(1);
  const keys = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) yield;
    const key = 1 - uniform(i);
    keys[i] = weights === undefined ? key : -Math.log1p(-key) / (weights[i] as number);
  }
  const last = weights === undefined ? smallest(keys, count) : (keys.slice().sort()[count - 1] as number);
  let left = count;
  for (let i = 0; i < rows && left > 0; i++) if ((keys[i] as number) < last) left -= times[i] = 1;
  for (let i = 0; i < rows && left > 0; i++) if (keys[i] === last) left -= times[i] = 1;
  return times;
}

/** The count-th smallest of uniform numbers: by their buckets, then by sorting one of these. */
function smallest(keys: Float64Array, count: number): number {
  const sizes = new Int32Array(BUCKETS);
  const bucket = (key: number): number => Math.min(BUCKETS - 1, Math.floor(key * BUCKETS));
  for (const key of keys) sizes[bucket(key)] = (sizes[bucket(key)] as number) + 1;
  let before = 0;
  let at = 0;
  while (before + (sizes[at] as number) < count) before += sizes[at++] as number;
  return keys.filter((key) => bucket(key) === at).sort()[count - before - 1] as number;
}

/** Every randomState of the estimator, and of those inside it, set to a seed of its own. */
export function seeded(estimator: Wrappable, seed: number, number: number): Wrappable {
  const names = Object.keys(estimator.getParams({ deep: true }) as object)
    .filter((name) => /(^|__)randomState$/.test(name))
    .sort();
  const { setParams } = estimator as { setParams?: (params: object) => unknown };
  if (names.length === 0 || setParams === undefined) return estimator;
  const entries = names.map((name, place) => [name, seedOfEstimator(seed, number, place)]);
  setParams.call(estimator, Object.fromEntries(entries) as object);
  return estimator;
}
