import { invalidArgument } from "../base/errors.js";
import type { ParamSpecs } from "../base/params.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { TargetsLike } from "../data/targets.js";
import type { RunOptions } from "../native/job.js";
import type { RegressionTree } from "../tree/regression-tree.js";
import { RegressionTrees, type RegressionTreeParams } from "../tree/regression-trees.js";
import { regressionCriterion } from "../tree/tree-params.js";
import type { TreeFitOptions } from "../tree/trees-estimator.js";
import { forestPlan, forestSpecs, type ForestParams } from "./forest-params.js";
import { drawnRows, treesOf, type ForestKind } from "./forest-trees.js";

/** Parameters of a forest for numbers. */
export interface RegressionForestParams extends RegressionTreeParams, ForestParams {}

/** The rules of its parameters. */
export function regressionForestSpecs(bootstrap: boolean): ParamSpecs<RegressionForestParams> {
  return {
    criterion: regressionCriterion(),
    ...forestSpecs(bootstrap, 1),
  };
}

/** What forests for numbers share: all but what their trees are. */
export abstract class RegressionForest<T extends RegressionTree> extends RegressionTrees<RegressionForestParams> {
  readonly #kind: ForestKind<T>;

  protected constructor(
    className: string,
    specs: ParamSpecs<RegressionForestParams>,
    kind: ForestKind<T>,
    params: Partial<RegressionForestParams>,
  ) {
    super(className, specs, params);
    this.#kind = kind;
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
      return forestPlan(this.params, this.#kind.randomSplits, last, where);
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
  get estimators_(): T[] {
    return treesOf(this.fitted("estimators_"), this.params, this.#kind.tree);
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
