import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import { parallelStream } from "../base/parallel.js";
import { seedOf } from "../base/random.js";
import type { InputLike } from "../data/documents.js";
import { drawn } from "../data/drawn-table.js";
import { Matrix } from "../data/matrix.js";
import { rowsOf, type Splittable } from "../data/split.js";
import type { ColumnValues } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { Pipeline } from "../pipeline/pipeline.js";
import { tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { bagTable, type BagTable } from "./bag-table.js";
import { drawFeatures, drawRows, drawRowsNow, drawsOf, featureCount, seeded, type DrawPlan } from "./bagging-draws.js";
import type { BagBatch, BaggingFitted, BaggingParams } from "./bagging-params.js";
import { methodsOf, workSideBySide } from "./member-fit.js";

/** One fit of a bag. */
export interface BagTask {
  readonly where: string;
  readonly params: Readonly<BaggingParams>;
  readonly estimator: Wrappable;
  readonly X: InputLike;
  /** In memory; of several targets rows. */
  readonly y: ColumnValues | Matrix;
  readonly weights: Float64Array | undefined;
  /** Warm start. */
  readonly last: BaggingFitted | undefined;
}

export type BagLearned = Pick<BaggingFitted, "estimators" | "features" | "batches" | "nFeaturesIn" | "featureNamesIn">;

/**
 * Fits the estimators, each on its sample: as weights where it takes them, else on its rows as they are read. Progress is
 * the mean of theirs.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
 */
export async function fitBag(task: BagTask, { signal, onProgress }: RunOptions): Promise<BagLearned> {
  const { where, params, estimator, X, y, weights, last } = task;
  const { nEstimators, bootstrap, bootstrapFeatures, nJobs, verbose } = params;
  const first = last?.estimators.length ?? 0;
  const table = bagTable(X, `${where}: X`, signal);
  const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = table;
  if (nFeaturesIn === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (last !== undefined && last.nFeaturesIn !== nFeaturesIn) {
    throw invalidData(`${where}: warmStart needs ${last.nFeaturesIn} features, but X has ${nFeaturesIn}`);
  }
  const rows = await rowsOf(X as Splittable, where, { signal });
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  const given = y instanceof Matrix ? y.rows : y.length;
  if (rows !== given) throw invalidData(`${where}: X has ${rows} rows, but y has ${given} values`);
  const plan: DrawPlan = {
    rows,
    draws: drawsOf(params.maxSamples, rows, weights, bootstrap, where),
    bootstrap,
    weights,
  };
  const nDrawn = featureCount(params.maxFeatures, nFeaturesIn, where);
  const seed = params.randomState ?? last?.batches[0]?.seed ?? seedOf(null);
  const numbers = Array.from({ length: nEstimators - first }, (_, k) => first + k);
  const features = numbers.map((k) => drawFeatures(nFeaturesIn, nDrawn, bootstrapFeatures, seed, k));
  const fitted = await workSideBySide(
    numbers.map((number, k) => async (run: RunOptions) => {
      const times = await drawRows(plan, seed, number, run.signal);
      const model = seeded(clone(estimator), seed, number);
      await fitOnDraw(model, table, features[k] as Int32Array, times, y, run);
      return model;
    }),
    { nJobs, signal, onProgress, bar: verbose ? where.replace(".fit", "") : undefined },
  );
  return {
    nFeaturesIn,
    featureNamesIn,
    estimators: [...(last?.estimators ?? []), ...fitted],
    features: [...(last?.features ?? []), ...features],
    batches: [...(last?.batches ?? []), { first, count: numbers.length, seed, plan }],
  };
}

/** Fits an estimator on rows that were drawn: as weights where it takes them, else as they are read. */
export async function fitOnDraw(
  model: Wrappable,
  table: BagTable,
  columns: Int32Array,
  times: Float64Array,
  y: ColumnValues | Matrix,
  run: RunOptions,
): Promise<void> {
  const weighs = tagsOf(model).sampleWeight && !(model instanceof Pipeline); // its first steps count rows
  const methods = methodsOf(model);
  const target = (weighs ? y : valuesAt(y, drawn(times, 0, times.length))) as ColumnValues; // or a Matrix of several
  if (weighs) await methods.fit(await table.part(columns), target, { sampleWeight: times, ...run });
  else await methods.fit(await table.part(columns, times), target, run);
}

/** The last fit, if this one is to add to it. @throws TreelineError ERR_INVALID_ARGUMENT for what does not go together. */
export function lastBag<F extends BaggingFitted>(
  { warmStart, bootstrap, oobScore, nEstimators }: Readonly<BaggingParams>,
  last: F | undefined,
  where: string,
): F | undefined {
  if (oobScore && !bootstrap) throw invalidArgument(`${where}: oobScore goes with bootstrap: true only`);
  if (oobScore && warmStart) throw invalidArgument(`${where}: oobScore goes with warmStart: false only`);
  if (!warmStart || last === undefined) return undefined;
  const had = last.estimators.length;
  if (nEstimators < had) {
    throw invalidArgument(
      `${where}: warmStart needs nEstimators of at least ${had}, the estimators there are, got ${nEstimators}`,
    );
  }
  if (nEstimators === had) warnData(`${where}: warmStart with as many estimators as there are fits none`);
  return last;
}

/** How often each estimator drew each row. */
async function* drawsAgain(
  batches: readonly BagBatch[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Float64Array, void, undefined> {
  for (const { first, count, seed, plan } of batches) {
    for (let k = first; k < first + count; k++) yield drawRows(plan, seed, k, signal);
  }
}

/** The rows each estimator drew, ascending, as often as it drew them. */
export function samplesOf(batches: readonly BagBatch[]): Int32Array[] {
  return batches.flatMap(({ first, count, seed, plan }) =>
    Array.from({ length: count }, (_, k) => drawn(drawRowsNow(plan, seed, first + k), 0, plan.rows)),
  );
}

/** What an estimator says of a table: rows × width. */
export type BagAnswer = (estimator: Wrappable, X: InputLike, run: RunOptions) => Promise<Float64Array>;

/** The estimators' answers, put together one after another in their order: the same bits for any nJobs. */
export async function foldAnswers(
  { estimators, features }: Pick<BaggingFitted, "estimators" | "features">,
  table: BagTable,
  answer: BagAnswer,
  merge: (all: Float64Array, one: Float64Array) => void,
  { nJobs, signal }: { readonly nJobs: number | null; readonly signal?: AbortSignal | undefined },
): Promise<Float64Array> {
  const tasks = estimators.map(
    (estimator, k) => async (stop: AbortSignal) =>
      answer(estimator, await table.part(features[k] as Int32Array), { signal: stop }),
  );
  let all: Float64Array | undefined;
  for await (const { value } of parallelStream(tasks, { nJobs: nJobs ?? undefined, signal })) {
    if (all === undefined) all = value.slice();
    else if (all.length === value.length) merge(all, value);
    else throw invalidData("an estimator of the bag has not seen all classes: there are no decision values");
  }
  return all as Float64Array;
}

/** Adds numbers to numbers. */
export function add(all: Float64Array, one: Float64Array): void {
  for (let i = 0; i < all.length; i++) all[i] = (all[i] as number) + (one[i] as number);
}

/** Sums of the answers for the rows an estimator did not draw, rows × width, and how many there were. */
export async function outOfBagSums(
  { estimators, features, batches }: Pick<BaggingFitted, "estimators" | "features" | "batches">,
  table: BagTable,
  width: number,
  answer: BagAnswer,
  { nJobs, signal, where }: { nJobs: number | null; signal: AbortSignal | undefined; where: string },
): Promise<{ readonly sums: Float64Array; readonly counts: Float64Array }> {
  const rows = batches[0]?.plan.rows ?? 0;
  const sums = new Float64Array(rows * width);
  const counts = new Float64Array(rows);
  async function* tasks() {
    let k = 0;
    for await (const times of drawsAgain(batches, signal)) {
      const left = times.map((n) => Number(n === 0));
      const [estimator, columns] = [estimators[k] as Wrappable, features[k++] as Int32Array];
      yield async (stop: AbortSignal) => {
        const at = drawn(left, 0, rows);
        if (at.length === 0) return { at, said: new Float64Array(0) };
        return { at, said: await answer(estimator, await table.part(columns, left), { signal: stop }) };
      };
    }
  }
  for await (const { value } of parallelStream(tasks(), { nJobs: nJobs ?? undefined, signal })) {
    value.at.forEach((row, i) => {
      counts[row] = (counts[row] as number) + 1;
      for (let k = 0; k < width; k++) {
        sums[row * width + k] = (sums[row * width + k] as number) + (value.said[i * width + k] as number);
      }
    });
  }
  if (counts.some((count) => count === 0)) {
    warnData(`${where}: some rows were drawn by every estimator, so there is no out-of-bag answer: more are needed`);
  }
  return { sums, counts };
}

function valuesAt(values: ColumnValues | Matrix, rows: Int32Array): ColumnValues | Matrix {
  if (values instanceof Matrix) return Matrix.from(Array.from(rows, (i) => values.row(i)));
  if (values instanceof Float64Array) return Float64Array.from(rows, (i) => values[i] as number);
  return Array.from(rows, (i) => values[i]);
}
