import { effectiveNJobs } from "../base/config.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import { decodeLabels, type LabelArray } from "../data/vector.js";
import type { BayesModel, BlockMapHandle } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import type { BayesFitted } from "./bayes-data.js";

type Output = Parameters<ReturnType<typeof addon>["createBayesMap"]>[2];

/** A table to answer for, whose features were checked, and the model that answers. */
export interface Question<F extends BayesFitted> {
  readonly where: string;
  readonly source: RowSource;
  readonly fitted: F;
}

/** What the naive Bayes models have in common once they are fitted: they answer from a native map each. */
export class BayesAnswers<F extends BayesFitted> {
  readonly #modelOf: (fitted: F) => BayesModel;
  #maps: { fitted: F; handles: Map<Output, BlockMapHandle> } | undefined;

  /** @param modelOf what the native map needs to know, from the fitted state. */
  constructor(modelOf: (fitted: F) => BayesModel) {
    this.#modelOf = modelOf;
  }

  async classes(question: Question<F>, options: RunOptions | undefined): Promise<LabelArray> {
    const { values } = await this.#map(question, "class", 1, options);
    return decodeLabels(question.fitted.classes, values);
  }

  /** Numbers per row and class. */
  async perClass(
    question: Question<F>,
    output: Exclude<Output, "class">,
    options: RunOptions | undefined,
  ): Promise<Matrix<Float64Array>> {
    const nClasses = question.fitted.classes.length;
    const { rows, values } = await this.#map(question, output, nClasses, options);
    return new Matrix(values, [rows, nClasses]);
  }

  async #map(
    question: Question<F>,
    output: Output,
    nOutputs: number,
    options: RunOptions | undefined,
  ): Promise<{ rows: number; values: Float64Array }> {
    const map = this.#handle(question, output);
    return runJob(effectiveNJobs(), options, (job) =>
      mapRows(question.source, map, nOutputs, Float64Array, job, options?.signal),
    );
  }

  /** The native map of an output, kept for as long as the fit it belongs to. */
  #handle({ where, fitted }: Question<F>, output: Output): BlockMapHandle {
    if (this.#maps?.fitted !== fitted) this.#maps = { fitted, handles: new Map() };
    const { handles } = this.#maps;
    let handle = handles.get(output);
    if (handle === undefined) {
      const labels = { where: `${where}: X`, names: fitted.featureNamesIn, nFeatures: fitted.nFeaturesIn };
      handle = addon().createBayesMap(labels, this.#modelOf(fitted), output);
      handles.set(output, handle);
    }
    return handle;
  }
}
