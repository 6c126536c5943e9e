import { boolean, custom, nJobs, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight } from "../data/vector.js";
import { addon } from "../native/load.js";
import { learn, trainingSource, type LinearFitOptions } from "./learn.js";
import { multiTargetFitted, MultiTargetRegressor, type MultiTargetFitted } from "./multi-target-regressor.js";
import { readTargets, type TargetsLike } from "../data/targets.js";

/** Parameters of RidgeCV. */
export interface RidgeCVParams {
  /** Penalties to try, all positive. Default [0.1, 1, 10]. */
  alphas: readonly number[];
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Keep every row's squared error for every penalty: cvResults_. Default false. */
  storeCvResults: boolean;
  /** Choose a penalty for every target by itself. Default false. */
  alphaPerTarget: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<RidgeCVParams> = {
  alphas: custom<readonly number[]>(
    [0.1, 1, 10],
    "an array of positive numbers",
    (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((alpha) => typeof alpha === "number" && Number.isFinite(alpha) && alpha > 0),
    [0],
  ),
  fitIntercept: boolean(true),
  storeCvResults: boolean(false),
  alphaPerTarget: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends MultiTargetFitted {
  readonly alpha: Float64Array;
  readonly score: Float64Array;
  readonly isPerTarget: boolean;
  readonly nAlphas: number;
  /** Empty unless asked for. */
  readonly errors: Float64Array;
}

/**
 * Ridge regression that picks its penalty by leave-one-out cross-validation: exact, from one decomposition, not from as
 * many fits as there are rows. Follows scikit-learn's RidgeCV with cv = None.
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
    const source = trainingSource(X, where);
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { rows, nTargets, values } = targets;
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    const { alphas, fitIntercept, storeCvResults: keepErrors, alphaPerTarget, nJobs } = this.params;
    const settings = { alphas: Float64Array.from(alphas), alphaPerTarget, keepErrors, fitIntercept };
    const result = await learn({ className: this.className, nJobs }, source, rows, options, (sink, job) =>
      addon().fitRidgeCv(sink, values, nTargets, weights, settings, job),
    );
    const { alpha, score, errors } = result;
    const fitted = multiTargetFitted(source, targets, result);
    this.setFitted({ ...fitted, alpha, score, errors, isPerTarget: alphaPerTarget, nAlphas: alphas.length });
    return this;
  }

  /** The penalty of least error; one a target with alphaPerTarget and several targets. */
  get alpha_(): number | Float64Array {
    const { alpha, isPerTarget, isFlat } = this.fitted("alpha_");
    return isPerTarget && !isFlat ? alpha : (alpha[0] as number);
  }

  /** Minus the mean squared leave-one-out error of alpha_; one a target where alpha_ is. */
  get bestScore_(): number | Float64Array {
    const { score, isPerTarget, isFlat } = this.fitted("bestScore_");
    return isPerTarget && !isFlat ? score : (score[0] as number);
  }

  /**
   * Squared leave-one-out errors with storeCvResults: nSamples × nAlphas; of several targets nSamples × (nTargets ·
   * nAlphas), the alphas of one target after those of another. Undefined without.
   */
  get cvResults_(): Matrix<Float64Array> | undefined {
    const { errors, nAlphas, intercept } = this.fitted("cvResults_");
    const width = nAlphas * intercept.length;
    return errors.length === 0 ? undefined : new Matrix(errors, [errors.length / width, width]);
  }
}
