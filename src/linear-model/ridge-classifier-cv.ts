import { invalidArgument } from "../base/errors.js";
import { boolean, nJobs, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { decodeLabels, encodeLabels, readSampleWeight, type EncodedLabels, type VectorLike } from "../data/vector.js";
import { cvSpec, type Cv } from "../model-selection/check-cv.js";
import { measuresOf, type ScorerLike } from "../model-selection/scoring.js";
import { addon } from "../native/load.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { alphaOnFolds } from "./alpha-on-folds.js";
import { checkClasses, learn, trainingSource, type LinearFitOptions } from "./learn.js";
import { RidgeClassifier } from "./ridge-classifier.js";
import { alphasSpec, leftOutPredictions, oneScoringSpec } from "./ridge-cv.js";
import { SignClassifier, signs, type SignFitted } from "./sign-classifier.js";

/** Parameters of RidgeClassifierCV. */
export interface RidgeClassifierCVParams {
  /** Penalties to try, all positive. Default [0.1, 1, 10]. */
  alphas: readonly number[];
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /**
   * What the best penalty has most of: the name of a scorer, or one of yours. Default null: minus the mean squared error of the
   * signs where rows are left out one by one, accuracy with cv.
   */
  scoring: string | ScorerLike | null;
  /** How to split. Default null: rows are left out one by one, exactly, from one decomposition. */
  cv: Cv;
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
  /** Keep every row's squared error (with scoring: its decision values) for every penalty: cvResults_. Only without cv. Default false. */
  storeCvResults: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<RidgeClassifierCVParams> = {
  alphas: alphasSpec(),
  fitIntercept: boolean(true),
  scoring: oneScoringSpec(),
  cv: cvSpec(),
  classWeight: classWeightSpec(),
  storeCvResults: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends SignFitted {
  readonly alpha: number;
  readonly score: number;
  readonly nAlphas: number;
  /** Empty unless asked for. */
  readonly kept: Float64Array;
}

/**
 * RidgeClassifier that picks its penalty, by leaving rows out one by one or on folds: scikit-learn's RidgeClassifierCV.
 *
 * @example
 * const model = await new RidgeClassifierCV({ alphas: [0.01, 0.1, 1, 10], classWeight: "balanced" }).fit(X, y);
 * console.log(model.alpha_, model.bestScore_);
 */
export class RidgeClassifierCV extends SignClassifier<RidgeClassifierCVParams, Fitted> {
  constructor(params: Partial<RidgeClassifierCVParams> = {}) {
    super("RidgeClassifierCV", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples labels of at least two classes.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RidgeClassifierCV.fit";
    const { alphas, classWeight, fitIntercept, nJobs, cv, scoring, storeCvResults } = this.params;
    if (cv !== null) return this.#fitOnFolds(X, y, options, where);
    const source = trainingSource(X, where);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    checkClasses(where, labels);
    const rows = labels.codes.length;
    const sampleWeight = await readSampleWeight(options.sampleWeight, rows, where);
    const weights = combinedWeights(classWeight, labels, sampleWeight, where);
    const nOutputs = labels.classes.length === 2 ? 1 : labels.classes.length;
    const targets = signs(labels, nOutputs);
    const learning = { className: this.className, nJobs };
    const keepErrors = storeCvResults || scoring !== null;
    const settings = { alphas: Float64Array.from(alphas), alphaPerTarget: false, keepErrors, fitIntercept };
    const result = await learn(learning, source, rows, options, (sink, job) =>
      addon().fitRidgeCv(sink, targets, nOutputs, weights, settings, job),
    );
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    const shared = { nFeaturesIn, featureNamesIn, classes: labels.classes, nAlphas: alphas.length };
    if (scoring === null) {
      const kept = result.errors.map((error) => error * error);
      const [alpha, score] = [result.alpha[0] as number, result.score[0] as number];
      this.setFitted({ ...shared, coef: result.coef, intercept: result.intercept, alpha, score, kept });
      return this;
    }
    const decisions = leftOutPredictions(result.errors, targets, weights, nOutputs, alphas.length);
    const best = await this.#best(decisions, labels, nOutputs, y, sampleWeight, where);
    const refit = {
      alpha: new Float64Array(nOutputs).fill(best.alpha),
      fitIntercept,
      positive: false,
      withRank: false,
    };
    const { coef, intercept } = await learn(learning, source, rows, options, (sink, job) =>
      addon().fitLeastSquares(sink, targets, nOutputs, weights, refit, job),
    );
    this.setFitted({ ...shared, coef, intercept, ...best, kept: storeCvResults ? decisions : new Float64Array(0) });
    return this;
  }

  /** The penalty that was picked. */
  get alpha_(): number {
    return this.fitted("alpha_").alpha;
  }

  /** The score of alpha_: minus the mean squared leave-one-out error, or what scoring says. */
  get bestScore_(): number {
    return this.fitted("bestScore_").score;
  }

  /**
   * Squared leave-one-out errors (with scoring: decision values) with storeCvResults: nSamples × (nOutputs · nAlphas), the alphas
   * of one output after those of another. Undefined without.
   */
  get cvResults_(): Matrix<Float64Array> | undefined {
    const { kept, nAlphas, intercept } = this.fitted("cvResults_");
    const width = nAlphas * intercept.length;
    return kept.length === 0 ? undefined : new Matrix(kept, [kept.length / width, width]);
  }

  /** By cross-validation on folds. */
  async #fitOnFolds(X: MatrixLike, y: VectorLike, options: LinearFitOptions, where: string): Promise<this> {
    const { alphas, classWeight, fitIntercept, nJobs, scoring, cv, storeCvResults } = this.params;
    if (storeCvResults)
      throw invalidArgument(`${where}: storeCvResults needs cv: null; on folds there is one score a penalty`);
    const estimator = new RidgeClassifier({ fitIntercept, classWeight });
    const { alpha, score } = await alphaOnFolds(estimator, X, y, { alphas, cv, scoring, nJobs, where }, options);
    const { sampleWeight, signal } = options;
    const best = new RidgeClassifier({ fitIntercept, classWeight, alpha, nJobs });
    const fitted = (await best.fit(X, y, { sampleWeight, signal })).saveState() as unknown as SignFitted;
    this.setFitted({ ...fitted, alpha, score, nAlphas: alphas.length, kept: new Float64Array(0) });
    return this;
  }

  /** The penalty whose decision values of rows left out score best, the first of equal ones. */
  async #best(
    decisions: Float64Array,
    { classes, codes }: EncodedLabels,
    nOutputs: number,
    y: VectorLike,
    sampleWeight: VectorLike | undefined,
    where: string,
  ): Promise<{ readonly alpha: number; readonly score: number }> {
    const { alphas, scoring } = this.params;
    const rows = codes.length;
    let [alpha, score] = [NaN, -Infinity];
    for (const [a, candidate] of alphas.entries()) {
      const of = (row: number, output: number): number =>
        decisions[(row * nOutputs + output) * alphas.length + a] as number;
      const predicted = Int32Array.from(codes, (_, i) => {
        if (nOutputs === 1) return of(i, 0) > 0 ? 1 : 0;
        let best = 0;
        for (let k = 1; k < nOutputs; k++) if (of(i, k) > of(i, best)) best = k;
        return best;
      });
      const values = Float64Array.from({ length: rows * nOutputs }, (_, k) =>
        of(Math.floor(k / nOutputs), k % nOutputs),
      );
      const answers = {
        classes_: classes,
        predict: () => Promise.resolve(decodeLabels(classes, predicted)),
        decisionFunction: () => Promise.resolve(nOutputs === 1 ? values : new Matrix(values, [rows, nOutputs])),
      } as unknown as Wrappable;
      const scores = await measuresOf(scoring, answers, where).score(answers, [[0]], y, sampleWeight);
      const value = Object.values(scores)[0] as number;
      if (a === 0 || value > score) [alpha, score] = [candidate, value];
    }
    return { alpha, score };
  }
}
