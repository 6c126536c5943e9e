import type { EstimatorTags } from "../base/estimator.js";
import { seedOf } from "../base/random.js";
import { argmaxRows } from "../data/argmax.js";
import { classWeights, combinedWeights, type ClassWeight } from "../data/class-weight.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { decodeLabels, encodeLabels, readSampleWeight, type LabelArray, type VectorLike } from "../data/vector.js";
import { accuracyScore } from "../metrics/accuracy-score.js";
import type { ForestArrays } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { fitForest } from "./forest-fit.js";
import { meanValues, meanValuesSync } from "./fitted-trees.js";
import { binsFor, resolveTree, type ClassCriterion, type TreeParams } from "./tree-params.js";
import { TreesEstimator, type TreeFitOptions } from "./trees-estimator.js";
import type { ClassTreesFitted } from "./trees-fitted.js";

/** Parameters that classification trees share. */
export interface ClassTreeParams extends TreeParams {
  /** What splits lower: "gini" (default), or "entropy", also called "logLoss". */
  criterion: ClassCriterion;
}

/** How one fit differs from another of the same parameters. */
export interface GrowPlan {
  readonly nTrees: number;
  readonly randomSplits: boolean;
  /** Of equal splits one is drawn; else that on the first feature is taken. */
  readonly shuffleFeatures: boolean;
  readonly bootstrap: boolean;
  /** Rows a bootstrap draws, of so many. */
  readonly nDraws: (rows: number) => number;
  readonly outOfBag: boolean;
  readonly verbose: boolean;
  /** Trees to add to, and their seed. */
  readonly before: { readonly forest: ForestArrays; readonly seed: number } | undefined;
}

/** The plan of a single tree. */
export function singleTree(randomSplits: boolean): GrowPlan {
  return {
    nTrees: 1,
    randomSplits,
    shuffleFeatures: randomSplits,
    bootstrap: false,
    nDraws: (rows) => rows,
    outOfBag: false,
    verbose: false,
    before: undefined,
  };
}

/** What trees and forests for classes share. */
export abstract class ClassificationTrees<P extends ClassTreeParams> extends TreesEstimator<P, ClassTreesFitted> {
  get tags(): EstimatorTags {
    return { kind: "classifier", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /** Grows trees by a plan. */
  protected async learn(
    X: MatrixLike,
    y: VectorLike,
    classWeight: ClassWeight | "balancedSubsample",
    planOf: (classes: LabelArray, where: string) => GrowPlan,
    options: TreeFitOptions,
  ): Promise<ClassTreesFitted> {
    const where = `${this.className}.fit`;
    const source = rowSourceOf(X, `${where}: X`);
    const labels = await encodeLabels(y, `${where}: y`, options.signal);
    const { classes, codes } = labels;
    const plan = planOf(classes, where);
    const rows = codes.length;
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    // Without a bootstrap the subsample is all rows.
    const given =
      classWeight !== "balancedSubsample" ? (classWeight ?? undefined) : plan.bootstrap ? undefined : "balanced";
    const tree = resolveTree(this.params, rows, source.nFeatures, classes.length, true, where);
    const seed = plan.before?.seed ?? seedOf(this.params.randomState);
    const balancedSubsample = classWeight === "balancedSubsample" && plan.bootstrap;
    const sampling = { seed, bootstrap: plan.bootstrap, nDraws: plan.nDraws(rows), balancedSubsample };
    const { forest, outOfBag } = await fitForest(
      {
        where,
        source,
        rows,
        problem: {
          nClasses: Math.max(1, classes.length),
          codes,
          nOutputs: 1,
          targets: undefined,
          weights,
          classWeights: given && classWeights(given, labels, where),
        },
        options: {
          ...sampling,
          ...tree,
          criterion: this.params.criterion === "gini" ? "gini" : "entropy",
          randomSplits: plan.randomSplits,
          shuffleFeatures: plan.shuffleFeatures,
          nTrees: plan.nTrees,
          outOfBag: plan.outOfBag,
        },
        maxBins: binsFor(this.params.maxBins, rows),
        nJobs: this.params.nJobs,
        verbose: plan.verbose,
        before: plan.before?.forest,
      },
      options,
    );
    return {
      nFeaturesIn: source.nFeatures,
      featureNamesIn: source.featureNames,
      classes,
      forest,
      maxFeatures: tree.maxFeatures,
      sampling,
      rows,
      drawWeights: plan.bootstrap ? combinedWeights(given ?? null, labels, weights, where) : undefined,
      outOfBag,
      outOfBagScore: outOfBag && shareRight(outOfBag, codes, classes.length),
    };
  }

  /** The most probable class of every row. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<LabelArray> {
    const source = this.sourceOf("predict", X);
    const { classes, forest } = this.fitted("predict");
    const { values } = await meanValues(forest, source, this.params.nJobs, options);
    return labelsOf(classes, values);
  }

  /** Probabilities, nSamples × nClasses: the means of the trees' class fractions, classes in the order of classes_. */
  async predictProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const source = this.sourceOf("predictProba", X);
    const { forest } = this.fitted("predictProba");
    const { rows, values } = await meanValues(forest, source, this.params.nJobs, options);
    return new Matrix(values, [rows, forest.nValues]);
  }

  /** Natural logarithms of predictProba. */
  async predictLogProba(X: MatrixLike, options?: RunOptions): Promise<Matrix<Float64Array>> {
    const p = await this.predictProba(X, options);
    return new Matrix(p.data.map(Math.log), [p.rows, p.cols]);
  }

  /** predict for a few rows in memory, at once and on this thread. */
  predictSync(X: MatrixLike): LabelArray {
    const source = this.sourceOf("predictSync", X);
    const { classes, forest } = this.fitted("predictSync");
    return labelsOf(classes, meanValuesSync(forest, source, `${this.className}.predictSync`));
  }

  /** predictProba for a few rows in memory, at once and on this thread. */
  predictProbaSync(X: MatrixLike): Matrix<Float64Array> {
    const source = this.sourceOf("predictProbaSync", X);
    const { forest } = this.fitted("predictProbaSync");
    const values = meanValuesSync(forest, source, `${this.className}.predictProbaSync`);
    return new Matrix(values, [values.length / forest.nValues, forest.nValues]);
  }

  /** Accuracy of predict(X) against y. */
  async score(X: MatrixLike, y: VectorLike, options: TreeFitOptions = {}): Promise<number> {
    return accuracyScore(y, await this.predict(X, options), { sampleWeight: options.sampleWeight });
  }

  /** The labels y had, sorted. */
  get classes_(): LabelArray {
    return this.fitted("classes_").classes;
  }

  /** Number of classes. */
  get nClasses_(): number {
    return this.classes_.length;
  }

  /** Number of targets: 1. */
  get nOutputs_(): number {
    this.fitted("nOutputs_");
    return 1;
  }
}

/** The class of the largest value of every row, the first of equals. */
function labelsOf(classes: LabelArray, values: Float64Array): LabelArray {
  return decodeLabels(classes, argmaxRows(values, classes.length));
}

/** The share of rows whose class out-of-bag predictions name; rows that every tree drew count as the first class. */
function shareRight(values: Float64Array, codes: Int32Array, nClasses: number): number {
  const predicted = argmaxRows(values, nClasses);
  return codes.reduce((right, code, i) => right + Number(code === predicted[i]), 0) / codes.length;
}
