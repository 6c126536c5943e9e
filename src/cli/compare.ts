import {
  crossValidate,
  KFold,
  parallel,
  report,
  StratifiedKFold,
  type ProgressBar,
  type ProgressBars,
  type Scorable,
} from "../index.js";
import { checkFolder, partsText, splitRows, type Fittable, type HoldOutOptions, type Parts } from "./fit.js";
import {
  changedParams,
  checkModelName,
  COMPARED,
  makeModel,
  prepared,
  readParamsByModel,
  taskAsked,
} from "./models.js";
import { tableName } from "./open-table.js";
import { readProblem, type Problem, type Task } from "./problem.js";
import { answerable, checkScoring, metricsFor, scoresOf, type Metrics } from "./scores.js";
import { UsageError, type Terminal } from "./terminal.js";
import { textTable } from "./text-table.js";

/** Options of `treeline compare`. */
export interface CompareOptions extends HoldOutOptions {
  readonly models?: readonly string[];
  /** Parameters of the models: model.name=value. */
  readonly set?: readonly string[];
  /** Number of folds; undefined: one test part. */
  readonly cv?: number;
  /** Where to write the page. */
  readonly report?: string;
}

/** How one model did. */
interface Row {
  readonly model: string;
  /** Parameters that are not the class's defaults. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Scores by metric; of folds their means. */
  readonly scores: Readonly<Record<string, number>>;
  /** Standard deviations over the folds. */
  readonly std?: Readonly<Record<string, number>>;
  readonly fitSeconds: number;
}

interface Candidate {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly model: Fittable & Scorable;
}

/** Fits several models in parallel, on one budget of threads, and scores them on rows they have not seen. */
export async function compare(path: string, options: CompareOptions, terminal: Terminal): Promise<void> {
  options.models?.forEach(checkModelName);
  const params = readParamsByModel(options.set);
  for (const [name, own] of Object.entries(params)) {
    const asked = taskAsked(name);
    if (asked !== undefined) makeModel(name, asked, own, options.randomState);
    if (options.models?.includes(name) === false) refuseSetting(name, options.models);
  }
  checkScoring(options.scoring);
  if (options.testSize === 0 && (options.cv === undefined || options.report !== undefined)) {
    throw new UsageError("--test-size 0 leaves no rows to compare on");
  }
  if (options.report !== undefined) await checkFolder(options.report);
  const { signal } = terminal;
  const lazy = await readProblem(path, options, terminal);
  const problem = { ...lazy, X: await lazy.X.persist() }; // every model reads it
  const { task } = problem;
  const metrics = metricsFor(task, problem, options);
  const candidates = candidatesFor(problem, options, params);
  const parts = await splitRows(problem, task, options, signal);
  const held = options.cv === undefined;
  terminal.tell(held ? partsText(parts) : `${options.cv} folds of ${problem.y.length} rows`);
  const rows = held
    ? await onTestRows(candidates, parts, metrics, terminal)
    : await onFolds(candidates, problem, { ...options, cv: options.cv }, metrics, terminal);
  if (options.report !== undefined) {
    if (!held) await onTestRows(candidates, parts, metrics, terminal);
    await writeReport(path, options.report, candidates, parts, rows, metrics, signal);
    terminal.tell(`The comparison as a page: ${options.report}`);
  }
  const [first = ""] = Object.keys(metrics.scorers);
  const sorted = rows.sort((a, b) => (b.scores[first] ?? -Infinity) - (a.scores[first] ?? -Infinity));
  const document = {
    file: tableName(path),
    target: options.target,
    task,
    posLabel: metrics.posLabel,
    rows: { all: problem.y.length, test: held ? parts.test?.y.length : undefined },
    cv: options.cv,
    results: sorted,
    report: options.report,
  };
  await terminal.result(document, resultsText(sorted, Object.keys(metrics.scorers)));
}

function candidatesFor(
  { task, X }: Problem,
  { models, randomState }: CompareOptions,
  params: ReturnType<typeof readParamsByModel>,
): Candidate[] {
  const names = [...new Set(models ?? COMPARED[task])];
  for (const name of Object.keys(params)) if (!names.includes(name)) refuseSetting(name, names);
  return names.map((name) => {
    const made = makeModel(name, task, params[name] ?? {}, randomState);
    return { name, params: changedParams(made), model: prepared(made, X) as Candidate["model"] };
  });
}

