import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import { BaseEstimator, type EstimatorTags, type FittedBase } from "../base/estimator.js";
import { boolean, custom, either, integer, nJobs, randomState, choice, type ParamSpecs } from "../base/params.js";
import { withProgressBar } from "../base/progress-bar.js";
import { seedOf } from "../base/random.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { readSampleWeight, type VectorLike } from "../data/vector.js";
import type { ForestArrays, IsolationOptions } from "../native/addon.js";
import { runJob, type Progress, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { ExtraTreeRegressor } from "../tree/extra-tree-regressor.js";
import { joinForests, meanValues, treeAt, treeCount } from "../tree/fitted-trees.js";
import { featuresOf } from "../tree/tree-params.js";
import { drawnFeaturesSpec } from "./forest-params.js";

/** Parameters of IsolationForest. */
export interface IsolationForestParams {
  /** Trees. Default 100. */
  nEstimators: number;
  /** Rows a tree draws: a number (2 or more; all rows if there are fewer), a share (up to 1: all rows), or "auto" (default): 256, or all if fewer. */
  maxSamples: number | "auto";
  /** The share of outliers that predict finds in X of fit: above 0, up to 0.5. "auto" (default): scores below -0.5. */
  contamination: number | "auto";
  /** Columns a tree draws: a share (default 1: all), a number (2 or more), or "one". */
  maxFeatures: number | "one";
  /** Draw rows with replacement. Default false. */
  bootstrap: boolean;
  /** Threads; the result does not depend on it. Default null: the ambient setting, else all cores. */
  nJobs: number | null;
  /** Seed of what is drawn; null (default): another one each fit. */
  randomState: number | null;
  /** Draw a progress bar. Default false. */
  verbose: boolean;
  /** Keep the trees of the last fit and add those that nEstimators has more. Default false. */
  warmStart: boolean;
}

const share = custom<number>(
  0.1,
  "a number > 0 and <= 0.5",
  (value) => typeof value === "number" && value > 0 && value <= 0.5,
  0,
);
const samples = custom<number>(
  1,
  "a share > 0 and <= 1, an integer >= 2",
  (value) => typeof value === "number" && ((value > 0 && value <= 1) || (Number.isInteger(value) && value >= 2)),
  0,
);
const SPECS: ParamSpecs<IsolationForestParams> = {
  nEstimators: integer(100, { min: 1 }),
  maxSamples: either<"auto", number>(choice("auto", ["auto"]), samples, "auto"),
  contamination: either<"auto", number>(choice("auto", ["auto"]), share, "auto"),
  maxFeatures: drawnFeaturesSpec(),
  bootstrap: boolean(false),
  nJobs: nJobs(),
  randomState: randomState(),
  verbose: boolean(false),
  warmStart: boolean(false),
};

/** Draws of trees that were grown together. */
interface Grown extends Omit<IsolationOptions, "firstTree" | "nTrees" | "weights"> {
  readonly until: number;
  /** Of each tree, where weights had a say; else they are drawn again. */
  readonly rows?: readonly Int32Array[] | undefined;
}

interface Trees extends Pick<Grown, "rows"> {
  readonly forest: ForestArrays;
}

interface Given {
  readonly rows: number;
  readonly nFeatures: number;
  readonly weights: Float64Array | undefined;
}

/** Options of IsolationForest.fit. */
export interface IsolationForestFitOptions extends RunOptions {
  /** What rows are drawn in proportion to. Default: all alike. */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  readonly forest: ForestArrays;
  readonly offset: number;
  readonly maxSamples: number;
  /** One a fit of a warm start. */
  readonly draws: readonly Grown[];
}

/**
 * Finds outliers by how soon random splits isolate them (Liu, Ting, Zhou 2008), with scikit-learn's parameters and scores:
 * each tree draws rows, then splits a random column at a random threshold until a row is alone or log2(maxSamples) splits
 * are above it. Only the drawn rows are kept in memory. NaN is a missing value, whose rows go to a side drawn for the split.
 * The forest is the same, bit for bit, for any nJobs and any chunking of X.
 *
 * @example
 * const model = await new IsolationForest({ contamination: 0.01, randomState: 0 }).fit(X);
 * const outliers = (await model.predict(X)).map((side) => (side < 0 ? 1 : 0));
 */
export class IsolationForest extends BaseEstimator<IsolationForestParams, Fitted> {
  constructor(params: Partial<IsolationForestParams> = {}) {
    super("IsolationForest", SPECS, params);
  }

  get tags(): EstimatorTags {
    return { kind: "outlierDetector", allowNaN: true, requiresY: false, sampleWeight: true };
  }

  /**
   * Grows the trees. X: nSamples × nFeatures, finite or NaN (missing). Progress counts trees. A tree draws rows in
   * proportion to sampleWeight, one non-negative number a row, as in scikit-learn; it has no say in the splits, in scores
   * or in `contamination`. Rows of weight 0 are never drawn: without bootstrap a tree draws at most the others.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: IsolationForestFitOptions = {}): Promise<this> {
    this.checkParams();
    const where = "IsolationForest.fit";
    const source = rowSourceOf(X, `${where}: X`);
    if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
    const last = this.params.warmStart ? this.fittedOrUndefined : undefined;
    if (last !== undefined && last.nFeaturesIn !== source.nFeatures)
      throw invalidArgument(`${where}: warmStart needs as many features as the last fit, ${last.nFeaturesIn}`);
    const rows = source.nRows ?? (await countRows(source, options.signal));
    if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
    const weights = someOf(await readSampleWeight(options.sampleWeight, rows, where));
    const native = this.#native({ rows, nFeatures: source.nFeatures, weights }, last, where);
    refuseTooLarge(8 * source.nFeatures * Math.min(rows, native.nTrees * native.maxSamples), where);
    const run = (how: RunOptions): Promise<Trees> => grow(source, native, this.params.nJobs, where, how);
    const grown = await (this.params.verbose
      ? withProgressBar<Progress, RunOptions, Trees>("IsolationForest", options, run)
      : run(options));
    const forest = last === undefined ? grown.forest : joinForests(last.forest, grown.forest);
    const { firstTree, nTrees, weights: _, ...draw } = native;
    const offset = await this.#offset(forest, source, native.maxSamples, options.signal);
    this.setFitted({
      nFeaturesIn: source.nFeatures,
      featureNamesIn: source.featureNames,
      forest,
      offset,
      maxSamples: native.maxSamples,
      draws: [...(last?.draws ?? []), { ...draw, until: firstTree + nTrees, rows: grown.rows }],
    });
    return this;
  }

  /** 1 for rows that look normal, -1 for outliers. */
  async predict(X: MatrixLike, options?: RunOptions): Promise<Int32Array> {
    return Int32Array.from(await this.decisionFunction(X, options), (value) => (value < 0 ? -1 : 1));
  }

  /** fit, then predict of the same X. */
  async fitPredict(X: MatrixLike, y?: unknown, options?: IsolationForestFitOptions): Promise<Int32Array> {
    return (await this.fit(X, y, options)).predict(X, options);
  }

  /** scoreSamples less offset_: negative for outliers. */
  async decisionFunction(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const scores = await this.scoreSamples(X, options);
    const { offset } = this.fitted("decisionFunction");
    return scores.map((score) => score - offset);
  }

  /** Minus the anomaly score of the paper, from -1 (an outlier) to 0, of every row: about -0.5 where nothing stands out. */
  async scoreSamples(X: MatrixLike, options?: RunOptions): Promise<Float64Array> {
    const { forest, maxSamples } = this.fitted("scoreSamples");
    const source = rowSourceOf(X, `${this.className}.scoreSamples: X`);
    this.checkFeatures("scoreSamples", source);
    return this.#scores(forest, source, maxSamples, options);
  }

  /** The score below which rows are outliers. */
  get offset_(): number {
    return this.fitted("offset_").offset;
  }

  /** Rows that a tree draws. */
  get maxSamples_(): number {
    return this.fitted("maxSamples_").maxSamples;
  }

  /** The trees; the value of a leaf is the length of the path that isolates its rows. */
  get estimators_(): ExtraTreeRegressor[] {
    const { forest, nFeaturesIn, featureNamesIn } = this.fitted("estimators_");
    return Array.from({ length: treeCount(forest) }, (_, t) => {
      const tree = new ExtraTreeRegressor({ maxFeatures: "one" });
      tree.loadState({
        nFeaturesIn,
        featureNamesIn,
        isTable: false,
        maxFeatures: 1,
        forest: treeAt(forest, t),
      } as never);
      return tree;
    });
  }

  /** The rows that each tree drew, ascending, each once. */
  get estimatorsSamples_(): Int32Array[] {
    return this.#draws("estimatorsSamples_").map(({ rows }) => rows);
  }

  /** The columns that each tree drew, ascending. */
  get estimatorsFeatures_(): Int32Array[] {
    return this.#draws("estimatorsFeatures_").map(({ features }) => features);
  }

  #draws(what: string): { rows: Int32Array; features: Int32Array }[] {
    const { draws, forest, nFeaturesIn } = this.fitted(what);
    return Array.from({ length: treeCount(forest) }, (_, tree) => {
      const { until, rows, ...draw } = draws.find((own) => tree < own.until) as Grown;
      const drawn = addon().isolationDraw(nFeaturesIn, { ...draw, firstTree: 0, nTrees: until }, tree);
      return rows === undefined ? drawn : { ...drawn, rows: rows[tree - until + rows.length] as Int32Array };
    });
  }

  #native({ rows, nFeatures, weights }: Given, last: Fitted | undefined, where: string): IsolationOptions {
    const { maxSamples, maxFeatures, nEstimators, bootstrap, randomState } = this.params;
    const had = last === undefined ? 0 : treeCount(last.forest);
    if (nEstimators < had) {
      throw invalidArgument(
        `${where}: warmStart needs nEstimators of at least ${had}, the trees there are, got ${nEstimators}`,
      );
    }
    const features = featuresOf(maxFeatures, nFeatures);
    if (features > nFeatures)
      throw invalidArgument(`${where}: maxFeatures is ${features}, but X has ${nFeatures} features`);
    const wanted =
      maxSamples === "auto" ? 256 : maxSamples <= 1 ? Math.max(1, Math.floor(maxSamples * rows)) : maxSamples;
    const most = weights === undefined || bootstrap ? rows : weights.filter((weight) => weight > 0).length;
    if (maxSamples !== "auto" && wanted > most) {
      const those = most < rows ? " of a weight above 0" : "";
      warnData(`${where}: maxSamples is ${wanted}, but X has ${most} rows${those}: each tree draws all of them`);
    }
    return {
      nRows: rows,
      maxSamples: Math.min(wanted, most),
      maxFeatures: features,
      bootstrap,
      firstTree: had,
      nTrees: nEstimators - had,
      seed: last?.draws[0]?.seed ?? seedOf(randomState),
      weights,
    };
  }

  async #offset(forest: ForestArrays, source: RowSource, maxSamples: number, signal?: AbortSignal): Promise<number> {
    const { contamination } = this.params;
    if (contamination === "auto") return -0.5;
    const sorted = (await this.#scores(forest, source, maxSamples, { signal })).sort();
    const place = contamination * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    return low + (place - Math.floor(place)) * (high - low);
  }

  async #scores(
    forest: ForestArrays,
    source: RowSource,
    maxSamples: number,
    options?: RunOptions,
  ): Promise<Float64Array> {
    const { values } = await meanValues(forest, source, this.params.nJobs, options);
    const scale = averagePathLength(maxSamples);
    return values.map((depth) => -(2 ** (scale === 0 ? -1 : -depth / scale)));
  }
}

/** Weights that are not all alike. */
function someOf(weights: Float64Array | undefined): Float64Array | undefined {
  return weights?.some((weight) => weight !== weights[0]) ? weights : undefined;
}

async function grow(
  source: RowSource,
  native: IsolationOptions,
  nJobs: number | null,
  where: string,
  options: RunOptions,
): Promise<Trees> {
  return runJob(effectiveNJobs(nJobs), options, async (job) => {
    const labels = { where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures };
    const sink = addon().createIsolationSink(labels, native);
    const { rows } = await pour(source, sink, job, options.signal);
    if (rows !== native.nRows) throw invalidData(`${where}: X gave ${native.nRows} rows, then ${rows}: did it change?`);
    const forest = await addon().fitIsolation(sink, job);
    return { forest, rows: native.weights && addon().isolationRows(sink) };
  });
}

async function countRows(source: RowSource, signal?: AbortSignal): Promise<number> {
  let rows = 0;
  for await (const chunk of source.chunks(signal)) rows += chunk.rows;
  return rows;
}

/** The mean depth of a search without success in a binary search tree of n rows. */
function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  const EULER = 0.5772156649015329;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}
