import { invalidArgument, show } from "../base/errors.js";
import { boolean, custom, integer, type ParamSpec, type ParamSpecs } from "../base/params.js";
import type { GrowPlan } from "../tree/classification-trees.js";
import { treeCount } from "../tree/fitted-trees.js";
import { treeSpecs, type MaxFeatures, type TreeParams } from "../tree/tree-params.js";
import type { TreesFitted } from "../tree/trees-fitted.js";

/** Parameters of all forests. */
export interface ForestParams extends TreeParams {
  /** Trees. Default 100. */
  nEstimators: number;
  /** Grow each tree on as many rows as there are, drawn with replacement; rows are drawn in proportion to their weights. */
  bootstrap: boolean;
  /** Predict every row by the trees that did not draw it: oobScore_ and its like. Needs bootstrap. Default false. */
  oobScore: boolean;
  /** Keep the trees of the last fit and add those that nEstimators has more. Default false. */
  warmStart: boolean;
  /** Rows a bootstrap draws: a share (up to 1: as many as there are), a number (2 or more), or null (default): all. */
  maxSamples: number | null;
  /** Draw a progress bar. Default false. */
  verbose: boolean;
}

/** The rule of maxSamples. */
export function maxSamplesSpec(): ParamSpec<number | null> {
  return custom<number | null>(
    null,
    "a share > 0 and <= 1, an integer >= 2, or null",
    (value) =>
      value === null ||
      (typeof value === "number" && ((value > 0 && value <= 1) || (Number.isInteger(value) && value >= 2))),
    0,
  );
}

/** The rule of a maxFeatures that says how many columns each estimator draws. */
export function drawnFeaturesSpec(): ParamSpec<number | "one"> {
  return custom<number | "one">(
    1,
    'a share > 0 and <= 1, an integer >= 2, or "one"',
    (value) =>
      value === "one" ||
      (typeof value === "number" && ((value > 0 && value <= 1) || (Number.isInteger(value) && value >= 2))),
    0,
  );
}

/** Rules of the parameters above. */
export function forestSpecs(bootstrap: boolean, maxFeatures: MaxFeatures): ParamSpecs<ForestParams> {
  return {
    nEstimators: integer(100, { min: 1 }),
    bootstrap: boolean(bootstrap),
    oobScore: boolean(false),
    warmStart: boolean(false),
    maxSamples: maxSamplesSpec(),
    verbose: boolean(false),
    ...treeSpecs(maxFeatures),
  };
}

/**
 * What a fit of a forest is to do.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for parameters that do not go together, and a warm start with fewer trees.
 */
export function forestPlan(
  params: Readonly<ForestParams>,
  randomSplits: boolean,
  last: TreesFitted | undefined,
  where: string,
): GrowPlan {
  const { bootstrap, oobScore, maxSamples, nEstimators } = params;
  if (!bootstrap && maxSamples !== null) throw invalidArgument(`${where}: maxSamples goes with bootstrap: true only`);
  if (!bootstrap && oobScore) throw invalidArgument(`${where}: oobScore goes with bootstrap: true only`);
  const before = params.warmStart ? last : undefined;
  const had = before === undefined ? 0 : treeCount(before.forest);
  if (nEstimators < had) {
    throw invalidArgument(
      `${where}: warmStart needs nEstimators of at least ${had}, the trees there are, got ${show(nEstimators)}`,
    );
  }
  return {
    nTrees: nEstimators - had,
    randomSplits,
    shuffleFeatures: true,
    bootstrap,
    nDraws: (rows) => drawsOf(maxSamples, rows, where),
    outOfBag: oobScore,
    verbose: params.verbose,
    before: before && { forest: before.forest, seed: before.sampling.seed },
  };
}

function drawsOf(maxSamples: number | null, rows: number, where: string): number {
  if (maxSamples === null) return rows;
  if (maxSamples <= 1) return Math.max(1, Math.round(maxSamples * rows));
  if (maxSamples > rows) throw invalidArgument(`${where}: maxSamples is ${maxSamples}, but X has ${rows} rows`);
  return maxSamples;
}
