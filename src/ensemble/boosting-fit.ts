import { effectiveNJobs, memoryLimitBytes } from "../base/config.js";
import { invalidArgument, invalidData, show } from "../base/errors.js";
import { withProgressBar } from "../base/progress-bar.js";
import { seedOf } from "../base/random.js";
import type { Queries } from "../data/queries.js";
import { mapRows, pourEntries, type RowSource } from "../data/row-source.js";
import type { VectorLike } from "../data/vector.js";
import type { Scorable, Scorer } from "../metrics/scorer.js";
import type {
  BinnedRows,
  BoostingLoss,
  BoostingModelHandle,
  BoostingOptions,
  BoostingSplitOptions,
  JobOptions,
  LambdarankOptions,
  SinkHandle,
} from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { checkRows, quiet, withBins } from "./boosting-bins.js";
import { MOST_LEAVES, type BoostingFitOptions, type BoostingParams } from "./boosting-params.js";
import { runBooster, type BoostingCallback, type EvalResults, type RunPlan, type ScoredRows } from "./boosting-run.js";
import { inCodesOf, sortedCategoryNames, type CategoryNames } from "./category-codes.js";
import type { CustomLoss } from "./custom-loss.js";
import { holdOut, IGNORE, TRAIN, VALIDATE } from "../model-selection/hold-out.js";
import { checkLinearTree, rawColumns } from "./linear-tree.js";
import { rowMajor } from "./multi-output.js";
import { samplingOptions } from "./sampling-params.js";
import { categoricalMask, splitOptions } from "./split-rules.js";

/** Rows to learn from, or to watch. */
export interface BoostingRows {
  /** What the caller gave as X, of which `source` reads. */
  readonly table: object;
  readonly source: RowSource;
  readonly rows: number;
  /** Numbers, or class codes; of several targets one after another. */
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
  /** Raw predictions to start from, row-major; undefined: the best constant. */
  readonly initScore: Float64Array | undefined;
  /** Lambdarank: which rows are ranked together. */
  readonly queries?: Queries | undefined;
}

/** Rows that are watched under a name. */
export interface NamedRows extends BoostingRows {
  readonly name: string;
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
  /** Of loss "lambdarank". */
  readonly lambdarank?: LambdarankOptions | undefined;
  /** Its metrics by name. */
  readonly rankingMetrics?: readonly string[] | undefined;
  /** Gradients from JavaScript instead of the loss's. */
  readonly customLoss: CustomLoss | undefined;
  /** Raw predictions of a row. */
  readonly nOutputs: number;
  /** One tree an iteration for all of them, instead of one each. */
  readonly vectorLeaves: boolean;
  /** Rows are held out class by class. */
  readonly nClasses: number | undefined;
  readonly train: BoostingRows;
  /** The caller's own validation rows. */
  readonly validation: BoostingRows | undefined;
  readonly evalSets: readonly NamedRows[];
  /** Predictions of raw predictions, and targets as scorers want them. */
  readonly scorable: (raw: Float64Array) => Scorable;
  readonly labels: (targets: Float64Array) => VectorLike;
  /** What a scorer's name means. @throws TreelineError ERR_INVALID_ARGUMENT */
  readonly scorerNamed: (metric: string | Scorer) => Scorer;
  /** What a warm start goes on from. */
  readonly previous: BoostingPrevious | undefined;
}

export interface BoostingFit {
  readonly model: BoostingModelHandle;
  /** Of features whose categories have names: these, by code. */
  readonly categoryNames: CategoryNames | undefined;
  readonly seed: number;
  readonly doEarlyStopping: boolean;
  readonly evalResults: EvalResults;
}

/** What a fit without memoryLimit may take, where it must stay within something. */
const UNLIMITED = 2 ** 32;

/** Training scores of scorers are those of at most so many rows, as in scikit-learn. */
const MOST_SCORED_ROWS = 10_000;

/**
 * Runs a fit: a pass for the sample that bins are made from, a pass that bins, then the native iterations.
 */
