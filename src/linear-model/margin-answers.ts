import { effectiveNJobs } from "../base/config.js";
import { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { mapRowsOrEntries } from "../data/sparse-rows.js";
import { decodeLabels, type LabelArray } from "../data/vector.js";
import type { BlockMapHandle } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

type Output = Parameters<ReturnType<typeof addon>["createMarginMap"]>[3];

/** Coefficients (outputs × features) and intercepts a model answers with. One output stands for two classes. */
export interface Margins {
  readonly coef: Float64Array;
  readonly intercept: Float64Array;
  readonly names: readonly string[] | undefined;
}

/** What linear models of one output per class have in common once they are fitted: they answer from a native map each. */
export class MarginAnswers {
  readonly #className: string;
  #maps: { coef: Float64Array; intercept: Float64Array; handles: Map<Output, BlockMapHandle> } | undefined;

  constructor(className: string) {
    this.#className = className;
  }

  /** Decisions: a number per row for one output, else rows × outputs. */
  async decision(
    source: RowSource,
    margins: Margins,
    nJobs: number | null,
    options: RunOptions | undefined,
  ): Promise<Float64Array | Matrix<Float64Array>> {
    const nOutputs = margins.intercept.length;
    const { rows, values } = await this.#map(source, margins, "decision", nOutputs, nJobs, options);
    return nOutputs === 1 ? values : new Matrix(values, [rows, nOutputs]);
  }

  async classes(
    source: RowSource,
    margins: Margins,
    classes: LabelArray,
    nJobs: number | null,
    options: RunOptions | undefined,
  ): Promise<LabelArray> {
    const { values } = await this.#map(source, margins, "class", 1, nJobs, options);
    return decodeLabels(classes, values);
  }

  /** Probabilities or their logarithms: rows × classes. */
  async perClass(
    source: RowSource,
    margins: Margins,
    output: "sigmoid" | "clipped" | "logSigmoid" | "logClipped",
    nJobs: number | null,
    options: RunOptions | undefined,
  ): Promise<Matrix<Float64Array>> {
    const nClasses = Math.max(2, margins.intercept.length);
    const { rows, values } = await this.#map(source, margins, output, nClasses, nJobs, options);
    return new Matrix(values, [rows, nClasses]);
  }

  async #map(
    source: RowSource,
    margins: Margins,
    output: Output,
    nOutputs: number,
    nJobs: number | null,
    options: RunOptions | undefined,
  ): Promise<{ rows: number; values: Float64Array }> {
    const map = this.#handle(source.nFeatures, margins, output);
    return runJob(effectiveNJobs(nJobs), options, (job) =>
      mapRowsOrEntries(source, map, nOutputs, job, options?.signal),
    );
  }

  /** The native map of an output, kept for as long as the coefficients it belongs to. */
  #handle(nFeatures: number, { coef, intercept, names }: Margins, output: Output): BlockMapHandle {
    if (this.#maps?.coef !== coef || this.#maps.intercept !== intercept) {
      this.#maps = { coef, intercept, handles: new Map() };
    }
    const { handles } = this.#maps;
    let handle = handles.get(output);
    if (handle === undefined) {
      handle = addon().createMarginMap({ where: `${this.#className}: X`, names, nFeatures }, coef, intercept, output);
      handles.set(output, handle);
    }
    return handle;
  }
}
