import { invalidArgument } from "../base/errors.js";
import { boolean, choice, custom, nJobs, nullable, type ParamSpec, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readTargets, type Targets, type TargetsLike } from "../data/targets.js";
import { readSampleWeight, type VectorLike } from "../data/vector.js";
import { cvSpec, type Cv } from "../model-selection/check-cv.js";
import { measuresOf, type ScorerLike } from "../model-selection/scoring.js";
import { addon } from "../native/load.js";
import type { Wrappable } from "../wrappers/wrapped.js";
import { alphaOnFolds } from "./alpha-on-folds.js";
import { learn, trainingSource, type LinearFitOptions } from "./learn.js";
import { multiTargetFitted, MultiTargetRegressor, type MultiTargetFitted } from "./multi-target-regressor.js";
import { Ridge } from "./ridge.js";

/** Parameters of RidgeCV. */
export interface RidgeCVParams {
  /** Penalties to try, all positive. Default [0.1, 1, 10]. */
  alphas: readonly number[];
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /**
   * What the best penalty has most of: the name of a scorer, or one of yours. Default null: minus the mean squared error where
   * rows are left out one by one, R² with cv.
   */
  scoring: string | ScorerLike | null;
  /** How to split. Default null: rows are left out one by one, exactly, from one decomposition. */
  cv: Cv;
  /** How scikit-learn comes to the same errors; every name gives the same. Default null. */
  gcvMode: "auto" | "svd" | "eigen" | null;
  /** Keep every row's squared error (with scoring: its prediction) for every penalty: cvResults_. Only without cv. Default false. */
  storeCvResults: boolean;
  /** Choose a penalty for every target by itself. Default false. */
  alphaPerTarget: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

/** The rule of penalties to try. */
export function alphasSpec(): ParamSpec<readonly number[]> {
  return custom<readonly number[]>(
    [0.1, 1, 10],
    "an array of positive numbers",
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((alpha) => typeof alpha === "number" && Number.isFinite(alpha) && alpha > 0),
    [0],
  );
}

/** The rule of a scoring parameter with one metric. */
export function oneScoringSpec(): ParamSpec<string | ScorerLike | null> {
  return custom<string | ScorerLike | null>(
    null,
    "the name of a scorer, a scorer, or null",
    (value) => value === null || typeof value === "string" || typeof value === "function",
    1,
  );
}

const SPECS: ParamSpecs<RidgeCVParams> = {
  alphas: alphasSpec(),
  fitIntercept: boolean(true),
  scoring: oneScoringSpec(),
  cv: cvSpec(),
  gcvMode: nullable(choice("auto", ["auto", "svd", "eigen"])),
  storeCvResults: boolean(false),
  alphaPerTarget: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends MultiTargetFitted {
  readonly alpha: Float64Array;
  readonly score: Float64Array;
  readonly isPerTarget: boolean;
  readonly nAlphas: number;
  /** Squared errors or predictions; empty unless asked for. */
  readonly errors: Float64Array;
}

/**
 * Ridge regression that picks its penalty by leave-one-out cross-validation: exact, from one decomposition, not from as
 * many fits as there are rows. With cv by cross-validation on folds. Follows scikit-learn's RidgeCV.
 * The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new RidgeCV({ alphas: [1e-3, 1e-2, 0.1, 1, 10] }).fit(X, y);
 * console.log(model.alpha_, model.bestScore_);
 */
export class RidgeCV extends MultiTargetRegressor<RidgeCVParams, Fitted> {
  constructor(params: Partial<RidgeCVParams> = {}) {
    super("RidgeCV", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples finite numbers, or nSamples × nTargets.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: TargetsLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "RidgeCV.fit";
    const { alphas, fitIntercept, storeCvResults, alphaPerTarget, nJobs, scoring, cv } = this.params;
    if (cv !== null) return this.#fitOnFolds(X, y, options, where);
    const source = trainingSource(X, where);
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { rows, nTargets, values } = targets;
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    const keepErrors = storeCvResults || scoring !== null;
    const settings = { alphas: Float64Array.from(alphas), alphaPerTarget, keepErrors, fitIntercept };
    const learning = { className: this.className, nJobs };
    const result = await learn(learning, source, rows, options, (sink, job) =>
      addon().fitRidgeCv(sink, values, nTargets, weights, settings, job),
    );
    const shared = { isPerTarget: alphaPerTarget, nAlphas: alphas.length };
    if (scoring === null) {
      const { alpha, score } = result;
      const errors = result.errors.map((error) => error * error);
      this.setFitted({ ...multiTargetFitted(source, targets, result), alpha, score, errors, ...shared });
      return this;
    }
    const predictions = leftOutPredictions(result.errors, values, weights, nTargets, alphas.length);
    const best = await bestByScoring(predictions, y, targets, alphas, alphaPerTarget, scoring, weights, where);
    const alpha = Float64Array.from(
      { length: nTargets },
      (_, t) => best.alpha[best.alpha.length > 1 ? t : 0] as number,
    );
    const refit = { alpha, fitIntercept, positive: false, withRank: false };
    const fitted = await learn(learning, source, rows, options, (sink, job) =>
      addon().fitLeastSquares(sink, values, nTargets, weights, refit, job),
    );
    const errors = storeCvResults ? predictions : new Float64Array(0);
    this.setFitted({ ...multiTargetFitted(source, targets, fitted), alpha, score: best.score, errors, ...shared });
    return this;
  }

  /** By cross-validation on folds. */
  async #fitOnFolds(X: MatrixLike, y: TargetsLike, options: LinearFitOptions, where: string): Promise<this> {
    const { alphas, fitIntercept, storeCvResults, alphaPerTarget, nJobs, scoring, cv } = this.params;
    if (storeCvResults || alphaPerTarget) {
      const name = storeCvResults ? "storeCvResults" : "alphaPerTarget";
      throw invalidArgument(`${where}: ${name} needs cv: null; on folds there is one score a penalty`);
    }
    const on = { alphas, cv, scoring, nJobs, where };
    const estimator = new Ridge({ fitIntercept });
    const { alpha, score } = await alphaOnFolds(estimator, X, y as VectorLike, on, options);
    const { sampleWeight, signal } = options;
    const best = await new Ridge({ fitIntercept, alpha, nJobs }).fit(X, y, { sampleWeight, signal });
    const fitted = best.saveState() as unknown as MultiTargetFitted;
    this.setFitted({
      ...fitted,
      alpha: new Float64Array(fitted.intercept.length).fill(alpha),
      score: Float64Array.of(score),
      isPerTarget: false,
      nAlphas: alphas.length,
      errors: new Float64Array(0),
    });
    return this;
  }

  /** The penalty of least error; one a target with alphaPerTarget and several targets. */
  get alpha_(): number | Float64Array {
    const { alpha, isPerTarget, isFlat } = this.fitted("alpha_");
    return isPerTarget && !isFlat ? alpha : (alpha[0] as number);
  }

  /** The score of alpha_: minus the mean squared leave-one-out error, or what scoring says; one a target where alpha_ is. */
  get bestScore_(): number | Float64Array {
    const { score, isPerTarget, isFlat } = this.fitted("bestScore_");
    return isPerTarget && !isFlat ? score : (score[0] as number);
  }

  /**
   * Squared leave-one-out errors (with scoring: predictions) with storeCvResults: nSamples × nAlphas; of several targets nSamples × (nTargets ·
   * nAlphas), the alphas of one target after those of another. Undefined without.
   */
  get cvResults_(): Matrix<Float64Array> | undefined {
    const { errors, nAlphas, intercept } = this.fitted("cvResults_");
    const width = nAlphas * intercept.length;
    return errors.length === 0 ? undefined : new Matrix(errors, [errors.length / width, width]);
  }
}

/** What each row's target was thought to be without it: rows × targets × alphas. */
export function leftOutPredictions(
  errors: Float64Array,
  targets: Float64Array,
  weights: Float64Array | undefined,
  nTargets: number,
  nAlphas: number,
): Float64Array {
  const width = nTargets * nAlphas;
  const rows = errors.length / width;
  return errors.map((error, at) => {
    const row = Math.floor(at / width);
    const target = Math.floor((at % width) / nAlphas);
    const weight = weights?.[row] ?? 1;
    return (targets[target * rows + row] as number) - (weight > 0 ? error / Math.sqrt(weight) : error);
  });
}

/** The penalties of the best scores, the first of equal ones: one, or one a target. */
async function bestByScoring(
  predictions: Float64Array,
  y: TargetsLike,
  { rows, nTargets, values }: Targets,
  alphas: readonly number[],
  alphaPerTarget: boolean,
  scoring: string | ScorerLike,
  sampleWeight: Float64Array | undefined,
  where: string,
): Promise<{ readonly alpha: number[]; readonly score: Float64Array }> {
  const groups = alphaPerTarget ? nTargets : 1;
  const alpha: number[] = [];
  const score = new Float64Array(groups).fill(-Infinity);
  for (let g = 0; g < groups; g++) {
    for (const [a, candidate] of alphas.entries()) {
      const columnsOf = (t: number): Float64Array =>
        Float64Array.from({ length: rows }, (_, i) => predictions[(i * nTargets + t) * alphas.length + a] as number);
      let mean = 0; // over the targets
      const targets = alphaPerTarget ? [g] : Array.from({ length: nTargets }, (_, t) => t);
      for (const t of targets) {
        const column = columnsOf(t);
        const answers = { predict: () => Promise.resolve(column), score: undefined } as unknown as Wrappable;
        const truth = nTargets === 1 ? (y as VectorLike) : values.subarray(t * rows, (t + 1) * rows);
        const scores = await measuresOf(scoring, answers, where).score(answers, [[0]], truth, sampleWeight);
        mean += (Object.values(scores)[0] as number) / targets.length;
      }
      if (a > 0 && !(mean > (score[g] as number))) continue;
      score[g] = mean;
      alpha[g] = candidate;
    }
  }
  return { alpha, score };
}
