import { invalidArgument, warnData } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import { parallelStream } from "../base/parallel.js";
import { custom, integer, number, randomState, type ParamSpecs } from "../base/params.js";
import type { InputLike } from "../data/documents.js";
import { inTurns } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { has, type Wrappable } from "../wrappers/wrapped.js";
import { methodsOf } from "./member-fit.js";

// AdaBoost: estimators one after another, each on rows weighted by what those before got wrong.

/** The parameters that both kinds of AdaBoost have. */
export interface AdaBoostParams {
  /** What is fitted in each round; null (default): a small decision tree. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** Most rounds: a perfect fit ends them. Default 50. */
  nEstimators: number;
  /** What each estimator's say is multiplied by. Default 1. */
  learningRate: number;
  /** Seed of the estimators' own draws, and of rows drawn; null (default): another one each fit. */
  randomState: number | null;
}

export const ADA_BOOST_SPECS: ParamSpecs<AdaBoostParams> = {
  estimator: custom<Wrappable | null>(
    null,
    "an estimator with fit and predict, or null",
    (value) => value === null || ["fit", "predict", "getParams"].every((method) => has(value, method)),
    "an estimator",
  ),
  nEstimators: integer(50, { min: 1 }),
  learningRate: number(1, { min: 0, exclusiveMin: true }),
  randomState: randomState(),
};

/** What a fit keeps. */
export interface AdaBoostFitted extends FittedBase {
  readonly estimators: readonly Wrappable[];
  /** What each estimator's say counts, 0 for rounds that were not needed: nEstimators numbers. */
  readonly estimatorWeights: Float64Array;
  /** Weighted errors, 1 for rounds that were not needed. */
  readonly estimatorErrors: Float64Array;
}

/** What a round gave. */
export interface Round {
  readonly estimator: Wrappable;
  /** What its say counts, and its error; undefined: it is kept, but no round follows. */
  readonly result: { readonly weight: number; readonly error: number } | undefined;
}

/**
 * Rounds until there are enough, an estimator is perfect, or `round` gives none. `round` fits on weights that sum to 1 and
 * changes them in place, unless it is the last one. Progress counts rounds.
 */
export async function boostRounds(
  where: string,
  { nEstimators }: Readonly<AdaBoostParams>,
  rows: number,
  sampleWeight: Float64Array | undefined,
  round: (k: number, weights: Float64Array, isLast: boolean) => Promise<Round | undefined>,
  { signal, onProgress }: RunOptions,
): Promise<Omit<AdaBoostFitted, keyof FittedBase>> {
  const weights = sampleWeight?.slice() ?? new Float64Array(rows).fill(1);
  const isZero = weights.map((weight) => Number(weight === 0));
  await scale(weights, await sumOf(weights, signal), signal);
  const estimators: Wrappable[] = [];
  const estimatorWeights = new Float64Array(nEstimators);
  const estimatorErrors = new Float64Array(nEstimators).fill(1);
  for (let k = 0; k < nEstimators; k++) {
    signal?.throwIfAborted();
    await inTurns(rows, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        if (isZero[i] === 0) weights[i] = Math.max(weights[i] as number, Number.EPSILON);
      }
    });
    const isLast = k === nEstimators - 1;
    const given = await round(k, weights, isLast);
    onProgress?.({ fraction: (k + 1) / nEstimators, done: k + 1, total: nEstimators, score: NaN });
    if (given === undefined) break;
    estimators.push(given.estimator);
    if (given.result === undefined) break;
    estimatorWeights[k] = given.result.weight;
    estimatorErrors[k] = given.result.error;
    if (given.result.error === 0) break;
    const sum = await sumOf(weights, signal);
    if (!Number.isFinite(sum)) {
      warnData(`${where}: weights of rows have become infinite in round ${k}; try a smaller learningRate`);
      break;
    }
    if (sum <= 0) break;
    if (!isLast) await scale(weights, sum, signal);
  }
  return { estimators, estimatorWeights, estimatorErrors };
}

async function scale(weights: Float64Array, sum: number, signal: AbortSignal | undefined): Promise<void> {
  await inTurns(weights.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) weights[i] = (weights[i] as number) / sum;
  });
}

/** The sum of numbers, in their order. */
async function sumOf(values: Float64Array, signal: AbortSignal | undefined): Promise<number> {
  let sum = 0;
  await inTurns(values.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) sum += values[i] as number;
  });
  return sum;
}

/** What each estimator predicts, in their order; a few are asked at the same time. */
export async function* predictionsOf(
  { estimators }: Pick<AdaBoostFitted, "estimators">,
  X: InputLike,
  { signal }: RunOptions,
): AsyncGenerator<ArrayLike<unknown>, void, undefined> {
  const tasks = estimators.map(
    (estimator) => (stop: AbortSignal) =>
      methodsOf(estimator).predict(X, { signal: stop }) as Promise<ArrayLike<unknown>>,
  );
  for await (const { value } of parallelStream(tasks, { signal })) yield value;
}

/** Means of the estimators' importances, by what their say counts. @throws TreelineError ERR_INVALID_ARGUMENT */
export function meanImportances(
  className: string,
  { estimators, estimatorWeights }: Pick<AdaBoostFitted, "estimators" | "estimatorWeights">,
): Float64Array {
  const norm = estimatorWeights.reduce((sum, weight) => sum + weight, 0);
  let sums: Float64Array | undefined;
  for (const [k, estimator] of estimators.entries()) {
    const { featureImportances_: own } = estimator as { featureImportances_?: Float64Array };
    if (own === undefined) {
      throw invalidArgument(`${className}: its estimators have no featureImportances_; permutationImportance asks any`);
    }
    sums ??= new Float64Array(own.length);
    for (let j = 0; j < own.length; j++) {
      sums[j] = (sums[j] as number) + (estimatorWeights[k] as number) * (own[j] as number);
    }
  }
  return (sums ?? new Float64Array(0)).map((sum) => sum / norm);
}
