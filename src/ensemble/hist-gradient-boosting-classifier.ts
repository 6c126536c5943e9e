import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import type { ParamSpecs } from "../base/params.js";
import { argmax } from "../data/argmax.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import { isRow, type RowLike } from "../data/row.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import {
  decodeLabels,
  encodeLabels,
  readSampleWeight,
  type EncodedLabels,
  type Label,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";
import { getScorer, type Scorable } from "../metrics/scorer.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { BoostingLoss } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { BaseHistGradientBoosting, type BoostingFitted } from "./boosting-estimator.js";
import type { BoostingRows } from "./boosting-fit.js";
import {
  BOOSTING_SPECS,
  checkValidationOptions,
  type BoostingFitOptions,
  type BoostingParams,
  type EvalSet,
} from "./boosting-params.js";
import { responseOf, type RowValues } from "./boosting-predict.js";
import { lossSpec, type CustomLoss } from "./custom-loss.js";
import { readInitScore } from "./init-score.js";
import { multiStrategySpec, type MultiStrategy } from "./multi-output.js";
import { readWatchedRows, type ReadRows } from "./watched-rows.js";

/** Parameters of HistGradientBoostingClassifier. */
export interface HistGradientBoostingClassifierParams extends BoostingParams {
  /**
   * "logLoss": binary, or multinomial. A function is a loss of your own on raw
   * predictions that start from 0 (or initScore); probabilities are those of the log loss. Default "logLoss".
   */
  loss: "logLoss" | CustomLoss;
  /**
   * More than two classes: trees of their own for each ("oneOutputPerTree"), or one tree an iteration for all, whose leaves
   * hold a vector ("multiOutputTree"; far smaller models of many classes). Default "oneOutputPerTree".
   */
  multiStrategy: MultiStrategy;
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
}

const SPECS: ParamSpecs<HistGradientBoostingClassifierParams> = {
  loss: lossSpec<"logLoss">("logLoss", ["logLoss"]),
  multiStrategy: multiStrategySpec("oneOutputPerTree"),
  classWeight: classWeightSpec(),
  ...BOOSTING_SPECS,
};

interface Fitted extends BoostingFitted {
  readonly classes: LabelArray;
}

/**
 * Gradient boosting of classification trees on binned features: fast from thousands of rows on, NaN is a missing value
 * that every split sends where it helps.
 * Follows scikit-learn's HistGradientBoostingClassifier. Gradients are rounded to 16 bits and summed as integers: the model
 * is the same, bit for bit, for any nJobs, any chunking of X and any instruction set. minSamplesLeaf counts rows exactly.
 * With one class in y every prediction is that class.
 *
 * @example
 * const model = await new HistGradientBoostingClassifier({ maxIter: 200, randomState: 0 }).fit(X, y);
 * const probabilities = await model.predictProba(XTest); // Matrix, nSamples × nClasses
 */
export class HistGradientBoostingClassifier extends BaseHistGradientBoosting<
  HistGradientBoostingClassifierParams,
  Fitted
> {
  constructor(params: Partial<HistGradientBoostingClassifierParams> = {}) {
    super("HistGradientBoostingClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /**
   * Learns the trees. X: nSamples × nFeatures; y: nSamples labels. Progress counts iterations of at most maxIter; its score
   * is the training loss where early stopping computes it, else NaN.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: BoostingFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "HistGradientBoostingClassifier.fit";
    checkValidationOptions(where, options, this.params);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    const { classes } = labels;
    const nOutputs = outputsOf(classes);
    const loss = lossOf(classes);
    const { loss: asked } = this.params;
    const train = await this.#rows(X, labels, options, where);
    const read: ReadRows = (rows, what, whatY) => watchedRows(rows, classes, what, whatY);
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    if (last) checkSameClasses(where, last.classes, classes);
    const fitted = await this.learn(
      {
        where,
        params: this.params,
        loss,
        lossParameter: 0,
        customLoss: typeof asked === "function" ? asked : undefined,
        nOutputs,
        vectorLeaves: nOutputs > 1 && this.params.multiStrategy === "multiOutputTree",
        nClasses: Math.max(1, classes.length),
        train,
        ...(await readWatchedRows(options, where, read)),
        scorable: (raw) => scorableOf(classes, loss, raw),
        labels: (codes) => decodeLabels(classes, codes),
        scorerNamed: getScorer,
      },
      options,
    );
    this.setFitted({ ...fitted, classes });
    return this;
  }

  /** The most probable class of every row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    return this.#labels((await this.map("predict", "raw", X, options)).values);
  }

  /** Probabilities: nSamples × nClasses, classes in the order of classes_. */
  async predictProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const { rows, values } = await this.map("predictProba", "response", X, options);
    return this.#perClass(rows, values);
  }

  /** Natural logarithms of predictProba. */
  async predictLogProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const p = await this.predictProba(X, options);
    return new Matrix(p.data.map(Math.log), [p.rows, p.cols]);
  }

  /** Raw predictions: for two classes a number per row, positive for the second class; else nSamples × nClasses. */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array | Matrix<Float64Array>> {
    return this.#decision(await this.map("decisionFunction", "raw", X, options));
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: BoostingFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /**
   * predict for one row, or a few rows in memory, at once and on this thread: for serving. A row (Float64Array,
   * Float32Array or number[] of nFeatures) takes a microsecond or two and gives a label, not an array.
   */
  predictSync(row: RowLike): Label;
  predictSync(X: MatrixLike): LabelArray;
  predictSync(X: MatrixLike | RowLike): LabelArray | Label {
    if (!isRow(X)) return this.#labels(this.mapSync("predictSync", "raw", X).values);
    const raw = this.mapRow("predictSync", "raw", X);
    return this.fitted("predictSync").classes[codeOf(this.fitted("predictSync").classes, raw, 0)] as Label;
  }

  /**
   * predictProba for one row, or a few rows in memory, at once and on this thread: for serving. A row gives an array of
   * nClasses; written to `out` if that is given, nothing is allocated.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for an `out` of another length.
   */
  predictProbaSync(row: RowLike, out?: Float64Array): Float64Array;
  predictProbaSync(X: MatrixLike): Matrix<Float64Array>;
  predictProbaSync(X: MatrixLike | RowLike, out?: Float64Array): Matrix<Float64Array> | Float64Array {
    if (!isRow(X)) {
      const { rows, values } = this.mapSync("predictProbaSync", "response", X);
      return this.#perClass(rows, values);
    }
    const { classes } = this.fitted("predictProbaSync");
    const p = this.mapRow("predictProbaSync", "response", X);
    const to = out ?? new Float64Array(classes.length);
    if (to.length !== classes.length) {
      throw invalidArgument(
        `${this.className}.predictProbaSync: out must have ${classes.length} places, one a class, got ${to.length}`,
      );
    }
    if (classes.length === 1) to[0] = 1;
    else to.set(p);
    return to;
  }

  /** Predicted classes after each iteration. */
  async *stagedPredict(X: MatrixLike, options?: RunOptions): AsyncGenerator<LabelArray> {
    for await (const { values } of this.staged("stagedPredict", X, options)) yield this.#labels(values);
  }

  /** Probabilities after each iteration. */
  async *stagedPredictProba(X: MatrixLike, options?: RunOptions): AsyncGenerator<Matrix<Float64Array>> {
    const { forest } = this.fitted("stagedPredictProba");
    for await (const { rows, values } of this.staged("stagedPredictProba", X, options)) {
      yield this.#perClass(rows, forest.response(values));
    }
  }

  /** Raw predictions after each iteration, in the shape of decisionFunction's. */
  async *stagedDecisionFunction(
    X: MatrixLike,
    options?: RunOptions,
  ): AsyncGenerator<Float64Array | Matrix<Float64Array>> {
    for await (const raw of this.staged("stagedDecisionFunction", X, options)) yield this.#decision(raw);
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  async #rows(
    X: MatrixLike,
    labels: EncodedLabels,
    { sampleWeight, initScore }: BoostingFitOptions,
    where: string,
  ): Promise<BoostingRows> {
    const source = rowSourceOf(X, `${where}: X`, { categories: true });
    const rows = labels.codes.length;
    const given = await readSampleWeight(sampleWeight, rows, where);
    const weights = combinedWeights(this.params.classWeight, labels, given, where);
    const start = await readInitScore(initScore, rows, outputsOf(labels.classes), `${where}: initScore`);
    return { table: X, source, rows, targets: Float64Array.from(labels.codes), weights, initScore: start };
  }

  #labels(raw: Float64Array): LabelArray {
    return labelsOf(this.fitted("predict").classes, raw);
  }

  #decision({ values }: RowValues): Float64Array | Matrix<Float64Array> {
    return decisionOf(this.fitted("decisionFunction").classes, values);
  }

  #perClass(rows: number, values: Float64Array): Matrix<Float64Array> {
    return probabilitiesOf(this.fitted("predictProba").classes, rows, values);
  }
}

