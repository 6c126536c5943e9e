import { invalidData } from "../base/errors.js";
import { clone } from "../base/estimator.js";
import { custom, type ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import { encodeLabels, type Label, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { estimatorSpec, type Methods, type Wrappable } from "../wrappers/wrapped.js";
import {
  posLabelSpec,
  positivePlace,
  responseMethodOf,
  responseSpec,
  ThresholdClassifier,
  type ThresholdFitted,
  type ThresholdResponse,
} from "./threshold-classifier.js";

/** Parameters of FixedThresholdClassifier. */
export interface FixedThresholdClassifierParams {
  /** The classifier, of two classes. It is cloned, not changed. */
  estimator: Wrappable | null;
  /** From which score on a row is positive. Default "auto": 0.5 of probabilities, 0 of decision values. */
  threshold: number | "auto";
  /** The label that counts as positive. Default null: the greater one. */
  posLabel: Label | null;
  /** What is compared: "auto" (default) predictProba where there is one, else decisionFunction. */
  responseMethod: ThresholdResponse;
}

const SPECS: ParamSpecs<FixedThresholdClassifierParams> = {
  estimator: estimatorSpec("fit"),
  threshold: custom<number | "auto">(
    "auto",
    'a finite number or "auto"',
    (value) => value === "auto" || Number.isFinite(value),
    "half",
  ),
  posLabel: posLabelSpec(),
  responseMethod: responseSpec(),
};

/** Options of fit: they go to the estimator. */
export interface ThresholdFitOptions extends RunOptions {
  readonly sampleWeight?: VectorLike | undefined;
}

/**
 * A classifier of two classes with a threshold of yours: scikit-learn's FixedThresholdClassifier. Where one class is rare, 0.5 is
 * seldom what the costs ask for.
 *
 * @example const model = new FixedThresholdClassifier({ estimator: new LogisticRegression(), threshold: 0.1 });
 */
export class FixedThresholdClassifier extends ThresholdClassifier<FixedThresholdClassifierParams, ThresholdFitted> {
  constructor(params: Partial<FixedThresholdClassifierParams> = {}) {
    super("FixedThresholdClassifier", SPECS, params);
  }

  /** Fits the estimator. @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimator throws. */
  async fit(X: InputLike, y: VectorLike, options: ThresholdFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "FixedThresholdClassifier.fit";
    const { threshold, posLabel, responseMethod } = this.params;
    const estimator = clone(this.params.estimator as Wrappable);
    const method = responseMethodOf(estimator, responseMethod, where);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const { classes } = await encodeLabels(y, `${where}: y`, options.signal);
    if (classes.length === 0) throw invalidData(`${where}: y is empty`);
    const positive = positivePlace(classes, posLabel, where);
    await (estimator as Required<Methods>).fit(X, y, options);
    const fixed = threshold === "auto" ? (method === "predictProba" ? 0.5 : 0) : threshold;
    this.setFitted({ nFeaturesIn, featureNamesIn, estimator, threshold: fixed, classes, positive });
    return this;
  }
}
