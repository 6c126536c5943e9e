import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, clone } from "../base/estimator.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { isDocuments, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import type { TableLike } from "../data/table-columns.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { missingAnswer, refuseUnlessTestedOnce, RowAnswers } from "../model-selection/cross-val-predict.js";
import { problemOf, type Problem } from "../model-selection/evaluate.js";
import { FoldData, type Part } from "../model-selection/fold-data.js";
import type { RunOptions } from "../native/job.js";
import { numbersOf, sideBySide } from "../pipeline/side-by-side.js";
import { tagsOf, type Wrappable } from "../wrappers/wrapped.js";
import { methodsOf, placesOf, workSideBySide, type WorkOptions } from "./member-fit.js";
import type { StackingFitted, StackingParams, StackMethod } from "./stacking-params.js";

// Stacking: what estimators say of rows they have not learned from is what the final estimator learns from.

/** The members of a stack and how they are asked. */
export interface StackMembers {
  readonly used: readonly (readonly [name: string, estimator: Wrappable])[];
  readonly methods: readonly StackMethod[];
  /** Of a classification: classifiers' labels become their places. */
  readonly classes: LabelArray | undefined;
}

/** @throws TreelineError ERR_INVALID_ARGUMENT for members that should be fitted and are not. */
function refuseUnfitted(used: StackMembers["used"], where: string): void {
  const unfitted = used.find(([, estimator]) => estimator instanceof BaseEstimator && !estimator.isFitted);
  if (unfitted === undefined) return;
  throw invalidArgument(`${where}: cv: "prefit" needs fitted estimators, and ${show(unfitted[0])} is not fitted`);
}

/** What a member answers. */
type Said = Matrix | ArrayLike<Label>;

/** What a member answered as columns: of two classes' probabilities those of the second. */
function columnsOf(answer: Said, k: number, { methods, classes }: StackMembers): Matrix {
  if (answer instanceof Matrix) {
    if (methods[k] !== "predictProba" || classes?.length !== 2 || answer.cols !== 2) return answer;
    return new Matrix(Float64Array.from(answer.column(1)), [answer.rows, 1]);
  }
  return new Matrix(Float64Array.from(answer as ArrayLike<number>), [answer.length, 1]);
}

/** Labels as their places among the classes (-1: a fitted member's that y lacks); a regressor's numbers, and scores, as they are. */
function numbered(answer: Said, k: number, { used, methods, classes }: StackMembers): Said {
  const estimator = used[k]?.[1];
  if (classes === undefined || methods[k] !== "predict" || isRegressor(estimator)) return answer;
  return placesOf(answer as ArrayLike<Label>, classes);
}

/** A regressor in a stack of classifiers learns the places of the labels. */
function isRegressor(estimator: unknown): boolean {
  return tagsOf(estimator).kind === "regressor";
}

/** Fitted members, and what the final estimator learns from. */
interface Stacked {
  readonly estimators: readonly Wrappable[];
  readonly columns: readonly Matrix[];
}

/**
 * Fits every member on all rows and on every fold, in one run of tasks; resolves to the members and, for every row, what
 * those that did not learn from it say. `codes`, a number a row, is what regressors learn in a classification. The rows of
 * a fold are cut once for all members.
 */
async function fitOnFolds(
  members: StackMembers,
  { whole, folds }: Problem,
  where: string,
  options: WorkOptions,
): Promise<Stacked> {
  refuseUnlessTestedOnce(folds, whole.rows, where);
  const { used, methods, classes } = members;
  const answers = methods.map((method, k) => {
    const spread = method === "predict" || isRegressor(used[k]?.[1]) ? undefined : classes;
    return new RowAnswers(whole.rows, spread, missingAnswer(method));
  });
  const learned = async (estimator: Wrappable, { X, y, options: own }: Part, run: RunOptions): Promise<Wrappable> => {
    const { codes, ...fitOptions } = own;
    const model = clone(estimator);
    const target = codes !== undefined && isRegressor(estimator) ? (codes as VectorLike) : y;
    await methodsOf(model).fit(X, target, { ...fitOptions, ...run });
    return model;
  };
  const onAll = used.map(
    ([, estimator]) =>
      (run: RunOptions) =>
        learned(estimator, whole, run),
  );
  const onFolds = folds.flatMap((fold, f) => {
    let data: FoldData | undefined;
    let left = used.length;
    return used.map(([, estimator], k) => async (run: RunOptions) => {
      const { train, test } = (data ??= new FoldData(whole, fold, f));
      const model = methodsOf(await learned(estimator, train, run));
      const answer = await model[methods[k] as StackMethod](test.X, { signal: run.signal });
      (answers[k] as RowAnswers).put(fold.test.indices(), numbered(answer, k, members), model.classes_);
      if (--left === 0) data = undefined; // the fold's rows
      return undefined;
    });
  });
  const results = await workSideBySide<Wrappable | undefined>([...onFolds, ...onAll], options);
  return {
    estimators: results.slice(onFolds.length) as Wrappable[],
    columns: answers.map((all, k) => columnsOf(all.result(), k, members)),
  };
}

