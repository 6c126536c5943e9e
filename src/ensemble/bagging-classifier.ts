import { invalidArgument, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { argmaxRows } from "../data/argmax.js";
import type { InputLike } from "../data/documents.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { DecisionTreeClassifier } from "../tree/decision-tree-classifier.js";
import { has, type Wrappable } from "../wrappers/wrapped.js";
import { bagTable, type BagTable } from "./bag-table.js";
import { add, fitBag, foldAnswers, lastBag, outOfBagSums, samplesOf, type BagAnswer } from "./bagging-fit.js";
import { BAGGING_SPECS, type BaggingFitted, type BaggingParams } from "./bagging-params.js";
import { codesOf, methodsOf, readLabels, spreadColumns, type EnsembleFitOptions } from "./member-fit.js";
import { tagsOfAll } from "./named-members.js";

/** Parameters of BaggingClassifier. estimator is a DecisionTreeClassifier by default. */
export type BaggingClassifierParams = BaggingParams;

const SPECS: ParamSpecs<BaggingClassifierParams> = BAGGING_SPECS;

interface Fitted extends BaggingFitted {
  readonly classes: LabelArray;
}

/**
 * Classifiers of one kind, each fitted on a sample of rows and columns; their probabilities are averaged: scikit-learn's
 * BaggingClassifier (Breiman 1996). An estimator that takes weights gets its sample as weights, any other its rows as they
 * are read: X is not copied. What is drawn depends on randomState and the estimator's number only.
 *
 * @example
 * const model = new BaggingClassifier({ estimator: new LogisticRegression(), maxFeatures: 0.5, randomState: 0 });
 * await model.fit(X, y);
 */
export class BaggingClassifier extends BaseEstimator<BaggingClassifierParams, Fitted> {
  constructor(params: Partial<BaggingClassifierParams> = {}) {
    super("BaggingClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { ...tagsOfAll("classifier", [this.#estimator()]), sampleWeight: true };
  }

  /**
   * Fits the estimators. X: nSamples × nFeatures, whatever they take; y: nSamples labels. `sampleWeight`: rows are drawn in
   * proportion to it. Progress is the mean of the estimators'.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "BaggingClassifier.fit";
    const { params } = this;
    const last = lastBag(params, this.fittedOrUndefined, where);
    const { signal, sampleWeight } = options;
    const { values, classes } = await readLabels(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, values.length, where);
    if (weights !== undefined && !params.bootstrap) {
      warnData(`${where}: weights are meant for bootstrap: true; without replacement each row is drawn once at most`);
    }
    if (last !== undefined && String(last.classes) !== String(classes)) {
      throw invalidArgument(`${where}: warmStart needs the labels of the last fit, ${String(last.classes)}`);
    }
    const estimator = this.#estimator();
    const learned = await fitBag({ where, params, estimator, X, y: values, weights, last }, options);
    let [outOfBag, outOfBagScore]: [Float64Array | undefined, number | undefined] = [undefined, undefined];
    if (params.oobScore) {
      const how = { nJobs: params.nJobs, signal, where };
      const n = classes.length;
      const { sums } = await outOfBagSums(learned, bagTable(X, where, signal), n, probabilitiesOf(classes), how);
      outOfBagScore = await accuracyScore(values, decodeLabels(classes, argmaxRows(sums, n)));
      outOfBag = shares(sums, n);
    }
    signal?.throwIfAborted();
    this.setFitted({ ...learned, classes, outOfBag, outOfBagScore });
    return this;
  }

  /** The class of the greatest mean probability. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    const { classes } = this.fitted("predict");
    const sums = await this.#sums("predict", X, options);
    return decodeLabels(classes, argmaxRows(sums, classes.length));
  }

  /** Mean probabilities, nSamples × nClasses; shares of the votes where the estimators have no predictProba. */
  async predictProba(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { classes, estimators } = this.fitted("predictProba");
    const sums = await this.#sums("predictProba", X, options);
    const means = sums.map((sum) => sum / estimators.length);
    return new Matrix(means, [means.length / classes.length, classes.length]);
  }

  /** Logarithms of the mean probabilities, from the estimators' logarithms where they give them. */
  async predictLogProba(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { classes, estimators } = this.fitted("predictLogProba");
    const n = classes.length;
    if (!estimators.every((estimator) => has(estimator, "predictLogProba"))) {
      const { data, shape } = await this.predictProba(X, options);
      return new Matrix(data.map(Math.log), shape);
    }
    const answer: BagAnswer = async (estimator, table, run) => {
      const model = methodsOf(estimator);
      return spreadColumns(await model.predictLogProba(table, run), model.classes_, classes, -Infinity);
    };
    const table = this.#table("predictLogProba", X);
    const sums = await foldAnswers(this.fitted("predictLogProba"), table, answer, addLogs, this.#how(options));
    const less = Math.log(estimators.length);
    return new Matrix(
      sums.map((sum) => sum - less),
      [sums.length / n, n],
    );
  }

  /** Means of the estimators' decision values; undefined if they give none. */
  get decisionFunction(): (X: InputLike, options?: RunOptions) => Promise<Float64Array | Matrix<Float64Array>> {
    if (!has(this.fittedOrUndefined?.estimators[0] ?? this.#estimator(), "decisionFunction")) return undefined as never;
    return async (X, options = {}) => {
      const fitted = this.fitted("decisionFunction");
      const table = this.#table("decisionFunction", X);
      let cols: number | undefined;
      const answer: BagAnswer = async (estimator, part, run) => {
        const said = await methodsOf(estimator).decisionFunction(part, run);
        if (!(said instanceof Matrix)) return said;
        cols = said.cols;
        return said.data;
      };
      const sums = await foldAnswers(fitted, table, answer, add, this.#how(options));
      const means = sums.map((sum) => sum / fitted.estimators.length);
      return cols === undefined ? means : new Matrix(means, [means.length / cols, cols]);
    };
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** How many classes there are. */
  get nClasses_(): number {
    return this.classes_.length;
  }

  /** What was fitted, unfitted: `estimator`, or its default. */
  get estimator_(): Wrappable {
    this.fitted("estimator_");
    return this.#estimator();
  }

  /** The fitted estimators, in order. */
  get estimators_(): readonly Wrappable[] {
    return this.fitted("estimators_").estimators;
  }

  /** The columns each estimator drew. */
  get estimatorsFeatures_(): readonly Int32Array[] {
    return this.fitted("estimatorsFeatures_").features;
  }

  /** The rows each estimator drew, ascending, as often as it drew them: drawn anew when asked for. */
  get estimatorsSamples_(): Int32Array[] {
    return samplesOf(this.fitted("estimatorsSamples_").batches);
  }

  /** Accuracy of the out-of-bag answers; undefined without oobScore. */
  get oobScore_(): number | undefined {
    return this.fitted("oobScore_").outOfBagScore;
  }

  /** Out-of-bag probabilities, nSamples × nClasses: NaN for rows that all drew; undefined without oobScore. */
  get oobDecisionFunction_(): Matrix<Float64Array> | undefined {
    const { outOfBag, classes } = this.fitted("oobDecisionFunction_");
    return outOfBag && new Matrix(outOfBag, [outOfBag.length / classes.length, classes.length]);
  }

  #estimator(): Wrappable {
    const { estimator } = this.params;
    return estimator !== null && typeof estimator === "object" ? estimator : new DecisionTreeClassifier();
  }

  async #sums(method: string, X: InputLike, options: RunOptions): Promise<Float64Array> {
    const fitted = this.fitted(method);
    return foldAnswers(fitted, this.#table(method, X), probabilitiesOf(fitted.classes), add, this.#how(options));
  }

  #table(method: string, X: InputLike): BagTable {
    const table = bagTable(X, `BaggingClassifier.${method}: X`);
    this.checkFeatures(method, table);
    return table;
  }

  #how({ signal }: RunOptions): { nJobs: number | null; signal: AbortSignal | undefined } {
    return { nJobs: this.params.nJobs, signal };
  }
}

/** Probabilities of an estimator, rows × classes; ones where it predicts if it has none. */
function probabilitiesOf(classes: LabelArray): BagAnswer {
  return async (estimator, X, run) => {
    const model = methodsOf(estimator);
    if (has(estimator, "predictProba")) return spreadColumns(await model.predictProba(X, run), model.classes_, classes);
    const labels = await model.predict(X, run);
    const out = new Float64Array(labels.length * classes.length);
    codesOf(labels, classes, "BaggingClassifier").forEach((k, i) => (out[i * classes.length + k] = 1));
    return out;
  };
}

/** Rows as shares of their sums: NaN for rows of zeros. */
function shares(sums: Float64Array, n: number): Float64Array {
  const out = sums.slice();
  for (let i = 0; i < out.length; i += n) {
    const row = out.subarray(i, i + n);
    const total = row.reduce((all, one) => all + one, 0);
    row.forEach((value, k) => (row[k] = value / total));
  }
  return out;
}

/** Logarithms of sums of numbers that are there as logarithms. */
function addLogs(all: Float64Array, one: Float64Array): void {
  for (let i = 0; i < all.length; i++) {
    const [a, b] = [all[i] as number, one[i] as number];
    const most = Math.max(a, b);
    all[i] = most === -Infinity ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
  }
}
