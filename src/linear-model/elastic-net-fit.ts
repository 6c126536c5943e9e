import { warnConvergence } from "../base/errors.js";
import { boolean, choice, integer, nJobs, number, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import { addon } from "../native/load.js";
import { learn, trainingSource, type LinearFitOptions } from "./learn.js";
import type { LinearFitted } from "./linear-predictor.js";
import { LinearRegressor } from "./linear-regressor.js";

/** Parameters that regressions with an L1 penalty share. */
export interface SparseParams {
  /** Add an intercept; it is never penalised. Default true. */
  fitIntercept: boolean;
  /** Most sweeps over the columns. Default 1000. */
  maxIter: number;
  /** A fit ends when the duality gap is at most tol · |y|². Default 1e-4. */
  tol: number;
  /** Coefficients must not be negative. Default false. */
  positive: boolean;
  /** In which order a sweep takes the columns: as they are, or another one every time. The minimum is the same. Default "cyclic". */
  selection: "cyclic" | "random";
  /** Seed of the order. Default null: another one every fit. */
  randomState: number | null;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

export const SPARSE_SPECS: ParamSpecs<SparseParams> = {
  fitIntercept: boolean(true),
  maxIter: integer(1000, { min: 1 }),
  tol: number(1e-4, { min: 0 }),
  positive: boolean(false),
  selection: choice("cyclic", ["cyclic", "random"]),
  randomState: randomState(),
  nJobs: nJobs(),
};

/** Parameters of Lasso, and with l1Ratio of ElasticNet. */
export interface LassoParams extends SparseParams {
  /** Strength of the penalty. Default 1. */
  alpha: number;
  /** Start from the coefficients of the last fit. Default false. */
  warmStart: boolean;
}

export const LASSO_SPECS: ParamSpecs<LassoParams> = {
  alpha: number(1, { min: 0 }),
  ...SPARSE_SPECS,
  warmStart: boolean(false),
};

/** What coordinate descent learns. */
export interface SparseFitted extends LinearFitted {
  readonly nIter: number;
  readonly dualGap: number;
}

/** The coefficients that are not 0: features and values. */
export interface SparseCoef {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** What regressors with an L1 penalty learn besides coefficients. */
export abstract class SparseRegressor<P extends SparseParams, F extends SparseFitted> extends LinearRegressor<P, F> {
  /** Sweeps over the columns. */
  get nIter_(): number {
    return this.fitted("nIter_").nIter;
  }

  /** The duality gap at the end, in units of the objective: how far from the minimum at most. */
  get dualGap_(): number {
    return this.fitted("dualGap_").dualGap;
  }

  /** The coefficients that are not 0. */
  get sparseCoef_(): SparseCoef {
    const { coef } = this.fitted("sparseCoef_");
    const indices = Int32Array.from(Array.from(coef.keys()).filter((j) => coef[j] !== 0));
    return { indices, values: Float64Array.from(indices, (j) => coef[j] as number) };
  }
}

/** One fit of Lasso or ElasticNet. */
export abstract class PenalisedRegressor<P extends LassoParams> extends SparseRegressor<P, SparseFitted> {
  /** The part of the penalty that is L1. */
  protected abstract l1Ratio(): number;

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples finite numbers.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const source = trainingSource(X, where);
    const target = await readTarget(y, `${where}: y`, options.signal);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const { alpha, fitIntercept, maxIter, tol, positive, warmStart, nJobs } = this.params;
    const last = warmStart ? this.fittedOrUndefined : undefined;
    const startCoef = last?.nFeaturesIn === source.nFeatures ? last.coef : undefined;
    const settings = {
      ...{ alpha, l1Ratio: this.l1Ratio(), fitIntercept, maxIter, tol, positive, startCoef },
      ...sweepOrder(this.params),
    };
    const learning = { className: this.className, nJobs };
    const result = await learn(learning, source, target.length, options, (sink, job) =>
      addon().fitElasticNet(sink, target, 1, weights, settings, job),
    );
    warnUnlessSolved(this.className, result, this.params);
    const { coef, intercept, nIter, dualGap } = result;
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    this.setFitted({ nFeaturesIn, featureNamesIn, coef, intercept: Float64Array.of(intercept), nIter, dualGap });
    return this;
  }
}

/** The order of sweeps, as native code takes it. */
export function sweepOrder({ selection, randomState }: SparseParams): { inRandomOrder: boolean; seed: number } {
  const inRandomOrder = selection === "random";
  return { inRandomOrder, seed: inRandomOrder ? seedOf(randomState) : 0 };
}

/** Says so where descents stopped before their duality gap was small enough. */
export function warnUnlessSolved(
  className: string,
  { converged, dualGap }: { readonly converged: boolean; readonly dualGap: number },
  { maxIter, tol }: { readonly maxIter: number; readonly tol: number },
): void {
  if (converged) return;
  warnConvergence(
    `${className}.fit: did not converge in maxIter: ${maxIter} sweeps; the duality gap is ${dualGap.toPrecision(2)}, tol ` +
      `is ${tol} of the mean of y². Raise maxIter or tol, or penalise more`,
  );
}
