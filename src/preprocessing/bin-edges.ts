import { KMeans } from "../cluster/kmeans.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where } from "../chunked/elementwise.js";
import { computeAll } from "../chunked/reduction.js";
import type { Interpolation } from "../chunked/interpolation.js";
import { Matrix } from "../data/matrix.js";
import { isBreak, takeBreak } from "../data/vector.js";
import type { RunOptions } from "../native/job.js";
import { countBelow, linspace } from "./ascending.js";

// Where the bins of KBinsDiscretizer begin and end, and SplineTransformer's knots lie.

/** Least and greatest value of each column, of the rows that weigh something. */
export interface Extremes {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The quantiles that divide into `bins` parts of equally many rows. */
function shares(bins: number): Float64Array {
  return linspace(0, 100, bins + 1).map((percent) => percent / 100);
}

export async function extremes(
  X: ChunkedMatrix,
  weights: Float64Array | undefined,
  { signal }: RunOptions,
): Promise<Extremes> {
  const axis = { axis: 0 } as const;
  const table = weights === undefined ? X : where(new Matrix(weights, [X.rows, 1]), X, NaN);
  const [low, high] = await computeAll([table.nanMin(axis), table.nanMax(axis)], { signal });
  return { low: low as Float64Array, high: high as Float64Array };
}

/** Of each column the edges of so many bins with equally many values each. */
export async function quantileEdges(
  X: ChunkedMatrix,
  nBins: readonly number[],
  interpolation: Interpolation,
  { signal }: RunOptions,
): Promise<Float64Array[]> {
  const edges = new Array<Float64Array>(X.cols);
  // Columns of equally many bins share passes.
  const groups = [...new Set(nBins)].map((bins) => nBins.flatMap((n, j) => (n === bins ? [j] : [])));
  const found = (await computeAll(
    groups.map((columns) =>
      X.select(...columns).quantile(Array.from(shares(nBins[columns[0] as number] as number)), {
        axis: 0,
        interpolation,
      }),
    ),
    { signal },
  )) as Matrix[];
  groups.forEach((columns, g) => columns.forEach((j, k) => (edges[j] = Float64Array.from(found[g]?.column(k) ?? []))));
  return edges;
}

/** The same where rows weigh: scikit-learn's _weighted_percentile. */
export async function weightedEdges(
  X: ChunkedMatrix,
  nBins: readonly number[],
  weights: Float64Array,
  isAveraged: boolean,
  { signal }: RunOptions,
): Promise<Float64Array[]> {
  const edges: Float64Array[] = [];
  for (const [j, bins] of nBins.entries()) {
    const values = Float64Array.from((await X.select(j).toMatrix({ signal })).data);
    const { distinct, sums } = await weighed(values, weights, signal);
    edges.push(shares(bins).map((share) => weightedQuantile(distinct, sums, share, isAveraged)));
  }
  return edges;
}

/** The different values that weigh something and are not missing, in order, and the weight of all up to each. */
async function weighed(
  values: Float64Array,
  weights: Float64Array,
  signal: AbortSignal | undefined,
): Promise<{ distinct: Float64Array; sums: Float64Array }> {
  const sorted = values.filter((value, i) => (weights[i] as number) > 0 && !Number.isNaN(value)).sort();
  const distinct = sorted.filter((value, i) => value !== sorted[i - 1]);
  const sums = new Float64Array(distinct.length);
  for (let i = 0; i < values.length; i++) {
    if (isBreak(i)) await takeBreak(signal);
    if ((weights[i] as number) === 0 || Number.isNaN(values[i])) continue;
    const at = countBelow(distinct, values[i] as number);
    sums[at] = (sums[at] as number) + (weights[i] as number);
  }
  for (let k = 1; k < sums.length; k++) sums[k] = (sums[k] as number) + (sums[k - 1] as number);
  return { distinct, sums };
}

function weightedQuantile(distinct: Float64Array, sums: Float64Array, share: number, isAveraged: boolean): number {
  const last = distinct.length - 1;
  if (last < 0) return NaN;
  const wanted = share * (sums[last] as number);
  const at = Math.min(last, countBelow(sums, wanted));
  const value = distinct[at] as number;
  if (!isAveraged || at === last || wanted === 0 || (sums[at] as number) - wanted > Number.EPSILON) return value;
  return (value + (distinct[at + 1] as number)) / 2;
}

/** Edges half-way between the centres of k-means of each column, which begins with bins of equal width. */
export async function kMeansEdges(
  X: ChunkedMatrix,
  nBins: readonly number[],
  { low, high }: Extremes,
  weights: Float64Array | undefined,
  options: RunOptions,
): Promise<Float64Array[]> {
  const edges: Float64Array[] = [];
  for (const [j, bins] of nBins.entries()) {
    const [first, last] = [low[j] as number, high[j] as number];
    const even = linspace(first, last, bins + 1);
    if (first === last) {
      edges.push(even);
      continue;
    }
    const init = Array.from({ length: bins }, (_, k) => [((even[k] as number) + (even[k + 1] as number)) * 0.5]);
    const model = new KMeans({ nClusters: bins, init, nInit: 1 });
    await model.fit(X.select(j), undefined, { signal: options.signal, sampleWeight: weights });
    const centers = Float64Array.from(model.clusterCenters_.data).sort();
    const between = Array.from(centers.subarray(1), (c, k) => (c + (centers[k] as number)) * 0.5);
    edges.push(Float64Array.of(first, ...between, last));
  }
  return edges;
}