/** Rows that are watched, their labels as codes of the training classes. */
async function watchedRows(
  { X, y, sampleWeight, initScore }: EvalSet,
  classes: LabelArray,
  where: string,
  whereY: string,
): Promise<BoostingRows> {
  const labels = await encodeLabels(y as VectorLike, whereY);
  const codeOf = new Map(Array.from<Label>(classes).map((label, code) => [label, code]));
  const codes = Array.from<Label>(labels.classes).map((label) => {
    const code = codeOf.get(label);
    if (code === undefined)
      throw invalidData(`${whereY} has the class ${show(label)}, which the training y does not have`);
    return code;
  });
  const rows = labels.codes.length;
  const source = rowSourceOf(X, `${where}: X`, { categories: true });
  const weights = await readSampleWeight(sampleWeight, rows, where);
  const start = await readInitScore(initScore, rows, outputsOf(classes), `${where}: initScore`);
  const targets = Float64Array.from(labels.codes, (code) => codes[code] as number);
  return { table: X, source, rows, targets, weights, initScore: start };
}

/** Raw predictions of a row: 1, or one a class of more than two. */
function outputsOf(classes: LabelArray): number {
  return classes.length <= 2 ? 1 : classes.length;
}

/** Labels of raw predictions: the sign, or the largest output. */
function labelsOf(classes: LabelArray, raw: Float64Array): LabelArray {
  const nOutputs = outputsOf(classes);
  const codes = new Int32Array(raw.length / nOutputs);
  for (let i = 0; i < codes.length; i++) codes[i] = codeOf(classes, raw, i * nOutputs);
  return decodeLabels(classes, codes);
}

