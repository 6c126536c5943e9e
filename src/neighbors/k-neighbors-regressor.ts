import { invalidData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readTargets, type TargetsLike } from "../data/targets.js";
import { inTurns } from "../data/vector.js";
import type { WeightedOptions } from "../metrics/options.js";
import type { RunOptions } from "../native/job.js";
import { K_NEIGHBORS_SPECS, requireX, type KNeighborsParams } from "./k-neighbors-classifier.js";
import { KNeighborsEstimator } from "./k-neighbors-estimator.js";
import { meanR2, writeMeans } from "./neighbor-means.js";
import { neighborWeights } from "./neighbor-weights.js";
import type { StoredFitted } from "./stored-rows.js";

interface Fitted extends StoredFitted {
  /** One target after another: nTargets × nSamplesFit. */
  readonly targets: Float64Array;
  /** y was a column. */
  readonly isFlat: boolean;
}

/**
 * The (weighted) mean of the targets of the nearest rows of fit: exactly, and the same, bit for bit, for any nJobs, chunks and
 * instruction set. The rows of fit are held in memory and saved with it; the rows to predict may be larger than memory
 * (sklearn.neighbors.KNeighborsRegressor).
 *
 * @example
 * const model = await new KNeighborsRegressor({ nNeighbors: 2, weights: "distance" }).fit([[0], [1], [4]], [0, 1, 4]);
 * const values = await model.predict([[0.5], [2]]);
 */
export class KNeighborsRegressor extends KNeighborsEstimator<KNeighborsParams, Fitted> {
  constructor(params: Partial<KNeighborsParams> = {}) {
    super("KNeighborsRegressor", K_NEIGHBORS_SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: false, requiresY: true, sampleWeight: false };
  }

  /**
   * Stores X, nSamples × nFeatures, and y, nSamples numbers or nSamples × nTargets; all finite.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async fit(X: MatrixLike, y: TargetsLike, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "KNeighborsRegressor.fit";
    const { rows, values: targets, isFlat } = await readTargets(y, `${where}: y`, options.signal);
    await this.learnRows(X, options, (stored) => {
      if (stored.nSamplesFit !== rows) {
        throw invalidData(`${where}: X has ${stored.nSamplesFit} rows, but y has ${rows} values`);
      }
      return { ...stored, targets, isFlat };
    });
    return this;
  }

  /** Means of the neighbours' targets: a number a row, or nSamples × nTargets where y had columns. */
  async predict(X: MatrixLike, options: RunOptions = {}): Promise<Float64Array | Matrix<Float64Array>> {
    const asked = this.asked("predict", requireX(X));
    const { where, fitted } = asked;
    const { nNeighbors: k, weights } = this.params;
    const { distances, indices } = await this.nearest(asked, k, options);
    const nTargets = fitted.targets.length / fitted.nSamplesFit;
    const means = new Float64Array(indices.rows * nTargets);
    await inTurns(indices.rows, options.signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const weigh = neighborWeights(where, weights, distances.row(i));
        writeMeans(where, fitted, indices.row(i), weigh, means.subarray(i * nTargets, (i + 1) * nTargets));
      }
    });
    return fitted.isFlat ? means : new Matrix(means, [indices.rows, nTargets]);
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: MatrixLike, y: TargetsLike, options: RunOptions & WeightedOptions = {}): Promise<number> {
    return meanR2("KNeighborsRegressor.score", y, await this.predict(X, options), options);
  }
}
