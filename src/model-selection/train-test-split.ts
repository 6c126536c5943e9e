import { invalidArgument, invalidData, show } from "../base/errors.js";
import { refuseUnknown } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { rowsByMask, rowsOf, type Splittable } from "../data/split.js";
import { encodeLabels, type EncodedLabels, type VectorLike } from "../data/vector.js";
import { drawnFold, splitSizes } from "./drawn-fold.js";
import { rangeMask } from "./fold.js";

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
  const sizes = splitSizes(rows, options, 0.25, WHERE);
  const { train, test } =
    options.shuffle === false
      ? { train: rangeMask(0, sizes.train, rows), test: rangeMask(sizes.train, sizes.test, rows) }
      : await drawnFold(rows, sizes, labels, seedOf(options.randomState ?? null), WHERE, options.signal);
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

async function stratifyLabels({ stratify, signal }: TrainTestSplitOptions): Promise<EncodedLabels | undefined> {
  return isMissing(stratify) ? undefined : encodeLabels(stratify, `${WHERE}: stratify`, signal);
}
