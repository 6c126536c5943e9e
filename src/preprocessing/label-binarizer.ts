import { invalidArgument, invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, integer, type ParamSpecs } from "../base/params.js";
import { argmax } from "../data/argmax.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { decodeLabels, encodeLabels, inTurns, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { sparseOnes } from "./ones.js";

/** Parameters of LabelBinarizer. */
export interface LabelBinarizerParams {
  /** What stands for "not this class". Default 0. */
  negLabel: number;
  /** What stands for "this class". Default 1. */
  posLabel: number;
  /** Give a CsrMatrix; needs negLabel 0. Default false. */
  sparseOutput: boolean;
}

const SPECS: ParamSpecs<LabelBinarizerParams> = {
  negLabel: integer(0),
  posLabel: integer(1),
  sparseOutput: boolean(false),
};

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
}

/** Options of LabelBinarizer.inverseTransform. */
export interface LabelBinarizerInverseOptions extends RunOptions {
  /** With two classes: above it is the second. Default: half way between negLabel and posLabel. */
  readonly threshold?: number | undefined;
}

/**
 * A column for each class, one for two classes: scikit-learn's LabelBinarizer (one against the rest). Labels that fit did
 * not see are a row of negLabel. Classifiers take labels as they are; for several labels a row: MultiLabelBinarizer.
 *
 * @example
 * const binarizer = new LabelBinarizer();
 * await binarizer.fitTransform(["a", "c", "b"]); // Matrix [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
 */
export class LabelBinarizer extends BaseEstimator<LabelBinarizerParams, Fitted> {
  constructor(params: Partial<LabelBinarizerParams> = {}) {
    super("LabelBinarizer", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: true, sampleWeight: false, labelsOnly: true };
  }

  /**
   * Learns the classes of y.
   *
   * @throws TreelineError ERR_INVALID_DATA for missing, continuous or mixed labels; ERR_INVALID_ARGUMENT for a negLabel not
   * below posLabel, or for sparseOutput with another negLabel than 0.
   */
  async fit(y: VectorLike, options: RunOptions = {}): Promise<this> {
    await this.#fit(y, options);
    return this;
  }

  /** nSamples × nClasses, × 1 for two classes or one. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async transform(y: VectorLike, options: RunOptions = {}): Promise<Matrix<Float64Array> | CsrMatrix<Float64Array>> {
    const { classes } = this.fitted("transform");
    const given = await encodeLabels(y, "LabelBinarizer.transform: y", options.signal);
    const known = new Map(Array.from<Label, [Label, number]>(classes, (label, code) => [label, code]));
    const place = Int32Array.from(given.classes, (label: Label) => known.get(label) ?? -1);
    return this.#columns(
      given.codes.map((code) => place[code] as number),
      classes.length,
      options.signal,
    );
  }

  /** fit, then transform of the same y. */
  async fitTransform(y: VectorLike, options: RunOptions = {}): Promise<Matrix<Float64Array> | CsrMatrix<Float64Array>> {
    return this.#columns(await this.#fit(y, options), this.fitted("fitTransform").classes.length, options.signal);
  }

  /**
   * The labels of columns, or of a classifier's scores: with two classes by the threshold, else the greatest.
   *
   * @param Y what transform gives, nSamples × nClasses (× 1); predictions of a decision function or of probabilities too.
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_DATA for another number of columns.
   */
  async inverseTransform(
    Y: Matrix | CsrMatrix | readonly (readonly number[])[],
    { threshold, signal }: LabelBinarizerInverseOptions = {},
  ): Promise<LabelArray> {
    const { classes } = this.fitted("inverseTransform");
    const given = Y instanceof CsrMatrix || Y instanceof Matrix ? Y : Matrix.from(Y);
    const width = classes.length > 2 ? classes.length : 1;
    if (given.cols !== width) {
      throw invalidData(`LabelBinarizer.inverseTransform: Y has ${given.cols} columns, but ${width} are expected`);
    }
    const { negLabel, posLabel } = this.params;
    const least = threshold ?? (negLabel + posLabel) / 2;
    const codes = new Int32Array(given.rows);
    await inTurns(given.rows, signal, (begin, end) => {
      const part = given instanceof CsrMatrix ? given.slice(begin, end).toDense() : given;
      for (let i = begin; i < end; i++) {
        const row = part.row(part === given ? i : i - begin);
        if (width > 1) codes[i] = argmax(row);
        else codes[i] = classes.length > 1 && (row[0] as number) > least ? 1 : 0;
      }
    });
    return decodeLabels(classes, codes);
  }

  /** The classes, sorted: column k stands for classes_[k]. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  async #fit(y: VectorLike, { signal }: RunOptions): Promise<Int32Array> {
    this.checkParams();
    const { negLabel, posLabel, sparseOutput } = this.params;
    const where = "LabelBinarizer.fit";
    if (negLabel >= posLabel) {
      throw invalidArgument(`${where}: negLabel must be less than posLabel, got ${negLabel} and ${posLabel}`);
    }
    if (sparseOutput && negLabel !== 0) {
      throw invalidArgument(`${where}: sparseOutput needs negLabel 0, got ${show(negLabel)}`);
    }
    const { classes, codes } = await encodeLabels(y, `${where}: y`, signal);
    if (codes.length === 0) throw invalidData(`${where}: y has 0 labels; at least 1 is needed`);
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: undefined, classes });
    return codes;
  }

  async #columns(
    codes: Int32Array,
    nClasses: number,
    signal: AbortSignal | undefined,
  ): Promise<Matrix<Float64Array> | CsrMatrix<Float64Array>> {
    const { negLabel, posLabel, sparseOutput } = this.params;
    const width = nClasses > 2 ? nClasses : 1;
    const column = (code: number): number => (width > 1 ? code : code === 1 ? 0 : -1);
    if (sparseOutput) {
      const ones = await sparseOnes(codes.map(column), codes.length, width, signal);
      ones.data.fill(posLabel);
      return ones;
    }
    const data = new Float64Array(codes.length * width).fill(negLabel);
    await inTurns(codes.length, signal, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const at = column(codes[i] as number);
        if (at >= 0) data[i * width + at] = posLabel;
      }
    });
    return new Matrix(data, [codes.length, width]);
  }
}
