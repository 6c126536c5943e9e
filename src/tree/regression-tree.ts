import { clone } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { TargetsLike } from "../data/targets.js";
import type { RunOptions } from "../native/job.js";
import { singleTree } from "./classification-trees.js";
import { pruningPathOf, type PruningPath } from "./pruning-path.js";
import { RegressionTrees, type RegressionTreeParams } from "./regression-trees.js";
import { Tree } from "./tree.js";
import { regressionCriterion, treeSpecs, type MaxFeatures } from "./tree-params.js";
import type { TreeFitOptions } from "./trees-estimator.js";

/** Parameters of a single tree for numbers. */
export interface SingleRegressionTreeParams extends RegressionTreeParams {
  /** "best": the best threshold of each feature; "random": one drawn between its least and largest value. */
  splitter: "best" | "random";
}

/** The rules of its parameters, and the defaults that tell such trees apart. */
export function regressionTreeSpecs(
  splitter: "best" | "random",
  maxFeatures: MaxFeatures,
): ParamSpecs<SingleRegressionTreeParams> {
  return {
    criterion: regressionCriterion(),
    splitter: choice(splitter, ["best", "random"]),
    ...treeSpecs(maxFeatures),
  };
}

/** What single trees for numbers share: all but the defaults of their parameters. */
export abstract class RegressionTree extends RegressionTrees<SingleRegressionTreeParams> {
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
    const tree = await clone(this).setParams({ ccpAlpha: 0 }).fit(X, y, options);
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
