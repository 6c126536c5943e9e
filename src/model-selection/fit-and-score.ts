import { performance } from "node:perf_hooks";
import { clone } from "../base/estimator.js";
import { warnFit } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import type { Methods, Wrappable } from "../wrappers/wrapped.js";
import type { SharedTables } from "../data/shared-tables.js";
import type { FoldData, Part } from "./fold-data.js";
import { sharedSteps, type StepCache } from "./shared-steps.js";
import type { Measures, Scores } from "./scoring.js";

/** What one fit on one fold gave. */
export interface FitOutcome {
  /** Undefined: the fit failed, and errorScore stands for its scores. */
  readonly test: Scores | undefined;
  readonly train: Scores | undefined;
  readonly testRows: number;
  /** Milliseconds. */
  readonly fitTime: number;
  readonly scoreTime: number;
  readonly estimator: Wrappable | undefined;
  readonly error: unknown;
}

export interface FitTask {
  readonly estimator: Wrappable;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly data: FoldData;
  readonly measures: Measures;
  readonly returnTrainScore: boolean;
  /** What scores of a failed fit are; "raise": throw. */
  readonly errorScore: number | "raise";
  /** Transformers fitted on this fold, shared by the candidates. Undefined: nothing is shared. */
  readonly shared?: StepCache | undefined;
  /** What candidates make of the rows they learn from (bins), shared too. */
  readonly tables?: SharedTables | undefined;
  /** Of the training rows those to learn from; default all (learning curves, halving). */
  readonly train?: Part | undefined;
  /** Scores weigh the test rows as fits weigh the training rows. Default false, as in scikit-learn's searches. */
  readonly weightScores?: boolean | undefined;
  readonly where: string;
}

/** Fits a clone with the parameters on the training rows and scores it on the test rows. */
export async function fitAndScore(task: FitTask, signal: AbortSignal | undefined): Promise<FitOutcome> {
  const { data, measures, errorScore, where } = task;
  const model = clone(task.estimator);
  const begin = performance.now();
  try {
    if (task.params !== undefined) {
      (model as { setParams(params: object): unknown }).setParams(clonedValues(task.params));
    }
    const train = task.train ?? data.train;
    const shared =
      task.shared !== undefined && measures.onlyAnswers
        ? await sharedSteps(model, train, data.test, task.shared, signal)
        : undefined;
    const parts = shared ?? { estimator: model, train, test: data.test };
    const fit = (): Promise<unknown> =>
      (parts.estimator as Required<Methods>).fit(parts.train.X, parts.train.y, { ...parts.train.options, signal });
    await (task.tables?.run(parts.train.X, fit) ?? fit());
    const fitted = performance.now();
    const weight = task.weightScores ? (parts.test.options["sampleWeight"] as VectorLike | undefined) : undefined;
    const test = await measures.score(parts.estimator, parts.test.X, parts.test.y, weight);
    const end = performance.now();
    const trainScores = task.returnTrainScore
      ? await measures.score(parts.estimator, parts.train.X, parts.train.y)
      : undefined;
    return {
      test,
      train: trainScores,
      testRows: data.test.rows,
      fitTime: fitted - begin,
      scoreTime: end - fitted,
      estimator: model,
      error: undefined,
    };
  } catch (error) {
    if (errorScore === "raise" || signal?.aborted === true) throw error;
    const message = error instanceof Error ? error.message : String(error);
    warnFit(`${where}: a fit failed; its scores are ${errorScore}. ${message}`);
    const none = { test: undefined, train: undefined, testRows: data.test.rows, scoreTime: 0, estimator: undefined };
    return { ...none, fitTime: performance.now() - begin, error };
  }
}

/** Estimators among parameters are cloned: candidates must not learn into one another. */
export function clonedValues(params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, isEstimator(value) ? clone(value) : value]),
  );
}

function isEstimator(value: unknown): value is Wrappable {
  return typeof value === "object" && value !== null && "getParams" in value && "fit" in value;
}
