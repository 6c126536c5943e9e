import { invalidArgument } from "../base/errors.js";
import { boolean, nJobs, type ParamSpecs } from "../base/params.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight } from "../data/vector.js";
import { trainingSource, type LinearFitOptions } from "./learn.js";
import { fitLeastSquares } from "./least-squares-fit.js";
import { multiTargetFitted, MultiTargetRegressor, type MultiTargetFitted } from "./multi-target-regressor.js";
import { readTargets, type TargetsLike } from "../data/targets.js";

/** Parameters of LinearRegression. */
export interface LinearRegressionParams {
  /** Add an intercept. Default true. */
  fitIntercept: boolean;
  /** Coefficients must not be negative. Default false. */
  positive: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

const SPECS: ParamSpecs<LinearRegressionParams> = {
  fitIntercept: boolean(true),
  positive: boolean(false),
  nJobs: nJobs(),
};

interface Fitted extends MultiTargetFitted {
  readonly rank: number | undefined;
  readonly singularValues: Float64Array | undefined;
}

/**
 * Ordinary least squares; where collinear columns leave a choice, the coefficients of least norm.
 * Follows scikit-learn's LinearRegression, of one target or several. Columns are centred and scaled internally: columns of
 * very different scales keep their digits, and a column counts towards the rank by its direction, not by its length.
 * The rows are read once (their products are refined over the data, or replaced by orthogonal factors where they lose
 * digits); a sparse X of more than 1000 columns is solved by conjugate gradients on its entries, which tell neither rank
 * nor singular values. The result is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new LinearRegression().fit(X, y);
 * console.log(model.coef_, model.intercept_, await model.score(XTest, yTest));
 */
export class LinearRegression extends MultiTargetRegressor<LinearRegressionParams, Fitted> {
  constructor(params: Partial<LinearRegressionParams> = {}) {
    super("LinearRegression", SPECS, params);
  }

  /**
   * Learns coefficients. X: nSamples × nFeatures, finite; y: nSamples finite numbers, or nSamples × nTargets.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: TargetsLike, options: LinearFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "LinearRegression.fit";
    const source = trainingSource(X, where);
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { rows, nTargets, values } = targets;
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    const { fitIntercept, positive, nJobs } = this.params;
    const settings = { alpha: new Float64Array(nTargets), fitIntercept, positive, withRank: true };
    const problem = { rows, targets: values, nTargets, weights };
    const result = await fitLeastSquares({ className: this.className, nJobs }, source, problem, settings, options);
    const { rank, singularValues } = result;
    this.setFitted({ ...multiTargetFitted(source, targets, result), rank, singularValues });
    return this;
  }

  /** Rank of the centred X. @throws TreelineError ERR_INVALID_ARGUMENT where a sparse X was solved by iteration. */
  get rank_(): number {
    return known(this.fitted("rank_").rank, "rank_");
  }

  /** Singular values of the centred X, descending: min(nSamples, nFeatures) of them. @throws TreelineError as rank_ */
  get singular_(): Float64Array {
    return known(this.fitted("singular_").singularValues, "singular_");
  }
}

function known<T>(value: T | undefined, name: string): T {
  if (value !== undefined) return value;
  throw invalidArgument(
    `LinearRegression: ${name} is not known: a sparse X of more than 1000 columns is solved by iteration. ` +
      "Fit X.toDense() where that fits in memory",
  );
}
