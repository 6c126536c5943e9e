import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { RowMask } from "../data/row-mask.js";
import type { EncodedLabels } from "../data/vector.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import type { Fold } from "./fold.js";

// Rows drawn at random to learn from and to test on: what trainTestSplit and the shuffled splitters share.

/** How many rows go to each part, as the user says it: shares of the rows, or numbers. */
export interface WantedSizes {
  readonly testSize?: number | null | undefined;
  readonly trainSize?: number | null | undefined;
}

/** How many rows go to each part. */
export interface Sizes {
  readonly train: number;
  readonly test: number;
}

/**
 * Sizes of the parts (scikit-learn's _validate_shuffle_split). defaultTestSize holds where neither is given.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function splitSizes(rows: number, options: WantedSizes, defaultTestSize: number, where: string): Sizes {
  const testSize = options.testSize ?? ((options.trainSize ?? null) === null ? defaultTestSize : null);
  const trainSize = options.trainSize ?? null;
  const wantedTest = testSize === null ? null : sizeOf(testSize, rows, `${where}: testSize`, Math.ceil);
  const wantedTrain = trainSize === null ? null : sizeOf(trainSize, rows, `${where}: trainSize`, Math.floor);
  if (isFraction(testSize) && isFraction(trainSize) && (testSize as number) + (trainSize as number) > 1) {
    throw invalidArgument(
      `${where}: the sum of testSize and trainSize is ${(testSize as number) + (trainSize as number)}, should be in the (0, 1) range`,
    );
  }
  const test = wantedTest ?? rows - (wantedTrain as number);
  const train = wantedTrain ?? rows - test;
  if (train + test > rows) {
    throw invalidArgument(
      `${where}: the sum of trainSize and testSize = ${train + test} should not be larger than the number of samples ${rows}`,
    );
  }
  if (train <= 0) {
    throw invalidArgument(
      `${where}: with ${rows} samples, testSize ${show(testSize)} and trainSize ${show(trainSize)} the training part would be empty`,
    );
  }
  return { train, test };
}

function isFraction(size: number | null): boolean {
  return size !== null && !Number.isInteger(size);
}

function sizeOf(size: number, rows: number, name: string, round: (x: number) => number): number {
  const isValid = Number.isInteger(size) ? size > 0 && size < rows : size > 0 && size < 1;
  if (!isValid) {
    throw invalidArgument(
      `${name} = ${show(size)} should be either positive and smaller than the number of samples ${rows} or a ` +
        "fraction in the (0, 1) range",
    );
  }
  return Number.isInteger(size) ? size : round(size * rows);
}

/**
 * Rows drawn at random: exactly `sizes` of them, of every class its share where there are labels. Which rows depends on the
 * seed, the number of rows and the labels only.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function drawnFold(
  rows: number,
  sizes: Sizes,
  labels: EncodedLabels | undefined,
  seed: number,
  where: string,
  signal?: AbortSignal,
): Promise<Fold> {
  const shares = labels
    ? stratifiedShares(labels, rows, sizes, seed, where)
    : { train: [sizes.train], test: [sizes.test] };
  const [train, test] = [Float64Array.from(shares.train), Float64Array.from(shares.test)];
  const bits = await runJob(effectiveNJobs(), { signal }, (job) =>
    addon().splitRows(rows, seed, labels?.codes, test, train, job),
  );
  return { train: new RowMask(bits.train, rows), test: new RowMask(bits.test, rows) };
}

/** Rows of each class in each part (scikit-learn's StratifiedShuffleSplit). */
function stratifiedShares(
  { classes, codes }: EncodedLabels,
  rows: number,
  sizes: Sizes,
  seed: number,
  where: string,
): { train: number[]; test: number[] } {
  if (codes.length !== rows) {
    throw invalidData(
      `${where}: found input variables with inconsistent numbers of samples: ${rows}, ${codes.length} (stratify)`,
    );
  }
  const counts = Array.from(classes as ArrayLike<unknown>, () => 0);
  for (const code of codes) counts[code] = (counts[code] as number) + 1;
  const rare = counts.findIndex((count) => count < 2);
  if (rare >= 0) {
    throw invalidData(
      `${where}: the least populated classes in stratify have only 1 member, which is too few, for example ${show(classes[rare])}. ` +
        "The minimum number of groups for any class cannot be less than 2.",
    );
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (size < counts.length) {
      throw invalidArgument(
        `${where}: the ${name}Size = ${size} should be greater or equal to the number of classes = ${counts.length}`,
      );
    }
  }
  const train = approximateMode(counts, sizes.train, seed);
  const left = counts.map((count, k) => count - (train[k] as number));
  return { train, test: approximateMode(left, sizes.test, seed + 1) };
}

/**
 * The most probable numbers of draws of each class when `draws` rows are drawn without replacement: shares rounded down,
 * what is missing given to the largest remainders; equal remainders in an order that depends on the seed
 * (scikit-learn's _approximate_mode).
 */
function approximateMode(counts: readonly number[], draws: number, seed: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = counts.map((count) => (count / total) * draws);
  const result = shares.map(Math.floor);
  const missing = draws - result.reduce((sum, share) => sum + share, 0);
  const remainder = (k: number): number => (shares[k] as number) - (result[k] as number);
  counts
    .map((_, k) => k)
    .sort((a, b) => remainder(b) - remainder(a) || hash(seed, a) - hash(seed, b) || a - b)
    .slice(0, missing)
    .forEach((k) => (result[k] = (result[k] as number) + 1));
  return result;
}

/** A 32-bit hash of a seed and an index (MurmurHash3's finaliser). */
function hash(seed: number, index: number): number {
  let h = Math.imul(
    (seed % 4_294_967_296) ^ Math.floor(seed / 4_294_967_296) ^ Math.imul(index + 1, 0x9e3779b9),
    0x85ebca6b,
  );
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