function refuseSetting(name: string, models: readonly string[]): never {
  throw new UsageError(`--set ${name}: there is no such model among those compared, ${models.join(", ")}`);
}

/** A task a model, with a bar each. */
async function each<T>(
  candidates: readonly Candidate[],
  terminal: Terminal,
  body: (candidate: Candidate, bar: ProgressBar, signal: AbortSignal) => Promise<T>,
): Promise<T[]> {
  const bars: ProgressBars = await terminal.bars();
  const named = candidates.map((candidate) => ({ candidate, bar: bars.add(candidate.name) }));
  const tasks = named.map(({ candidate, bar }) => async (signal: AbortSignal): Promise<T> => {
    const result = await body(candidate, bar, signal);
    bar.finish();
    return result;
  });
  try {
    return await parallel(tasks, { signal: terminal.signal });
  } finally {
    bars.stop();
  }
}

/** Fits the models themselves on one part, scores them on the other. */
async function onTestRows(
  candidates: readonly Candidate[],
  { train, test }: Parts,
  metrics: Metrics,
  terminal: Terminal,
): Promise<Row[]> {
  if (test === undefined) throw new UsageError("--test-size 0 leaves no rows to compare on");
  return each(candidates, terminal, async ({ name, params, model }, bar, signal) => {
    const start = performance.now();
    await model.fit(train.X, train.y, { signal, onProgress: (progress) => bar.update(progress) });
    const fitSeconds = (performance.now() - start) / 1000;
    return { model: name, params, scores: await scoresOf(model, test.X, test.y, metrics, signal), fitSeconds };
  });
}

/** Cross-validates copies of the models, all on the same folds. */
async function onFolds(
  candidates: readonly Candidate[],
  { X, y, task }: Problem,
  { cv, randomState }: { readonly cv: number; readonly randomState: number },
  metrics: Metrics,
  terminal: Terminal,
): Promise<Row[]> {
  const folds = foldsFor(task, cv, randomState);
  return each(candidates, terminal, async ({ name, params, model }, bar, signal) => {
    const scoring = answerable(metrics, model);
    const onProgress = (progress: { readonly fraction: number }): void => bar.update(progress);
    const found = await crossValidate(model, X, y, { cv: folds, scoring, signal, errorScore: "raise", onProgress });
    const of = (measure: (values: Float64Array) => number): Record<string, number> =>
      Object.fromEntries(
        Object.keys(scoring).map((metric) => [metric, measure(found[`test_${metric}`] as Float64Array)]),
      );
    return { model: name, params, scores: of(mean), std: of(deviation), fitSeconds: mean(found.fitTime) };
  });
}

function foldsFor(task: Task, nSplits: number, randomState: number): KFold | StratifiedKFold {
  const params = { nSplits, shuffle: true, randomState };
  return task === "classification" ? new StratifiedKFold(params) : new KFold(params);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}

async function writeReport(
  path: string,
  out: string,
  candidates: readonly Candidate[],
  { train, test }: Parts,
  rows: readonly Row[],
  { posLabel }: Metrics,
  signal: AbortSignal,
): Promise<void> {
  if (test === undefined) throw new UsageError("--report needs rows to compare on: --test-size");
  await report(Object.fromEntries(candidates.map(({ name, model }) => [name, model])), test.X, test.y, {
    path: out,
    title: `Models for ${tableName(path)}`,
    description: `Trained on ${train.y.length} rows, compared on ${test.y.length} others.`,
    fitSeconds: Object.fromEntries(rows.map(({ model, fitSeconds }) => [model, fitSeconds])),
    ...(posLabel === undefined ? {} : { posLabel }),
    signal,
  });
}

/** A line a model, best first; over folds with standard deviations. */
function resultsText(rows: readonly Row[], metrics: readonly string[]): string {
  const cell = ({ scores, std }: Row, metric: string): string => {
    const score = scores[metric];
    if (score === undefined) return "";
    return score.toFixed(4) + (std === undefined ? "" : ` ± ${(std[metric] as number).toFixed(4)}`);
  };
  return textTable(
    ["model", ...metrics, "fit s"],
    rows.map((row) => [row.model, ...metrics.map((metric) => cell(row, metric)), row.fitSeconds.toFixed(2)]),
  );
}
