import { invalidArgument } from "../base/errors.js";
import { BaseEstimator, type AnyEstimator, type EstimatorTags } from "../base/estimator.js";
import { choice, integer, nJobs, type ParamSpecs } from "../base/params.js";
import { argmaxRows } from "../data/argmax.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import {
  decodeLabels,
  encodeLabels,
  type ColumnValues,
  type Label,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { DummyClassifier } from "../dummy/dummy-classifier.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import {
  answerBlocks,
  fitBlocks,
  readBlockwiseData,
  voterOf,
  votersTags,
  voterSpec,
  type BlockwiseFitOptions,
  type BlockwiseFitted,
  type BlockwiseParams,
  type Voter,
} from "./blockwise-fit.js";

/** Parameters of BlockwiseVotingClassifier. */
export interface BlockwiseVotingClassifierParams extends BlockwiseParams {
  /** "hard" (default): the class that most estimators predict; "soft": the largest mean probability. */
  voting: "hard" | "soft";
}

const SPECS: ParamSpecs<BlockwiseVotingClassifierParams> = {
  estimator: voterSpec(),
  voting: choice("hard", ["hard", "soft"]),
  blockSize: integer(65_536, { min: 1 }),
  nJobs: nJobs(),
};

interface Fitted extends BlockwiseFitted {
  readonly classes: LabelArray;
}

/**
 * An ensemble of one estimator per block of rows, each learned from its block alone, many at the same time: a table of any
 * size in one pass, nJobs blocks in memory. As Dask-ML's BlockwiseVotingClassifier. Rows should be in random order. Blocks
 * need not have all the classes, and one with a single class gets a DummyClassifier; labels may be anything.
 *
 * @example
 * const model = new BlockwiseVotingClassifier({ estimator: new LogisticRegression(), voting: "soft" });
 * await model.fit(frame.drop("Class"), frame.column("Class"));
 */
export class BlockwiseVotingClassifier extends BaseEstimator<BlockwiseVotingClassifierParams, Fitted> {
  constructor(params: Partial<BlockwiseVotingClassifierParams> = {}) {
    super("BlockwiseVotingClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return votersTags("classifier", this.params);
  }

  /** Learns from every block. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws. */
  async fit(X: InputLike, y: VectorLike, options: BlockwiseFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readBlockwiseData("BlockwiseVotingClassifier.fit", X, y, options);
    const { classes } = await encodeLabels(data.y, `${data.where}: y`, options.signal);
    const estimatorFor = (values: ColumnValues): AnyEstimator =>
      hasOneClass(values) ? new DummyClassifier() : voterOf(this.params);
    const estimators = await fitBlocks(data, this.params, estimatorFor, options);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = data.shape;
    this.setFitted({ nFeaturesIn, featureNamesIn, classes, estimators });
    return this;
  }

  /** The class that wins the vote; of equal ones the first in classes_. */
  async predict(X: InputLike, options?: RunOptions): Promise<LabelArray> {
    const { classes } = this.fitted("predict");
    const votes = await (this.params.voting === "soft" ? this.#soft("predict", X, options) : this.#hard(X, options));
    return decodeLabels(classes, argmaxRows(votes, classes.length));
  }

  /** Mean probabilities, nSamples × nClasses, for soft voting; undefined for hard voting. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    if (this.params.voting !== "soft") return undefined as never;
    return async (X, options) => {
      const { classes } = this.fitted("predictProba");
      const means = await this.#soft("predictProba", X, options);
      return new Matrix(means, [means.length / classes.length, classes.length]);
    };
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: BlockwiseFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The fitted estimators, one per block, in row order. */
  get estimators_(): readonly AnyEstimator[] {
    return this.fitted("estimators_").estimators;
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Votes per class, rows × classes. */
  async #hard(X: InputLike, options?: RunOptions): Promise<Float64Array> {
    const { classes, estimators } = this.fitted("predict");
    const place = new Map(Array.from<Label>(classes).map((label, k) => [label, k]));
    const n = classes.length;
    return answerBlocks(
      X,
      this.params,
      this.#checked("predict", X),
      n,
      async (block, rows, signal) => {
        const votes = new Float64Array(rows * n);
        for (const estimator of estimators) {
          const labels = await (estimator as unknown as Voter).predict(block, { signal });
          for (let i = 0; i < rows; i++) {
            const at = i * n + (place.get(labels[i] as Label) as number);
            votes[at] = (votes[at] as number) + 1;
          }
        }
        return votes;
      },
      options,
    );
  }

  /** Mean probabilities, rows × classes; a class that a block lacked has probability 0 there. */
  async #soft(method: string, X: InputLike, options?: RunOptions): Promise<Float64Array> {
    const { classes, estimators } = this.fitted(method);
    const place = new Map(Array.from<Label>(classes).map((label, k) => [label, k]));
    const n = classes.length;
    const where = this.#checked(method, X);
    const answer = async (block: InputLike, rows: number, signal: AbortSignal): Promise<Float64Array> => {
      const sums = new Float64Array(rows * n);
      for (const estimator of estimators as unknown as readonly Voter[]) {
        if (estimator.predictProba === undefined) {
          throw invalidArgument(`BlockwiseVotingClassifier.${method}: soft voting needs estimators with predictProba`);
        }
        const proba = await estimator.predictProba(block, { signal });
        const places = Array.from<Label>(estimator.classes_).map((label) => place.get(label) as number);
        proba.data.forEach((p, k) => {
          const at = Math.floor(k / places.length) * n + (places[k % places.length] as number);
          sums[at] = (sums[at] as number) + p;
        });
      }
      return sums.map((sum) => sum / estimators.length);
    };
    return answerBlocks(X, this.params, where, n, answer, options);
  }

  /** Checks X's columns; what its errors start with. */
  #checked(method: string, X: InputLike): string {
    this.fitted(method);
    const where = `BlockwiseVotingClassifier.${method}: X`;
    this.checkFeatures(method, inputShape(X, where, "once"));
    return where;
  }
}

function hasOneClass(values: ColumnValues): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}
