import { invalidArgument } from "../base/errors.js";
import type { ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { TargetsLike } from "../data/targets.js";
import type { RunOptions } from "../native/job.js";
import { RegressionTrees, type RegressionTreeParams } from "../tree/regression-trees.js";
import { ExtraTreeRegressor } from "../tree/extra-tree-regressor.js";
import { treeAt, treeCount } from "../tree/fitted-trees.js";
import { regressionCriterion } from "../tree/tree-params.js";
import type { TreeFitOptions } from "../tree/trees-estimator.js";
import { forestPlan, forestSpecs, type ForestParams } from "./forest-params.js";
import { drawnRows, treeParamsOf } from "./forest-trees.js";

/** Parameters of ExtraTreesRegressor. */
export interface ExtraTreesRegressorParams extends RegressionTreeParams, ForestParams {}

const SPECS: ParamSpecs<ExtraTreesRegressorParams> = {
  criterion: regressionCriterion(),
  ...forestSpecs(false, 1),
};

/**
 * Extremely randomized trees for numbers (Geurts, Ernst, Wehenkel 2006), with scikit-learn's parameters: each split is the
 * best of random thresholds, one a feature, on all rows. A threshold that would fall inside a bin of several values (maxBins)
 * moves to the bin's nearer end. A RandomForestRegressor otherwise.
 *
 * @example const model = await new ExtraTreesRegressor({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreesRegressor extends RegressionTrees<ExtraTreesRegressorParams> {
  constructor(params: Partial<ExtraTreesRegressorParams> = {}) {
    super("ExtraTreesRegressor", SPECS, params);
  }

  /**
   * Grows the trees. X: nSamples × nFeatures, finite or NaN (missing); y: nSamples numbers, or nSamples × nTargets. Progress counts trees.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: TargetsLike, options: TreeFitOptions = {}): Promise<this> {
    this.checkParams();
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    const plan = (nTargets: number, where: string) => {
      if (last !== undefined && last.forest.nValues !== nTargets)
        throw invalidArgument(`${where}: warmStart needs as many targets as the last fit, ${last.forest.nValues}`);
      return forestPlan(this.params, true, last, where);
    };
    this.setFitted(await this.learn(X, y, plan, options));
    return this;
  }

  /** The numbers of the leaves of every row: nSamples × nEstimators. */
  async apply(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.leaves(X, options);
  }

  /** The nodes that every row goes through, of all trees side by side (nSamples × nNodes), and where each tree's begin. */
  async decisionPath(
    X: MatrixLike,
    options?: RunOptions,
  ): Promise<{ indicator: CsrMatrix<Float64Array>; nNodesPtr: Float64Array }> {
    const indicator = await this.paths(X, options);
    return { indicator, nNodesPtr: this.fitted("decisionPath").forest.firstNode.slice() };
  }

  /** The trees, as estimators of their own. */
  get estimators_(): ExtraTreeRegressor[] {
    const fitted = this.fitted("estimators_");
    return Array.from({ length: treeCount(fitted.forest) }, (_, t) => {
      const tree = new ExtraTreeRegressor(treeParamsOf(this.params));
      tree.loadState({ ...fitted, forest: treeAt(fitted.forest, t), outOfBag: undefined } as never);
      return tree;
    });
  }

  /** The rows that each tree drew, in the order of the draws; without bootstrap all rows. */
  get estimatorsSamples_(): Int32Array[] {
    return drawnRows(this.fitted("estimatorsSamples_"));
  }

  /** R² of out-of-bag predictions; undefined without oobScore. */
  get oobScore_(): number | undefined {
    return this.fitted("oobScore_").outOfBagScore;
  }

  /** Out-of-bag predictions, of several targets a Matrix: NaN for rows that every tree drew; undefined without oobScore. */
  get oobPrediction_(): Float64Array | Matrix<Float64Array> | undefined {
    const { outOfBag, forest, isTable } = this.fitted("oobPrediction_");
    if (outOfBag === undefined || !isTable) return outOfBag;
    return new Matrix(outOfBag, [outOfBag.length / forest.nValues, forest.nValues]);
  }
}
