import { clone, type EstimatorTags } from "../base/estimator.js";
import { documentColumn, type InputLike } from "../data/documents.js";
import { columnKinds, selectColumns, type TableLike } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import type { Numbers } from "../pipeline/side-by-side.js";
import { columnsOut } from "../pipeline/through-step.js";

/** A transformer, "drop" or "passthrough". */
export type ColumnStep = object | "drop" | "passthrough";

/** What a transformer can do. */
export interface Methods {
  fit?(X: InputLike, y?: VectorLike, options?: object): Promise<unknown>;
  transform?(X: InputLike, options?: RunOptions): Promise<TableLike>;
  fitTransform?(X: InputLike, y?: VectorLike, options?: object): Promise<TableLike>;
  getFeatureNamesOut?(inputFeatures?: readonly string[]): readonly string[];
}

/**
 * Whether a step is given one column of strings, which was meant by its name or number, as documents: it says that it reads
 * them, or it is not Treeline's and says nothing. Treeline's others get a table of one column.
 */
export function readsDocuments(step: ColumnStep, X: TableLike, j: number, where: string): boolean {
  if (typeof step === "string") return false;
  const { tags } = step as { readonly tags?: EstimatorTags };
  return tags === undefined ? columnKinds(X, where)[j] === "string" : tags.documents === true;
}

/** What a step is given of X: documents, or a table of its columns. */
export function columnsFor(X: TableLike, columns: readonly number[], documents: boolean, where: string): InputLike {
  const texts = documents ? documentColumn(X, columns[0] as number) : undefined;
  return texts ?? selectColumns(X, columns, where);
}

/** One transformer, fitted. A table of numbers that passes through is looked at when it is transformed. */
export interface Made {
  readonly step: ColumnStep;
  readonly width: number;
  readonly table: Numbers | undefined;
}

/** Fits a clone of `step` on its columns X, `cols` of them; what it made of them only where that is `wanted` or tells its width. */
export async function fittedPart(
  step: ColumnStep,
  X: InputLike,
  cols: number,
  y: VectorLike | undefined,
  wanted: boolean,
  numbers: (table: TableLike) => Promise<Numbers>,
  signal: AbortSignal,
): Promise<Made> {
  if (step === "passthrough") {
    const isPlain = columnKinds(X as TableLike, "X").every((kind) => kind === "number" || kind === "boolean");
    const table = wanted || !isPlain ? await numbers(X as TableLike) : undefined;
    return { step, width: cols, table };
  }
  const fitted = clone(step as object) as Methods;
  const made = (table: Numbers): Made => ({ step: fitted as ColumnStep, width: table.cols, table });
  if (wanted && fitted.fitTransform !== undefined)
    return made(await numbers(await fitted.fitTransform(X, y, { signal })));
  if (fitted.fit === undefined)
    return made(await numbers(await (fitted as Required<Methods>).fitTransform(X, y, { signal })));
  await fitted.fit(X, y, { signal });
  const width = wanted ? undefined : columnsOut(fitted);
  if (width !== undefined) return { step: fitted as ColumnStep, width, table: undefined };
  return made(await numbers(await (fitted as Required<Methods>).transform(X, { signal })));
}
