import { boolean, choice, nJobs, number, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, readSampleWeight, type VectorLike } from "../data/vector.js";
import { fitLeastSquares } from "./least-squares-fit.js";
import { checkClasses, trainingSource, type LinearFitOptions } from "./learn.js";
import { RIDGE_SOLVERS, type RidgeSolver } from "./ridge.js";
import { SignClassifier, signs, type SignFitted } from "./sign-classifier.js";

/** Parameters of RidgeClassifier. */
export interface RidgeClassifierParams {
  /** Strength of the L2 penalty. Default 1. */
  alpha: number;
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
  /** Accepted for scikit-learn's sake; every name gives the same, exact solution. Default "auto". */
  solver: RidgeSolver;
  /** Coefficients must not be negative. Default false. */
  positive: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<RidgeClassifierParams> = {
  alpha: number(1, { min: 0 }),
  fitIntercept: boolean(true),
  classWeight: classWeightSpec(),
  solver: choice("auto", RIDGE_SOLVERS),
  positive: boolean(false),
  nJobs: nJobs(),
};

/**
 * A classifier by ridge regression: targets 1 for a row's class and -1 for all others, the largest prediction wins.
 * Follows scikit-learn's RidgeClassifier. There is no iteration (but for sparse tables of more than 1000
 * columns): often the quickest linear classifier. The result is the
 * same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new RidgeClassifier().fit(X, y);
 */
export class RidgeClassifier extends SignClassifier<RidgeClassifierParams, SignFitted> {
  constructor(params: Partial<RidgeClassifierParams> = {}) {
    super("RidgeClassifier", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples labels of at least two classes.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RidgeClassifier.fit";
    const { alpha, classWeight, fitIntercept, positive, nJobs } = this.params;
    const source = trainingSource(X, where);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    checkClasses(where, labels);
    const rows = labels.codes.length;
    const sampleWeight = await readSampleWeight(options.sampleWeight, rows, where);
    const weights = combinedWeights(classWeight, labels, sampleWeight, where);
    const nOutputs = labels.classes.length === 2 ? 1 : labels.classes.length;
    const settings = { alpha: new Float64Array(nOutputs).fill(alpha), fitIntercept, positive, withRank: false };
    const problem = { rows, targets: signs(labels, nOutputs), nTargets: nOutputs, weights };
    const who = { className: this.className, nJobs };
    const { coef, intercept } = await fitLeastSquares(who, source, problem, settings, options);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, coef, intercept, classes: labels.classes });
    return this;
  }
}
