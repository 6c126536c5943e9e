import { invalidArgument, show } from "../base/errors.js";
import { BaseEstimator, type FittedBase } from "../base/estimator.js";
import type { State } from "../base/persistence.js";
import type { CollectedTable } from "../data/collected-table.js";
import { Matrix } from "../data/matrix.js";
import type { RowLike } from "../data/row.js";
import type { RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { BoostingLoss, BoostingTrace } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { fitBoosting, type BoostingTask } from "./boosting-fit.js";
import type { BoostingFitOptions, BoostingParams } from "./boosting-params.js";
import type { EvalResults } from "./boosting-run.js";
import { BoostingForest, type BoostingOutput, type RowValues } from "./boosting-predict.js";
import { inCodesOf, type CategoryNames } from "./category-codes.js";
import { featureTotals, treeNodes, type TreeNode } from "./tree-nodes.js";
import { treesTable } from "./trees-table.js";

/** What every boosting fit learns. */
export interface BoostingFitted extends FittedBase {
  readonly forest: BoostingForest;
  readonly seed: number;
  readonly doEarlyStopping: boolean;
  readonly categoryNames: CategoryNames | undefined;
  readonly evalResults: EvalResults;
}

/**
 * What the estimators of histogram gradient boosting share: the fitted attributes, the ways to map rows through the
 * trees, and saving.
 */
export abstract class BaseHistGradientBoosting<
  P extends Omit<BoostingParams, "scoring">,
  F extends BoostingFitted,
> extends BaseEstimator<P, F> {
  /** Iterations done. */
  get nIter_(): number {
    return this.fitted("nIter_").forest.info.nIterations;
  }

  /** Trees an iteration: one an output (a class of more than two, a target), or 1 whose leaves hold all outputs. */
  get nTreesPerIteration_(): number {
    return this.fitted("nTreesPerIteration_").forest.info.nTreesPerIteration;
  }

  /** Whether early stopping was on. */
  get doEarlyStopping_(): boolean {
    return this.fitted("doEarlyStopping_").doEarlyStopping;
  }

  /** Where the last fit spent its time, stage by stage, and its memory; undefined after loading. */
  get trace_(): BoostingTrace | undefined {
    return this.fitted("trace_").forest.info.trace;
  }

  /** Per feature whether it holds categories; null if none does. */
  get isCategorical_(): boolean[] | null {
    const { categories } = this.fitted("isCategorical_").forest.info;
    return categories.length === 0 ? null : Array.from(categories, (codes) => codes !== undefined);
  }

  /**
   * Metrics of the rows of evalSet, by its names and then by metric: before the first iteration of the last fit and after
   * each. "loss" is better when lower, scorers are better when higher.
   */
  get evalResults_(): EvalResults {
    return this.fitted("evalResults_").evalResults;
  }

  /** Scores of the training rows before the first iteration and after each, by `scoring` (for "loss" its negative); empty
   * without early stopping. */
  get trainScore_(): Float64Array {
    return this.fitted("trainScore_").forest.info.trainScore;
  }

  /** Scores of the held-out rows, likewise; empty if there are none. */
  get validationScore_(): Float64Array {
    return this.fitted("validationScore_").forest.info.validationScore;
  }

  /**
   * Importance of every feature: the total gain of its splits, normalised to sum 1 (0 everywhere if no tree has a split),
   * as scikit-learn's forests have it. `importances` has other kinds, `shapImportances` and permutationImportance better
   * ones.
   */
  get featureImportances_(): Float64Array {
    const gains = featureTotals(this.fitted("featureImportances_").forest, "gain");
    const total = gains.reduce((sum, gain) => sum + gain, 0);
    return total > 0 ? gains.map((gain) => gain / total) : gains;
  }

  /**
   * Totals of every feature over all trees: how many splits are on it ("split", the default) or what they gained ("gain");
   * LightGBM's feature_importance(importance_type).
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for another type
   */
  importances({ type = "split" }: { readonly type?: "split" | "gain" | undefined } = {}): Float64Array {
    const { forest } = this.fitted("importances");
    if (type !== "split" && type !== "gain") {
      throw invalidArgument(`${this.className}.importances: type must be "split" or "gain", got ${show(type)}`);
    }
    return featureTotals(forest, type);
  }

  /**
   * The mean absolute Shapley value of every feature on X, summed over the outputs: the "SHAP summary". In the unit of the
   * raw prediction.
   */
  async shapImportances(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const { nFeatures, nOutputs } = this.fitted("shapImportances").forest.info;
    const { data, rows } = await this.#shap("shapImportances", X, false, options);
    const means = new Float64Array(nFeatures);
    for (let i = 0; i < rows * nOutputs; i++) {
      const at = i * (nFeatures + 1);
      for (let j = 0; j < nFeatures; j++) {
        means[j] = (means[j] as number) + Math.abs(data[at + j] as number) / rows;
      }
    }
    return means;
  }

  /**
   * The leaf every row ends in, tree by tree: nSamples × trees numbers from 0 up, counted among the leaves of a tree in the
   * order of its nodes (`leaf` in trees_). LightGBM's pred_leaf, the leaves of scikit-learn's apply.
   */
  async apply(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float32Array>> {
    const { forest } = this.fitted("apply");
    const { nIterations, nTreesPerIteration } = forest.info;
    const source = this.#source("apply", X);
    const map = addon().createForestMap(forest.model, forest.loss, "leaves", 0, nIterations);
    const width = nIterations * nTreesPerIteration;
    const { rows, values } = await forest.mapWith(map, width, Float32Array, source, this.params.nJobs, options);
    return new Matrix(values, [rows, width]);
  }

  /**
   * Shapley values: what every feature adds to the raw prediction of every row. nSamples × (nFeatures + 1), the last column
   * being the mean prediction; the sum of a row is its raw prediction. With more than two classes, or several targets, such
   * a block for each, side by side: LightGBM's pred_contrib. Exact, path-dependent TreeSHAP: features out of a coalition follow both
   * sides of a split in the proportions of the training rows (Lundberg et al., https://arxiv.org/abs/1802.03888).
   */
  async shapValues(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#shap("shapValues", X, false, options);
  }

  /**
   * Shapley interaction values: a symmetric matrix of nFeatures + 1 rows for every sample (and output), row-major in a row
   * of the result: nSamples × (nFeatures + 1)². Entry (i, j) is half of what features i and j do together, the diagonal
   * what is left of i's Shapley value, so that rows sum to it; the last entry is the mean prediction. XGBoost's
   * pred_interactions.
   */
  async shapInteractionValues(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    return this.#shap("shapInteractionValues", X, true, options);
  }

  /**
   * All nodes of all trees as an Arrow table: tree, node, depth, feature, featureName, threshold, categories, left, right,
   * missingLeft, value, values, intercept, slopes, gain, count, leaf; a row a node, as TreeNode describes them. A promise: apache-arrow is loaded when
   * asked for.
   */
  get trees_(): Promise<CollectedTable> {
    const { forest, featureNamesIn } = this.fitted("trees_");
    return treesTable(forest, featureNamesIn, `${this.className}.trees_`);
  }

  /**
   * The nodes of one tree; trees are numbered iteration by iteration, nTreesPerIteration_ in each.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for a tree that does not exist.
   */
  treeNodes(tree: number): TreeNode[] {
    const { forest, featureNamesIn } = this.fitted("treeNodes");
    const { nIterations, nTreesPerIteration } = forest.info;
    const nTrees = nIterations * nTreesPerIteration;
    if (!Number.isInteger(tree) || tree < 0 || tree >= nTrees) {
      throw invalidArgument(`${this.className}.treeNodes: tree must be in 0 … ${nTrees - 1}, got ${show(tree)}`);
    }
    return treeNodes(forest, tree, featureNamesIn);
  }

  /** Raw predictions before the first tree, one an output. */
  get baseline_(): Float64Array {
    return this.fitted("baseline_").forest.info.baseline.slice();
  }

  /** @internal */
  override saveState(): State {
    const { forest, ...rest } = this.fitted("save");
    return { ...rest, loss: forest.loss, forest: forest.toBytes() } as unknown as State;
  }

  /** @internal */
  override loadState(state: State): void {
    const { forest, loss, ...rest } = state as unknown as SavedState;
    this.setFitted({ ...rest, forest: BoostingForest.fromBytes(forest, loss) } as unknown as F);
  }

  /** Learns the trees of a task, after those there are if it is a warm start: the fitted state to come. */
  protected async learn(task: Omit<BoostingTask, "previous">, options: BoostingFitOptions): Promise<BoostingFitted> {
    const { where, loss, train } = task;
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    if (last && last.forest.loss !== loss) {
      throw invalidArgument(
        `${where}: warmStart goes on with the loss of the last fit, "${last.forest.loss}", got "${loss}"`,
      );
    }
    const previous = last && { model: last.forest.model, seed: last.seed, categoryNames: last.categoryNames };
    const { model, ...rest } = await fitBoosting({ ...task, previous }, options);
    const { nFeatures: nFeaturesIn, featureNames: featureNamesIn } = train.source;
    return { nFeaturesIn, featureNamesIn, forest: new BoostingForest(model, loss), ...rest };
  }

  protected async map(method: string, output: BoostingOutput, X: MatrixLike, options?: RunOptions): Promise<RowValues> {
    const source = this.#source(method, X);
    return this.fitted(method).forest.map(source, output, this.params.nJobs, options);
  }

  protected mapSync(method: string, output: BoostingOutput, X: MatrixLike): RowValues {
    const source = this.#source(method, X);
    return this.fitted(method).forest.mapSync(source, output, `${this.className}.${method}`);
  }

  /** One row, at once and without allocating: the result is overwritten by the next call. */
  protected mapRow(method: string, output: BoostingOutput, row: RowLike): Float64Array {
    return this.fitted(method).forest.mapRow(row, output, `${this.className}.${method}`);
  }

  /** Raw predictions after each iteration. */
  protected staged(method: string, X: MatrixLike, options?: RunOptions): AsyncGenerator<RowValues> {
    const source = this.#source(method, X);
    return this.fitted(method).forest.staged(source, this.params.nJobs, options);
  }

  async #shap(
    method: string,
    X: MatrixLike,
    interactions: boolean,
    options: RunOptions | undefined,
  ): Promise<Matrix<Float64Array>> {
    const { forest } = this.fitted(method);
    const { nFeatures, nOutputs, isLinear } = forest.info;
    if (isLinear) {
      throw invalidArgument(
        `${this.className}.${method}: Shapley values are not defined for linear leaves (linearTree)`,
      );
    }
    const source = this.#source(method, X);
    const map = addon().createShapMap(forest.model, interactions);
    const width = nOutputs * (nFeatures + 1) * (interactions ? nFeatures + 1 : 1);
    const { rows, values } = await forest.mapWith(map, width, Float64Array, source, this.params.nJobs, options);
    return new Matrix(values, [rows, width]);
  }

  #source(method: string, X: MatrixLike): RowSource {
    const { categoryNames } = this.fitted(method);
    const where = `${this.className}.${method}: X`;
    const source = rowSourceOf(X, where, { categories: true });
    this.checkFeatures(method, source);
    return inCodesOf(source, categoryNames, where);
  }
}

interface SavedState {
  readonly forest: Uint8Array;
  readonly loss: BoostingLoss;
}
