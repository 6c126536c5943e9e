import { effectiveNJobs, memoryLimitBytes, spillDirectory } from "../base/config.js";
import { invalidArgument, invalidData } from "../base/errors.js";
import { withProgressBar } from "../base/progress-bar.js";
import { seedOf } from "../base/random.js";
import { mapRows, pour, type RowSource } from "../data/row-source.js";
import type {
  BinningOptions,
  BoostingLoss,
  BoostingModelHandle,
  BoostingSplitOptions,
  JobOptions,
} from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { MOST_LEAVES, type BoostingParams } from "./boosting-params.js";
import { inCodesOf, sortedCategoryNames, type CategoryNames } from "./category-codes.js";
import { holdOut, VALIDATE } from "./hold-out.js";
import { categoricalMask, splitOptions } from "./split-rules.js";

/** Rows to learn from, or to watch. */
export interface BoostingRows {
  readonly source: RowSource;
  /** Numbers, or class codes. */
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** A fitted model to go on from. */
export interface BoostingPrevious {
  readonly model: BoostingModelHandle;
  readonly seed: number;
  readonly categoryNames: CategoryNames | undefined;
}

/** One boosting fit, whatever the loss. */
export interface BoostingTask {
  /** "HistGradientBoostingClassifier.fit". */
  readonly where: string;
  readonly params: Readonly<BoostingParams>;
  readonly loss: BoostingLoss;
  /** What the seam says goes with the loss. */
  readonly lossParameter: number;
  /** Trees an iteration. */
  readonly nOutputs: number;
  /** Rows are held out class by class. */
  readonly nClasses: number | undefined;
  readonly train: BoostingRows;
  /** The caller's own validation rows. */
  readonly validation: BoostingRows | undefined;
  /** What a warm start goes on from. */
  readonly previous: BoostingPrevious | undefined;
}

export interface BoostingFit {
  readonly model: BoostingModelHandle;
  /** Of features whose categories have names: these, by code. */
  readonly categoryNames: CategoryNames | undefined;
  readonly seed: number;
  readonly doEarlyStopping: boolean;
}

/**
 * Runs a fit: a pass for the sample that bins are made from, a pass that bins, then one native call that grows the trees.
 */
export async function fitBoosting(given: BoostingTask, options: RunOptions): Promise<BoostingFit> {
  const { task, categoryNames, split } = withSplits(given);
  const { params, train, where } = task;
  const rows = train.targets.length;
  if (train.source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (train.source.nRows !== undefined) checkRows(where, train.source.nRows, rows);
  checkWarmStart(task);
  const seed = task.previous?.seed ?? seedOf(params.randomState);
  const doEarlyStopping = params.earlyStopping === "auto" ? rows > 10_000 : params.earlyStopping;
  const rowUse = rowUseOf(task, doEarlyStopping, seed);
  const plan: Plan = { doEarlyStopping, rowUse, ...split };
  const run = (how: RunOptions): Promise<BoostingModelHandle> =>
    runJob(effectiveNJobs(params.nJobs), how, (job) => grow(task, plan, job, how.signal));
  const label = where.replace(".fit", "");
  const model = await (params.verbose
    ? withProgressBar<Progress, RunOptions, BoostingModelHandle>(label, options, run)
    : run(options));
  return { model, categoryNames, seed, doEarlyStopping };
}

interface SplitPlan {
  /** One byte a feature. */
  readonly categorical: Uint8Array | undefined;
  readonly splitOptions: BoostingSplitOptions;
}

interface Plan extends SplitPlan {
  readonly doEarlyStopping: boolean;
  readonly rowUse: Uint8Array | undefined;
}

/** Resolves the features that parameters name, and gives categories the codes that the model will know them by. */
function withSplits(given: BoostingTask): {
  task: BoostingTask;
  categoryNames: CategoryNames | undefined;
  split: SplitPlan;
} {
  const { where, params, train, validation, nOutputs, previous } = given;
  const categorical = categoricalMask(train.source, params, where);
  const categoryNames = previous ? previous.categoryNames : sortedCategoryNames(train.source);
  const coded = (rows: BoostingRows, whose: string): BoostingRows => ({
    ...rows,
    source: inCodesOf(rows.source, categoryNames, `${where}: ${whose}`),
  });
  return {
    task: { ...given, train: coded(train, "X"), validation: validation && coded(validation, "XVal") },
    categoryNames,
    split: { categorical, splitOptions: splitOptions(train.source, params, categorical, nOutputs, where) },
  };
}

async function grow(
  task: BoostingTask,
  { doEarlyStopping, rowUse, categorical, splitOptions: split }: Plan,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<BoostingModelHandle> {
  const { params, train, previous, where } = task;
  const seed = params.randomState ?? 0; // only the held-out rows are drawn afresh: the same rows give the same model
  const validation = doEarlyStopping ? task.validation : undefined;
  const targets = joined(train.targets, validation?.targets);
  const weights = joinedWeights(train, validation);
  const sketch = addon().createSketchSink({
    nFeatures: train.source.nFeatures,
    nRows: targets.length,
    seed,
    rowUse,
    weights,
    categorical,
  });
  const { rows } = await pour(train.source, sketch, job, signal);
  checkRows(where, rows, train.targets.length);
  const bins = await addon().createBinningSink(sketch, binningOptions(params), previous?.model, quiet(job));
  const again = await pour(train.source, bins, job, signal);
  if (again.rows !== rows) throw invalidData(`${where}: X gave ${rows} rows, then ${again.rows}: did it change?`);
  if (validation) {
    const watched = await pour(validation.source, bins, job, signal);
    checkRows(where, watched.rows, validation.targets.length, "XVal", "yVal");
  }
  const sources = validation ? [train.source, validation.source] : [train.source];
  const initialRaw = previous && (await rawPredictions(task, previous.model, sources, job, signal));
  const leaves = params.maxLeafNodes ?? MOST_LEAVES;
  return addon().fitBoosting(
    bins,
    {
      loss: task.loss,
      lossParameter: task.lossParameter,
      nOutputs: task.nOutputs,
      maxIter: params.maxIter,
      learningRate: params.learningRate,
      maxLeafNodes: leaves,
      maxDepth: params.maxDepth ?? MOST_LEAVES,
      minSamplesLeaf: params.minSamplesLeaf,
      l2Regularization: params.l2Regularization,
      minSumHessian: params.minSumHessian,
      minGainToSplit: params.minGainToSplit,
      ...split,
      earlyStopping: doEarlyStopping,
      nIterNoChange: params.nIterNoChange,
      tol: params.tol,
      seed,
    },
    { targets, weights, initialRaw },
    previous?.model,
    job,
  );
}

function binningOptions({ maxBins, compactBins }: Readonly<BoostingParams>): BinningOptions {
  const memoryLimit = Math.ceil(memoryLimitBytes() ?? 0);
  return { maxBins, compact: compactBins, memoryLimit, spillDirectory: spillDirectory() };
}

/** Which rows are held out for early stopping; undefined: none. */
function rowUseOf(task: BoostingTask, doEarlyStopping: boolean, seed: number): Uint8Array | undefined {
  const { train, validation, params, nClasses, where } = task;
  const rows = train.targets.length;
  if (!doEarlyStopping) return undefined;
  if (validation) {
    const use = new Uint8Array(rows + validation.targets.length);
    return use.fill(VALIDATE, rows);
  }
  const size = params.validationFraction;
  if (size === null) return undefined;
  if (rows < 2 || size >= rows) {
    throw invalidData(`${where}: X has ${rows} rows: too few to hold out validationFraction ${size} of them`);
  }
  return nClasses === undefined ? holdOut(rows, size, seed) : holdOut(rows, size, seed, train.targets, nClasses);
}

/** Raw predictions of the model so far for all rows, in order. */
async function rawPredictions(
  { loss, nOutputs }: BoostingTask,
  model: BoostingModelHandle,
  sources: readonly RowSource[],
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const map = addon().createForestMap(model, loss, "raw", 0, addon().boostingModel(model).nIterations);
  let raw: Float64Array | undefined;
  for (const source of sources) {
    const { values } = await mapRows(source, map, nOutputs, Float64Array, quiet(job), signal);
    raw = raw ? joined(raw, values) : values;
  }
  return raw as Float64Array;
}

function checkWarmStart({ previous, params, train, nOutputs, where }: BoostingTask): void {
  if (!previous) return;
  const info = addon().boostingModel(previous.model);
  if (info.nFeatures !== train.source.nFeatures || info.nOutputs !== nOutputs) {
    throw invalidArgument(
      `${where}: warmStart goes on from a model of ${info.nFeatures} features and ${info.nOutputs} tree(s) an iteration, ` +
        `but X and y ask for ${train.source.nFeatures} and ${nOutputs}`,
    );
  }
  if (params.maxIter < info.nIterations) {
    throw invalidArgument(
      `${where}: maxIter must be at least the ${info.nIterations} iterations there are when warmStart is true, got ${params.maxIter}`,
    );
  }
}

function checkRows(where: string, rows: number, expected: number, X = "X", y = "y"): void {
  if (rows !== expected) throw invalidData(`${where}: ${X} has ${rows} rows, but ${y} has ${expected} values`);
  if (rows === 0) throw invalidData(`${where}: ${X} has 0 rows; at least 1 is needed`);
}

/** Progress counts trees: the steps before have none. */
function quiet(job: JobOptions): JobOptions {
  return { nJobs: job.nJobs, cancel: job.cancel };
}

function joined(a: Float64Array, b: Float64Array | undefined): Float64Array {
  if (b === undefined) return a;
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function joinedWeights(train: BoostingRows, validation: BoostingRows | undefined): Float64Array | undefined {
  if (train.weights === undefined && validation?.weights === undefined) return undefined;
  const ones = (rows: BoostingRows): Float64Array => rows.weights ?? new Float64Array(rows.targets.length).fill(1);
  return joined(ones(train), validation && ones(validation));
}
