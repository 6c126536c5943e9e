import { invalidData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { decodeLabels, encodeLabels, inTurns, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { WeightedOptions } from "../metrics/options.js";
import type { RunOptions } from "../native/job.js";
import { KNeighborsEstimator } from "./k-neighbors-estimator.js";
import { neighborWeights } from "./neighbor-weights.js";
import {
  nNeighborsSpec,
  SEARCH_SPECS,
  weightsSpec,
  type NeighborWeights,
  type NeighborSearchParams,
} from "./search-params.js";
import type { StoredFitted } from "./stored-rows.js";

/** Parameters of KNeighborsClassifier and KNeighborsRegressor. */
export interface KNeighborsParams extends NeighborSearchParams {
  /** Default 5. */
  nNeighbors: number;
  /** Default "uniform". A function cannot be saved. */
  weights: NeighborWeights;
}

export const K_NEIGHBORS_SPECS: ParamSpecs<KNeighborsParams> = {
  nNeighbors: nNeighborsSpec(),
  weights: weightsSpec(),
  ...SEARCH_SPECS,
};

interface Fitted extends StoredFitted {
  readonly classes: LabelArray;
  /** Of each row of fit. */
  readonly codes: Int32Array;
}

/**
 * Asks the nearest rows of fit for their class: exactly, and the same, bit for bit, for any nJobs, chunks and instruction set.
 * The rows of fit are held in memory and saved with it; the rows to predict may be larger than memory. Of classes with
 * equal votes the first wins (sklearn.neighbors.KNeighborsClassifier; one target).
 *
 * @example
 * const model = await new KNeighborsClassifier({ nNeighbors: 3 }).fit(X, y);
 * const classes = await model.predict(X);
 */
export class KNeighborsClassifier extends KNeighborsEstimator<KNeighborsParams, Fitted> {
  constructor(params: Partial<KNeighborsParams> = {}) {
    super("KNeighborsClassifier", K_NEIGHBORS_SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: false, requiresY: true, sampleWeight: false };
  }

  /**
   * Stores X, nSamples × nFeatures, finite, and y, nSamples labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, ERR_MEMORY_LIMIT
   */
  async fit(X: MatrixLike, y: VectorLike, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "KNeighborsClassifier.fit";
    const { classes, codes } = await encodeLabels(y, `${where}: y`, options.signal);
    await this.learnRows(X, options, (stored) => {
      if (stored.nSamplesFit !== codes.length) {
        throw invalidData(`${where}: X has ${stored.nSamplesFit} rows, but y has ${codes.length} values`);
      }
      return { ...stored, classes, codes };
    });
    return this;
  }

  /** The class with the largest share of the neighbours of every row. */
  async predict(X: MatrixLike, options: RunOptions = {}): Promise<LabelArray> {
    const { data, rows, cols } = await this.#shares("predict", X, options);
    const best = new Int32Array(rows);
    await inTurns(rows, options.signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        for (let c = 1; c < cols; c++) {
          if ((data[i * cols + c] as number) > (data[i * cols + (best[i] as number)] as number)) best[i] = c;
        }
      }
    });
    return decodeLabels(this.fitted("predict").classes, best);
  }

  /** (Weighted) shares of the classes among the neighbours: nSamples × nClasses, classes in the order of classes_. */
  async predictProba(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    return this.#shares("predictProba", X, options);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: RunOptions & WeightedOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  async #shares(method: string, X: MatrixLike, options: RunOptions): Promise<Matrix<Float64Array>> {
    const asked = this.asked(method, requireX(X));
    const { where, fitted } = asked;
    const { nNeighbors: k, weights } = this.params;
    const { distances, indices } = await this.nearest(asked, k, options);
    const nClasses = fitted.classes.length;
    const shares = new Float64Array(indices.rows * nClasses);
    await inTurns(indices.rows, options.signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const own = shares.subarray(i * nClasses, (i + 1) * nClasses);
        const weigh = neighborWeights(where, weights, distances.row(i));
        addShares(where, own, (j) => fitted.codes[indices.data[i * k + j] as number] as number, weigh);
      }
    });
    return new Matrix(shares, [indices.rows, nClasses]);
  }
}

/** Adds the neighbours' weights up by class, and makes their sum 1. */
export function addShares(
  where: string,
  shares: Float64Array,
  codeOf: (j: number) => number,
  weights: ArrayLike<number>,
): void {
  for (let j = 0; j < weights.length; j++) {
    const code = codeOf(j);
    shares[code] = (shares[code] as number) + (weights[j] as number);
  }
  const sum = shares.reduce((total, share) => total + share, 0);
  if (sum === 0) throw invalidData(`${where}: all neighbours of a row have weight 0: change weights`);
  for (let c = 0; c < shares.length; c++) shares[c] = (shares[c] as number) / sum;
}

/** X of a prediction: null would be the rows of fit. */
export function requireX(X: MatrixLike): MatrixLike {
  return (X ?? NaN) as MatrixLike; // what rowSourceOf refuses by name
}