/** What fitted members say of X. */
export async function answersOf(members: StackMembers, X: InputLike, options: WorkOptions): Promise<Matrix[]> {
  return workSideBySide(
    members.used.map(([, estimator], k) => async (run: RunOptions) => {
      const answer = await methodsOf(estimator)[members.methods[k] as StackMethod](X, run);
      return columnsOf(numbered(answer, k, members), k, members);
    }),
    options,
  );
}

/** The members' columns, and those of X if it passes through, side by side: sparse where X is. */
export async function stackedTable(
  { used }: StackMembers,
  columns: readonly Matrix[],
  X: InputLike,
  passthrough: boolean,
  where: string,
  signal: AbortSignal | undefined,
): Promise<Matrix | CsrMatrix> {
  const parts = columns.map((table, k) => ({ name: used[k]?.[0] ?? "", table: table as Matrix | CsrMatrix }));
  if (passthrough) parts.push({ name: "X", table: await numbersOf(X as TableLike, `${where}: X`, signal) });
  return sideBySide(parts, 1, where, signal);
}

/** One fit of a stack. */
export interface StackTask {
  readonly where: string;
  /** The stack itself: it says how cv splits. */
  readonly ensemble: BaseEstimator<StackingParams, StackingFitted>;
  readonly members: StackMembers;
  readonly final: Wrappable;
  readonly X: InputLike;
  /** In memory. */
  readonly y: VectorLike;
  /** What regressors learn in a classification: the labels' places, a number a row. */
  readonly codes?: Float64Array | undefined;
  readonly weights: Float64Array | undefined;
}

/** What a stack learns. */
type StackLearned = Pick<StackingFitted, "finalEstimator" | "methods" | "widths" | "passthrough"> & {
  readonly estimators: readonly Wrappable[];
};

/** Fits the members (unless they are fitted: "prefit") and the final estimator. Progress counts fits. */
export async function fitStack(task: StackTask, options: RunOptions): Promise<StackLearned> {
  const { where, ensemble, members, X, y, codes, weights } = task;
  const { used, methods } = members;
  const { cv, passthrough, nJobs, verbose } = ensemble.getParams({ deep: false });
  const weight = weights === undefined ? {} : { sampleWeight: weights };
  const { signal } = options;
  if (passthrough && isDocuments(X)) {
    throw invalidArgument(`${where}: passthrough needs a table of numbers as X, and X is documents`);
  }
  let problem: Problem | undefined;
  if (cv === "prefit") refuseUnfitted(used, where);
  else {
    const fitOptions = { ...weight, ...(codes && { codes }) };
    problem = await problemOf(ensemble, X, y, { cv, fitOptions, signal }, where);
  }
  const steps = used.length * (1 + (problem?.folds.length ?? 0));
  const { first, last } = stackProgress(options, steps);
  const work = { nJobs, ...first, bar: verbose ? ensemble.className : undefined };
  const { estimators, columns } =
    problem === undefined
      ? { estimators: used.map(([, estimator]) => estimator), columns: await answersOf(members, X, work) }
      : await fitOnFolds(members, problem, where, work);
  const table = await stackedTable(members, columns, X, passthrough, where, signal);
  const finalEstimator = clone(task.final);
  await methodsOf(finalEstimator).fit(table, y, { ...weight, ...last });
  signal?.throwIfAborted();
  return { estimators, finalEstimator, methods, widths: columns.map(({ cols }) => cols), passthrough };
}

/** Progress of the members, then of the final estimator, as one. */
function stackProgress(
  { onProgress, signal }: RunOptions,
  steps: number,
): { readonly first: RunOptions; readonly last: RunOptions } {
  if (onProgress === undefined) return { first: { signal }, last: { signal } };
  const total = steps + 1;
  return {
    first: { signal, onProgress: (p) => onProgress({ ...p, fraction: (p.fraction * steps) / total, total }) },
    last: {
      signal,
      onProgress: (p) => onProgress({ fraction: (steps + p.fraction) / total, done: steps, total, score: NaN }),
    },
  };
}
