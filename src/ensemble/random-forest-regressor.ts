import { invalidArgument } from "../base/errors.js";
import type { ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { TargetsLike } from "../data/targets.js";
import type { RunOptions } from "../native/job.js";
import { RegressionTrees, type RegressionTreeParams } from "../tree/regression-trees.js";
import { DecisionTreeRegressor } from "../tree/decision-tree-regressor.js";
import { treeAt, treeCount } from "../tree/fitted-trees.js";
import { regressionCriterion } from "../tree/tree-params.js";
import type { TreeFitOptions } from "../tree/trees-estimator.js";
import { forestPlan, forestSpecs, type ForestParams } from "./forest-params.js";
import { drawnRows, treeParamsOf } from "./forest-trees.js";

/** Parameters of RandomForestRegressor. */
export interface RandomForestRegressorParams extends RegressionTreeParams, ForestParams {}

const SPECS: ParamSpecs<RandomForestRegressorParams> = {
  criterion: regressionCriterion(),
  ...forestSpecs(true, 1),
};

/**
 * A random forest for numbers (Breiman 2001), with scikit-learn's parameters: trees on rows drawn with replacement, whose
 * predictions are averaged. Columns are binned once for all trees (maxBins). y may have several targets: predictions are a
 * Matrix then. The forest is the same, bit for bit, for any nJobs and any chunking of X. There is no criterion
 * "absoluteError".
 *
 * @example const model = await new RandomForestRegressor({ minSamplesLeaf: 3, randomState: 0 }).fit(X, y);
 */
export class RandomForestRegressor extends RegressionTrees<RandomForestRegressorParams> {
  constructor(params: Partial<RandomForestRegressorParams> = {}) {
    super("RandomForestRegressor", SPECS, params);
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
      return forestPlan(this.params, false, last, where);
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
  get estimators_(): DecisionTreeRegressor[] {
    const fitted = this.fitted("estimators_");
    return Array.from({ length: treeCount(fitted.forest) }, (_, t) => {
      const tree = new DecisionTreeRegressor(treeParamsOf(this.params));
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
