import { BaseEstimator, type AnyEstimator, type EstimatorTags } from "../base/estimator.js";
import { integer, nJobs, type ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { readTarget, type VectorLike } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
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

/** Parameters of BlockwiseVotingRegressor. */
export type BlockwiseVotingRegressorParams = BlockwiseParams;

const SPECS: ParamSpecs<BlockwiseVotingRegressorParams> = {
  estimator: voterSpec(),
  blockSize: integer(65_536, { min: 1 }),
  nJobs: nJobs(),
};

/**
 * An ensemble of one estimator per block of rows, each learned from its block alone, many at the same time; predictions are
 * their mean. A table of any size in one pass, nJobs blocks in memory. As Dask-ML's BlockwiseVotingRegressor. Rows should be
 * in random order.
 *
 * @example const model = await new BlockwiseVotingRegressor({ estimator: new SGDRegressor() }).fit(X, y);
 */
export class BlockwiseVotingRegressor extends BaseEstimator<BlockwiseVotingRegressorParams, BlockwiseFitted> {
  constructor(params: Partial<BlockwiseVotingRegressorParams> = {}) {
    super("BlockwiseVotingRegressor", SPECS, params);
  }

  get tags(): EstimatorTags {
    return votersTags("regressor", this.params);
  }

  /** Learns from every block. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws. */
  async fit(X: InputLike, y: VectorLike, options: BlockwiseFitOptions = {}): Promise<this> {
    this.checkParams();
    const data = await readBlockwiseData("BlockwiseVotingRegressor.fit", X, y, options);
    await readTarget(data.y, `${data.where}: y`, options.signal); // a bad value is named by its row in the whole table
    const estimators = await fitBlocks(data, this.params, () => voterOf(this.params), options);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = data.shape;
    this.setFitted({ nFeaturesIn, featureNamesIn, estimators });
    return this;
  }

  /** The mean of the estimators' predictions. */
  async predict(X: InputLike, options?: RunOptions): Promise<Float64Array> {
    const { estimators } = this.fitted("predict");
    const where = "BlockwiseVotingRegressor.predict: X";
    this.checkFeatures("predict", inputShape(X, where, "once"));
    return answerBlocks(
      X,
      this.params,
      where,
      1,
      async (block, rows, signal) => {
        const sums = new Float64Array(rows);
        for (const estimator of estimators as unknown as readonly Voter[]) {
          const values = (await estimator.predict(block, { signal })) as ArrayLike<number>;
          for (let i = 0; i < rows; i++) sums[i] = (sums[i] as number) + (values[i] as number);
        }
        return sums.map((sum) => sum / estimators.length);
      },
      options,
    );
  }

  /** R² of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: BlockwiseFitOptions = {}): Promise<number> {
    return r2Score(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The fitted estimators, one per block, in row order. */
  get estimators_(): readonly AnyEstimator[] {
    return this.fitted("estimators_").estimators;
  }
}
