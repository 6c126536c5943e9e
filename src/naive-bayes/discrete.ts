import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { boolean, custom, type ParamSpec, type ParamSpecs } from "../base/params.js";
import type { Label } from "../data/vector.js";
import type { ClassSumsResult } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { pourChecked, type BayesData, type BayesFitted } from "./bayes-data.js";

/** Parameters of the models of counts and categories. */
export interface DiscreteNBParams {
  /** Additive (Laplace, Lidstone) smoothing: a number, or one per column. Default 1. */
  alpha: number | readonly number[] | Float64Array;
  /** Take alpha as it is; false: 1e-10 where it is smaller. Default true. */
  forceAlpha: boolean;
  /** Learn the classes' probabilities; false: all are alike. Default true. */
  fitPrior: boolean;
  /** Probabilities of the classes, in the order of classes_, instead of learned ones. Default null. */
  classPrior: readonly number[] | Float64Array | null;
}

export function discreteSpecs(): ParamSpecs<DiscreteNBParams> {
  return {
    alpha: custom<DiscreteNBParams["alpha"]>(
      1,
      "a non-negative number, or an array of one per column",
      (value) => isNonNegative(value) || (isNumbers(value) && value.length > 0),
      -1,
    ),
    forceAlpha: boolean(true),
    fitPrior: boolean(true),
    classPrior: priorsSpec(),
  };
}

/** The rule of probabilities of classes. */
export function priorsSpec(): ParamSpec<readonly number[] | Float64Array | null> {
  return custom<readonly number[] | Float64Array | null>(
    null,
    "an array of non-negative numbers, one per class, or null",
    (value) => value === null || isNumbers(value),
    [-1],
  );
}

function isNonNegative(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isNumbers(value: unknown): value is readonly number[] | Float64Array {
  return (Array.isArray(value) || value instanceof Float64Array) && Array.from<unknown>(value).every(isNonNegative);
}

/** What a model of counts has learned. */
export interface DiscreteFitted extends BayesFitted {
  /** Sums of every column within every class, nClasses × nFeatures. */
  readonly featureCount: Float64Array;
  /** nClasses × nFeatures; its meaning is the model's. */
  readonly featureLogProb: Float64Array;
  readonly classLogPrior: Float64Array;
}

/** Sums of the columns by class, in one pass. `threshold`: values count as 1 where they are larger, else as 0. */
export async function sumByClass(data: BayesData, options: RunOptions, threshold?: number): Promise<ClassSumsResult> {
  const { where, source, codes, weights, classes } = data;
  return runJob(effectiveNJobs(), options, async (job) => {
    const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
    const sink = addon().createClassSumsSink(labels, codes, weights, classes.length, threshold);
    await pourChecked(data, sink, job, options.signal);
    return addon().finishClassSums(sink, job);
  });
}

/** The counts before, and those of the new rows added. */
export function added(before: Float64Array | undefined, more: Float64Array): Float64Array {
  return before === undefined ? more : more.map((value, i) => value + (before[i] as number));
}

/** One alpha per column. @throws TreelineError ERR_INVALID_ARGUMENT where it has another length. */
export function alphas({ alpha, forceAlpha }: DiscreteNBParams, nFeatures: number, where: string): Float64Array {
  const given = typeof alpha === "number" ? new Float64Array(nFeatures).fill(alpha) : Float64Array.from(alpha);
  if (given.length !== nFeatures) {
    throw invalidArgument(`${where}: alpha has ${given.length} values, but X has ${nFeatures} features`);
  }
  return forceAlpha ? given : given.map((value) => Math.max(value, 1e-10));
}

/** Logarithms of the classes' probabilities. @throws TreelineError ERR_INVALID_ARGUMENT for a classPrior of another length. */
export function classLogPrior(
  { fitPrior, classPrior }: DiscreteNBParams,
  classCount: Float64Array,
  where: string,
): Float64Array {
  if (classPrior !== null) {
    if (classPrior.length !== classCount.length) {
      throw invalidArgument(
        `${where}: classPrior has ${classPrior.length} values, but there are ${classCount.length} classes`,
      );
    }
    return Float64Array.from(classPrior, Math.log);
  }
  if (!fitPrior) return new Float64Array(classCount.length).fill(-Math.log(classCount.length));
  const logTotal = Math.log(classCount.reduce((sum, count) => sum + count, 0));
  return classCount.map((count) => Math.log(count) - logTotal);
}

/**
 * A logarithm as a coefficient: 0 times the logarithm of 0 must be 0, so an impossible event is one of e^-1e30 (alpha 0
 * only).
 */
export function finiteLog(value: number): number {
  return Math.max(value, -1e30);
}

/** A table of nClasses × nFeatures, computed cell by cell. */
export function perCell(
  classes: ArrayLike<Label> | Float64Array,
  nFeatures: number,
  cell: (k: number, j: number, at: number) => number,
): Float64Array {
  const out = new Float64Array(classes.length * nFeatures);
  for (let k = 0; k < classes.length; k++) {
    for (let j = 0; j < nFeatures; j++) out[k * nFeatures + j] = cell(k, j, k * nFeatures + j);
  }
  return out;
}

/** The sum of every row of a table of nClasses × nFeatures. */
export function rowSums(values: Float64Array, nRows: number): Float64Array {
  const width = values.length / nRows;
  return Float64Array.from({ length: nRows }, (_, k) =>
    values.subarray(k * width, (k + 1) * width).reduce((sum, value) => sum + value, 0),
  );
}