/** The class that the raw predictions of a row, from `start` on, speak for. */
function codeOf(classes: LabelArray, raw: Float64Array, start: number): number {
  const nOutputs = outputsOf(classes);
  if (nOutputs > 1) return argmax(raw, start, nOutputs);
  return Number(classes.length > 1 && (raw[start] as number) > 0);
}

function decisionOf(classes: LabelArray, raw: Float64Array): Float64Array | Matrix<Float64Array> {
  const nOutputs = outputsOf(classes);
  return nOutputs === 1 ? raw : new Matrix(raw, [raw.length / nOutputs, nOutputs]);
}

/** Probabilities as a Matrix; a model of one class has one column. */
function probabilitiesOf(classes: LabelArray, rows: number, values: Float64Array): Matrix<Float64Array> {
  if (classes.length <= 1) return new Matrix(new Float64Array(rows).fill(1), [rows, 1]);
  return new Matrix(values, [rows, classes.length]);
}

/** What scorers ask of a classifier, from its raw predictions. */
function scorableOf(classes: LabelArray, loss: BoostingLoss, raw: Float64Array): Scorable {
  const nOutputs = outputsOf(classes);
  return {
    classes_: classes,
    predict: () => Promise.resolve(labelsOf(classes, raw)),
    predictProba: () =>
      Promise.resolve(probabilitiesOf(classes, raw.length / nOutputs, responseOf(loss, raw, nOutputs))),
    decisionFunction: () => Promise.resolve(decisionOf(classes, raw)),
  };
}

function lossOf(classes: LabelArray): BoostingLoss {
  return classes.length <= 2 ? "logLoss" : "multinomial";
}

function checkSameClasses(where: string, last: LabelArray, now: LabelArray): void {
  if (last.length === now.length && Array.from<Label>(last).every((label, k) => label === now[k])) return;
  throw invalidArgument(`${where}: warmStart needs the classes of the last fit in y, all of them and no others`);
}
