import { invalidArgument } from "../base/errors.js";
import { either, choice, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { ClassificationTrees, type ClassTreeParams } from "../tree/classification-trees.js";
import { ExtraTreeClassifier } from "../tree/extra-tree-classifier.js";
import { treeAt, treeCount } from "../tree/fitted-trees.js";
import { classCriterion } from "../tree/tree-params.js";
import type { TreeFitOptions } from "../tree/trees-estimator.js";
import { forestPlan, forestSpecs, type ForestParams } from "./forest-params.js";
import { drawnRows, treeParamsOf } from "./forest-trees.js";

/** Parameters of ExtraTreesClassifier. */
export interface ExtraTreesClassifierParams extends ClassTreeParams, ForestParams {
  /**
   * Weights of the classes: "balanced" by all rows, "balancedSubsample" by the rows that each tree draws, or given. Rows of a
   * bootstrap are drawn in proportion to their weights. Default null: all weigh 1.
   */
  classWeight: ClassWeight | "balancedSubsample";
}

const SPECS: ParamSpecs<ExtraTreesClassifierParams> = {
  criterion: classCriterion(),
  classWeight: either<ClassWeight, "balancedSubsample">(
    classWeightSpec(),
    choice("balancedSubsample", ["balancedSubsample"]),
    null,
  ),
  ...forestSpecs(false, "sqrt"),
};

/**
 * Extremely randomized trees for classes (Geurts, Ernst, Wehenkel 2006), with scikit-learn's parameters: each split is the
 * best of random thresholds, one a feature, on all rows. A threshold that would fall inside a bin of several values (maxBins)
 * moves to the bin's nearer end. A RandomForestClassifier otherwise.
 *
 * @example const model = await new ExtraTreesClassifier({ randomState: 0 }).fit(X, y);
 */
export class ExtraTreesClassifier extends ClassificationTrees<ExtraTreesClassifierParams> {
  constructor(params: Partial<ExtraTreesClassifierParams> = {}) {
    super("ExtraTreesClassifier", SPECS, params);
  }

  /**
   * Grows the trees. X: nSamples × nFeatures, finite or NaN (missing); y: nSamples labels. Progress counts trees.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, y: VectorLike, options: TreeFitOptions = {}): Promise<this> {
    this.checkParams();
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    const plan = (classes: LabelArray, where: string) => {
      if (last !== undefined && !sameLabels(last.classes, classes))
        throw invalidArgument(`${where}: warmStart needs the classes of the last fit in y, all of them and no others`);
      return forestPlan(this.params, true, last, where);
    };
    this.setFitted(await this.learn(X, y, this.params.classWeight, plan, options));
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
  get estimators_(): ExtraTreeClassifier[] {
    const fitted = this.fitted("estimators_");
    return Array.from({ length: treeCount(fitted.forest) }, (_, t) => {
      const tree = new ExtraTreeClassifier(treeParamsOf(this.params));
      tree.loadState({ ...fitted, forest: treeAt(fitted.forest, t), outOfBag: undefined } as never);
      return tree;
    });
  }

  /** The rows that each tree drew, in the order of the draws; without bootstrap all rows. */
  get estimatorsSamples_(): Int32Array[] {
    return drawnRows(this.fitted("estimatorsSamples_"));
  }

  /** Accuracy of out-of-bag predictions; undefined without oobScore. */
  get oobScore_(): number | undefined {
    return this.fitted("oobScore_").outOfBagScore;
  }

  /** Out-of-bag probabilities, nSamples × nClasses: NaN for rows that every tree drew; undefined without oobScore. */
  get oobDecisionFunction_(): Matrix<Float64Array> | undefined {
    const { outOfBag, classes } = this.fitted("oobDecisionFunction_");
    return outOfBag && new Matrix(outOfBag, [outOfBag.length / classes.length, classes.length]);
  }
}

function sameLabels(a: LabelArray, b: LabelArray): boolean {
  return a.length === b.length && Array.from<Label>(a).every((label, k) => label === b[k]);
}
