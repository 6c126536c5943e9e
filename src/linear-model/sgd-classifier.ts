import { choice, nJobs, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import type { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { SgdLoss } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { DescentClassifier } from "./descent-classifier.js";
import type { DescentParams } from "./sgd-fit.js";
import { sgdSpecs, type SgdParams } from "./sgd-params.js";

/** Parameters of SGDClassifier. */
export interface SGDClassifierParams extends SgdParams {
  /**
   * "hinge" (default): a linear support vector machine; "logLoss": logistic regression; "modifiedHuber", "squaredHinge",
   * "perceptron"; or a loss of regression on -1 and 1.
   */
  loss: SgdLoss;
  /** Weights of the classes; with more than two, a class's weight counts for its own rows only. Default null. */
  classWeight: ClassWeight;
  /** Threads: classes are learned at the same time; the result does not depend on it. Default null: all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<SGDClassifierParams> = {
  loss: choice("hinge", [
    "hinge",
    "squaredHinge",
    "logLoss",
    "modifiedHuber",
    "perceptron",
    "squaredError",
    "huber",
    "epsilonInsensitive",
    "squaredEpsilonInsensitive",
  ]),
  ...sgdSpecs("optimal", 0.5),
  classWeight: classWeightSpec(),
  nJobs: nJobs(),
};

/**
 * Linear classifiers learned by stochastic gradient descent: one step per row, one class against all others.
 * Follows scikit-learn's SGDClassifier step by step: without shuffling its coefficients come out. The order of the rows in
 * an epoch depends on randomState and the number of steps made, so it is the same for any nJobs and any chunking of X.
 * Columns should be of similar scale: put a StandardScaler before it. Sparse rows count as the same rows dense do;
 * scikit-learn learns the intercept a hundred times slower from sparse ones.
 *
 * @example
 * const model = new SGDClassifier({ loss: "logLoss", randomState: 0 });
 * for await (const [X, y] of batches) await model.partialFit(X, y, { classes: ["ham", "spam"] });
 */
export class SGDClassifier extends DescentClassifier<SGDClassifierParams> {
  constructor(params: Partial<SGDClassifierParams> = {}) {
    super("SGDClassifier", SPECS, params);
  }

  /**
   * Probabilities: nSamples × nClasses, for the losses "logLoss" and "modifiedHuber"; undefined for others, which know
   * none. With more than two classes they are those of each class against all others, divided by their sum.
   */
  get predictProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#perClass("predictProba", "sigmoid", "clipped");
  }

  /** Logarithms of predictProba; undefined for losses that know no probabilities. */
  get predictLogProba(): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.#perClass("predictLogProba", "logSigmoid", "logClipped");
  }

  protected get descent(): DescentParams {
    return this.params;
  }

  #perClass(
    method: string,
    ofLogLoss: "sigmoid" | "logSigmoid",
    ofModifiedHuber: "clipped" | "logClipped",
  ): (X: MatrixLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    const { loss, nJobs } = this.params;
    if (loss !== "logLoss" && loss !== "modifiedHuber") return undefined as never;
    const output = loss === "logLoss" ? ofLogLoss : ofModifiedHuber;
    return async (X, options) => this.answers.perClass(this.source(method, X), this.margins(), output, nJobs, options);
  }
}
