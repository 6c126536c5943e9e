import { clone } from "../base/estimator.js";
import { choice, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { ClassificationTrees, singleTree, type ClassTreeParams } from "./classification-trees.js";
import { pruningPathOf, type PruningPath } from "./pruning-path.js";
import { Tree } from "./tree.js";
import { classCriterion, treeSpecs, type MaxFeatures } from "./tree-params.js";
import type { TreeFitOptions } from "./trees-estimator.js";

/** Parameters of a single tree for classes. */
export interface SingleClassTreeParams extends ClassTreeParams {
  /** "best": the best threshold of each feature; "random": one drawn between its least and largest value. */
  splitter: "best" | "random";
  /** Weights of the classes. Default null: all weigh 1. */
  classWeight: ClassWeight;
}

/** The rules of its parameters, and the defaults that tell such trees apart. */
export function classTreeSpecs(
  splitter: "best" | "random",
  maxFeatures: MaxFeatures,
): ParamSpecs<SingleClassTreeParams> {
  return {
    criterion: classCriterion(),
    splitter: choice(splitter, ["best", "random"]),
    classWeight: classWeightSpec(),
    ...treeSpecs(maxFeatures),
  };
}

/** What single trees for classes share: all but the defaults of their parameters. */
export abstract class ClassificationTree extends ClassificationTrees<SingleClassTreeParams> {
  /**
   * Grows the tree. X: nSamples × nFeatures, finite or NaN (missing); y: nSamples labels.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: TreeFitOptions = {}): Promise<this> {
    this.checkParams();
    const plan = singleTree(this.params.splitter === "random");
    this.setFitted(await this.learn(X, y, this.params.classWeight, () => plan, options));
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
  async costComplexityPruningPath(X: MatrixLike, y: VectorLike, options: TreeFitOptions = {}): Promise<PruningPath> {
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
