import { clone } from "../base/estimator.js";
import { columnKinds, type TableLike } from "../data/table-columns.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import type { Numbers } from "../pipeline/side-by-side.js";
import { columnsOut } from "../pipeline/through-step.js";

/** A transformer, "drop" or "passthrough". */
export type ColumnStep = object | "drop" | "passthrough";

/** What a transformer can do. */
export interface Methods {
  fit?(X: TableLike, y?: VectorLike, options?: object): Promise<unknown>;
  transform?(X: TableLike, options?: RunOptions): Promise<TableLike>;
  fitTransform?(X: TableLike, y?: VectorLike, options?: object): Promise<TableLike>;
  getFeatureNamesOut?(inputFeatures?: readonly string[]): readonly string[];
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
  X: TableLike,
  cols: number,
  y: VectorLike | undefined,
  wanted: boolean,
  numbers: (table: TableLike) => Promise<Numbers>,
  signal: AbortSignal,
): Promise<Made> {
  if (step === "passthrough") {
    const isPlain = columnKinds(X, "X").every((kind) => kind === "number" || kind === "boolean");
    const table = wanted || !isPlain ? await numbers(X) : undefined;
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
