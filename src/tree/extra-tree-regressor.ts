import { choice, type ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { TargetsLike } from "../data/targets.js";
import type { RunOptions } from "../native/job.js";
import { singleTree } from "./classification-trees.js";
import { pruningPathOf, type PruningPath } from "./pruning-path.js";
import { RegressionTrees, type RegressionTreeParams } from "./regression-trees.js";
import { Tree } from "./tree.js";
import { regressionCriterion, treeSpecs } from "./tree-params.js";
import type { TreeFitOptions } from "./trees-estimator.js";

/** Parameters of ExtraTreeRegressor. */
export interface ExtraTreeRegressorParams extends RegressionTreeParams {
  /** "best": the best threshold of each feature; "random": one drawn between its least and largest value. Default "random". */
  splitter: "best" | "random";
}

const SPECS: ParamSpecs<ExtraTreeRegressorParams> = {
  criterion: regressionCriterion(),
  splitter: choice("random", ["best", "random"]),
  ...treeSpecs(1),
};

/**
 * A tree whose splits are the best of random ones, one threshold a feature: what extremely randomized forests are made
 * of (scikit-learn's ExtraTreeRegressor). A DecisionTreeRegressor otherwise.
 *
 * @example const model = await new ExtraTreeRegressor({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreeRegressor extends RegressionTrees<ExtraTreeRegressorParams> {
  constructor(params: Partial<ExtraTreeRegressorParams> = {}) {
    super("ExtraTreeRegressor", SPECS, params);
  }

  /**
   * Grows the tree. X: nSamples × nFeatures, finite or NaN (missing); y: nSamples numbers, or nSamples × nTargets.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: TargetsLike, options: TreeFitOptions = {}): Promise<this> {
    this.checkParams();
    const plan = singleTree(this.params.splitter === "random");
    this.setFitted(await this.learn(X, y, () => plan, options));
    return this;
  }

  /** The number of the leaf of every row. */
  async apply(X: MatrixLike, options?: RunOptions): Promise<Int32Array> {
    return Int32Array.from((await this.leaves(X, options)).data);
  }

  /** The nodes that every row goes through: nSamples × nNodes, 1 for each. */
  async decisionPath(X: MatrixLike, options?: RunOptions): Promise<CsrMatrix<Float64Array>> {
    return this.paths(X, options);
  }

  /** The alphas of minimal cost-complexity pruning of the tree that X and y give without ccpAlpha. The estimator stays as it is. */
  async costComplexityPruningPath(X: MatrixLike, y: TargetsLike, options: TreeFitOptions = {}): Promise<PruningPath> {
    const tree = await new ExtraTreeRegressor({ ...this.getParams(), ccpAlpha: 0 }).fit(X, y, options);
    const { forest, nFeaturesIn } = tree.fitted("costComplexityPruningPath");
    return pruningPathOf(forest, nFeaturesIn);
  }

  /** The tree's arrays. */
  get tree_(): Tree {
    const { forest, nFeaturesIn } = this.fitted("tree_");
    return new Tree(forest, nFeaturesIn);
  }

  /** Number of features a split was searched in. */
  get maxFeatures_(): number {
    return this.fitted("maxFeatures_").maxFeatures;
  }

  /** Splits above the deepest leaf. */
  getDepth(): number {
    return this.tree_.maxDepth;
  }

  /** Number of leaves. */
  getNLeaves(): number {
    return this.tree_.nLeaves;
  }
}
