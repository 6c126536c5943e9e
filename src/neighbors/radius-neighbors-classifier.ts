import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { custom, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, labelArray, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { WeightedOptions } from "../metrics/options.js";
import type { RunOptions } from "../native/job.js";
import { addShares, requireX } from "./k-neighbors-classifier.js";
import { neighborWeights } from "./neighbor-weights.js";
import { RADIUS_SPECS, RadiusEstimator, type RadiusParams } from "./radius-estimator.js";
import type { StoredFitted } from "./stored-rows.js";

/** Parameters of RadiusNeighborsClassifier. */
export interface RadiusNeighborsClassifierParams extends RadiusParams {
  /**
   * The label of rows without neighbours, of the classes' type: a label, or the "mostFrequent" one. Default null: such rows
   * are an error.
   */
  outlierLabel: Label | null;
}

const SPECS: ParamSpecs<RadiusNeighborsClassifierParams> = {
  ...RADIUS_SPECS,
  outlierLabel: custom<Label | null>(
    null,
    'a label, "mostFrequent" or null',
    (value) => value === null || ["number", "string", "boolean", "bigint"].includes(typeof value),
    {},
  ),
};

interface Fitted extends StoredFitted {
  readonly classes: LabelArray;
  /** Of each row of fit. */
  readonly codes: Int32Array;
  /** The label of rows without neighbours; null: they are an error. */
  readonly outlierLabel: Label | null;
}

/**
 * Asks all rows of fit within a radius for their class. See KNeighborsClassifier
 * (sklearn.neighbors.RadiusNeighborsClassifier; one target).
 *
 * @example
 * const model = await new RadiusNeighborsClassifier({ radius: 2, outlierLabel: "none" }).fit([[0], [1]], ["a", "b"]);
 * const classes = await model.predict([[-1.5], [9]]); // ["a", "none"]
 */
export class RadiusNeighborsClassifier extends RadiusEstimator<RadiusNeighborsClassifierParams, Fitted> {
  constructor(params: Partial<RadiusNeighborsClassifierParams> = {}) {
    super("RadiusNeighborsClassifier", SPECS, params);
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
    const where = "RadiusNeighborsClassifier.fit";
    const { classes, codes } = await encodeLabels(y, `${where}: y`, options.signal);
    await this.learnRows(X, options, (stored) => {
      if (stored.nSamplesFit !== codes.length) {
        throw invalidData(`${where}: X has ${stored.nSamplesFit} rows, but y has ${codes.length} values`);
      }
      return { ...stored, classes, codes, outlierLabel: this.#outlierLabel(where, classes, codes) };
    });
    return this;
  }

  /** The class with the largest share of the neighbours of every row; outlierLabel_ where there are none. */
  async predict(X: MatrixLike, options: RunOptions = {}): Promise<LabelArray> {
    const { classes, outlierLabel } = this.fitted("predict");
    const { shares, alone } = await this.#shares("predict", X, options);
    const isAlone = new Set(alone);
    const labels = Array.from({ length: shares.rows }, (_, i) => {
      if (isAlone.has(i)) return outlierLabel as Label;
      const row = shares.row(i);
      return classes[row.indexOf(row.reduce((most, share) => Math.max(most, share), -Infinity))] as Label;
    });
    return labelArray(labels);
  }

  /**
   * (Weighted) shares of the classes among the neighbours: nSamples × nClasses; of rows without any: 1 for outlierLabel_ where
   * that is a class, else zeros and a warning.
   */
  async predictProba(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { classes, outlierLabel } = this.fitted("predictProba");
    const { shares, alone } = await this.#shares("predictProba", X, options);
    const at = (classes as readonly Label[] | Float64Array).indexOf(outlierLabel as never);
    for (const i of alone) if (at >= 0) shares.row(i)[at] = 1;
    if (at < 0 && alone.length > 0) {
      warnData(
        `RadiusNeighborsClassifier.predictProba: ${alone.length} rows without neighbours have zeros: no class fits`,
      );
    }
    return shares;
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: RunOptions & WeightedOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** The label of rows without neighbours; null: they are an error. */
  get outlierLabel_(): Label | null {
    return this.fitted("outlierLabel_").outlierLabel;
  }

  #outlierLabel(where: string, classes: LabelArray, codes: Int32Array): Label | null {
    const { outlierLabel } = this.params;
    if (outlierLabel === "mostFrequent") {
      const counts = new Float64Array(classes.length);
      for (const code of codes) counts[code] = (counts[code] as number) + 1;
      return classes[counts.indexOf(counts.reduce((most, n) => Math.max(most, n), 0))] as Label;
    }
    if (outlierLabel !== null && typeof outlierLabel !== typeof classes[0]) {
      throw invalidArgument(`${where}: outlierLabel must be a ${typeof classes[0]} as y, got ${show(outlierLabel)}`);
    }
    return outlierLabel;
  }

  /** Shares, and the rows without neighbours, which have zeros. */
  async #shares(
    method: string,
    X: MatrixLike,
    options: RunOptions,
  ): Promise<{ shares: Matrix<Float64Array>; alone: number[] }> {
    const asked = this.asked(method, requireX(X));
    const { where, fitted } = asked;
    const { distances, indices } = await this.within(asked, options);
    const nClasses = fitted.classes.length;
    const shares = new Matrix(new Float64Array(indices.length * nClasses), [indices.length, nClasses]);
    const alone: number[] = [];
    indices.forEach((found, i) => {
      if (found.length === 0) {
        alone.push(i);
        return;
      }
      const weigh = neighborWeights(where, this.params.weights, distances[i] as Float64Array);
      addShares(where, shares.row(i), (j) => fitted.codes[found[j] as number] as number, weigh);
    });
    if (alone.length > 0 && fitted.outlierLabel === null) {
      throw invalidData(
        `${where}: ${alone.length} rows have no neighbours within radius, row ${alone[0]} first: use a larger radius, or give ` +
          "outlierLabel",
      );
    }
    return { shares, alone };
  }
}
