import { randomInt } from "node:crypto";
import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { RowMask } from "../data/row-mask.js";
import { rowsByMask, rowsOf, type Splittable } from "../data/split.js";
import { encodeLabels, type EncodedLabels, type VectorLike } from "../data/vector.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";

/** Options of trainTestSplit. */
export interface TrainTestSplitOptions {
  /**
   * The test part: a share of the rows (a fraction between 0 and 1, rounded up) or a number of rows. Default: what
   * trainSize leaves, else 0.25.
   */
  readonly testSize?: number | null | undefined;
  /** The training part: a share (rounded down) or a number of rows. Default: what testSize leaves. */
  readonly trainSize?: number | null | undefined;
  /** Pick rows at random. Default true; false: the first rows train, the next ones test. */
  readonly shuffle?: boolean | undefined;
  /** Class labels of the rows: both parts get each class's exact share. Needs shuffle. */
  readonly stratify?: VectorLike | null | undefined;
  /** Seed, a non-negative integer: the same split every time. Undefined or null: a new one every time. */
  readonly randomState?: number | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An array type as the split gives it back: a mutable copy of the same kind. */
export type Part<A> = A extends readonly (infer T)[] ? T[] : A;

/** [train, test] of every array, one after another. */
export type SplitParts<A extends readonly unknown[]> = A extends readonly [infer First, ...infer Rest]
  ? [train: Part<First>, test: Part<First>, ...SplitParts<Rest>]
  : [];

/**
 * Splits any number of tables and columns of equal length into a training and a test part, as scikit-learn's
 * train_test_split: the same sizes and rounding, exact stratification.
 *
 * Each result is of its argument's kind. Frames and Frame columns are not read (but counted): a part of them is a frame
 * with one bit a row. Rows keep their order in both parts, whatever the kinds, so that frames and arrays can be split
 * together; which rows are picked depends on randomState and the number of rows (and stratify) only. The generator is
 * Treeline's own: the parts differ from those NumPy's would give.
 *
 * @example
 * const [XTrain, XTest, yTrain, yTest] = await trainTestSplit(X, y, { testSize: 0.2, stratify: y, randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT for sizes out of range, ERR_INVALID_DATA for unequal lengths or a class of one
 * row.
 */
export function trainTestSplit<A extends Splittable>(X: A, options?: TrainTestSplitOptions): Promise<SplitParts<[A]>>;
export function trainTestSplit<A extends Splittable, B extends Splittable>(
  X: A,
  y: B,
  options?: TrainTestSplitOptions,
): Promise<SplitParts<[A, B]>>;
export function trainTestSplit<A extends Splittable, B extends Splittable, C extends Splittable>(
  X: A,
  y: B,
  third: C,
  options?: TrainTestSplitOptions,
): Promise<SplitParts<[A, B, C]>>;
export function trainTestSplit<A extends readonly Splittable[]>(
  ...arraysAndOptions: [...arrays: A, options: TrainTestSplitOptions]
): Promise<SplitParts<A>>;
export async function trainTestSplit(...args: readonly unknown[]): Promise<unknown[]> {
  const last = args.at(-1);
  const hasOptions = args.length > 1 && (last === undefined || isOptions(last));
  const options = hasOptions ? ((last ?? {}) as TrainTestSplitOptions) : {};
  const arrays = (hasOptions ? args.slice(0, -1) : args) as Splittable[];
  checkOptions(options);
  const labels = await stratifyLabels(options); // first: reading a frame's column also counts the frame's rows
  const rows = await commonRows(arrays, options);
  const sizes = splitSizes(rows, options);
  const { train, test } = await masks(rows, sizes, labels, options);
  const [trainRows, testRows] = [train.indices(), test.indices()];
  return arrays.flatMap((data) => [rowsByMask(data, train, trainRows), rowsByMask(data, test, testRows)]);
}

const WHERE = "trainTestSplit";
const OPTIONS = ["testSize", "trainSize", "shuffle", "stratify", "randomState", "signal"];

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isOptions(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function checkOptions({ shuffle, randomState, ...options }: TrainTestSplitOptions): void {
  Object.keys(options).forEach((key) => refuseUnknown(WHERE, key, OPTIONS));
  if (shuffle !== undefined && typeof shuffle !== "boolean") {
    throw invalidArgument(`${WHERE}: shuffle must be true or false, got ${show(shuffle)}`);
  }
  if (!isMissing(randomState) && !(Number.isSafeInteger(randomState) && randomState >= 0)) {
    throw invalidArgument(`${WHERE}: randomState must be a non-negative integer, or null, got ${show(randomState)}`);
  }
  if (shuffle === false && !isMissing(options.stratify)) {
    throw invalidArgument(
      `${WHERE}: stratify needs shuffle: true, got shuffle: false (rows of every class are drawn at random)`,
    );
  }
}

async function commonRows(arrays: readonly Splittable[], { signal }: TrainTestSplitOptions): Promise<number> {
  if (arrays.length === 0) throw invalidArgument(`${WHERE}: at least one array is needed`);
  const lengths: number[] = [];
  for (const data of arrays) lengths.push(await rowsOf(data, WHERE, { signal }));
  const [rows = 0] = lengths;
  if (lengths.some((length) => length !== rows)) {
    throw invalidData(`${WHERE}: found input variables with inconsistent numbers of samples: ${lengths.join(", ")}`);
  }
  return rows;
}

interface Sizes {
  readonly train: number;
  readonly test: number;
}

/** Sizes of the parts (scikit-learn's _validate_shuffle_split). */
function splitSizes(rows: number, options: TrainTestSplitOptions): Sizes {
  const testSize = options.testSize ?? (isMissing(options.trainSize) ? 0.25 : null);
  const trainSize = options.trainSize ?? null;
  const wantedTest = testSize === null ? null : sizeOf(testSize, rows, "testSize", Math.ceil);
  const wantedTrain = trainSize === null ? null : sizeOf(trainSize, rows, "trainSize", Math.floor);
  if (isFraction(testSize) && isFraction(trainSize) && (testSize as number) + (trainSize as number) > 1) {
    throw invalidArgument(
      `${WHERE}: the sum of testSize and trainSize is ${(testSize as number) + (trainSize as number)}, should be in the (0, 1) range`,
    );
  }
  const test = wantedTest ?? rows - (wantedTrain as number);
  const train = wantedTrain ?? rows - test;
  if (train + test > rows) {
    throw invalidArgument(
      `${WHERE}: the sum of trainSize and testSize = ${train + test} should not be larger than the number of samples ${rows}`,
    );
  }
  if (train <= 0) {
    throw invalidArgument(
      `${WHERE}: with ${rows} samples, testSize ${show(testSize)} and trainSize ${show(trainSize)} the training part would be empty`,
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
      `${WHERE}: ${name} = ${show(size)} should be either positive and smaller than the number of samples ${rows} or a ` +
        "fraction in the (0, 1) range",
    );
  }
  return Number.isInteger(size) ? size : round(size * rows);
}

async function stratifyLabels({ stratify, signal }: TrainTestSplitOptions): Promise<EncodedLabels | undefined> {
  return isMissing(stratify) ? undefined : encodeLabels(stratify, `${WHERE}: stratify`, signal);
}

async function masks(
  rows: number,
  sizes: Sizes,
  labels: EncodedLabels | undefined,
  options: TrainTestSplitOptions,
): Promise<{ train: RowMask; test: RowMask }> {
  if (options.shuffle === false) {
    return { train: rangeMask(0, sizes.train, rows), test: rangeMask(sizes.train, sizes.test, rows) };
  }
  const seed = options.randomState ?? randomInt(2 ** 47);
  const shares = labels ? stratifiedShares(labels, rows, sizes, seed) : { train: [sizes.train], test: [sizes.test] };
  const [train, test] = [Float64Array.from(shares.train), Float64Array.from(shares.test)];
  const bits = await runJob(effectiveNJobs(), { signal: options.signal }, (job) =>
    addon().splitRows(rows, seed, labels?.codes, test, train, job),
  );
  return { train: new RowMask(bits.train, rows), test: new RowMask(bits.test, rows) };
}

function rangeMask(first: number, count: number, rows: number): RowMask {
  const bits = new Uint8Array(Math.ceil(rows / 8));
  for (let i = first; i < first + count; i++) bits[i >> 3] = (bits[i >> 3] as number) | (1 << (i & 7));
  return new RowMask(bits, rows);
}

/** Rows of each class in each part (scikit-learn's StratifiedShuffleSplit). */
function stratifiedShares(
  { classes, codes }: EncodedLabels,
  rows: number,
  sizes: Sizes,
  seed: number,
): { train: number[]; test: number[] } {
  if (codes.length !== rows) {
    throw invalidData(
      `${WHERE}: found input variables with inconsistent numbers of samples: ${rows}, ${codes.length} (stratify)`,
    );
  }
  const counts = Array.from(classes as ArrayLike<unknown>, () => 0);
  for (const code of codes) counts[code] = (counts[code] as number) + 1;
  const rare = counts.findIndex((count) => count < 2);
  if (rare >= 0) {
    throw invalidData(
      `${WHERE}: the least populated classes in stratify have only 1 member, which is too few, for example ${show(classes[rare])}. ` +
        "The minimum number of groups for any class cannot be less than 2.",
    );
  }
  for (const [name, size] of Object.entries(sizes)) {
    if (size < counts.length) {
      throw invalidArgument(
        `${WHERE}: the ${name}Size = ${size} should be greater or equal to the number of classes = ${counts.length}`,
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
