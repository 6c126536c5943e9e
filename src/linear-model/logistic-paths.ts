import { Matrix } from "../data/matrix.js";
import { decodeLabels, type EncodedLabels, type LabelArray } from "../data/vector.js";
import type { Scorable, Scorer } from "../metrics/scorer.js";
import type {
  JobOptions,
  LinearOutput,
  LogisticGrid,
  LogisticOptions,
  LogisticPaths,
  LogisticResult,
  SinkHandle,
} from "../native/addon.js";
import { addon } from "../native/load.js";

/** What a search through paths of penalties is given besides its rows. */
export interface PathTask {
  readonly labels: EncodedLabels;
  /** Of the loss: sample weights times class weights. */
  readonly weights: Float64Array | undefined;
  /** Of the scores. */
  readonly sampleWeight: Float64Array | undefined;
  readonly grid: LogisticGrid;
  /** All but C, l1Ratio and a start. */
  readonly solver: LogisticOptions;
  readonly refit: boolean;
  readonly nFeatures: number;
  readonly scorer: Scorer;
}

/** What it finds. */
export interface PathSearch {
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly nIter: number;
  readonly C: number;
  readonly l1Ratio: number;
  /** Folds × ratios × Cs. */
  readonly scores: Float64Array;
  readonly pathIterations: Float64Array;
  /** Folds × ratios × Cs × outputs (× features). */
  readonly pathCoef: Float64Array;
  readonly pathIntercept: Float64Array;
}

/** Fits all models of a grid, scores them on their folds, and makes the best the model. */
export async function searchPaths(
  task: PathTask,
  sink: SinkHandle,
  job: JobOptions,
): Promise<PathSearch & Pick<LogisticResult, "converged" | "violation">> {
  const { labels, weights, grid, solver } = task;
  const { onProgress, ...silent } = job;
  const nModels = grid.nFolds * grid.l1Ratios.length * grid.Cs.length;
  const tell = (done: number): void => onProgress?.(done, 2 * nModels, NaN);
  const nClasses = labels.classes.length;
  const told: JobOptions = onProgress === undefined ? silent : { ...silent, onProgress: tell };
  const paths = await addon().fitLogisticPaths(sink, labels.codes, weights, nClasses, solver, grid, told);
  const scores = new Float64Array(nModels);
  for (let fold = 0; fold < grid.nFolds; fold++) {
    const score = foldScorer(task, fold, sink, silent);
    const perFold = nModels / grid.nFolds;
    for (let m = fold * perFold; m < (fold + 1) * perFold; m++) {
      scores[m] = await score(modelOf(paths, m, nModels));
      tell(nModels + m + 1);
    }
  }
  const { coef: pathCoef, intercept: pathIntercept, nIter: pathIterations } = paths;
  const found = { scores, pathCoef, pathIntercept, pathIterations };
  if (!task.refit) return { ...found, ...meanOfBest(task, paths, scores) };
  const best = bestOf(sumOverFolds(scores, grid.nFolds), grid);
  const perFold = nModels / grid.nFolds;
  const start = meanModel(
    paths,
    Array.from({ length: grid.nFolds }, (_, fold) => fold * perFold + best.at),
    nModels,
  );
  const options = {
    ...solver,
    C: best.C,
    l1Ratio: best.l1Ratio,
    startCoef: start.coef,
    startIntercept: start.intercept,
  };
  const result = await addon().fitLogistic(sink, labels.codes, weights, nClasses, options, silent);
  const converged = result.converged && paths.converged;
  const violation = result.converged ? paths.violation : result.violation;
  return { ...found, ...result, C: best.C, l1Ratio: best.l1Ratio, converged, violation };
}

interface Model {
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
}

function modelOf({ coef, intercept }: LogisticPaths, m: number, nModels: number): Model {
  const [nCoef, nOutputs] = [coef.length / nModels, intercept.length / nModels];
  return {
    coef: coef.slice(m * nCoef, (m + 1) * nCoef),
    intercept: intercept.slice(m * nOutputs, (m + 1) * nOutputs),
  };
}

