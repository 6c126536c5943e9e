import { effectiveNJobs } from "../base/config.js";
import { invalidArgument } from "../base/errors.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { mapRows, type RowSource } from "../data/row-source.js";
import type { BlockMapHandle, ForestArrays } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";

/** Maps are made once for the arrays they are made of. */
const MAPS = new WeakMap<ForestArrays, Map<string, BlockMapHandle>>();

function mapOf(forest: ForestArrays, output: "mean" | "leaves", nFeatures: number): BlockMapHandle {
  const maps = MAPS.get(forest) ?? new Map<string, BlockMapHandle>();
  MAPS.set(forest, maps);
  let map = maps.get(output);
  if (map === undefined) {
    map = addon().createTreesMap(forest, output, { where: "X", names: undefined, nFeatures });
    maps.set(output, map);
  }
  return map;
}

/** Number of trees. */
export function treeCount({ firstNode }: ForestArrays): number {
  return firstNode.length - 1;
}

/** The mean of the trees' values, nValues a row. */
export async function meanValues(
  forest: ForestArrays,
  source: RowSource,
  nJobs: number | null,
  options?: RunOptions,
): Promise<{ rows: number; values: Float64Array }> {
  const map = mapOf(forest, "mean", source.nFeatures);
  return runJob(effectiveNJobs(nJobs), options, (job) =>
    mapRows(source, map, forest.nValues, Float64Array, job, options?.signal),
  );
}

/** meanValues for rows in memory, at once and on this thread. */
export function meanValuesSync(forest: ForestArrays, source: RowSource, where: string): Float64Array {
  const chunks = source.chunks();
  if (source.nRows === undefined || !(Symbol.iterator in chunks)) {
    throw invalidArgument(`${where}: X must be rows in memory; use the asynchronous method`);
  }
  const values = new Float64Array(source.nRows * forest.nValues);
  const map = mapOf(forest, "mean", source.nFeatures);
  for (const chunk of chunks) addon().mapBlockSync(map, chunk, values, chunk.firstRow * forest.nValues, 1);
  return values;
}

/** The node that every row ends in, of every tree: nSamples × nTrees, row-major. */
export async function leavesOf(
  forest: ForestArrays,
  source: RowSource,
  nJobs: number | null,
  options?: RunOptions,
): Promise<Matrix<Float64Array>> {
  const map = mapOf(forest, "leaves", source.nFeatures);
  const { rows, values } = await runJob(effectiveNJobs(nJobs), options, (job) =>
    mapRows(source, map, treeCount(forest), Float64Array, job, options?.signal),
  );
  return new Matrix(values, [rows, treeCount(forest)]);
}

/** Which nodes every row goes through: nSamples × nNodes of all trees side by side, 1 for each. */
export function pathsOf(forest: ForestArrays, leaves: Matrix): CsrMatrix<Float64Array> {
  const { firstNode } = forest;
  const paths = ancestorsOf(forest);
  const starts = new Float64Array(leaves.rows + 1);
  for (let i = 0, total = 0; i < leaves.rows; i++) {
    for (let t = 0; t < leaves.cols; t++) total += pathOf(paths, firstNode, t, leaves.at(i, t)).length;
    starts[i + 1] = total;
  }
  const indices = new Int32Array(starts[leaves.rows] as number);
  for (let i = 0, at = 0; i < leaves.rows; i++) {
    for (let t = 0; t < leaves.cols; t++) {
      const path = pathOf(paths, firstNode, t, leaves.at(i, t));
      indices.set(path, at);
      at += path.length;
    }
  }
  const width = firstNode[firstNode.length - 1] as number;
  return new CsrMatrix(new Float64Array(indices.length).fill(1), indices, starts, [leaves.rows, width]);
}

function pathOf(paths: readonly Int32Array[], firstNode: Float64Array, tree: number, leaf: number): Int32Array {
  return paths[(firstNode[tree] as number) + leaf] as Int32Array;
}

