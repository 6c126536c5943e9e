import { inspect } from "node:util";
import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, clone, type AnyEstimator } from "../base/estimator.js";
import { replaceFile } from "../base/replace-file.js";
import { htmlBundle, JUPYTER_DISPLAY, type MimeBundle } from "../base/rich.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { Label, VectorLike } from "../data/vector.js";
import { checkOptions } from "../metrics/options.js";
import { readWeights } from "../metrics/targets.js";
import type { Scorable } from "../metrics/scorer.js";
import { namedModels, type Models, type Named } from "../plot/call.js";
import type { ImportanceSource } from "../plot/plot-feature-importance.js";
import { tableRows } from "../data/table-columns.js";
import { evaluate } from "./evaluate.js";
import { BINARY, MULTICLASS, REGRESSION, SECONDS, type ModelRow } from "./measure.js";
import { pageOf } from "./page.js";
import { classPicture, importancePicture, picturesOf, type Picture } from "./pictures.js";
import { problemOf } from "./problem.js";
import { summariseTable } from "./table-summary.js";

/** Rows to fit models on. */
export interface TrainingRows {
  readonly X: MatrixLike;
  readonly y: VectorLike;
  readonly sampleWeight?: VectorLike | undefined;
}

/** How far a report is. */
export interface ReportProgress {
  /** 0 … 1. */
  readonly fraction: number;
  /** What is being done: a model's name, "pictures". */
  readonly at: string;
}

/** Options of report. */
export interface ReportOptions {
  /** Where to write the page. Default: nowhere; `save` and `toHTML` give it. */
  readonly path?: string | undefined;
  /** Heading of the page. Default "Model report". */
  readonly title?: string | undefined;
  /** A sentence below it: where the data come from. */
  readonly description?: string | undefined;
  /** What models that are not fitted are fitted on, one after another: copies of them, they themselves stay as they are. */
  readonly train?: TrainingRows | undefined;
  /** Seconds that fitted models took, by name: for the table. */
  readonly fitSeconds?: Readonly<Record<string, number>> | undefined;
  /** Weight of every row of X. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
  /** The label of the positive class. Default: the greater of two labels; with it several classes are one against the rest. */
  readonly posLabel?: Label | undefined;
  /** Names of the columns. Default: those that X has. */
  readonly featureNames?: readonly string[] | undefined;
  /** What permutationImportance gave, by model: drawn in place of what the model tells itself. */
  readonly importances?: Readonly<Record<string, ImportanceSource>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReportProgress) => void) | undefined;
}

const OPTIONS = [
  "path",
  "title",
  "description",
  "train",
  "fitSeconds",
  "sampleWeight",
  "posLabel",
  "featureNames",
  "importances",
  "signal",
  "onProgress",
] as const satisfies readonly (keyof ReportOptions)[];

/** A page that compares models, and the numbers on it. */
export class Report {
  readonly #html: string;
  /** A row a model: the numbers of the table. Try console.table on it. */
  readonly results: readonly ModelRow[];

  /** @internal */
  constructor(html: string, results: readonly ModelRow[]) {
    this.#html = html;
    this.results = results;
  }

  /** The page: one file, without scripts and without anything from elsewhere. */
  toHTML(): string {
    return this.#html;
  }

