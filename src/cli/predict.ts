import { load, type AnyEstimator, type Frame, type LabelArray, type Matrix, type RunOptions } from "../index.js";
import { answersOf, typesOf } from "./answers.js";
import { checkFolder } from "./fit.js";
import { textsOf } from "./models.js";
import { checkColumns, openTable, quoted, tableName, type TableOptions } from "./open-table.js";
import { withCategories } from "./problem.js";
import type { Terminal } from "./terminal.js";
import { csvOf, writeTable, type Columns } from "./write-table.js";

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

/** One that predicts. */
export type Predicting = Saved & { predict: NonNullable<Saved["predict"]> };

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
  const kept = keep.length === 0 ? undefined : frame.select(...new Set(keep));
  const seen = { rows: 0, names: [] as string[] };
  const blocks = counted(answersOf(model, X, kept, options.proba === true, signal), seen);
  if (out !== undefined) await writeTable(out, blocks, kept === undefined ? {} : typesOf(kept), signal);
  else if (!terminal.json) for await (const text of csvOf(blocks)) await terminal.write(text);
  const columns = out === undefined && terminal.json ? await joined(blocks) : {};
  terminal.tell(`Predicted ${seen.rows} rows${out === undefined ? "" : `, written to ${out}`}`);
  if (terminal.json) await terminal.result({ model: path, file: tableName(file), ...seen, columns, out }, "");
}

/** The same blocks; `seen` is how many rows went by, and their columns. */
async function* counted(
  blocks: AsyncIterable<Columns>,
  seen: { rows: number; names: string[] },
): AsyncGenerator<Columns, void, undefined> {
  for await (const columns of blocks) {
    seen.rows += [...columns.values()][0]?.length ?? 0;
    seen.names = [...columns.keys()];
    yield columns;
  }
}

/** All blocks as one object of columns, for a document. */
async function joined(blocks: AsyncIterable<Columns>): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {};
  for await (const columns of blocks) {
    for (const [name, values] of columns) {
      const column = (all[name] ??= []);
      for (const value of values as Iterable<unknown>) column.push(value);
    }
  }
  return all;
}

/** @throws Error for a file that holds no fitted model that predicts. */
export async function loadModel(path: string): Promise<Predicting> {
  const model = await load<Saved>(path);
  if (!model.isFitted) throw new Error(`the model in ${path} is not fitted`);
  if (typeof model.predict !== "function") throw new Error(`${path} holds ${model.className}, which predicts nothing`);
  return model as Predicting;
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
