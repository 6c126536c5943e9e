import { nJobs, nullable, number, randomState, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import { DescentClassifier } from "./descent-classifier.js";
import type { DescentParams } from "./sgd-fit.js";
import { penaltySpec, sgdSpecs, type SgdParams } from "./sgd-params.js";

/** Parameters of Perceptron. */
export interface PerceptronParams extends Omit<SgdParams, "epsilon" | "learningRate" | "powerT" | "average"> {
  /** Weights of the classes; with more than two, a class's weight counts for its own rows only. Default null. */
  classWeight: ClassWeight;
  /** Threads: classes are learned at the same time; the result does not depend on it. Default null: all cores. */
  nJobs: number | null;
}

const {
  epsilon: _epsilon,
  learningRate: _learningRate,
  powerT: _powerT,
  average: _average,
  ...common
} = sgdSpecs("constant", 0.5);

const SPECS: ParamSpecs<PerceptronParams> = {
  ...common,
  penalty: penaltySpec(null),
  eta0: number(1, { min: 0, exclusiveMin: true }),
  randomState: nullable(randomState(), 0),
  classWeight: classWeightSpec(),
  nJobs: nJobs(),
};

/** What makes a descent a perceptron's. */
const FIXED = { loss: "perceptron", learningRate: "constant", epsilon: 0.1, powerT: 0.5, average: false } as const;

/**
 * The perceptron: SGDClassifier with the loss "perceptron", the constant step eta0 (default 1) and, by default, no penalty.
 * It changes only on rows it gets wrong. Follows scikit-learn's Perceptron.
 *
 * @example const model = await new Perceptron().fit(X, y);
 */
export class Perceptron extends DescentClassifier<PerceptronParams> {
  constructor(params: Partial<PerceptronParams> = {}) {
    super("Perceptron", SPECS, params);
  }

  protected get descent(): DescentParams {
    return { ...this.params, ...FIXED };
  }
}
