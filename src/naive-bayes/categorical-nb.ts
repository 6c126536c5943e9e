import type { EstimatorTags } from "../base/estimator.js";
import { custom, number, type ParamSpecs } from "../base/params.js";
import { Matrix } from "../data/matrix.js";
import type { BayesModel, CategoryCountsResult } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { addon } from "../native/load.js";
import { pourChecked, type BayesData, type BayesFitted } from "./bayes-data.js";
import { added, classLogPrior, discreteSpecs, finiteLog, type DiscreteNBParams } from "./discrete.js";
import { NaiveBayes } from "./naive-bayes.js";

/** Parameters of CategoricalNB. */
export interface CategoricalNBParams extends Omit<DiscreteNBParams, "alpha"> {
  /** Additive (Laplace, Lidstone) smoothing. Default 1. */
  alpha: number;
  /** Fewest categories of every column, or of each: for some that fit may not see. Default null: those that fit sees. */
  minCategories: number | readonly number[] | null;
}

const SPECS: ParamSpecs<CategoricalNBParams> = {
  ...discreteSpecs(),
  alpha: number(1, { min: 0 }),
  minCategories: custom<CategoricalNBParams["minCategories"]>(
    null,
    "a positive integer, an array of one per column, or null",
    (value) => value === null || isCount(value) || (Array.isArray(value) && value.length > 0 && value.every(isCount)),
    0,
  ),
};

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

interface Fitted extends BayesFitted {
  /** Of every column: nCategories × nClasses. */
  readonly categoryCount: readonly Float64Array[];
  readonly featureLogProb: readonly Float64Array[];
  readonly classLogPrior: Float64Array;
}

/**
 * Naive Bayes for categories: every column holds codes 0, 1, 2, …, independent of the others within a class.
 * Follows scikit-learn's CategoricalNB. `partialFit` adds counts: the model is that of one fit on all the rows. A category
 * that fit did not see is refused (raise minCategories).
 *
 * @example const model = await new CategoricalNB().fit([[0, 2], [1, 0], [1, 1]], ["no", "yes", "yes"]);
 */
export class CategoricalNB extends NaiveBayes<CategoricalNBParams, Fitted, CategoryCountsResult> {
  constructor(params: Partial<CategoricalNBParams> = {}) {
    super("CategoricalNB", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { ...super.tags, categoryCodes: true };
  }

  /** Logarithms of the classes' probabilities. */
  get classLogPrior_(): Float64Array {
    return this.fitted("classLogPrior_").classLogPrior;
  }

  /** Of every column, how often each category is found within each class: nClasses × nCategories. */
  get categoryCount_(): Matrix<Float64Array>[] {
    const { categoryCount, classes } = this.fitted("categoryCount_");
    return categoryCount.map((table) => transposed(table, classes.length));
  }

  /** Of every column, logarithms of the probabilities of its categories given the class: nClasses × nCategories. */
  get featureLogProb_(): Matrix<Float64Array>[] {
    const { featureLogProb, classes } = this.fitted("featureLogProb_");
    return featureLogProb.map((table) => transposed(table, classes.length));
  }

  /** Number of categories of every column. */
  get nCategories_(): Int32Array {
    const { categoryCount, classes } = this.fitted("nCategories_");
    return Int32Array.from(categoryCount, (table) => table.length / classes.length);
  }

  protected override async learn(data: BayesData, options: RunOptions): Promise<CategoryCountsResult> {
    const { where, source, codes, weights, classes } = data;
    const { minCategories } = this.params;
    if (Array.isArray(minCategories) && minCategories.length !== source.nFeatures) {
      throw invalidArgument(
        `${where}: minCategories has ${minCategories.length} values, but X has ${source.nFeatures} features`,
      );
    }
    return runJob(effectiveNJobs(), options, async (job) => {
      const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
      const sink = addon().createCategoryCountsSink(labels, codes, weights, classes.length);
      await pourChecked(data, sink, job, options.signal);
      return addon().finishCategoryCounts(sink, job);
    });
  }

  protected override fittedFrom(
    { where, source, classes }: BayesData,
    learned: CategoryCountsResult,
    before?: Fitted,
  ): Fitted {
    const { alpha, forceAlpha, minCategories } = this.params;
    const nClasses = classes.length;
    const classCount = added(before?.classCount, learned.classWeight);
    const categoryCount = learned.counts.map((counts, j) => {
      const fewest = typeof minCategories === "number" ? minCategories : (minCategories?.[j] ?? 0);
      const table = new Float64Array(Math.max(counts.length, before?.categoryCount[j]?.length ?? 0, fewest * nClasses));
      table.set(before?.categoryCount[j] ?? []);
      counts.forEach((count, i) => (table[i] = (table[i] as number) + count));
      return table;
    });
    const smoothing = forceAlpha ? alpha : Math.max(alpha, 1e-10);
    return {
      nFeaturesIn: source.nFeatures,
      featureNamesIn: before?.featureNamesIn ?? source.featureNames,
      classes,
      classCount,
      categoryCount,
      featureLogProb: categoryCount.map((table) => categoryLogProb(table, nClasses, smoothing)),
      classLogPrior: classLogPrior({ ...this.params, alpha }, classCount, where),
    };
  }

  protected override modelOf(fitted: Fitted): BayesModel {
    return categoricalModel(fitted);
  }
}

/** log of (count + alpha) / (sum of those of its class). */
function categoryLogProb(table: Float64Array, nClasses: number, alpha: number): Float64Array {
  const totals = new Float64Array(nClasses);
  table.forEach((count, i) => (totals[i % nClasses] = (totals[i % nClasses] as number) + count + alpha));
  return table.map((count, i) => Math.log(count + alpha) - Math.log(totals[i % nClasses] as number));
}

function transposed(table: Float64Array, nClasses: number): Matrix<Float64Array> {
  const nCategories = table.length / nClasses;
  const data = Float64Array.from(
    { length: table.length },
    (_, i) => table[(i % nCategories) * nClasses + Math.floor(i / nCategories)] as number,
  );
  return new Matrix(data, [nClasses, nCategories]);
}

function categoricalModel({ featureLogProb, classLogPrior }: Fitted): BayesModel {
  const offsets = new Float64Array(featureLogProb.length + 1);
  featureLogProb.forEach((table, j) => (offsets[j + 1] = (offsets[j] as number) + table.length));
  const scale = new Float64Array(offsets[featureLogProb.length] as number);
  featureLogProb.forEach((table, j) => scale.set(table.map(finiteLog), offsets[j]));
  return { kind: "categorical", intercept: classLogPrior, scale, offsets };
}