export async function fitBoosting(given: BoostingTask, options: BoostingFitOptions): Promise<BoostingFit> {
  const { task, categoryNames, split } = withSplits(given);
  const { params, train, where } = task;
  const { rows } = train;
  if (train.source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  if (train.source.nRows !== undefined) checkRows(where, train.source.nRows, rows);
  checkWarmStart(task);
  checkLinearTree(task);
  const seed = task.previous?.seed ?? seedOf(params.randomState);
  const doEarlyStopping = params.earlyStopping === "auto" ? rows > 10_000 : params.earlyStopping;
  const rowUse = await rowUseOf(task, doEarlyStopping, seed);
  const plan: Plan = { doEarlyStopping, rowUse, scoring: scoringOf(task, doEarlyStopping, options), ...split };
  const run = (how: RunOptions): Promise<Grown> =>
    runJob(effectiveNJobs(params.nJobs), how, (job) => grow(task, plan, job, how.signal));
  const label = where.replace(".fit", "");
  const grown = await (params.verbose
    ? withProgressBar<Progress, RunOptions, Grown>(label, options, run)
    : run(options));
  return { ...grown, categoryNames, seed, doEarlyStopping };
}

type Grown = Pick<BoostingFit, "model" | "evalResults">;

interface SplitPlan {
  /** One byte a feature. */
  readonly categorical: Uint8Array | undefined;
  readonly splitOptions: BoostingSplitOptions;
}

interface Plan extends SplitPlan {
  readonly doEarlyStopping: boolean;
  readonly rowUse: Uint8Array | undefined;
  readonly scoring: Scoring;
}

/** What is scored besides the native loss, and who is told. */
interface Scoring {
  readonly scorer: Scorer | undefined;
  readonly recordsLoss: boolean;
  readonly metrics: ReadonlyMap<string, Scorer>;
  readonly callbacks: readonly BoostingCallback[];
}

function scoringOf(task: BoostingTask, doEarlyStopping: boolean, options: BoostingFitOptions): Scoring {
  const { params, where, loss } = task;
  const { scoring } = params;
  if (doEarlyStopping && scoring === "loss" && loss === "custom") {
    throw invalidArgument(
      `${where}: a custom loss has no value to stop by: give a scorer as scoring, or earlyStopping false`,
    );
  }
  const asked = options.evalMetric ?? (loss === "custom" ? "r2" : "loss");
  const names = (Array.isArray(asked) ? asked : [asked]) as readonly (string | Scorer)[];
  const metrics = new Map<string, Scorer>();
  for (const metric of names) {
    if (metric === "loss") continue;
    metrics.set(typeof metric === "string" ? metric : metric.name || "score", task.scorerNamed(metric));
  }
  return {
    scorer: doEarlyStopping && scoring !== "loss" ? task.scorerNamed(scoring) : undefined,
    recordsLoss: task.evalSets.length > 0 && names.includes("loss"),
    metrics,
    callbacks: options.callbacks ?? [],
  };
}

/** Resolves the features that parameters name, and gives categories the codes that the model will know them by. */
function withSplits(given: BoostingTask): {
  task: BoostingTask;
  categoryNames: CategoryNames | undefined;
  split: SplitPlan;
} {
  const { where, params, train, validation, evalSets, nOutputs, previous } = given;
  const categorical = categoricalMask(train.source, params, where);
  const categoryNames = previous ? previous.categoryNames : sortedCategoryNames(train.source);
  const coded = (rows: BoostingRows, whose: string): BoostingRows => ({
    ...rows,
    source: inCodesOf(rows.source, categoryNames, `${where}: ${whose}`),
  });
  return {
    task: {
      ...given,
      train: coded(train, "X"),
      validation: validation && coded(validation, "XVal"),
      evalSets: evalSets.map((set) => ({ name: set.name, ...coded(set, `evalSet ${show(set.name)}: X`) })),
    },
    categoryNames,
    split: { categorical, splitOptions: splitOptions(train.source, params, categorical, nOutputs, where) },
  };
}

async function grow(
  task: BoostingTask,
  { doEarlyStopping, rowUse, scoring, categorical, splitOptions: split }: Plan,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<Grown> {
  const { params, train, previous } = task;
  const seed = params.randomState ?? 0; // only the held-out rows are drawn afresh: the same rows give the same model
  const validation = doEarlyStopping && task.validation ? [{ name: "XVal", ...task.validation }] : [];
  const firstIsValidation = validation.length > 0 || rowUse?.includes(VALIDATE) === true;
  const options = boostingOptions(task, split, { seed, doEarlyStopping, firstIsValidation, scoring });
  const booster = await withBins(task, { seed, rowUse, categorical }, job, signal, async (bins) => {
    const watched: BinnedRows[] = [];
    for (const set of [...validation, ...task.evalSets]) {
      watched.push(await watch(task, set, { bins, categorical }, job, signal));
    }
    const binned = {
      bins,
      ...train,
      queries: train.queries?.codes,
      columns: await rawColumns(task, train, categorical, job, signal),
      initialRaw: await initialRaw(task, train, job, signal),
    };
    return addon().createBooster(options, binned, watched, previous?.model, quiet(job));
  });
  const evalResults = await runBooster(booster, await runPlan(task, { rowUse, firstIsValidation, scoring, seed }), job);
  return { model: addon().boosterFinish(booster), evalResults };
}

/** Bins rows that are watched. */
async function watch(
  task: BoostingTask,
  set: NamedRows,
  { bins, categorical }: { readonly bins: SinkHandle; readonly categorical: Uint8Array | undefined },
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<BinnedRows> {
  const sink = addon().createWatchedSink(bins, set.rows);
  const [X, y] = set.name === "XVal" ? ["XVal", "yVal"] : [`evalSet ${show(set.name)}: X`, "y"];
  if (set.source.nFeatures !== task.train.source.nFeatures) {
    throw invalidData(
      `${task.where}: ${X} has ${set.source.nFeatures} features, but X has ${task.train.source.nFeatures}`,
    );
  }
  const { rows } = await pourEntries(set.source, sink, job, signal);
  checkRows(task.where, rows, set.rows, X, y);
  return {
    bins: sink,
    ...set,
    queries: set.queries?.codes,
    columns: await rawColumns(task, set, categorical, job, signal),
    initialRaw: await initialRaw(task, set, job, signal),
  };
}

interface Choices {
  readonly seed: number;
  readonly doEarlyStopping: boolean;
  readonly firstIsValidation: boolean;
  readonly scoring: Scoring;
}

function boostingOptions(task: BoostingTask, split: BoostingSplitOptions, choices: Choices): BoostingOptions {
  const { params, where } = task;
  return {
    loss: task.loss,
    lossParameter: task.lossParameter,
    lambdarank: task.lambdarank,
    nOutputs: task.nOutputs,
    vectorLeaves: task.vectorLeaves,
    maxIter: params.maxIter,
    learningRate: params.learningRate,
    maxLeafNodes: params.maxLeafNodes ?? MOST_LEAVES,
    maxDepth: params.maxDepth ?? MOST_LEAVES,
    minSamplesLeaf: params.minSamplesLeaf,
    l2Regularization: params.l2Regularization,
    minSumHessian: params.minSumHessian,
    minGainToSplit: params.minGainToSplit,
    histogramBytes: Math.ceil((memoryLimitBytes() ?? UNLIMITED) / 4),
    linearTree: params.linearTree,
    linearLambda: params.linearLambda,
    ...split,
    earlyStopping: choices.doEarlyStopping && choices.scoring.scorer === undefined,
    nIterNoChange: params.nIterNoChange,
    tol: params.tol,
    seed: choices.seed,
    ...samplingOptions(where, params),
    hasGivenGradients: task.customLoss !== undefined,
    firstIsValidation: choices.firstIsValidation,
    watchLoss: choices.scoring.recordsLoss,
  };
}

/** What is to be done between the native iterations. */
async function runPlan(
  task: BoostingTask,
  { rowUse, firstIsValidation, scoring, seed }: Pick<Plan, "rowUse" | "scoring"> & Omit<Choices, "doEarlyStopping">,
): Promise<RunPlan> {
  const { train, validation, customLoss, previous, labels, evalSets } = task;
  const own = (use: number): Uint32Array => rowsOfUse(train.rows, rowUse, use);
  const pick = (rows: Uint32Array): Pick<ScoredRows, "y" | "weights"> => ({
    y: labels(chosen(train.targets, train.rows, rows)),
    weights: train.weights && chosen(train.weights, train.rows, rows),
  });
  const stopping = async (scorer: Scorer): Promise<RunPlan["stopping"]> => {
    const rows = own(TRAIN);
    const sample = await sampleOf(rows.length, seed);
    const scored = validation && { y: labels(validation.targets), weights: validation.weights };
    return {
      scorer,
      train: { set: -1, rows: sample, ...pick(sample ? sample.map((i) => rows[i] as number) : rows) },
      validation: firstIsValidation ? { set: 0, rows: undefined, ...(scored ?? pick(own(VALIDATE))) } : undefined,
    };
  };
  const custom = (loss: CustomLoss): RunPlan["custom"] => {
    const rows = own(TRAIN);
    const of = (values: Float64Array): Float64Array => chosen(values, train.rows, rows);
    return { loss, y: rowMajor(of(train.targets), rows.length), weights: train.weights && of(train.weights) };
  };
  const first = firstIsValidation ? 1 : 0;
  return {
    where: task.where,
    maxIter: task.params.maxIter,
    scorable: task.scorable,
    nOutputs: task.nOutputs,
    stopping: scoring.scorer && (await stopping(scoring.scorer)),
    hasScores: previous !== undefined && addon().boostingModel(previous.model).trainScore.length > 0,
    evalSets: new Map(
      evalSets.map(({ name, targets, weights }, i) => [
        name,
        { set: first + i, y: labels(targets), weights, rows: undefined },
      ]),
    ),
    recordsLoss: scoring.recordsLoss,
    rankingMetrics: task.rankingMetrics,
    metrics: scoring.metrics,
    callbacks: scoring.callbacks,
    custom: customLoss && custom(customLoss),
  };
}

/** Some rows of columns of `length` values, column by column. */
function chosen(columns: Float64Array, length: number, rows: Uint32Array): Float64Array {
  const out = new Float64Array((columns.length / length) * rows.length);
  for (let first = 0, at = 0; first < columns.length; first += length) {
    for (const row of rows) out[at++] = columns[first + row] as number;
  }
  return out;
}

/** Which of the training rows a scorer sees; undefined: all. */
async function sampleOf(rows: number, seed: number): Promise<Uint32Array | undefined> {
  if (rows <= MOST_SCORED_ROWS) return undefined;
  return rowsOfUse(rows, await holdOut(rows, MOST_SCORED_ROWS, seed), VALIDATE);
}

/** The rows that are for `use`; undefined: all are trained on. */
function rowsOfUse(rows: number, rowUse: Uint8Array | undefined, use: number): Uint32Array {
  const chosen = new Uint32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if ((rowUse?.[row] ?? TRAIN) === use) chosen[count++] = row;
  return chosen.slice(0, count);
}

/** What every row of the table is for; undefined: all are trained on. Rows of weight 0 are for nothing. */
async function rowUseOf(task: BoostingTask, doEarlyStopping: boolean, seed: number): Promise<Uint8Array | undefined> {
  const { weights } = task.train;
  const heldOut = doEarlyStopping && !task.validation ? await heldOutRows(task, seed) : undefined;
  if (!weights?.includes(0)) return heldOut;
  const use = heldOut ?? new Uint8Array(weights.length);
  for (let row = 0; row < use.length; row++) if (weights[row] === 0) use[row] = IGNORE;
  return use;
}

async function heldOutRows(
  { train, params, nClasses, where }: BoostingTask,
  seed: number,
): Promise<Uint8Array | undefined> {
  const { rows } = train;
  const size = params.validationFraction;
  if (size === null) return undefined;
  if (train.queries) return heldOutQueries(train.queries, size, seed, where);
  if (rows < 2 || size >= rows) {
    throw invalidData(`${where}: X has ${rows} rows: too few to hold out validationFraction ${size} of them`);
  }
  return nClasses === undefined ? holdOut(rows, size, seed) : holdOut(rows, size, seed, train.targets, nClasses);
}

/** Whole queries are held out. */
async function heldOutQueries(
  { codes, count }: Queries,
  size: number,
  seed: number,
  where: string,
): Promise<Uint8Array> {
  if (count < 2 || size >= count) {
    throw invalidData(`${where}: there are ${count} queries: too few to hold out validationFraction ${size} of them`);
  }
  const use = await holdOut(count, size, seed);
  return Uint8Array.from(codes, (query) => use[query] as number);
}

/** Raw predictions that rows start from: the caller's, those of the model so far, or both. */
async function initialRaw(
  { loss, nOutputs, previous }: BoostingTask,
  { source, initScore }: BoostingRows,
  job: JobOptions,
  signal: AbortSignal | undefined,
): Promise<Float64Array | undefined> {
  if (!previous) return initScore;
  const { model } = previous;
  const map = addon().createForestMap(model, loss, "raw", 0, addon().boostingModel(model).nIterations);
  const { values } = await mapRows(source, map, nOutputs, Float64Array, quiet(job), signal);
  return initScore ? values.map((value, i) => value + (initScore[i] as number)) : values;
}

function checkWarmStart({ previous, params, train, nOutputs, vectorLeaves, where }: BoostingTask): void {
  if (!previous) return;
  const info = addon().boostingModel(previous.model);
  const nTrees = vectorLeaves ? 1 : nOutputs;
  if (info.nFeatures !== train.source.nFeatures || info.nOutputs !== nOutputs || info.nTreesPerIteration !== nTrees) {
    throw invalidArgument(
      `${where}: warmStart goes on from a model of ${info.nFeatures} features, ${info.nOutputs} output(s) and ` +
        `${info.nTreesPerIteration} tree(s) an iteration, but X, y and multiStrategy ask for ${train.source.nFeatures}, ` +
        `${nOutputs} and ${nTrees}`,
    );
  }
  if (params.maxIter < info.nIterations) {
    throw invalidArgument(
      `${where}: maxIter must be at least the ${info.nIterations} iterations there are when warmStart is true, got ${params.maxIter}`,
    );
  }
}
