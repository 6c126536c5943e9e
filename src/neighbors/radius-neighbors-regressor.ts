import { invalidData, warnData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readTargets, type TargetsLike } from "../data/targets.js";
import type { WeightedOptions } from "../metrics/options.js";
import type { RunOptions } from "../native/job.js";
import { requireX } from "./k-neighbors-classifier.js";
import { meanR2, writeMeans } from "./neighbor-means.js";
import { neighborWeights } from "./neighbor-weights.js";
import { RADIUS_SPECS, RadiusEstimator, type RadiusParams } from "./radius-estimator.js";
import type { StoredFitted } from "./stored-rows.js";

interface Fitted extends StoredFitted {
  /** One target after another: nTargets × nSamplesFit. */
  readonly targets: Float64Array;
  /** y was a column. */
  readonly isFlat: boolean;
}

/**
 * The (weighted) mean of the targets of all rows of fit within a radius; NaN, and a warning, where there are none. See
 * KNeighborsRegressor (sklearn.neighbors.RadiusNeighborsRegressor).
 *
 * @example
 * const model = await new RadiusNeighborsRegressor({ radius: 1 }).fit([[0], [1], [4]], [0, 1, 4]);
 * const values = await model.predict([[0.5], [4]]); // 0.5, 4
 */
export class RadiusNeighborsRegressor extends RadiusEstimator<RadiusParams, Fitted> {
  constructor(params: Partial<RadiusParams> = {}) {
    super("RadiusNeighborsRegressor", RADIUS_SPECS, params);
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
    const where = "RadiusNeighborsRegressor.fit";
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
    const { distances, indices } = await this.within(asked, options);
    const nTargets = fitted.targets.length / fitted.nSamplesFit;
    const means = new Float64Array(indices.length * nTargets).fill(NaN);
    let alone = 0;
    indices.forEach((found, i) => {
      if (found.length === 0) {
        alone++;
        return;
      }
      const weigh = neighborWeights(where, this.params.weights, distances[i] as Float64Array);
      writeMeans(where, fitted, found, weigh, means.subarray(i * nTargets, (i + 1) * nTargets));
    });
    if (alone > 0) warnData(`${where}: ${alone} rows have no neighbours within radius: their prediction is NaN`);
    return fitted.isFlat ? means : new Matrix(means, [indices.length, nTargets]);
  }

  /** R² of predict(X) against y; of several targets the mean. */
  async score(X: MatrixLike, y: TargetsLike, options: RunOptions & WeightedOptions = {}): Promise<number> {
    return meanR2("RadiusNeighborsRegressor.score", y, await this.predict(X, options), options);
  }
}
