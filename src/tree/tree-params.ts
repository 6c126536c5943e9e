import { invalidArgument, invalidData, show } from "../base/errors.js";
import {
  choice,
  custom,
  integer,
  nJobs,
  nullable,
  number,
  randomState,
  type ParamSpec,
  type ParamSpecs,
} from "../base/params.js";

/** How many features a split is searched in: a number, a share, or a rule. */
export type MaxFeatures = number | "sqrt" | "log2" | "one" | null;

/** Parameters of all trees and forests. */
export interface TreeParams {
  /** Most splits above a leaf; null (default): until leaves are pure. */
  maxDepth: number | null;
  /** Fewest rows of a node that is split, or (below 1, and 1 itself) their share of all rows, rounded up. Default 2. */
  minSamplesSplit: number;
  /** Fewest rows of a leaf, or (below 1) their share of all rows, rounded up. Default 1. */
  minSamplesLeaf: number;
  /** Smallest share of the weight of all rows in a leaf: 0 … 0.5. Default 0. */
  minWeightFractionLeaf: number;
  /**
   * Features a split is searched in, drawn anew for each: "sqrt" or "log2" of their number, a share (up to 1: all), a
   * number (2 or more), "one", or null: all. If all that were drawn are constant in the node, further ones are.
   */
  maxFeatures: MaxFeatures;
  /** Most leaves: nodes are split best first. Null (default): any number, depth first. */
  maxLeafNodes: number | null;
  /** A split must lower the weighted impurity by this much. Default 0. */
  minImpurityDecrease: number;
  /** Complexity parameter of minimal cost-complexity pruning; 0 (default): no pruning. */
  ccpAlpha: number;
  /**
   * Of every feature 1 (predictions, or the probability of the second class, must not fall as it grows), -1 (must not
   * rise) or 0. Null (default): none. Not with more than two classes or several targets.
   */
  monotonicCst: readonly number[] | null;
  /** Seed of what is drawn; null (default): another one each fit. */
  randomState: number | null;
  /**
   * Bins of a column that has more distinct values: thresholds lie between quantiles then. A column of fewer distinct
   * values is split exactly. "auto" (default): 255, and up to 10,000 rows as many as there are values.
   */
  maxBins: number | "auto";
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

/** Rows up to which "auto" bins are exact. */
const EXACT_ROWS = 10_000;
const MOST_BINS = 65_535;

function isShareOrCount(value: unknown, leastCount: number): boolean {
  if (typeof value !== "number") return false;
  return (value > 0 && value < 1) || (Number.isInteger(value) && value >= leastCount);
}

/** The rule of maxFeatures. */
export function maxFeaturesSpec(fallback: MaxFeatures): ParamSpec<MaxFeatures> {
  return custom<MaxFeatures>(
    fallback,
    'a share > 0 and <= 1, an integer >= 2, "sqrt", "log2", "one", or null',
    (value) => value === null || value === "sqrt" || value === "log2" || value === "one" || isShareOrCount(value, 1),
    -1,
  );
}

/** Rules of the parameters above. */
export function treeSpecs(maxFeatures: MaxFeatures): ParamSpecs<TreeParams> {
  return {
    maxDepth: nullable(integer(1, { min: 1 })),
    minSamplesSplit: custom<number>(
      2,
      "an integer >= 2, or a share > 0 and <= 1",
      (value) => isShareOrCount(value, 1),
      0,
    ),
    minSamplesLeaf: custom<number>(
      1,
      "an integer >= 1, or a share > 0 and < 1",
      (value) => isShareOrCount(value, 1),
      0,
    ),
    minWeightFractionLeaf: number(0, { min: 0, max: 0.5 }),
    maxFeatures: maxFeaturesSpec(maxFeatures),
    maxLeafNodes: nullable(integer(2, { min: 2 })),
    minImpurityDecrease: number(0, { min: 0 }),
    ccpAlpha: number(0, { min: 0 }),
    monotonicCst: custom<readonly number[] | null>(
      null,
      "an array of -1, 0 and 1, or null",
      (value) => value === null || (Array.isArray(value) && value.every((sign) => [-1, 0, 1].includes(sign as number))),
    ),
    randomState: randomState(),
    maxBins: custom<number | "auto">(
      "auto",
      `"auto", or an integer >= 2 and <= ${MOST_BINS}`,
      (value) =>
        value === "auto" || (Number.isInteger(value) && (value as number) >= 2 && (value as number) <= MOST_BINS),
      1,
    ),
    nJobs: nJobs(),
  };
}

/** What classification trees may minimise. */
export type ClassCriterion = "gini" | "entropy" | "logLoss";
export function classCriterion(): ParamSpec<ClassCriterion> {
  return choice<ClassCriterion>("gini", ["gini", "entropy", "logLoss"]);
}

/** What regression trees may minimise. */
export type RegressionCriterion = "squaredError" | "friedmanMse" | "absoluteError" | "poisson";
export function regressionCriterion(): ParamSpec<RegressionCriterion> {
  return choice<RegressionCriterion>("squaredError", ["squaredError", "friedmanMse", "absoluteError", "poisson"]);
}

/** maxFeatures as a number of features, at least 1. */
export function featuresOf(maxFeatures: MaxFeatures, nFeatures: number): number {
  if (maxFeatures === null) return nFeatures;
  if (maxFeatures === "one") return 1;
  if (maxFeatures === "sqrt") return Math.max(1, Math.floor(Math.sqrt(nFeatures)));
  if (maxFeatures === "log2") return Math.max(1, Math.floor(Math.log2(nFeatures)));
  if (maxFeatures <= 1) return Math.max(1, Math.floor(maxFeatures * nFeatures));
  return maxFeatures;
}

/** Parameters of a tree as the seam takes them. */
export interface ResolvedTree {
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minWeightFractionLeaf: number;
  readonly maxFeatures: number;
  readonly maxLeafNodes: number;
  readonly minImpurityDecrease: number;
  readonly ccpAlpha: number;
  readonly monotonicCst: Int32Array | undefined;
}

/**
 * Shares as numbers of rows and features.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for more features than there are, and constraints that do not fit;
 * ERR_INVALID_DATA for a table without features.
 */
export function resolveTree(
  params: Readonly<TreeParams>,
  rows: number,
  nFeatures: number,
  nValues: number,
  isClassifier: boolean,
  where: string,
): ResolvedTree {
  const { maxDepth, minSamplesSplit, minSamplesLeaf, maxFeatures, maxLeafNodes, monotonicCst } = params;
  if (nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  const wanted = featuresOf(maxFeatures, nFeatures);
  if (wanted > nFeatures) {
    throw invalidArgument(`${where}: maxFeatures is ${wanted}, but X has ${nFeatures} features`);
  }
  if (monotonicCst !== null) checkMonotonic(monotonicCst, nFeatures, nValues, isClassifier, where);
  const leaf = minSamplesLeaf < 1 ? Math.ceil(minSamplesLeaf * rows) : minSamplesLeaf;
  const split = minSamplesSplit <= 1 ? Math.max(2, Math.ceil(minSamplesSplit * rows)) : minSamplesSplit;
  return {
    maxDepth: maxDepth ?? 2 ** 31 - 1,
    minSamplesSplit: Math.max(split, 2 * leaf),
    minSamplesLeaf: leaf,
    minWeightFractionLeaf: params.minWeightFractionLeaf,
    maxFeatures: wanted,
    maxLeafNodes: maxLeafNodes ?? 0,
    minImpurityDecrease: params.minImpurityDecrease,
    ccpAlpha: params.ccpAlpha,
    monotonicCst: monotonicCst?.some((sign) => sign !== 0) ? Int32Array.from(monotonicCst) : undefined,
  };
}

function checkMonotonic(
  signs: readonly number[],
  nFeatures: number,
  nValues: number,
  isClassifier: boolean,
  where: string,
): void {
  if (signs.length !== nFeatures) {
    throw invalidArgument(`${where}: monotonicCst has ${signs.length} values, but X has ${nFeatures} features`);
  }
  if (nValues > (isClassifier ? 2 : 1)) {
    const what = isClassifier ? "classes" : "targets";
    throw invalidArgument(`${where}: monotonicCst does not go with ${show(nValues)} ${what}`);
  }
}

/** Bins of a column, at most. */
export function binsFor(maxBins: number | "auto", rows: number): number {
  if (maxBins !== "auto") return maxBins;
  return rows <= EXACT_ROWS ? MOST_BINS : 255;
}
