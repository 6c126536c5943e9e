import { BaseEstimator, clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { integer, nJobs, type ParamSpecs } from "../base/params.js";
import { parallelStream, type Task } from "../base/parallel.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { inputBlocks } from "../data/input-blocks.js";
import type { Matrix } from "../data/matrix.js";
import { inBlock } from "../data/table-blocks.js";
import type { LabelArray, VectorLike } from "../data/vector.js";
import type { Scorer } from "../metrics/scorer.js";
import type { RunOptions } from "../native/job.js";
import {
  estimatorSpec,
  has,
  joined,
  scoreOf,
  scoringSpec,
  tagsOf,
  type Answer,
  type Methods,
  type Wrappable,
} from "./wrapped.js";
import { AnsweringEstimator } from "./answering.js";

/** Parameters of ParallelPostFit. */
export interface ParallelPostFitParams {
  /** The estimator that learns: it is cloned, not changed. One that is fitted already answers without fit, as it is. */
  estimator: Wrappable | null;
  /** Rows that are answered for at a time. Default 65536. */
  blockSize: number;
  /** Blocks that are answered for at the same time; null (default): the ambient setting, else all cores. */
  nJobs: number | null;
  /** What score measures: the name of a scorer, a scorer; null (default): the estimator's own score. */
  scoring: string | Scorer | null;
}

const SPECS: ParamSpecs<ParallelPostFitParams> = {
  estimator: estimatorSpec("fit"),
  blockSize: integer(65_536, { min: 1 }),
  nJobs: nJobs(),
  scoring: scoringSpec(),
};

/** Options of ParallelPostFit.fit: they go to the estimator. */
export interface ParallelPostFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

/** The answers for consecutive rows of a table. */
export interface AnsweredBlock<T> {
  /** Place of the first of them in the table. */
  readonly firstRow: number;
  readonly rows: number;
  readonly values: T;
}

interface Fitted extends FittedBase {
  readonly estimator: Wrappable;
}

interface Answers {
  predict: LabelArray;
  predictProba: Matrix<Float64Array>;
  predictLogProba: Matrix<Float64Array>;
  decisionFunction: Float64Array | Matrix<Float64Array>;
  transform: Matrix<Float64Array>;
}

/**
 * Learns from a table that is small and answers for one of any size: blocks of rows are answered for at the same time, by
 * any estimator, also one that is not Treeline's and knows tables in memory only. As Dask-ML's ParallelPostFit. `stream`
 * gives the answers block by block, so that neither the table nor the answers are ever in memory as a whole. Around an
 * estimator that is fitted already, a loaded one, no fit is needed, as with Dask-ML's.
 *
 * @example
 * const model = await new ParallelPostFit({ estimator: new LogisticRegression() }).fit(XSmall, ySmall);
 * for await (const { firstRow, values } of model.stream("predictProba", frame)) await write(firstRow, values);
 */
export class ParallelPostFit extends AnsweringEstimator<ParallelPostFitParams, Fitted> {
  constructor(params: Partial<ParallelPostFitParams> = {}) {
    super("ParallelPostFit", SPECS, params);
  }

  get tags(): EstimatorTags {
    return tagsOf(this.params.estimator);
  }

  /** Fits a clone of the estimator on all of X and y. @throws TreelineError what the estimator throws. */
  async fit(X: InputLike, y?: VectorLike, options: ParallelPostFitOptions = {}): Promise<this> {
    this.checkParams();
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, "ParallelPostFit.fit: X", "once");
    const estimator = clone(this.params.estimator as Wrappable);
    await (estimator as Required<Methods>).fit(X, y, options);
    this.setFitted({ nFeaturesIn, featureNamesIn, estimator });
    return this;
  }

  /** What `scoring` says, else the estimator's own score. Scorers ask this wrapper, so answers come block by block. */
  async score(X: InputLike, y: VectorLike, options: ParallelPostFitOptions = {}): Promise<number> {
    const { scoring } = this.params;
    return scoreOf(scoring === null ? this.#answering("score") : this, scoring, X, y, options);
  }

  /**
   * The answers of a method block by block, in row order. At most 2 × nJobs blocks wait to be taken: a slow consumer holds
   * the reading back.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA; a TypeError where the estimator has no such method.
   */
  async *stream<M extends Answer>(
    method: M,
    X: InputLike,
    options: RunOptions = {},
  ): AsyncGenerator<AnsweredBlock<Answers[M]>, void, undefined> {
    const estimator = this.#answering(method) as Required<Methods>;
    const shape = inputShape(X, `ParallelPostFit.${method}: X`, "once");
    if (this.isFitted) this.checkFeatures(method, shape);
    const tasks = this.#tasks(estimator, method, X, options.signal);
    const results = parallelStream(tasks, { nJobs: this.params.nJobs ?? undefined, signal: options.signal });
    for await (const { value } of results) yield value as AnsweredBlock<Answers[M]>;
  }

  /** The estimator that learned: all it learned is its own. */
  get estimator_(): Wrappable {
    return this.#answering("estimator_");
  }

  /** The classes of the estimator, if it is a classifier. */
  get classes_(): LabelArray {
    return (this.#answering("classes_") as Required<Methods>).classes_;
  }

  /** What fit made; before a fit the estimator given, where that is fitted already. */
  #answering(what: string): Wrappable {
    const { estimator } = this.params;
    if (!this.isFitted && estimator instanceof BaseEstimator && estimator.isFitted) return estimator as Wrappable;
    return this.fitted(what).estimator;
  }

  async *#tasks(
    estimator: Required<Methods>,
    method: Answer,
    X: InputLike,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Task<AnsweredBlock<unknown>>, void, undefined> {
    for await (const block of inputBlocks(X, this.params.blockSize, `ParallelPostFit.${method}: X`, signal)) {
      const { firstRow, rows } = block;
      yield async (stop) => {
        const values = await inBlock<unknown>(block, estimator[method](block.X, { signal: stop }));
        return { firstRow, rows, values };
      };
    }
  }

  protected override answer(method: Answer): never {
    const estimator = this.fittedOrUndefined?.estimator ?? this.params.estimator;
    if (!has(estimator, method)) return undefined as never;
    const answer = async (X: InputLike, options: RunOptions = {}): Promise<unknown> => {
      const parts: unknown[] = [];
      for await (const { values } of this.stream(method, X, options)) parts.push(values);
      // No rows: the estimator knows what no answers look like.
      if (parts.length === 0) return (this.#answering(method) as Required<Methods>)[method](X, options);
      return joined(parts);
    };
    return answer as never;
  }
}
