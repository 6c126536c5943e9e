import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import {
  trainTestSplit,
  type AnyEstimator,
  type Frame,
  type LabelArray,
  type RunOptions,
  type Scorable,
} from "../index.js";
import { changedParams, checkModelName, makeModel, prepared, readParams, taskAsked } from "./models.js";
import { tableName } from "./open-table.js";
import { readProblem, type Problem, type ProblemOptions, type Task } from "./problem.js";
import { checkScoring, metricsFor, scoresOf } from "./scores.js";
import type { Terminal } from "./terminal.js";
import { textTable } from "./text-table.js";

/** Options of commands that hold rows back to score on. */
export interface HoldOutOptions extends ProblemOptions {
  /** Share or number of the rows to test on. */
  readonly testSize: number;
  readonly randomState: number;
  readonly scoring?: readonly string[];
  readonly posLabel?: string;
}

/** Options of `treeline fit`. */
export interface FitOptions extends HoldOutOptions {
  readonly model: string;
  readonly params?: string;
  readonly set?: readonly string[];
  readonly out: string;
}

/** What every model of the command line can do. */
export type Fittable = AnyEstimator &
  Scorable & {
    fit(X: Frame, y: LabelArray, options: RunOptions): Promise<unknown>;
  };

/** A table cut in two. */
export interface Parts {
  readonly train: { readonly X: Frame; readonly y: LabelArray };
  readonly test: { readonly X: Frame; readonly y: LabelArray } | undefined;
}

/** Fits a model on a part of the rows, scores it on the others and saves it. */
export async function fit(path: string, options: FitOptions, terminal: Terminal): Promise<void> {
  checkModelName(options.model);
  checkScoring(options.scoring);
  const params = readParams(options.params, options.set);
  const asked = taskAsked(options.model);
  if (asked !== undefined) makeModel(options.model, asked, params, options.randomState);
  await checkFolder(options.out);
  const { signal } = terminal;
  const problem = await readProblem(path, options, terminal);
  const task = asked ?? problem.task;
  const made = makeModel(options.model, task, params, options.randomState);
  const metrics = metricsFor(task, problem, options);
  const model = prepared(made, problem.X) as Fittable;
  const { train, test } = await splitRows(problem, task, options, signal);
  terminal.tell(partsText({ train, test }));
  const fitSeconds = await fitWithBar(model, train, made.className, terminal);
  const scores = test === undefined ? {} : await scoresOf(model, test.X, test.y, metrics, signal);
  signal.throwIfAborted();
  await model.save(options.out);
  terminal.tell(`Saved ${made.className} to ${options.out}, fitted in ${fitSeconds.toFixed(2)} s`);
  const document = {
    file: tableName(path),
    target: options.target,
    task,
    model: made.className,
    params: changedParams(made),
    features: problem.X.columns,
    rows: { train: train.y.length, test: test?.y.length ?? 0 },
    posLabel: metrics.posLabel,
    scores,
    fitSeconds,
    out: options.out,
  };
  await terminal.result(document, textTable(["metric", "test"], Object.entries(scores)));
}

/** A file is to be written there later: better told before the work. */
export async function checkFolder(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw new Error(`cannot write ${path}: there is no such folder, or no right to write there`, { cause });
  });
}

/** Rows to learn from and rows to test on, every class in equal shares; testSize 0: none to test on. */
export async function splitRows(
  { X, y }: Problem,
  task: Task,
  { testSize, randomState }: Pick<HoldOutOptions, "testSize" | "randomState">,
  signal: AbortSignal,
): Promise<Parts> {
  if (testSize === 0) return { train: { X, y }, test: undefined };
  const stratify = task === "classification" ? y : null;
  const [XTrain, XTest, yTrain, yTest] = await trainTestSplit(X, y, { testSize, stratify, randomState, signal });
  return { train: { X: XTrain, y: yTrain as LabelArray }, test: { X: XTest, y: yTest as LabelArray } };
}

export function partsText({ train, test }: Parts): string {
  return `Training on ${train.y.length} rows${test === undefined ? "" : `, testing on ${test.y.length}`}`;
}

/** Seconds of the fit. */
async function fitWithBar(
  model: Fittable,
  { X, y }: Parts["train"],
  label: string,
  terminal: Terminal,
): Promise<number> {
  const bars = await terminal.bars();
  const bar = bars.add(label);
  const start = performance.now();
  try {
    await model.fit(X, y, { signal: terminal.signal, onProgress: (progress) => bar.update(progress) });
    bar.finish();
  } finally {
    bars.stop();
  }
  return (performance.now() - start) / 1000;
}