  /** Writes the page. The file is replaced at once: a failed save leaves the old one. @throws TreelineError ERR_IO */
  async save(path: string): Promise<void> {
    await replaceFile(path, this.#html, "Report.save");
  }

  /** For notebooks: the page in a frame of its own. */
  [JUPYTER_DISPLAY](): MimeBundle {
    const page = this.#html.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
    const frame = `<iframe sandbox title="Model report" srcdoc="${page}" style="width:100%;height:720px;border:0"></iframe>`;
    return htmlBundle(frame, inspect(this));
  }

  [inspect.custom](): string {
    return `Report of ${this.results.map(({ model }) => model).join(", ")}`;
  }
}

/**
 * Compares models on rows that they have not seen, as one HTML page: the data, a table of metrics, curves with all models in
 * one picture, confusion matrices, importances, and each model's diagram with its parameters. The page is one file with
 * nothing from elsewhere: light and dark, for print and for screen readers. For classifiers of two or more classes and for
 * regressors; all must be of one kind.
 *
 * @param models fitted estimators, or estimators to fit on `train`: one, an array, or an object of them by name.
 * @param X the rows to compare on. @param y their labels or targets.
 * @example
 * const { results } = await report({ logistic, boosting }, XTest, yTest, { path: "report.html" });
 * console.table(results);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_NOT_FITTED for a model that is not fitted where there is
 * no `train`, ERR_IO, ERR_NATIVE where vega or vega-lite are not installed.
 */
export async function report(
  models: Models,
  X: MatrixLike,
  y: VectorLike,
  options: ReportOptions = {},
): Promise<Report> {
  checkOptions("report", options, OPTIONS);
  const { path, title = "Model report", description, train, posLabel, signal, onProgress } = options;
  const given = namedModels("report", models);
  if (given === undefined) {
    throw invalidArgument(`report: expected an estimator, or several in an array or an object, got ${show(models)}`);
  }
  const tell = (done: number, at: string): void => onProgress?.({ fraction: done / (given.length + 1), at });
  const weights = await readWeights("report", options.sampleWeight, await tableRows(X, "report: X", signal));
  const fitted: Named<Scorable>[] = [];
  const evaluated: Awaited<ReturnType<typeof evaluate>>[] = [];
  const rows = { X, y, weights };
  const problem = await problemOf("report", given.map(asKnown), y, posLabel, signal);
  for (const [k, model] of given.entries()) {
    signal?.throwIfAborted();
    tell(k, model.name);
    const { value, seconds } = await fittedModel(model, train, signal);
    fitted.push({ name: model.name, value });
    evaluated.push(
      await evaluate({ name: model.name, value }, problem, rows, seconds ?? options.fitSeconds?.[model.name]),
    );
  }
  tell(given.length, "pictures");
  const summary = await summariseTable(X, options.featureNames, signal);
  const featureNames =
    options.featureNames ??
    (summary.columns.length === summary.nColumns ? summary.columns.map(({ name }) => name) : undefined);
  const pictures: Picture[] = [...(await picturesOf(problem, rows, evaluated))];
  const importance = await importancePicture(
    fitted.map(({ name, value }) => ({ name, value: options.importances?.[name] ?? value })),
    featureNames,
  );
  if (importance !== undefined) pictures.push(importance);
  signal?.throwIfAborted();
  const measures = { regression: REGRESSION, binary: BINARY, multiclass: MULTICLASS }[problem.kind];
  const results = evaluated.map(({ row }) => row);
  const html = await pageOf({
    title,
    description,
    problem,
    summary,
    classes: problem.kind === "regression" ? undefined : await classPicture(y, train?.y),
    weighted: weights !== undefined,
    trainRows: train === undefined ? undefined : await tableRows(train.X, "report: train.X", signal),
    measures: [...measures, ...SECONDS],
    results,
    pictures,
    models: fitted,
  });
  const made = new Report(html, results);
  if (path !== undefined) await made.save(path);
  tell(given.length + 1, "done");
  return made;
}

/** Estimators that can be asked what they are before they are fitted: without the classes of a fit. */
function asKnown({ name, value }: Named<Scorable>): Named<Scorable> {
  return {
    name,
    value: needsFit(value) ? ({ tags: (value as unknown as AnyEstimator).tags } as unknown as Scorable) : value,
  };
}

function needsFit(model: unknown): model is AnyEstimator {
  return model instanceof BaseEstimator && !model.isFitted;
}

async function fittedModel(
  { name, value }: Named<Scorable>,
  train: TrainingRows | undefined,
  signal: AbortSignal | undefined,
): Promise<{ value: Scorable; seconds: number | undefined }> {
  if (train === undefined || !needsFit(value)) return { value, seconds: undefined };
  const copy = clone(value) as AnyEstimator & Fittable;
  if (typeof copy.fit !== "function") throw invalidArgument(`report: ${show(name)} has no fit`);
  const start = performance.now();
  const { sampleWeight } = train;
  const weighted = sampleWeight === undefined || !copy.tags.sampleWeight ? {} : { sampleWeight };
  await copy.fit(train.X, train.y, { signal, ...weighted });
  return { value: copy, seconds: (performance.now() - start) / 1000 };
}

interface Fittable extends Scorable {
  fit(
    X: MatrixLike,
    y: VectorLike,
    options: { signal: AbortSignal | undefined; sampleWeight?: VectorLike },
  ): Promise<unknown>;
}
