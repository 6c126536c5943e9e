import { invalidArgument } from "../base/errors.js";
import { either, choice, type ParamSpecs } from "../base/params.js";
import { classWeightSpec, type ClassWeight } from "../data/class-weight.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import type { ClassificationTree } from "../tree/classification-tree.js";
import { ClassificationTrees, type ClassTreeParams } from "../tree/classification-trees.js";
import { classCriterion } from "../tree/tree-params.js";
import type { TreeFitOptions } from "../tree/trees-estimator.js";
import { forestPlan, forestSpecs, type ForestParams } from "./forest-params.js";
import { drawnRows, treesOf, type ForestKind } from "./forest-trees.js";

/** Parameters of a forest for classes. */
export interface ClassForestParams extends ClassTreeParams, ForestParams {
  /**
   * Weights of the classes: "balanced" by all rows, "balancedSubsample" by the rows that each tree draws, or given. Rows of a
   * bootstrap are drawn in proportion to their weights. Default null: all weigh 1.
   */
  classWeight: ClassWeight | "balancedSubsample";
}

/** The rules of its parameters. */
export function classForestSpecs(bootstrap: boolean): ParamSpecs<ClassForestParams> {
  return {
    criterion: classCriterion(),
    classWeight: either<ClassWeight, "balancedSubsample">(
      classWeightSpec(),
      choice("balancedSubsample", ["balancedSubsample"]),
      null,
    ),
    ...forestSpecs(bootstrap, "sqrt"),
  };
}

/** What forests for classes share: all but what their trees are. */
export abstract class ClassificationForest<
  T extends ClassificationTree,
> extends ClassificationTrees<ClassForestParams> {
  readonly #kind: ForestKind<T>;

  protected constructor(
    className: string,
    specs: ParamSpecs<ClassForestParams>,
    kind: ForestKind<T>,
    params: Partial<ClassForestParams>,
  ) {
    super(className, specs, params);
    this.#kind = kind;
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
      return forestPlan(this.params, this.#kind.randomSplits, last, where);
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
  get estimators_(): T[] {
    return treesOf(this.fitted("estimators_"), this.params, this.#kind.tree);
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
