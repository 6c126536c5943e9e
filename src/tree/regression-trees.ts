import { invalidData } from "../base/errors.js";
import type { EstimatorTags } from "../base/estimator.js";
import { seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readTargets, type Targets, type TargetsLike } from "../data/targets.js";
import { readSampleWeight } from "../data/vector.js";
import { r2Score } from "../metrics/r2-score.js";
import type { RunOptions } from "../native/job.js";
import type { GrowPlan } from "./classification-trees.js";
import { fitForest } from "./forest-fit.js";
import { meanValues, meanValuesSync } from "./fitted-trees.js";
import { binsFor, resolveTree, type RegressionCriterion, type TreeParams } from "./tree-params.js";
import { TreesEstimator, type TreeFitOptions } from "./trees-estimator.js";
import type { RegressionTreesFitted } from "./trees-fitted.js";

/** Parameters that regression trees share. */
export interface RegressionTreeParams extends TreeParams {
  /**
   * What splits lower: "squaredError" (default; "friedmanMse" is another name of it, as in scikit-learn), "absoluteError",
   * the mean absolute deviation from the (weighted) median, which is then what leaves predict, or "poisson", the Poisson
   * deviance of y >= 0. "absoluteError" takes a sort of the node's rows for every feature: several times longer.
   */
  criterion: RegressionCriterion;
}

/** What trees and forests for numbers share. */
export abstract class RegressionTrees<P extends RegressionTreeParams> extends TreesEstimator<P, RegressionTreesFitted> {
  get tags(): EstimatorTags {
    return { kind: "regressor", allowNaN: true, requiresY: true, sampleWeight: true };
  }

  /** Grows trees by a plan. */
  protected async learn(
    X: MatrixLike,
    y: TargetsLike,
    planOf: (nTargets: number, where: string) => GrowPlan,
    options: TreeFitOptions,
  ): Promise<RegressionTreesFitted> {
    const where = `${this.className}.fit`;
    const source = rowSourceOf(X, `${where}: X`);
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { rows, nTargets } = targets;
    if (this.params.criterion === "poisson") checkCounts(targets.values, where);
    const plan = planOf(nTargets, where);
    const weights = await readSampleWeight(options.sampleWeight, rows, where);
    const tree = resolveTree(this.params, rows, source.nFeatures, nTargets, false, where);
    const seed = plan.before?.seed ?? seedOf(this.params.randomState);
    const sampling = { seed, bootstrap: plan.bootstrap, nDraws: plan.nDraws(rows), balancedSubsample: false };
    const { forest, outOfBag } = await fitForest(
      {
        where,
        source,
        rows,
        problem: {
          nClasses: 0,
          codes: undefined,
          nOutputs: nTargets,
          targets: byRows(targets),
          weights,
          classWeights: undefined,
        },
        options: {
          ...sampling,
          ...tree,
          criterion: this.params.criterion === "friedmanMse" ? "squaredError" : this.params.criterion,
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
      isTable: !targets.isFlat,
      forest,
      maxFeatures: tree.maxFeatures,
      sampling,
      rows,
      drawWeights: plan.bootstrap ? weights : undefined,
      outOfBag,
      outOfBagScore: outOfBag && (await outOfBagR2(targets, outOfBag)),
    };
  }

  /** Predicted values; of several targets a Matrix, nSamples × nTargets. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const source = this.sourceOf("predict", X);
    const { values } = await meanValues(this.fitted("predict").forest, source, this.params.nJobs, options);
    return this.#shaped(values);
  }

  /** predict for a few rows in memory, at once and on this thread. */
  predictSync(X: MatrixLike): Float64Array {
    const source = this.sourceOf("predictSync", X);
    return this.#shaped(meanValuesSync(this.fitted("predictSync").forest, source, `${this.className}.predictSync`));
  }

  /** R² of predict(X) against y; of several targets the mean of theirs. */
  async score(X: MatrixLike, y: TargetsLike, options: TreeFitOptions = {}): Promise<number> {
    const where = `${this.className}.score`;
    const source = this.sourceOf("score", X);
    const { forest } = this.fitted("score");
    const targets = await readTargets(y, `${where}: y`, options.signal);
    const { values } = await meanValues(forest, source, this.params.nJobs, options);
    if (values.length !== targets.values.length) {
      throw invalidData(
        `${where}: X has ${values.length / forest.nValues} rows of ${forest.nValues} targets, but y has ${targets.rows} of ${targets.nTargets}`,
      );
    }
    return meanR2(targets, values, options);
  }

  /** Number of targets. */
  get nOutputs_(): number {
    return this.fitted("nOutputs_").forest.nValues;
  }

  #shaped(values: Float64Array): Float64Array {
    const { forest, isTable } = this.fitted("predict");
    if (!isTable) return values;
    return new Matrix(values, [values.length / forest.nValues, forest.nValues]) as unknown as Float64Array;
  }
}

async function meanR2(
  { rows, nTargets, values }: Targets,
  predicted: Float64Array,
  { sampleWeight }: TreeFitOptions,
): Promise<number> {
  let sum = 0;
  for (let t = 0; t < nTargets; t++) {
    const own = Float64Array.from({ length: rows }, (_, i) => predicted[i * nTargets + t] as number);
    sum += await r2Score(values.subarray(t * rows, (t + 1) * rows), own, { sampleWeight });
  }
  return sum / nTargets;
}

/** R² over the rows that some tree did not draw. */
async function outOfBagR2(targets: Targets, outOfBag: Float64Array): Promise<number> {
  const { rows, nTargets, values } = targets;
  const seen = Array.from({ length: rows }, (_, i) => i).filter((i) => !Number.isNaN(outOfBag[i * nTargets]));
  const pick = (column: (t: number, i: number) => number): Float64Array =>
    Float64Array.from({ length: seen.length * nTargets }, (_, at) =>
      column(Math.floor(at / seen.length), seen[at % seen.length] as number),
    );
  const y = pick((t, i) => values[t * rows + i] as number);
  const p = Float64Array.from({ length: seen.length * nTargets }, (_, at) => {
    const [i, t] = [seen[Math.floor(at / nTargets)] as number, at % nTargets];
    return outOfBag[i * nTargets + t] as number;
  });
  if (seen.length < 2) return NaN;
  return meanR2({ rows: seen.length, nTargets, isFlat: false, values: y }, p, {});
}

/** Targets row by row. */
function byRows({ rows, nTargets, values }: Targets): Float64Array {
  if (nTargets === 1) return values;
  const out = new Float64Array(values.length);
  for (let t = 0; t < nTargets; t++) {
    for (let i = 0; i < rows; i++) out[i * nTargets + t] = values[t * rows + i] as number;
  }
  return out;
}

function checkCounts(values: Float64Array, where: string): void {
  const negative = values.find((value) => value < 0);
  if (negative !== undefined)
    throw invalidData(`${where}: y must not be negative with criterion "poisson", got ${negative}`);
  if (!values.some((value) => value > 0))
    throw invalidData(`${where}: all values of y are 0: criterion "poisson" needs some above`);
}
