import {
  load,
  type AnyEstimator,
  type BatchValues,
  type Frame,
  type LabelArray,
  type Matrix,
  type RunOptions,
} from "../index.js";
import { checkFolder } from "./fit.js";
import { textsOf } from "./models.js";
import { checkColumns, openTable, quoted, tableName, type TableOptions } from "./open-table.js";
import { withCategories } from "./problem.js";
import type { Terminal } from "./terminal.js";
import { csvOf, writeTable } from "./write-table.js";

/** Options of `treeline predict`. */
export interface PredictOptions extends TableOptions {
  /** Probabilities of the classes too. */
  readonly proba?: boolean;
  /** Columns of the file to give again beside the predictions. */
  readonly keep?: readonly string[];
  readonly out?: string;
}

/** A model from a file. */
export type Saved = AnyEstimator & {
  predict?(X: Frame, options: RunOptions): Promise<LabelArray | Matrix>;
  predictProba?(X: Frame, options: RunOptions): Promise<Matrix>;
  readonly classes_?: LabelArray;
};

/** Predicts every row of a table with a saved model. */
export async function predict(path: string, file: string, options: PredictOptions, terminal: Terminal): Promise<void> {
  const { out, keep = [] } = options;
  const { signal } = terminal;
  const model = await loadModel(path);
  if (options.proba === true && typeof model.predictProba !== "function") {
    throw new Error(`the model in ${path} gives no probabilities: leave out --proba`);
  }
  if (out !== undefined) await checkFolder(out);
  const { X, frame } = await featuresOf([model], file, options, signal);
  checkColumns(frame, keep, file);
  const kept = new Map<string, BatchValues>();
  for (const name of keep) kept.set(name, (await frame.column(name).toArray({ signal })) as BatchValues);
  const answers = await answersOf(model, X, options.proba === true, signal);
  const columns = new Map([...kept, ...answers]);
  if (out !== undefined) await writeTable(out, columns, signal);
  const rows = [...answers.values()][0]?.length ?? 0;
  terminal.tell(`Predicted ${rows} rows${out === undefined ? "" : `, written to ${out}`}`);
  if (terminal.json) {
    const values =
      out === undefined ? Object.fromEntries([...columns].map(([name, of]) => [name, Array.from(of)])) : {};
    const document = { model: path, file: tableName(file), rows, names: [...columns.keys()], columns: values, out };
    return terminal.result(document, "");
  }
  if (out === undefined) for (const text of csvOf(columns)) await terminal.write(text);
}

/** @throws Error for a file that holds no fitted model that predicts. */
export async function loadModel(path: string): Promise<Saved & { predict: NonNullable<Saved["predict"]> }> {
  const model = await load<Saved>(path);
  if (!model.isFitted) throw new Error(`the model in ${path} is not fitted`);
  if (typeof model.predict !== "function") throw new Error(`${path} holds ${model.className}, which predicts nothing`);
  return model as Saved & { predict: NonNullable<Saved["predict"]> };
}

/** A table, and of it the columns that models learned from, as they learned from them. */
export async function featuresOf(
  models: readonly Saved[],
  file: string,
  options: TableOptions & { readonly target?: string },
  signal: AbortSignal,
): Promise<{ readonly frame: Frame; readonly X: Frame }> {
  const texts = new Set(models.flatMap(textsOf));
  const frame = await openTable(file, options, signal, [...texts]);
  const names = models.find((model) => model.featureNamesIn_ !== undefined)?.featureNamesIn_;
  const features = names ?? frame.columns.filter((name) => name !== options.target);
  checkColumns(frame, features, file);
  const { X, empty } = await withCategories(frame.select(...features));
  // A column of texts without any: categories, all of them missing; where numbers were learned from, numbers.
  const nothing = (name: string): string => `CAST(${quoted(name)} AS ${texts.has(name) ? "ENUM('')" : "DOUBLE"})`;
  return { frame, X: await X.withColumns(Object.fromEntries(empty.map((name) => [name, nothing(name)]))) };
}

/** What the model says of every row: prediction, and a column of probabilities a class. */
async function answersOf(
  model: Saved & { predict: NonNullable<Saved["predict"]> },
  X: Frame,
  proba: boolean,
  signal: AbortSignal,
): Promise<Map<string, BatchValues>> {
  const columns = namedColumns("prediction", await model.predict(X, { signal }));
  if (!proba || model.predictProba === undefined) return columns;
  const matrix = await model.predictProba(X, { signal });
  const classes = Array.from(model.classes_ ?? [], String);
  for (let k = 0; k < matrix.cols; k++) columns.set(`proba_${classes[k] ?? k}`, matrix.column(k));
  return columns;
}

/** One column, or of several targets one each. */
function namedColumns(name: string, values: LabelArray | Matrix): Map<string, BatchValues> {
  if (!("rows" in values)) return new Map([[name, values as BatchValues]]);
  return new Map(Array.from({ length: values.cols }, (_, k) => [`${name}_${k}`, values.column(k)]));
}
