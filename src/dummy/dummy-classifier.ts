import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { choice, custom, randomState, type ParamSpecs } from "../base/params.js";
import { randomUniform, seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import {
  decodeLabels,
  encodeLabels,
  readSampleWeight,
  type Label,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { checkRows, countRows } from "./rows.js";

/** Parameters of DummyClassifier. */
export interface DummyClassifierParams {
  /**
   * "prior" (default): always the most frequent class, probabilities the class frequencies; "mostFrequent": the same with
   * probability 1; "stratified": drawn by class frequency; "uniform": drawn, all classes alike; "constant": `constant`.
   */
  strategy: "prior" | "mostFrequent" | "stratified" | "uniform" | "constant";
  /** Seed of the draws; null (default): a fresh one for every call. */
  randomState: number | null;
  /** The class that strategy "constant" predicts. Default null. */
  constant: Label | null;
}

const SPECS: ParamSpecs<DummyClassifierParams> = {
  strategy: choice("prior", ["prior", "mostFrequent", "stratified", "uniform", "constant"]),
  randomState: randomState(),
  constant: custom<Label | null>(
    null,
    "a label, or null",
    (value) => value === null || ["number", "string", "boolean", "bigint"].includes(typeof value),
    { label: 1 },
  ),
};

/** What fit takes besides X and y. */
export interface FitOptions extends RunOptions {
  /** Weight of every row: non-negative, not all zero. Default: all 1. */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
  readonly classPrior: Float64Array;
}

/**
 * Predicts without looking at X: the baseline that a classifier must beat. Follows scikit-learn's DummyClassifier (its
 * random draws are its own).
 *
 * @example
 * const baseline = await new DummyClassifier({ strategy: "stratified", randomState: 0 }).fit(X, y);
 */
export class DummyClassifier extends BaseEstimator<DummyClassifierParams, Fitted> {
  constructor(params: Partial<DummyClassifierParams> = {}) {
    super("DummyClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: true, requiresY: true, sampleWeight: true, ignoresX: true };
  }

  /**
   * Learns the classes and their (weighted) frequencies.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: FitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "DummyClassifier.fit";
    const source = rowSourceOf(X, `${where}: X`, { categories: true });
    const { classes, codes } = await encodeLabels(y, `${where}: y`, options.signal);
    checkRows(where, await countRows(source, options.signal), codes.length);
    const weights = await readSampleWeight(options.sampleWeight, codes.length, where);
    const classPrior = new Float64Array(classes.length);
    codes.forEach((code, i) => (classPrior[code] = (classPrior[code] as number) + (weights?.[i] ?? 1)));
    const total = classPrior.reduce((sum, weight) => sum + weight, 0);
    this.#checkConstant(classes);
    options.signal?.throwIfAborted();
    this.setFitted({
      nFeaturesIn: source.nFeatures,
      featureNamesIn: source.featureNames,
      classes,
      classPrior: classPrior.map((weight) => weight / total),
    });
    return this;
  }

  /** Predicted classes, one a row of X. */
  async predict(X: MatrixLike, options: RunOptions = {}): Promise<LabelArray> {
    const { classes, classPrior } = this.fitted("predict");
    const rows = await this.#rowsOf("predict", X, options.signal);
    const { strategy } = this.params;
    if (strategy === "stratified") {
      return decodeLabels(classes, this.#draw(rows, classPrior));
    }
    if (strategy === "uniform") {
      return decodeLabels(
        classes,
        this.#draw(
          rows,
          classPrior.map(() => 1 / classPrior.length),
        ),
      );
    }
    const always = strategy === "constant" ? this.#constantCode(classes) : classPrior.indexOf(Math.max(...classPrior));
    return decodeLabels(classes, new Int32Array(rows).fill(always));
  }

  /** Class probabilities, nSamples × nClasses. */
  async predictProba(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { classes, classPrior } = this.fitted("predictProba");
    const rows = await this.#rowsOf("predictProba", X, options.signal);
    const k = classes.length;
    const { strategy } = this.params;
    const values = new Float64Array(rows * k);
    if (strategy === "stratified") {
      this.#draw(rows, classPrior).forEach((code, i) => (values[i * k + code] = 1));
    } else {
      const row = strategy === "prior" ? classPrior : new Float64Array(k);
      if (strategy === "uniform") row.fill(1 / k);
      if (strategy === "constant") row[this.#constantCode(classes)] = 1;
      if (strategy === "mostFrequent") row[classPrior.indexOf(Math.max(...classPrior))] = 1;
      for (let i = 0; i < rows; i++) values.set(row, i * k);
    }
    return new Matrix(values, [rows, k]);
  }

  /** Logarithms of predictProba. */
  async predictLogProba(X: MatrixLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { data, shape } = await this.predictProba(X, options);
    return new Matrix(data.map(Math.log), shape);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: FitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The classes, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Frequency of every class in fit. */
  get classPrior_(): Float64Array {
    return this.fitted("classPrior_").classPrior;
  }

  async #rowsOf(method: string, X: MatrixLike, signal: AbortSignal | undefined): Promise<number> {
    const source = rowSourceOf(X, `DummyClassifier.${method}: X`, { categories: true });
    this.checkFeatures(method, source);
    return countRows(source, signal);
  }

  #draw(rows: number, probability: Float64Array): Int32Array {
    const seed = seedOf(this.params.randomState);
    const codes = new Int32Array(rows);
    for (let i = 0; i < rows; i++) {
      let left = randomUniform(seed, 0, i);
      let code = 0;
      while (code < probability.length - 1 && left >= (probability[code] as number))
        left -= probability[code++] as number;
      codes[i] = code;
    }
    return codes;
  }

  #constantCode(classes: LabelArray): number {
    return Array.from<Label>(classes).indexOf(this.params.constant as Label);
  }

  #checkConstant(classes: LabelArray): void {
    if (this.params.strategy !== "constant") return;
    if (this.params.constant === null) {
      throw invalidArgument('DummyClassifier: constant must be a label when strategy is "constant", got null');
    }
    if (this.#constantCode(classes) < 0) {
      throw invalidArgument(`DummyClassifier: constant must be a class of y, got ${show(this.params.constant)}`);
    }
  }
}
