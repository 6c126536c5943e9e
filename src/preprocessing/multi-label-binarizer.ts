import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, custom, nullable, type ParamSpecs } from "../base/params.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { compareLabels, labelArray, inTurns, type Label, type LabelArray } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";

/** The labels of every row, in any order and number. */
export type LabelSets = readonly Iterable<Label>[];

/** Parameters of MultiLabelBinarizer. */
export interface MultiLabelBinarizerParams {
  /** The classes in the order of the columns. Default null: those of fit's data, sorted. */
  classes: readonly Label[] | null;
  /** Give a CsrMatrix. Default false. */
  sparseOutput: boolean;
}

const SPECS: ParamSpecs<MultiLabelBinarizerParams> = {
  classes: nullable(custom<readonly Label[]>([], "an array of labels, or null", Array.isArray, 1)),
  sparseOutput: boolean(false),
};

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
}

/**
 * A column for each class, 1 where a row has it, for rows of several labels: scikit-learn's MultiLabelBinarizer.
 *
 * @example
 * const binarizer = new MultiLabelBinarizer();
 * await binarizer.fitTransform([["sea", "ship"], ["ship"], []]); // Matrix [[1, 1], [0, 1], [0, 0]]
 */
export class MultiLabelBinarizer extends BaseEstimator<MultiLabelBinarizerParams, Fitted> {
  constructor(params: Partial<MultiLabelBinarizerParams> = {}) {
    super("MultiLabelBinarizer", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: true, sampleWeight: false, labelsOnly: true };
  }

  /**
   * Learns the classes.
   *
   * @param y an array, a Set or any iterable of labels for each row.
   * @throws TreelineError ERR_INVALID_DATA for missing labels or labels of several types; ERR_INVALID_ARGUMENT for classes
   * that are there twice.
   */
  async fit(y: LabelSets, { signal }: RunOptions = {}): Promise<this> {
    this.checkParams();
    const where = "MultiLabelBinarizer.fit";
    const { classes: given } = this.params;
    const seen = new Set<Label>();
    await eachLabel(y, `${where}: y`, signal, (label) => void seen.add(label));
    if (given !== null && new Set(given).size !== given.length) {
      throw invalidArgument(`${where}: classes must differ from one another, got ${given.map(show).join(", ")}`);
    }
    const classes = given === null ? [...seen].sort(compareLabels) : [...given];
    const types = new Set(classes.map((label) => typeof label));
    if (types.size > 1) {
      throw invalidData(`${where}: y must hold labels of one type, got ${[...types].sort().join("s and ")}s`);
    }
    signal?.throwIfAborted();
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: undefined, classes: labelArray(classes) });
    return this;
  }

  /**
   * nSamples × nClasses. Labels that fit did not see are left out, with a warning.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  async transform(y: LabelSets, { signal }: RunOptions = {}): Promise<Matrix<Float64Array> | CsrMatrix<Float64Array>> {
    const { classes } = this.fitted("transform");
    const where = "MultiLabelBinarizer.transform";
    const places = new Map(Array.from<Label, [Label, number]>(classes, (label, k) => [label, k]));
    const unknown = new Set<Label>();
    const rows: Set<number>[] = y instanceof Array ? y.map(() => new Set<number>()) : [];
    await eachLabel(y, `${where}: y`, signal, (label, i) => {
      const place = places.get(label);
      if (place === undefined) unknown.add(label);
      else (rows[i] as Set<number>).add(place);
    });
    if (unknown.size > 0)
      warnData(`${where}: left out labels that fit did not see: ${[...unknown].slice(0, 10).map(show).join(", ")}`);
    return this.params.sparseOutput ? sparseRows(rows, classes.length) : denseRows(rows, classes.length);
  }

  /** fit, then transform of the same y. */
  async fitTransform(y: LabelSets, options: RunOptions = {}): Promise<Matrix<Float64Array> | CsrMatrix<Float64Array>> {
    return (await this.fit(y, options)).transform(y, options);
  }

  /** The labels of every row of zeros and ones, sorted. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  async inverseTransform(
    Y: Matrix | CsrMatrix | readonly (readonly number[])[],
    { signal }: RunOptions = {},
  ): Promise<Label[][]> {
    const { classes } = this.fitted("inverseTransform");
    const where = "MultiLabelBinarizer.inverseTransform";
    const given = Y instanceof CsrMatrix || Y instanceof Matrix ? Y : Matrix.from(Y);
    if (given.cols !== classes.length) {
      throw invalidData(`${where}: Y has ${given.cols} columns, but ${classes.length} are expected`);
    }
    const out: Label[][] = [];
    await inTurns(given.rows, signal, (begin, end) => {
      const part = given instanceof CsrMatrix ? given.slice(begin, end).toDense() : given;
      for (let i = begin; i < end; i++) {
        const row = part.row(part === given ? i : i - begin);
        const odd = row.find((value) => value !== 0 && value !== 1);
        if (odd !== undefined) throw invalidData(`${where}: Y must hold 0 and 1 only, got ${odd} in row ${i}`);
        out.push(Array.from<Label>(classes).filter((_, k) => row[k] === 1));
      }
    });
    return out;
  }

  /** The classes: column k stands for classes_[k]. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }
}

async function eachLabel(
  y: LabelSets,
  where: string,
  signal: AbortSignal | undefined,
  body: (label: Label, row: number) => void,
): Promise<void> {
  if (!Array.isArray(y)) throw invalidArgument(`${where} must be an array of labels for each row, got ${show(y)}`);
  await inTurns(y.length, signal, (begin, end) => {
    for (let i = begin; i < end; i++) {
      const row: unknown = y[i];
      if (typeof row !== "object" || row === null || !(Symbol.iterator in row)) {
        throw invalidData(`${where} must hold arrays or Sets of labels, got ${show(row)} in row ${i}`);
      }
      for (const label of row as Iterable<unknown>) {
        if (!["string", "number", "boolean", "bigint"].includes(typeof label) || Number.isNaN(label)) {
          throw invalidData(`${where} holds ${show(label)} in row ${i}; labels are strings, numbers or booleans`);
        }
        body(label as Label, i);
      }
    }
  });
}

function sparseRows(rows: readonly ReadonlySet<number>[], cols: number): CsrMatrix<Float64Array> {
  const indptr = new Float64Array(rows.length + 1);
  rows.forEach((row, i) => (indptr[i + 1] = (indptr[i] as number) + row.size));
  const indices = Int32Array.from(rows.flatMap((row) => [...row].sort((a, b) => a - b)));
  return new CsrMatrix(new Float64Array(indices.length).fill(1), indices, Int32Array.from(indptr), [rows.length, cols]);
}

function denseRows(rows: readonly ReadonlySet<number>[], cols: number): Matrix<Float64Array> {
  const data = new Float64Array(rows.length * cols);
  rows.forEach((row, i) => row.forEach((k) => (data[i * cols + k] = 1)));
  return new Matrix(data, [rows.length, cols]);
}
