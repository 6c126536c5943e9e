import { BaseEstimator } from "../base/estimator.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import type { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { VectorLike } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { impurityImportances, leavesOf, pathsOf } from "./fitted-trees.js";
import type { TreeParams } from "./tree-params.js";
import type { TreesFitted } from "./trees-fitted.js";

/** Options of fit and score of trees. */
export interface TreeFitOptions extends RunOptions {
  /** One non-negative weight per row. */
  readonly sampleWeight?: VectorLike | undefined;
}

/** What is the same whatever trees are for. */
export abstract class TreesEstimator<P extends TreeParams, F extends TreesFitted> extends BaseEstimator<P, F> {
  /**
   * How much of the fall of impurity is due to each feature; the shares add up to 1, or are all 0. Features of many values
   * are favoured: see permutationImportance.
   */
  get featureImportances_(): Float64Array {
    const { forest, nFeaturesIn } = this.fitted("featureImportances_");
    return impurityImportances(forest, nFeaturesIn);
  }

  /** Node numbers of the leaves that every row ends in: nSamples × nTrees. */
  protected async leaves(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const source = this.sourceOf("apply", X);
    return leavesOf(this.fitted("apply").forest, source, this.params.nJobs, options);
  }

  /** Nodes of all trees, side by side, that every row goes through. */
  protected async paths(X: MatrixLike, options?: RunOptions): Promise<CsrMatrix<Float64Array>> {
    const source = this.sourceOf("decisionPath", X);
    const { forest } = this.fitted("decisionPath");
    return pathsOf(forest, await leavesOf(forest, source, this.params.nJobs, options));
  }

  /** X to predict, checked against the features of fit. */
  protected sourceOf(method: string, X: MatrixLike): RowSource {
    this.fitted(method);
    const source = rowSourceOf(X, `${this.className}.${method}: X`);
    this.checkFeatures(method, source);
    return source;
  }
}
