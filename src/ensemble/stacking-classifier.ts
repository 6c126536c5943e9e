import type { EstimatorTags } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import { inputShape, type InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import { readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { LogisticRegression } from "../linear-model/logistic-regression.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { RunOptions } from "../native/job.js";
import { has, type Wrappable } from "../wrappers/wrapped.js";
import { checkWeighable, methodsOf, readLabels, type EnsembleFitOptions } from "./member-fit.js";
import { NamedMembers } from "./named-members.js";
import { answersOf, fitStack, stackedTable, type StackMembers } from "./stack-fit.js";
import {
  checkFinal,
  STACKING_SPECS,
  stackMethodOf,
  stackNames,
  stackTags,
  type StackingFitted,
  type StackingParams,
  type StackMethod,
} from "./stacking-params.js";

/** Parameters of StackingClassifier. finalEstimator is a LogisticRegression by default. */
export interface StackingClassifierParams extends StackingParams {
  /** What the final estimator learns of each estimator: "auto" (default) takes what it has, in this order. */
  stackMethod: "auto" | StackMethod;
}

const SPECS: ParamSpecs<StackingClassifierParams> = {
  ...STACKING_SPECS,
  stackMethod: choice("auto", ["auto", "predictProba", "decisionFunction", "predict"]),
};

interface Fitted extends StackingFitted {
  readonly classes: LabelArray;
}

/**
 * A classifier that learns from what other estimators say of rows that they did not learn from: scikit-learn's
 * StackingClassifier. The estimators are fitted on all rows and on folds of them, many fits at the same time. Regressors among
 * them learn the places of the labels in classes_; several targets at once are not supported.
 *
 * @example
 * const model = new StackingClassifier({
 *   estimators: [
 *     ["trees", new HistGradientBoostingClassifier()],
 *     ["bayes", new GaussianNB()],
 *   ],
 *   cv: 5,
 * });
 * const probabilities = await (await model.fit(X, y)).predictProba(XTest); // Matrix, nSamples × nClasses
 */
export class StackingClassifier extends NamedMembers<StackingClassifierParams, Fitted> {
  constructor(params: Partial<StackingClassifierParams> = {}) {
    super("StackingClassifier", SPECS, params);
  }

  get tags(): EstimatorTags {
    return stackTags(this.memberTags("classifier"), this.#final(), this.params.passthrough);
  }

  /**
   * Fits the estimators on all rows and on the folds, then the final estimator. X: nSamples × nFeatures; y: nSamples labels.
   * Progress counts fits.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA, and what the estimators throw.
   */
  async fit(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "StackingClassifier.fit";
    const used = this.checkedMembers(where);
    const { stackMethod } = this.params;
    const final = this.#final();
    checkFinal(final, "classifier", where);
    const methods = used.map(([name, estimator]) => stackMethodOf(name, estimator, stackMethod, where));
    const { signal, sampleWeight } = options;
    checkWeighable([...used, ["finalEstimator", final]], sampleWeight, where);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = inputShape(X, `${where}: X`);
    const { values, classes, codes } = await readLabels(y, `${where}: y`, signal);
    const weights = await readSampleWeight(sampleWeight, values.length, where);
    const members: StackMembers = { used, methods, classes };
    const task = { where, ensemble: this, members, final, X, y: values, codes: Float64Array.from(codes), weights };
    const { estimators, ...learned } = await fitStack(task, options);
    this.setFitted({ nFeaturesIn, featureNamesIn, members: this.withFitted(estimators), classes, ...learned });
    return this;
  }

  /** What the final estimator predicts. */
  async predict(X: InputLike, options: RunOptions = {}): Promise<LabelArray> {
    return (await this.#ask("predict", X, options)) as LabelArray;
  }

  /** The final estimator's class probabilities; undefined if it gives none. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#answer("predictProba");
  }

  /** The final estimator's decision values; undefined if it gives none. */
  get decisionFunction(): (X: InputLike, options?: RunOptions) => Promise<Float64Array | Matrix<Float64Array>> {
    return this.#answer("decisionFunction");
  }

  /**
   * What the final estimator learns from: the estimators' answers side by side, of two classes' probabilities those of the
   * second, and with passthrough X. A CsrMatrix where X is one that passes through.
   */
  async transform(X: InputLike, options: RunOptions = {}): Promise<Matrix<Float64Array>> {
    const { methods, classes, passthrough } = this.fitted("transform");
    const where = "StackingClassifier.transform";
    this.checkFeatures("transform", inputShape(X, `${where}: X`));
    const members: StackMembers = { used: this.used("transform"), methods, classes };
    const { signal } = options;
    const columns = await answersOf(members, X, { nJobs: this.params.nJobs, signal });
    return (await stackedTable(members, columns, X, passthrough, where, signal)) as Matrix<Float64Array>;
  }

  /** fit, then transform of the same X. */
  async fitTransform(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<Matrix<Float64Array>> {
    return (await this.fit(X, y, options)).transform(X, { signal: options.signal });
  }

  /** Names of transform's columns: "stackingclassifier_name", numbered where there are several, and X's with passthrough. */
  getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = this.used("getFeatureNamesOut").map(([name]) => name);
    return stackNames(this.className, names, fitted, inputFeatures);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: InputLike, y: VectorLike, options: EnsembleFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** The fitted final estimator. */
  get finalEstimator_(): Wrappable {
    return this.fitted("finalEstimator_").finalEstimator;
  }

  /** What is asked of each estimator that is used. */
  get stackMethod_(): readonly StackMethod[] {
    return this.fitted("stackMethod_").methods;
  }

  #final(): Wrappable {
    return this.params.finalEstimator ?? new LogisticRegression();
  }

  #answer(method: "predictProba" | "decisionFunction"): never {
    if (!has(this.fittedOrUndefined?.finalEstimator ?? this.#final(), method)) return undefined as never;
    return ((X: InputLike, options: RunOptions = {}) => this.#ask(method, X, options)) as never;
  }

  async #ask(
    method: "predict" | "predictProba" | "decisionFunction",
    X: InputLike,
    options: RunOptions,
  ): Promise<unknown> {
    const { finalEstimator } = this.fitted(method);
    this.checkFeatures(method, inputShape(X, `StackingClassifier.${method}: X`));
    const table = await this.transform(X, options);
    return methodsOf(finalEstimator)[method](table, { signal: options.signal });
  }
}