function meanModel(paths: LogisticPaths, which: readonly number[], nModels: number): Model {
  const models = which.map((m) => modelOf(paths, m, nModels));
  const mean = (values: readonly Float64Array[]): Float64Array =>
    (values[0] as Float64Array).map((_, i) => values.reduce((sum, v) => sum + (v[i] as number), 0) / values.length);
  return { coef: mean(models.map((model) => model.coef)), intercept: mean(models.map((model) => model.intercept)) };
}

/** How a fold's rows to test on score a model: as an estimator that knows no others. */
function foldScorer(
  { labels, sampleWeight, grid, nFeatures, scorer }: PathTask,
  fold: number,
  sink: SinkHandle,
  job: JobOptions,
): (model: Model) => Promise<number> {
  const { classes, codes } = labels;
  const roles = grid.roles.subarray(fold * codes.length, (fold + 1) * codes.length);
  const isTest = (_: number, i: number): boolean => roles[i] === 2;
  const y = decodeLabels(classes, codes.filter(isTest));
  const weight = sampleWeight?.filter(isTest);
  const noRows = new Matrix(new Float64Array(0), [0, nFeatures]);
  return async ({ coef, intercept }) => {
    const outputs = async (output: LinearOutput): Promise<Float64Array> =>
      addon().logisticTestOutputs(sink, roles, coef, intercept, output, job);
    const table = async (output: LinearOutput, width: number): Promise<Matrix<Float64Array>> =>
      new Matrix(await outputs(output), [y.length, width]);
    const nOutputs = intercept.length;
    const estimator: Scorable & { readonly classes_: LabelArray } = {
      classes_: classes,
      predict: async () => decodeLabels(classes, await outputs("class")),
      predictProba: async () => table("probability", classes.length),
      decisionFunction: async () => (nOutputs === 1 ? outputs("decision") : table("decision", nOutputs)),
    };
    return scorer(estimator, noRows, y, { sampleWeight: weight });
  };
}

interface Best {
  /** Of ratios × Cs. */
  readonly at: number;
  readonly C: number;
  readonly l1Ratio: number;
}

/** The first of the greatest scores: Cs in their order, of one C the ratios in theirs, as scikit-learn. */
function bestOf(scores: Float64Array, { Cs, l1Ratios }: LogisticGrid): Best {
  let best: Best | undefined;
  Cs.forEach((C, c) => {
    l1Ratios.forEach((l1Ratio, r) => {
      const at = r * Cs.length + c;
      if (best === undefined || (scores[at] as number) > (scores[best.at] as number)) best = { at, C, l1Ratio };
    });
  });
  return best as unknown as Best;
}

function sumOverFolds(scores: Float64Array, nFolds: number): Float64Array {
  const perFold = scores.length / nFolds;
  const sums = new Float64Array(perFold);
  scores.forEach((score, m) => (sums[m % perFold] = (sums[m % perFold] as number) + score));
  return sums;
}

/** Without a fit on all rows: the mean of every fold's best model. */
function meanOfBest(
  { grid }: PathTask,
  paths: LogisticPaths,
  scores: Float64Array,
): Model & Pick<PathSearch, "nIter" | "C" | "l1Ratio"> & Pick<LogisticResult, "converged" | "violation"> {
  const perFold = scores.length / grid.nFolds;
  const best = Array.from({ length: grid.nFolds }, (_, fold) =>
    bestOf(scores.subarray(fold * perFold, (fold + 1) * perFold), grid),
  );
  const which = best.map(({ at }, fold) => fold * perFold + at);
  const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
  return {
    ...meanModel(paths, which, scores.length),
    nIter: Math.max(...which.map((m) => paths.nIter[m] as number)),
    C: mean(best.map(({ C }) => C)),
    l1Ratio: mean(best.map(({ l1Ratio }) => l1Ratio)),
    converged: paths.converged,
    violation: paths.violation,
  };
}
