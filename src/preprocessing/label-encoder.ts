import { invalidData, show } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { type ParamSpecs } from "../base/params.js";
import {
  decodeLabels,
  encodeLabels,
  readColumn,
  type Label,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";

type LabelEncoderParams = Record<string, never>;
const SPECS: ParamSpecs<LabelEncoderParams> = {};

interface Fitted extends FittedBase {
  readonly classes: LabelArray;
}

/**
 * Encodes labels as integers 0 … nClasses - 1, in sorted order; follows scikit-learn's LabelEncoder. Classifiers do this
 * by themselves.
 *
 * @example
 * const encoder = new LabelEncoder();
 * await encoder.fitTransform(["paris", "paris", "tokyo", "amsterdam"]); // Int32Array [1, 1, 2, 0]
 */
export class LabelEncoder extends BaseEstimator<LabelEncoderParams, Fitted> {
  constructor(params: LabelEncoderParams = {}) {
    super("LabelEncoder", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: true, sampleWeight: false, labelsOnly: true };
  }

  /** Learns the classes of y. @throws TreelineError ERR_INVALID_DATA for missing, continuous or mixed labels. */
  async fit(y: VectorLike): Promise<this> {
    await this.fitTransform(y);
    return this;
  }

  /** The codes of y. @throws TreelineError ERR_INVALID_DATA for labels that fit did not see. */
  async transform(y: VectorLike): Promise<Int32Array> {
    const { classes } = this.fitted("transform");
    const given = await encodeLabels(y, "LabelEncoder.transform: y");
    const known = new Map(Array.from<Label, [Label, number]>(classes, (label, code) => [label, code]));
    const place = Int32Array.from(given.classes, (label: Label) => {
      const code = known.get(label);
      if (code === undefined)
        throw invalidData(`LabelEncoder.transform: y has the label ${show(label)}, which fit did not see`);
      return code;
    });
    return given.codes.map((code) => place[code] as number);
  }

  /** fit, then transform of the same y. */
  async fitTransform(y: VectorLike): Promise<Int32Array> {
    this.checkParams();
    const { classes, codes } = await encodeLabels(y, "LabelEncoder.fit: y");
    this.setFitted({ nFeaturesIn: 1, featureNamesIn: undefined, classes });
    return codes;
  }

  /** The labels of codes. @throws TreelineError ERR_INVALID_DATA for anything but integers in 0 … nClasses - 1. */
  async inverseTransform(codes: VectorLike): Promise<LabelArray> {
    const { classes } = this.fitted("inverseTransform");
    const values = Array.from<unknown>(
      (await readColumn(codes, "LabelEncoder.inverseTransform: codes")) as ArrayLike<unknown>,
    );
    const wrong = values.findIndex((code) => !(Number(code) in classes));
    if (wrong >= 0) {
      throw invalidData(
        `LabelEncoder.inverseTransform: codes must be integers in 0 … ${classes.length - 1}, got ${show(values[wrong])} in row ${wrong}`,
      );
    }
    return decodeLabels(classes, values.map(Number));
  }

  /** The classes, sorted: code k stands for classes_[k]. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }
}
