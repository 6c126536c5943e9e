import { invalidArgument } from "../base/errors.js";
import { custom, number, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, readTarget, type VectorLike } from "../data/vector.js";
import type { ElasticNetCvOptions } from "../native/addon.js";
import { addon } from "../native/load.js";
import {
  SPARSE_SPECS,
  SparseRegressor,
  sweepOrder,
  warnUnlessSolved,
  type SparseFitted,
  type SparseParams,
} from "./elastic-net-fit.js";
import { foldsOf, foldsSpec, type FoldsLike } from "./folds.js";
import { checkRows, learn, trainingSource, type LinearFitOptions } from "./learn.js";

/** Parameters of LassoCV, and with l1Ratio of ElasticNetCV. */
export interface LassoCVParams extends SparseParams {
  /** The smallest penalty is eps times the largest. Default 1e-3. */
  eps: number;
  /** How many penalties to try, or which. Default 100. */
  alphas: number | readonly number[];
  /** Folds: how many of neighbouring rows, a splitter that tests every row once, or the fold of every row. Default null: 5. */
  cv: FoldsLike;
}

export const LASSO_CV_SPECS: ParamSpecs<LassoCVParams> = {
  eps: number(1e-3, { min: 0, exclusiveMin: true, max: 1, exclusiveMax: true }),
  alphas: custom<number | readonly number[]>(
    100,
    "a positive integer, or an array of non-negative numbers",
    (value) =>
      typeof value === "number"
        ? Number.isInteger(value) && value >= 1
        : Array.isArray(value) &&
          value.length > 0 &&
          value.every((alpha) => typeof alpha === "number" && Number.isFinite(alpha) && alpha >= 0),
    0,
  ),
  ...SPARSE_SPECS,
  cv: foldsSpec(),
};

/** What cross-validated coordinate descent learns. */
export interface SparseCvFitted extends SparseFitted {
  readonly alpha: number;
  readonly l1Ratio: number;
  /** Ratios × alphas. */
  readonly alphas: Float64Array;
  /** Ratios × alphas × folds. */
  readonly msePath: Float64Array;
  readonly nFolds: number;
}

/** A fit of LassoCV or ElasticNetCV. */
export abstract class CrossValidatedRegressor<P extends LassoCVParams> extends SparseRegressor<P, SparseCvFitted> {
  /** The ratios to try. */
  protected abstract l1Ratios(): readonly number[];

  /**
   * Finds the penalty of least mean squared error over the folds, and learns coefficients with it from all rows. X:
   * nSamples × nFeatures, finite; y: nSamples finite numbers.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = `${this.className}.fit`;
    const source = trainingSource(X, where);
    const target = await readTarget(y, `${where}: y`, options.signal);
    if (source.nRows !== undefined) checkRows(where, source.nRows, target.length);
    const weights = await readSampleWeight(options.sampleWeight, target.length, where);
    const settings = await this.#settings(target.length, where, options.signal);
    refuseEmptyFolds(settings, weights, where);
    const { nJobs } = this.params;
    const learning = { className: this.className, nJobs };
    const result = await learn(learning, source, target.length, options, (sink, job) =>
      addon().fitElasticNetCv(sink, target, 1, weights, settings, job),
    );
    warnUnlessSolved(this.className, result, this.params);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = source;
    const { intercept, ...learned } = result;
    const { coef, nIter, dualGap, alpha, l1Ratio, alphas, msePath } = learned;
    const { nFolds } = settings;
    const fitted = { coef, intercept: Float64Array.of(intercept), nIter, dualGap, alpha, l1Ratio, alphas, msePath };
    this.setFitted({ nFeaturesIn, featureNamesIn, ...fitted, nFolds });
    return this;
  }

  /** The penalty of least error. */
  get alpha_(): number {
    return this.fitted("alpha_").alpha;
  }

  /** Mean squared errors: (ratios ·) alphas × folds, the alphas of one ratio after those of another. */
  get msePath_(): Matrix<Float64Array> {
    const { msePath, nFolds } = this.fitted("msePath_");
    return new Matrix(msePath, [msePath.length / nFolds, nFolds]);
  }

  async #settings(rows: number, where: string, signal: AbortSignal | undefined): Promise<ElasticNetCvOptions> {
    const { eps, alphas, fitIntercept, maxIter, tol, positive, cv } = this.params;
    const l1Ratios = this.l1Ratios();
    if (typeof alphas === "number" && l1Ratios.includes(0))
      throw invalidArgument(`${this.className}: alphas must be given for an l1Ratio of 0: it has no largest penalty`);
    const given =
      typeof alphas === "number" ? undefined : l1Ratios.flatMap(() => Array.from(alphas).sort((a, b) => b - a));
    return {
      ...{ alpha: 1, l1Ratio: 1, fitIntercept, maxIter, tol, positive, eps },
      ...sweepOrder(this.params),
      l1Ratios: Float64Array.from(l1Ratios),
      alphas: given === undefined ? undefined : Float64Array.from(given),
      nAlphas: typeof alphas === "number" ? alphas : alphas.length,
      ...(await foldsOf(cv, rows, where, signal)),
    };
  }
}

/** @throws TreelineError ERR_INVALID_DATA where the weights leave a fold, or all others, without a row. */
function refuseEmptyFolds(
  { folds, nFolds }: ElasticNetCvOptions,
  weights: Float64Array | undefined,
  where: string,
): void {
  if (weights === undefined) return;
  const sums = new Float64Array(nFolds);
  folds.forEach((fold, i) => (sums[fold] = (sums[fold] as number) + (weights[i] as number)));
  const empty = sums.indexOf(0);
  if (empty >= 0) throw invalidArgument(`${where}: all rows of fold ${empty} weigh 0; choose another cv`);
}
