import { BaseEstimator, type FittedBase } from "../base/estimator.js";
import type { InputLike } from "../data/documents.js";
import type { Matrix } from "../data/matrix.js";
import type { LabelArray } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import type { Answer } from "./wrapped.js";

/** Estimators that answer what an estimator inside them answers: its methods, where it has them. */
export abstract class AnsweringEstimator<P extends object, F extends FittedBase> extends BaseEstimator<P, F> {
  /** A method of the estimator inside, as this one answers it: a function, or undefined where there is none. */
  protected abstract answer(method: Answer): never;

  /** The estimator's predictions; undefined if it gives none. */
  get predict(): (X: InputLike, options?: RunOptions) => Promise<LabelArray> {
    return this.answer("predict");
  }

  /** The estimator's class probabilities; undefined if it gives none. */
  get predictProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.answer("predictProba");
  }

  /** Logarithms of the estimator's class probabilities; undefined if it gives none. */
  get predictLogProba(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.answer("predictLogProba");
  }

  /** The estimator's decision values; undefined if it gives none. */
  get decisionFunction(): (X: InputLike, options?: RunOptions) => Promise<Float64Array | Matrix<Float64Array>> {
    return this.answer("decisionFunction");
  }

  /** The table as the estimator transforms it; undefined if it is no transformer. */
  get transform(): (X: InputLike, options?: RunOptions) => Promise<Matrix<Float64Array>> {
    return this.answer("transform");
  }
}