/** Of every node the nodes from the root to it, ascending. */
function ancestorsOf({ firstNode, left, right }: ForestArrays): Int32Array[] {
  const paths: Int32Array[] = [];
  for (let t = 0; t + 1 < firstNode.length; t++) {
    const first = firstNode[t] as number;
    paths[first] = Int32Array.of(first);
    for (let node = first; node < (firstNode[t + 1] as number); node++) {
      if ((left[node] as number) < 0) continue;
      for (const child of [left[node] as number, right[node] as number])
        paths[first + child] = Int32Array.of(...(paths[node] as Int32Array), first + child);
    }
  }
  return paths;
}

/**
 * How much the splits on each feature lower the impurity (scikit-learn's mean decrease in impurity): the shares of each
 * tree, and their mean over the trees that split at all. They add up to 1, or are all 0.
 */
export function impurityImportances(forest: ForestArrays, nFeatures: number): Float64Array {
  const { firstNode, left, right, feature, impurity, weight } = forest;
  const total = new Float64Array(nFeatures);
  for (let t = 0; t + 1 < firstNode.length; t++) {
    const first = firstNode[t] as number;
    const own = new Float64Array(nFeatures);
    const part = (node: number): number => (weight[node] as number) * (impurity[node] as number);
    for (let node = first; node < (firstNode[t + 1] as number); node++) {
      if ((left[node] as number) < 0) continue;
      const j = feature[node] as number;
      const fall = part(node) - part(first + (left[node] as number)) - part(first + (right[node] as number));
      own[j] = (own[j] as number) + fall;
    }
    addShares(own, total);
  }
  const shares = new Float64Array(nFeatures);
  addShares(total, shares);
  return shares;
}

function addShares(from: Float64Array, to: Float64Array): void {
  const sum = from.reduce((a, b) => a + b, 0);
  if (sum > 0) from.forEach((value, j) => (to[j] = (to[j] as number) + value / sum));
}

/** One tree of a forest, as a forest of its own. */
export function treeAt(forest: ForestArrays, tree: number): ForestArrays {
  const [begin, end] = [forest.firstNode[tree] as number, forest.firstNode[tree + 1] as number];
  const { nValues } = forest;
  return {
    nValues,
    firstNode: Float64Array.of(0, end - begin),
    feature: forest.feature.slice(begin, end),
    threshold: forest.threshold.slice(begin, end),
    left: forest.left.slice(begin, end),
    right: forest.right.slice(begin, end),
    missingLeft: forest.missingLeft.slice(begin, end),
    impurity: forest.impurity.slice(begin, end),
    nRows: forest.nRows.slice(begin, end),
    weight: forest.weight.slice(begin, end),
    values: forest.values.slice(begin * nValues, end * nValues),
  };
}

/** The trees of one forest, then those of another. */
export function joinForests(a: ForestArrays, b: ForestArrays): ForestArrays {
  const start = a.firstNode[a.firstNode.length - 1] as number;
  return {
    nValues: a.nValues,
    firstNode: Float64Array.of(...a.firstNode, ...b.firstNode.subarray(1).map((first) => first + start)),
    feature: joined(Int32Array, a.feature, b.feature),
    threshold: joined(Float64Array, a.threshold, b.threshold),
    left: joined(Int32Array, a.left, b.left),
    right: joined(Int32Array, a.right, b.right),
    missingLeft: joined(Uint8Array, a.missingLeft, b.missingLeft),
    impurity: joined(Float64Array, a.impurity, b.impurity),
    nRows: joined(Float64Array, a.nRows, b.nRows),
    weight: joined(Float64Array, a.weight, b.weight),
    values: joined(Float64Array, a.values, b.values),
  };
}

function joined<T extends { set(from: T, at?: number): void; readonly length: number }>(
  type: new (length: number) => T,
  a: T,
  b: T,
): T {
  const both = new type(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
