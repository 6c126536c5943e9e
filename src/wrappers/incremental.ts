import { invalidArgument, invalidData } from "../base/errors.js";
import { clone, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, integer, randomState, type ParamSpecs } from "../base/params.js";
import { randomUniform, seedOf } from "../base/random.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { inputBlocks, knownRows, type InputBlock } from "../data/input-blocks.js";
import { inBlock, valuesOf } from "../data/table-blocks.js";
import {
  encodeLabels,
  readColumn,
  readSampleWeight,
  readTarget,
  type ColumnValues,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import type { Scorer } from "../metrics/scorer.js";
import type { RunOptions } from "../native/job.js";
import {
  continued,
  estimatorSpec,
  has,
  scoreOf,
  scoringSpec,
  tagsOf,
  type Answer,
  type Methods,
  type Wrappable,
} from "./wrapped.js";
import { AnsweringEstimator } from "./answering.js";

/** Parameters of Incremental. */
export interface IncrementalParams {
  /** The estimator that learns: it has partialFit. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** Rows of a block: of one partialFit. Default 8192. */
  blockSize: number;
  /**
   * Take the blocks in a random order: the next is drawn from 16 that were read ahead. Default false (Dask-ML's, which
   * reads all at once, is true).
   */
  shuffleBlocks: boolean;
  /** Seed of that order; null (default): a fresh one for every fit. */
  randomState: number | null;
  /** What score measures: the name of a scorer, a scorer; null (default): the estimator's own score. */
  scoring: string | Scorer | null;
}

const SPECS: ParamSpecs<IncrementalParams> = {
  estimator: estimatorSpec("partialFit"),
  blockSize: integer(8192, { min: 1 }),
  shuffleBlocks: boolean(false),
  randomState: randomState(),
  scoring: scoringSpec(),
};

/** Options of Incremental's fit and partialFit. */
export interface IncrementalFitOptions extends RunOptions {
  /** One weight per row, where the estimator takes them. */
  readonly sampleWeight?: VectorLike | undefined;
  /** All the labels there will ever be; default: those of y, in the first call. */
  readonly classes?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  readonly estimator: Wrappable;
}

const READ_AHEAD = 16;

/**
 * Learns from a table of any size by giving an estimator's partialFit one block of rows after another: one pass, one block
 * in memory (16 with shuffleBlocks), y in memory. As Dask-ML's Incremental; blocks are of blockSize rows whatever the chunks
 * of the table, so the result does not depend on them.
 *
 * @example
 * const model = new Incremental({ estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }) });
 * await model.fit(frame.drop("Class"), frame.column("Class"));
 * console.log(model.estimator_);
 */
export class Incremental extends AnsweringEstimator<IncrementalParams, Fitted> {
  constructor(params: Partial<IncrementalParams> = {}) {
    super("Incremental", SPECS, params);
  }

  get tags(): EstimatorTags {
    return tagsOf(this.params.estimator);
  }

  /**
   * Learns from nothing: a clone of the estimator sees every block once. Progress counts rows.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  async fit(X: InputLike, y?: VectorLike, options: IncrementalFitOptions = {}): Promise<this> {
    this.checkParams();
    const estimator = clone(this.params.estimator as Wrappable);
    return this.#learn("fit", estimator, X, y, options);
  }

  /**
   * Goes on learning from more rows.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws.
   */
  async partialFit(X: InputLike, y?: VectorLike, options: IncrementalFitOptions = {}): Promise<this> {
    this.checkParams();
    const before = this.fittedOrUndefined;
    const estimator = before === undefined ? clone(this.params.estimator as Wrappable) : continued(before.estimator);
    return this.#learn("partialFit", estimator, X, y, options);
  }

  /** What `scoring` says, else the estimator's own score. */
  async score(X: InputLike, y: VectorLike, options: IncrementalFitOptions = {}): Promise<number> {
    const { estimator } = this.fitted("score");
    return scoreOf(estimator, this.params.scoring, X, y, options);
  }

  /** The estimator that learned: all it learned is its own. */
  get estimator_(): Wrappable {
    return this.fitted("estimator_").estimator;
  }

  /** The classes of the estimator, if it is a classifier. */
  get classes_(): LabelArray {
    return (this.fitted("classes_").estimator as Required<Methods>).classes_;
  }

  async #learn(
    method: "fit" | "partialFit",
    estimator: Wrappable,
    X: InputLike,
    y: VectorLike | undefined,
    options: IncrementalFitOptions,
  ): Promise<this> {
    const where = `Incremental.${method}`;
    const shape = inputShape(X, `${where}: X`, "once");
    if (shape.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const before = method === "partialFit" ? this.fittedOrUndefined : undefined;
    if (before !== undefined) this.checkFeatures(method, shape);
    const total = knownRows(X, `${where}: X`);
    const targets = await readTargets(where, y, total, this.tags, options);
    const classes = before === undefined ? await this.#classes(where, targets?.values, options) : options.classes;
    let seen = 0;
    for await (const block of this.#blocks(X, where, options.signal)) {
      if (targets && block.firstRow + block.rows > targets.values.length)
        refuseRows(where, "more", targets.values.length);
      const blockOptions = {
        ...(classes && { classes }),
        ...(targets?.weights && { sampleWeight: valuesOf(targets.weights, block) }),
        ...(options.signal && { signal: options.signal }),
      };
      const y = targets && (valuesOf(targets.values, block) as VectorLike);
      await inBlock(block, (estimator as Required<Methods>).partialFit(block.X, y, blockOptions));
      seen += block.rows;
      report(options, seen, targets?.values.length ?? total ?? NaN);
    }
    if (seen === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    if (targets && seen !== targets.values.length) refuseRows(where, "fewer", targets.values.length);
    options.signal?.throwIfAborted();
    const featureNamesIn = before?.featureNamesIn ?? shape.featureNames;
    this.setFitted({ nFeaturesIn: shape.nFeatures, featureNamesIn, estimator });
    return this;
  }

  /** The classes for the first partialFit of a classifier: those given, else those of y. */
  async #classes(
    where: string,
    y: ColumnValues | undefined,
    { classes, signal }: IncrementalFitOptions,
  ): Promise<VectorLike | undefined> {
    if (classes !== undefined || y === undefined || this.tags.kind !== "classifier") return classes;
    return (await encodeLabels(y, `${where}: y`, signal)).classes;
  }

  async *#blocks(
    X: InputLike,
    where: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<InputBlock, void, undefined> {
    const blocks = inputBlocks(X, this.params.blockSize, `${where}: X`, signal);
    if (!this.params.shuffleBlocks) return yield* blocks;
    const seed = seedOf(this.params.randomState);
    const ahead: InputBlock[] = [];
    let drawn = 0;
    const draw = (): InputBlock => {
      const k = Math.floor(randomUniform(seed, 0, drawn++) * ahead.length);
      return ahead.splice(k, 1)[0] as InputBlock;
    };
    for await (const block of blocks) {
      ahead.push(block);
      if (ahead.length === READ_AHEAD) yield draw();
    }
    while (ahead.length > 0) yield draw();
  }

  protected override answer(method: Answer): never {
    const estimator = this.fittedOrUndefined?.estimator ?? this.params.estimator;
    if (!has(estimator, method)) return undefined as never;
    const answer = async (X: InputLike, options?: RunOptions): Promise<unknown> => {
      const { estimator: fitted } = this.fitted(method);
      this.checkFeatures(method, inputShape(X, `Incremental.${method}: X`, "once"));
      return (fitted as unknown as Required<Methods>)[method](X, options);
    };
    return answer as never;
  }
}

interface Targets {
  readonly values: ColumnValues;
  readonly weights: Float64Array | undefined;
}

/** y and the weights, as many as X has rows where that is known. */
async function readTargets(
  where: string,
  y: VectorLike | undefined,
  rows: number | undefined,
  tags: EstimatorTags,
  options: IncrementalFitOptions,
): Promise<Targets | undefined> {
  if (y === undefined || y === null) {
    if (tags.requiresY) throw invalidArgument(`${where}: y is missing: this estimator learns from X and y`);
    return undefined;
  }
  const values = await readColumn(y, `${where}: y`, options.signal);
  if (rows !== undefined && rows !== values.length) {
    throw invalidData(`${where}: X has ${rows} rows, but y has ${values.length} values`);
  }
  if (tags.kind === "regressor") await readTarget(values, `${where}: y`, options.signal); // names rows of the whole table
  return { values, weights: await readSampleWeight(options.sampleWeight, values.length, where) };
}

function refuseRows(where: string, than: "more" | "fewer", targets: number): never {
  throw invalidData(`${where}: X has ${than} rows than y has values, which are ${targets}`);
}

function report({ onProgress }: RunOptions, done: number, total: number): void {
  onProgress?.({ fraction: Number.isNaN(total) ? 0 : done / total, done, total, score: NaN });
}
