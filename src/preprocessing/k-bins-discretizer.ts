import { invalidArgument, invalidData, show, warnData } from "../base/errors.js";
import type { EstimatorTags, FittedBase } from "../base/estimator.js";
import { choice, custom, integer, nullable, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import { type ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import { hstack } from "../chunked/stack.js";
import type { Interpolation } from "../chunked/interpolation.js";
import type { CsrMatrix } from "../data/csr-matrix.js";
import { type Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { inTurns, readSampleWeight, type VectorLike } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { countUpTo, linspace } from "./ascending.js";
import { extremes, kMeansEdges, quantileEdges, weightedEdges } from "./bin-edges.js";
import { ChunkedTransformer, namesOf } from "./chunked-transformer.js";
import { mapColumns } from "./column-map.js";
import { sparseOnes } from "./ones.js";
import { drawnRows } from "./sample-rows.js";

type QuantileMethod = Exclude<Interpolation, "lower" | "higher" | "midpoint" | "nearest">;
const QUANTILE_METHODS: readonly QuantileMethod[] = [
  "invertedCdf",
  "averagedInvertedCdf",
  "closestObservation",
  "interpolatedInvertedCdf",
  "hazen",
  "weibull",
  "linear",
  "medianUnbiased",
  "normalUnbiased",
];

/** Parameters of KBinsDiscretizer. */
export interface KBinsDiscretizerParams {
  /** Bins of every column, or of each: at least 2. Default 5. */
  nBins: number | readonly number[];
  /** A column for each bin, as a CsrMatrix ("onehot", default) or a Matrix ("onehot-dense"); or the number of the bin ("ordinal"). */
  encode: "onehot" | "onehot-dense" | "ordinal";
  /** Bins of equal width ("uniform"), of equally many values ("quantile", default), or around the centres of k-means ("kmeans"). */
  strategy: "uniform" | "quantile" | "kmeans";
  /** Between which values an edge of "quantile" lies, as numpy.percentile. Default "averagedInvertedCdf". */
  quantileMethod: QuantileMethod;
  /** Of more rows than this a sample is drawn, with replacement, that the edges are learned from. Default 200000; null: all rows. */
  subsample: number | null;
  /** Seed of the sample. Default null: another one each fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<KBinsDiscretizerParams> = {
  nBins: custom<KBinsDiscretizerParams["nBins"]>(
    5,
    "an integer of at least 2, or an array of one for each column",
    (value) => (Array.isArray(value) ? value.length > 0 && value.every(isBins) : isBins(value)),
    1,
  ),
  encode: choice("onehot", ["onehot", "onehot-dense", "ordinal"]),
  strategy: choice("quantile", ["uniform", "quantile", "kmeans"]),
  quantileMethod: choice("averagedInvertedCdf", QUANTILE_METHODS),
  subsample: nullable(integer(200_000, { min: 1 }), 200_000),
  randomState: randomState(),
};

function isBins(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 2;
}

/** Options of KBinsDiscretizer.fit. */
export interface KBinsDiscretizerFitOptions extends RunOptions {
  /** One non-negative weight per row. With strategy "quantile" only for the methods "invertedCdf" and "averagedInvertedCdf". */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase {
  /** Of each column one more than bins, ascending. */
  readonly edges: readonly Float64Array[];
}

/** Up to so many bins, comparing with each edge natively is faster than a search. */
const COMPARED_BINS = 64;

/**
 * Cuts columns of numbers into bins: scikit-learn's KBinsDiscretizer. Values beyond those of fit are in the first or last bin.
 * A constant column has one bin. Quantiles are exact, whatever the size of X.
 *
 * @example
 * const bins = new KBinsDiscretizer({ nBins: 3, encode: "ordinal", strategy: "uniform" });
 * const Z = await bins.fitTransform([[-2], [-1], [0], [1]]); // 0, 1, 2, 2
 */
export class KBinsDiscretizer extends ChunkedTransformer<
  KBinsDiscretizerParams,
  Fitted,
  CsrMatrix<Float64Array>,
  KBinsDiscretizerFitOptions
> {
  constructor(params: Partial<KBinsDiscretizerParams> = {}) {
    super("KBinsDiscretizer", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: true };
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: KBinsDiscretizerFitOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const { nBins, strategy, quantileMethod, subsample, randomState: seed } = this.params;
    if (Array.isArray(nBins) && nBins.length !== X.cols) {
      throw invalidArgument(`${where}: nBins has ${nBins.length} numbers, but X has ${X.cols} features`);
    }
    const isAveraged = quantileMethod === "averagedInvertedCdf";
    const { sampleWeight, signal } = options;
    if (sampleWeight !== undefined && strategy === "quantile" && !isAveraged && quantileMethod !== "invertedCdf") {
      throw invalidArgument(
        `${where}: with sampleWeight, quantileMethod must be "averagedInvertedCdf" or "invertedCdf", got ${show(quantileMethod)}`,
      );
    }
    const weights = await readSampleWeight(sampleWeight, X.rows, where);
    const isSampled = subsample !== null && X.rows > subsample;
    const rows = isSampled ? await drawnRows(X, subsample, weights, seedOf(seed), signal) : X;
    const left = isSampled ? undefined : weights; // a sample is drawn by weight
    const table = isSampled || strategy === "kmeans" || left !== undefined ? await rows.persist({ signal }) : rows;
    try {
      const bins = Array.from({ length: X.cols }, (_, j) => (typeof nBins === "number" ? nBins : (nBins[j] as number)));
      const range = await extremes(table, strategy === "quantile" ? undefined : left, options);
      const edges =
        strategy === "uniform"
          ? bins.map((n, j) => linspace(range.low[j] as number, range.high[j] as number, n + 1))
          : strategy === "kmeans"
            ? await kMeansEdges(table, bins, range, left, options)
            : left === undefined
              ? await quantileEdges(table, bins, quantileMethod, options)
              : await weightedEdges(table, bins, left, isAveraged, options);
      const isConstant = (j: number): boolean => range.low[j] === range.high[j];
      return { edges: edges.map((of, j) => (isConstant(j) ? constant(j, where) : this.#apart(of, j, where))) };
    } finally {
      if (table !== rows) table.dispose();
    }
  }

  protected override apply(X: ChunkedMatrix, { edges }: Fitted): ChunkedMatrix {
    const wide = X.astype("float64");
    const widest = Math.max(...edges.map(({ length }) => length - 1));
    const bins = widest <= COMPARED_BINS ? comparedBins(wide, edges, widest) : searchedBins(wide, edges);
    return (this.params.encode === "onehot-dense" ? oneHot(bins, edges) : bins).astype(X.dtype);
  }

  protected override async given<T extends FloatArray>(
    bins: ChunkedMatrix,
    { edges }: Fitted,
    options: RunOptions,
  ): Promise<Matrix<T> | CsrMatrix<Float64Array>> {
    if (this.params.encode !== "onehot") return this.answer<T>(bins, options);
    const { rows, cols } = bins;
    refuseTooLarge(rows * cols * 16, "KBinsDiscretizer.transform"); // a value and two indices a cell
    const first = firstColumns(edges);
    const columns = new Int32Array(rows * cols);
    let begin = 0;
    for await (const chunk of bins) {
      await inTurns(chunk.rows, options.signal, (from, to) => {
        for (let j = 0; j < cols; j++) {
          const column = chunk.column(j);
          for (let i = from; i < to; i++)
            columns[(begin + i) * cols + j] = (first[j] as number) + (column[i] as number);
        }
      });
      begin += chunk.rows;
    }
    return sparseOnes(columns, rows, first[cols] as number, options.signal);
  }

  /**
   * The middle of each value's bin; NaN for a constant column. X: what transform gave.
   *
   * @throws TreelineError ERR_NOT_FITTED; ERR_INVALID_DATA for another number of columns, or numbers that are no bin.
   */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T>> {
    const { edges } = this.fitted("inverseTransform");
    const where = "KBinsDiscretizer.inverseTransform";
    const isOneHot = this.params.encode !== "ordinal";
    const first = firstColumns(edges);
    const cols = isOneHot ? (first.at(-1) as number) : edges.length;
    const given = rowSourceOf(X, `${where}: X`).nFeatures;
    if (given !== cols) throw invalidData(`${where}: X has ${given} columns, but ${cols} are expected`);
    const table = await this.table(X, "inverseTransform", options);
    const bins = isOneHot ? await hotColumns(table, first, where, options) : table;
    const middles = edges.map((of) => Array.from(of.subarray(1), (high, k) => (high + (of[k] as number)) * 0.5));
    const change = (values: Float64Array, j: number): void => {
      const of = middles[j] as number[];
      for (let i = 0; i < values.length; i++) {
        const bin = values[i] as number;
        if (!(bin > -1 && bin < of.length)) {
          throw invalidData(`${where}: X holds ${bin} in column ${j}, expected the number of one of ${of.length} bins`);
        }
        values[i] = of[Math.trunc(bin)] as number;
      }
    };
    return this.answer(mapColumns(bins, "the middles of bins", change), options);
  }

  /** Names of the columns: those of fit; for "onehot" feature_bin, as scikit-learn "x0_0.0". @throws TreelineError ERR_NOT_FITTED */
  override getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("KBinsDiscretizer", fitted, inputFeatures);
    if (this.params.encode === "ordinal") return names;
    return names.flatMap((name, j) => Array.from(fitted.edges[j]?.subarray(1) ?? [], (_, k) => `${name}_${k}.0`));
  }

  /** Edges of the bins of each column, one more than bins; of a constant one -Infinity and Infinity. */
  get binEdges_(): readonly Float64Array[] {
    return this.fitted("binEdges_").edges;
  }

  /** Bins of each column. */
  get nBins_(): Int32Array {
    return Int32Array.from(this.fitted("nBins_").edges, ({ length }) => length - 1);
  }

  /** Without bins that are no wider than 1e-8, as scikit-learn. */
  #apart(edges: Float64Array, j: number, where: string): Float64Array {
    if (this.params.strategy === "uniform") return edges;
    const kept = edges.filter((edge, k) => k === 0 || edge - (edges[k - 1] as number) > 1e-8);
    if (kept.length < edges.length) {
      warnData(`${where}: bins of column ${j} that are no wider than 1e-8 are left out; fewer bins may be enough`);
    }
    return kept;
  }
}

function constant(j: number, where: string): Float64Array {
  warnData(`${where}: column ${j} is constant and becomes 0`);
  return Float64Array.of(-Infinity, Infinity);
}

/** The first one-hot column of each feature, and their number. */
function firstColumns(edges: readonly Float64Array[]): number[] {
  const first = [0];
  for (const { length } of edges) first.push((first.at(-1) as number) + length - 1);
  return first;
}

/** How many inner edges are no greater than each value. */
function comparedBins(X: ChunkedMatrix, edges: readonly Float64Array[], widest: number): ChunkedMatrix {
  const inner = (k: number): Float64Array =>
    Float64Array.from(edges, (of) => (k < of.length - 1 ? (of[k] as number) : NaN)); // nothing is as great as NaN
  let bins = X.greaterEqual(inner(1));
  for (let k = 2; k < widest; k++) bins = bins.add(X.greaterEqual(inner(k)));
  return bins;
}

function searchedBins(X: ChunkedMatrix, edges: readonly Float64Array[]): ChunkedMatrix {
  const inner = edges.map((of) => of.subarray(1, -1));
  return mapColumns(X, "bins", (values, j) => {
    const of = inner[j] as Float64Array;
    for (let i = 0; i < values.length; i++) values[i] = countUpTo(of, values[i] as number);
  });
}

function oneHot(bins: ChunkedMatrix, edges: readonly Float64Array[]): ChunkedMatrix {
  const columns = edges.flatMap((of, j) => Array.from(of.subarray(1), (_, k) => [j, k] as const));
  return bins.select(...columns.map(([j]) => j)).equal(columns.map(([, k]) => k));
}

/** The bin that each feature's columns tell. */
async function hotColumns(
  X: ChunkedMatrix,
  first: readonly number[],
  where: string,
  { signal }: RunOptions,
): Promise<ChunkedMatrix> {
  const parts = first
    .slice(1)
    .map((end, j) =>
      X.select(...Array.from({ length: end - (first[j] as number) }, (_, k) => (first[j] as number) + k)),
    );
  const [empty] = (await computeAll([hstack(parts.map((part) => part.any({ axis: 1 }).not())).sum({ axis: 0 })], {
    signal,
  })) as [Float64Array];
  const j = empty.findIndex((rows) => rows > 0);
  if (j >= 0) throw invalidData(`${where}: a row of X has no bin of feature ${j}: all its columns are 0`);
  return hstack(parts.map((part) => part.argmax({ axis: 1 })));
}
