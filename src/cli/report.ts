import { basename, extname } from "node:path";
import { report, type Label, type LabelArray, type Scorable } from "../index.js";
import { checkFolder } from "./fit.js";
import { checkColumns, tableName, type TableOptions } from "./open-table.js";
import { featuresOf, loadModel } from "./predict.js";
import { refuseMissing } from "./problem.js";
import { UsageError, type Terminal } from "./terminal.js";
import { textTable, type TextCell } from "./text-table.js";

/** Options of `treeline report`. */
export interface ReportOptions extends TableOptions {
  readonly target: string;
  readonly out: string;
  readonly title?: string;
  readonly posLabel?: string;
}

/** Compares saved models on a table, as a page. */
export async function writeReport(files: readonly string[], options: ReportOptions, terminal: Terminal): Promise<void> {
  const [paths, file] = [files.slice(0, -1), files.at(-1) ?? ""];
  if (paths.length === 0) throw new UsageError("report needs one model or more, then a table");
  await checkFolder(options.out);
  const { signal } = terminal;
  const models = [];
  for (const path of paths) models.push({ path, model: await loadModel(path) });
  const [first] = models;
  const other = models.find(({ model }) => String(model.featureNamesIn_) !== String(first?.model.featureNamesIn_));
  if (other !== undefined) throw new Error(`${other.path} and ${first?.path} learned from other columns`);
  const { X, frame } = await featuresOf(
    models.map(({ model }) => model),
    file,
    options,
    signal,
  );
  checkColumns(frame, [options.target], file);
  await refuseMissing(frame, options.target, file, signal);
  const y = (await frame.column(options.target).toArray({ signal })) as LabelArray;
  const names = namesOf(paths);
  const named = Object.fromEntries(models.map(({ model }, k) => [names[k] as string, model as unknown as Scorable]));
  const posLabel = labelOf(first?.model.classes_, options.posLabel);
  const { results } = await report(named, X, y, {
    path: options.out,
    title: options.title ?? `Models for ${tableName(file)}`,
    ...(posLabel === undefined ? {} : { posLabel }),
    signal,
  });
  terminal.tell(`The comparison as a page: ${options.out}`);
  const metrics = Object.keys(results[0] ?? {});
  const table = textTable(
    metrics,
    results.map((row) => metrics.map((name) => (row as unknown as Record<string, TextCell>)[name])),
  );
  await terminal.result({ file: tableName(file), target: options.target, results, out: options.out }, table);
}

/** Names of the files; the paths where two are alike. */
function namesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path, extname(path)));
  return new Set(names).size === names.length ? names : [...paths];
}

function labelOf(classes: LabelArray | undefined, given: string | undefined): Label | undefined {
  if (given === undefined) return undefined;
  const found = Array.from<Label>(classes ?? []).find((label) => String(label) === given);
  if (found !== undefined) return found;
  throw new UsageError(`--pos-label ${given} is no class of the models`);
}
