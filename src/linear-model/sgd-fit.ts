import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, show, warnConvergence } from "../base/errors.js";
import type { FittedBase } from "../base/estimator.js";
import { withProgressBar } from "../base/progress-bar.js";
import { seedOf } from "../base/random.js";
import { classWeights, type ClassWeight } from "../data/class-weight.js";
import { encodeAs, partialClasses } from "../data/given-classes.js";
import { memoryBudget } from "../data/memory-budget.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { pourRows } from "../data/sparse-rows.js";
import { encodeLabels, readSampleWeight, readTarget, type LabelArray, type VectorLike } from "../data/vector.js";
import { holdOut } from "../model-selection/hold-out.js";
import type { SgdLoss, SgdProblem, SgdResult, SgdState } from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { sgdOptions, type SgdParams } from "./sgd-params.js";

/** What fit takes besides X and y. */
export interface SgdFitOptions extends RunOptions {
  /** One non-negative weight per row: its steps are so much larger. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** What partialFit takes besides X and y. */
export interface SgdPartialFitOptions extends SgdFitOptions {
  /** All the labels there will ever be: needed in the first call. */
  readonly classes?: VectorLike | undefined;
}

/** Where a descent is. */
export interface SgdFitted extends FittedBase, SgdState {
  /** Steps made, + 1, as scikit-learn counts them: rows times epochs. */
  readonly t: number;
  readonly nIter: number;
}

export interface SgdClassifierFitted extends SgdFitted {
  readonly classes: LabelArray;
}

/** Parameters as the descent needs them, whatever the estimator calls its own. */
export type DescentParams = SgdParams & { readonly loss: SgdLoss; readonly nJobs: number | null };

/** One call of fit or partialFit. */
export interface SgdCall<F extends SgdFitted> {
  readonly className: string;
  readonly method: "fit" | "partialFit";
  readonly params: DescentParams;
  readonly X: MatrixLike;
  readonly y: VectorLike;
  readonly options: SgdPartialFitOptions;
  /** The fitted state, if there is one. */
  readonly before: F | undefined;
  /** Throws unless X has the features of the fit before. */
  readonly checkFeatures: (source: RowSource) => void;
}

/** Learns a classifier. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
export async function fitClassifier(
  call: SgdCall<SgdClassifierFitted>,
  classWeight: ClassWeight,
): Promise<SgdClassifierFitted> {
  const { method, before, y, options } = call;
  const where = `${call.className}.${method}`;
  const source = sourceOf(call, where);
  const isPartial = method === "partialFit";
  if (isPartial && classWeight === "balanced") {
    throw invalidArgument(
      `${where}: classWeight "balanced" needs all rows at once; give the weights of the classes as numbers`,
    );
  }
  const labels = isPartial
    ? await partialLabels(where, y, before?.classes, options)
    : await encodeLabels(y, `${where}: y`, options.signal);
  const { classes, codes } = labels;
  if (source.nRows !== undefined) checkRows(where, source.nRows, codes.length);
  checkClasses(where, classes);
  const weights = await readSampleWeight(options.sampleWeight, codes.length, where);
  const problem: SgdProblem = {
    nClasses: classes.length,
    codes,
    weights,
    classWeights: classWeight === null ? undefined : classWeights(classWeight, labels, where, weights),
  };
  const isSame = before !== undefined && sameLabels(before.classes, classes);
  const nOutputs = classes.length > 2 ? classes.length : 1;
  return { ...(await descend(call, source, problem, nOutputs, isSame ? before : undefined)), classes };
}

/** Learns a regression. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA */
export async function fitRegressor(call: SgdCall<SgdFitted>): Promise<SgdFitted> {
  const { method, before, options } = call;
  const where = `${call.className}.${method}`;
  const source = sourceOf(call, where);
  const y = await readTarget(call.y, `${where}: y`, options.signal);
  if (source.nRows !== undefined) checkRows(where, source.nRows, y.length);
  const weights = await readSampleWeight(options.sampleWeight, y.length, where);
  return descend(call, source, { nClasses: 0, y, weights }, 1, before);
}

async function partialLabels(
  where: string,
  y: VectorLike,
  before: LabelArray | undefined,
  options: SgdPartialFitOptions,
): Promise<{ classes: LabelArray; codes: Int32Array }> {
  const classes = await partialClasses(options.classes, before, where);
  return { classes, codes: await encodeAs(y, classes, `${where}: y`, options.signal) };
}

function sourceOf<F extends SgdFitted>(
  { X, method, params, before, checkFeatures }: SgdCall<F>,
  where: string,
): RowSource {
  const source = rowSourceOf(X, `${where}: X`);
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (method !== "partialFit") return source;
  if (params.earlyStopping) {
    throw invalidArgument(`${where}: earlyStopping must be false: the caller decides when to stop`);
  }
  if (before !== undefined) checkFeatures(source);
  return source;
}

/** One fit or partialFit from its checked data: rows in, epochs made, the new state out. */
async function descend<F extends SgdFitted>(
  call: SgdCall<F>,
  source: RowSource,
  given: SgdProblem,
  nOutputs: number,
  before: F | undefined,
): Promise<SgdFitted> {
  const { className, method, params, options } = call;
  const where = `${className}.${method}`;
  const seed = seedOf(params.randomState);
  const native = sgdOptions(where, method === "fit" ? params : { ...params, maxIter: 1, tol: null }, seed);
  const problem = params.earlyStopping ? await withHeldOut(where, given, params.validationFraction, seed) : given;
  const goesOn = method === "partialFit" || params.warmStart ? usable(before, source.nFeatures) : undefined;
  const start = startOf(goesOn, method, source.nFeatures, nOutputs, native.average > 0);
  const targets = (given.codes ?? given.y ?? []).length;
  const learn = (run: RunOptions): Promise<SgdResult> =>
    runJob(effectiveNJobs(params.nJobs), run, async (job) => {
      const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
      const sink = addon().createRowSink(labels, memoryBudget());
      const { rows } = await pourRows(source, sink, job, options.signal);
      checkRows(where, rows, targets);
      return addon().fitSgd(sink, problem, start, native, job);
    });
  const result = params.verbose
    ? await withProgressBar<Progress, RunOptions, SgdResult>(className, options, learn)
    : await learn(options);
  if (!result.converged) {
    warnConvergence(
      `${where}: did not converge in maxIter: ${params.maxIter} epochs over the rows; raise maxIter or tol, or scale X`,
    );
  }
  const { coef, intercept, averageCoef, averageIntercept, nIter } = result;
  return {
    nFeaturesIn: source.nFeatures,
    featureNamesIn: (method === "partialFit" ? before?.featureNamesIn : undefined) ?? source.featureNames,
    coef,
    intercept,
    averageCoef,
    averageIntercept,
    t: start.t + nIter * targets,
    nIter,
  };
}

function usable<F extends SgdFitted>(before: F | undefined, nFeatures: number): F | undefined {
  return before?.nFeaturesIn === nFeatures ? before : undefined;
}

/** A warm fit starts from the coefficients, a partialFit goes on with averages and step sizes too. */
function startOf(
  before: SgdFitted | undefined,
  method: "fit" | "partialFit",
  nFeatures: number,
  nOutputs: number,
  averages: boolean,
): SgdState & { readonly t: number } {
  const cells = nOutputs * nFeatures;
  const nothing = averages
    ? { averageCoef: new Float64Array(cells), averageIntercept: new Float64Array(nOutputs) }
    : { averageCoef: undefined, averageIntercept: undefined };
  if (before === undefined) {
    return { coef: new Float64Array(cells), intercept: new Float64Array(nOutputs), ...nothing, t: 1 };
  }
  if (method === "fit") {
    const { coef, intercept } = shownWeights(before, averages ? 1 : 0);
    return { coef, intercept, ...nothing, t: 1 };
  }
  const { coef, intercept, averageCoef, averageIntercept, t } = before;
  return { coef, intercept, ...(averages && averageCoef ? { averageCoef, averageIntercept } : nothing), t };
}

/** The weights a model answers with: the averaged ones once averaging has begun. */
export function shownWeights(
  { coef, intercept, averageCoef, averageIntercept, t }: SgdFitted,
  average: boolean | number,
): { readonly coef: Float64Array; readonly intercept: Float64Array } {
  const from = Number(average);
  if (from > 0 && from <= t - 1 && averageCoef && averageIntercept) {
    return { coef: averageCoef, intercept: averageIntercept };
  }
  return { coef, intercept };
}

async function withHeldOut(where: string, problem: SgdProblem, fraction: number, seed: number): Promise<SgdProblem> {
  const { codes, y, nClasses, weights } = problem;
  const rows = (codes ?? y ?? []).length;
  const heldOut = await holdOut(rows, fraction, seed, codes, Math.max(1, nClasses));
  const scores = heldOut.some((use, i) => use === 1 && (weights?.[i] ?? 1) > 0);
  const learns = heldOut.some((use, i) => use === 0 && (weights?.[i] ?? 1) > 0);
  if (!scores || !learns) {
    throw invalidData(
      `${where}: earlyStopping with validationFraction ${fraction} leaves no rows of weight to ${scores ? "learn from" : "score"}: ` +
        "give more rows, or switch it off",
    );
  }
  return { ...problem, heldOut };
}

function checkRows(where: string, rows: number, targets: number): void {
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
}

function checkClasses(where: string, classes: LabelArray): void {
  if (classes.length === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  if (classes.length === 1) {
    throw invalidData(`${where}: y has only one class, ${show(classes[0])}; at least 2 classes are needed`);
  }
}

function sameLabels(a: LabelArray, b: LabelArray): boolean {
  return a.length === b.length && Array.from<unknown>(a).every((label, k) => label === b[k]);
}
