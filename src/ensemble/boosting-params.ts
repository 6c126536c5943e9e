import { invalidArgument } from "../base/errors.js";
import {
  boolean,
  choice,
  custom,
  either,
  integer,
  nJobs,
  nullable,
  number,
  randomState,
  type ParamSpecs,
} from "../base/params.js";
import type { TargetsLike } from "../data/targets.js";
import type { VectorLike } from "../data/vector.js";
import type { MatrixLike } from "../data/row-source-of.js";
import type { Matrix } from "../data/matrix.js";
import { getScorer, getScorerNames, type Scorer } from "../metrics/scorer.js";
import type { RunOptions } from "../native/job.js";
import type { BoostingCallback } from "./boosting-run.js";
import { SAMPLING_SPECS, type SamplingParams } from "./sampling-params.js";
import { SPLIT_SPECS, type SplitParams } from "./split-params.js";

/** Parameters that the estimators of histogram gradient boosting share. */
export interface BoostingParams extends SplitParams, SamplingParams {
  /** How much of each tree counts (shrinkage). Default 0.1. */
  learningRate: number;
  /** Most iterations: trees, or trees per class for more than two classes (multiStrategy says). Default 100. */
  maxIter: number;
  /** Most leaves of a tree, 2 … 32767; null: no limit of its own. Default 31. */
  maxLeafNodes: number | null;
  /** Most splits from the root to a leaf. Default null: no limit. */
  maxDepth: number | null;
  /** Fewest training rows of a leaf, counted exactly, whatever they weigh (as in scikit-learn). Default 20. */
  minSamplesLeaf: number;
  /** L2 penalty on leaf values. Default 0. */
  l2Regularization: number;
  /** Smallest hessian sum of a leaf: raise it (to 10, say) where rare classes make deep trees diverge. Default 0.001. */
  minSumHessian: number;
  /** A split must gain more. Default 0. */
  minGainToSplit: number;
  /**
   * Leaves hold a ridge regression on the numerical features of their path instead of one value (LightGBM's linear_tree;
   * Shi, Li, Li 2019): better where y is smooth, and worse beyond the range of training, where it goes on as a line. Rows
   * without a finite value of such a feature get the leaf's one value. While fitting, the numerical columns are kept as
   * they are besides their bins, in memory whatever memoryLimit is: 4 bytes a cell, 8 if not all values are float32.
   * Default false.
   */
  linearTree: boolean;
  /** L2 penalty on the slopes of linear leaves (LightGBM's linear_lambda). Default 0. */
  linearLambda: number;
  /**
   * Most bins of a feature, 2 … 65,535; missing values have a bin besides. Default 255. Features that have more than 255
   * take two bytes a cell, and time and memory of histograms in proportion: ask for it where the places of thresholds
   * matter, or to give every one of many categories a bin of its own.
   */
  maxBins: number;
  /**
   * Keep one byte of bins a cell instead of two: half the memory, slower splits, the same model. Default false. Columns of
   * few values share a byte either way.
   */
  compactBins: boolean;
  /** Carry on from the last fit, up to maxIter iterations in all. Default false. */
  warmStart: boolean;
  /** Stop when the score no longer rises. Default "auto": if X has more than 10,000 rows. */
  earlyStopping: "auto" | boolean;
  /**
   * What early stopping watches: "loss", the name of a scorer ("rocAuc", "r2", …; getScorerNames() has them all) or a
   * scorer. Scorers see all held-out rows and at most 10,000 training rows. Default "loss".
   */
  scoring: string | Scorer;
  /** Share of the rows (or their number) held out for early stopping; null: watch the training score. Default 0.1. */
  validationFraction: number | null;
  /** Early stopping waits for this many iterations without progress. Default 10. */
  nIterNoChange: number;
  /** What counts as progress of the score. Default 1e-7. */
  tol: number;
  /** Draw a progress bar on stderr. Default false. */
  verbose: boolean;
  /**
   * Seed of the held-out rows, the sample for bins and the rounding of gradients. Default null: the rows that early
   * stopping holds out are drawn afresh in every fit; without early stopping every fit on the same rows is the same.
   */
  randomState: number | null;
  /** Threads; the model does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
}

/** More leaves than this a tree cannot have. */
export const MOST_LEAVES = 32_767;

const MOST_BINS = 65_535;

/** Defaults and rules of BoostingParams. */
export const BOOSTING_SPECS: ParamSpecs<BoostingParams> = {
  learningRate: number(0.1, { min: 0, exclusiveMin: true }),
  maxIter: integer(100, { min: 1 }),
  maxLeafNodes: nullable(integer(31, { min: 2, max: MOST_LEAVES }), 31),
  maxDepth: nullable(integer(1, { min: 1 })),
  minSamplesLeaf: integer(20, { min: 1 }),
  l2Regularization: number(0, { min: 0 }),
  minSumHessian: number(1e-3, { min: 0, exclusiveMin: true }),
  minGainToSplit: number(0, { min: 0 }),
  linearTree: boolean(false),
  linearLambda: number(0, { min: 0 }),
  ...SPLIT_SPECS,
  maxBins: integer(255, { min: 2, max: MOST_BINS }),
  compactBins: boolean(false),
  warmStart: boolean(false),
  earlyStopping: either(choice<"auto">("auto", ["auto"]), boolean(false), "auto"),
  scoring: custom<string | Scorer>(
    "loss",
    '"loss", the name of a scorer, or a scorer',
    (value) => value === "loss" || typeof value === "function" || getScorerNames().includes(value as string),
    "no such scorer",
  ),
  validationFraction: custom<number | null>(
    0.1,
    "a share between 0 and 1, a number of rows, or null",
    (value) =>
      value === null ||
      (typeof value === "number" && value > 0 && (value < 1 || (Number.isSafeInteger(value) && value >= 1))),
    0,
  ),
  nIterNoChange: integer(10, { min: 1 }),
  tol: number(1e-7, { min: 0 }),
  verbose: boolean(false),
  randomState: randomState(),
  nJobs: nJobs(),
  ...SAMPLING_SPECS,
};

/** Options of a boosting fit. */
export interface BoostingFitOptions extends RunOptions {
  /**
   * One non-negative weight per row. A weight of k counts as k equal rows, in bins and leaf values too, but for
   * minSamplesLeaf and the rounding of gradients; a row of weight 0 is left out.
   */
  readonly sampleWeight?: VectorLike | undefined;
  /** Rows for early stopping to watch, instead of some held out of X. Needs yVal. */
  readonly XVal?: MatrixLike | undefined;
  readonly yVal?: TargetsLike | undefined;
  readonly sampleWeightVal?: VectorLike | undefined;
  /**
   * Raw predictions that training starts from, instead of the best constant: one a row, with more than two classes or
   * several targets one a row and class or target. They are not part of the model: add them to the raw predictions of new rows.
   */
  readonly initScore?: VectorLike | Matrix | undefined;
  /** The same for XVal. */
  readonly initScoreVal?: VectorLike | Matrix | undefined;
  /** More rows to record metrics of, iteration by iteration, in evalResults_. They change nothing else. */
  readonly evalSet?: readonly EvalSet[] | undefined;
  /** What is recorded of evalSet: "loss", names of scorers, scorers. Default "loss". */
  readonly evalMetric?: string | Scorer | readonly (string | Scorer)[] | undefined;
  /** Called after every iteration; an error they throw ends the fit, which then changes nothing. */
  readonly callbacks?: readonly BoostingCallback[] | undefined;
}

/** Rows of evalSet. */
export interface EvalSet {
  readonly X: MatrixLike;
  readonly y: TargetsLike;
  readonly sampleWeight?: VectorLike | undefined;
  readonly initScore?: VectorLike | Matrix | undefined;
  /** Its name in evalResults_. Default "eval0", "eval1", … */
  readonly name?: string | undefined;
}

/** Both of XVal and yVal or neither, and not with early stopping turned off. */
export function checkValidationOptions(
  where: string,
  options: BoostingFitOptions,
  params: Pick<BoostingParams, "earlyStopping">,
): void {
  const { XVal, yVal, sampleWeightVal } = options;
  if (XVal !== undefined && yVal === undefined) throw invalidArgument(`${where}: XVal is given, but not yVal`);
  if (yVal !== undefined && XVal === undefined) throw invalidArgument(`${where}: yVal is given, but not XVal`);
  if (sampleWeightVal !== undefined && XVal === undefined) {
    throw invalidArgument(`${where}: sampleWeightVal is given, but not XVal`);
  }
  if (options.initScoreVal !== undefined && XVal === undefined) {
    throw invalidArgument(`${where}: initScoreVal is given, but not XVal`);
  }
  const names = (options.evalSet ?? []).map(({ name }, i) => name ?? `eval${i}`);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw invalidArgument(`${where}: evalSet has the name ${JSON.stringify(twice)} twice`);
  for (const metric of [options.evalMetric ?? []].flat()) if (metric !== "loss") getScorer(metric);
  if (XVal !== undefined && params.earlyStopping === false) {
    throw invalidArgument(`${where}: XVal and yVal are for early stopping, but earlyStopping is false`);
  }
}
