import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import type { EstimatorTags, FittedBase } from "../base/estimator.js";
import { boolean, choice, integer, nullable, randomState, type ParamSpecs } from "../base/params.js";
import { seedOf } from "../base/random.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { where as whereOf } from "../chunked/elementwise.js";
import { computeAll } from "../chunked/reduction.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { inTurns } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { linspace } from "./ascending.js";
import { ChunkedTransformer, refuseInfinities } from "./chunked-transformer.js";
import { mapColumns } from "./column-map.js";
import { fromDistribution, toDistribution } from "./quantile-map.js";
import { sampledRows } from "./sample-rows.js";

/** Parameters of QuantileTransformer. */
export interface QuantileTransformerParams {
  /** Quantiles that the distribution of a column is told by. Default 1000; no more than rows. */
  nQuantiles: number;
  /** What values become: "uniform" (default) in 0 … 1, or "normal". */
  outputDistribution: "uniform" | "normal";
  /** Of a CsrMatrix learn from the stored values only. Default false: zeros count, and negative values are refused. */
  ignoreImplicitZeros: boolean;
  /** Of more rows than this a sample of so many is drawn that is learned from. Default 10000; null: all rows. */
  subsample: number | null;
  /** Seed of the sample. Default null: another one each fit. */
  randomState: number | null;
}

const SPECS: ParamSpecs<QuantileTransformerParams> = {
  nQuantiles: integer(1000, { min: 1 }),
  outputDistribution: choice("uniform", ["uniform", "normal"]),
  ignoreImplicitZeros: boolean(false),
  subsample: nullable(integer(10_000, { min: 1 }), 10_000),
  randomState: randomState(),
};

interface Fitted extends FittedBase {
  /** Of each column its quantiles, ascending. */
  readonly quantiles: readonly Float64Array[];
}

/** Values of a matrix that are sorted as a whole for their quantiles (chunked/quantile.ts). */
const SORTED_VALUES = 1 << 20;

/**
 * Gives every column a uniform or normal distribution, whatever it was: scikit-learn's QuantileTransformer. Values go to the
 * share of fit's values below them, and from there to the normal distribution's quantile. Missing values (NaN) are left out
 * of fit and stay. Quantiles are exact. Of a CsrMatrix only stored values are changed: it gives a CsrMatrix.
 *
 * @example
 * const gaussian = new QuantileTransformer({ outputDistribution: "normal", nQuantiles: 100 });
 * const Z = await gaussian.fitTransform(X);
 */
export class QuantileTransformer extends ChunkedTransformer<
  QuantileTransformerParams,
  Fitted,
  CsrMatrix<Float64Array>
> {
  constructor(params: Partial<QuantileTransformerParams> = {}) {
    super("QuantileTransformer", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: true, requiresY: false, sampleWeight: false };
  }

  /**
   * Learns the quantiles of every column. The same bits for any nJobs and any chunking.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT for more quantiles than subsample; ERR_INVALID_DATA for infinities, and negative
   * values of a CsrMatrix.
   */
  override async fit(X: MatrixLike, y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const { ignoreImplicitZeros } = this.params;
    const where = "QuantileTransformer.fit";
    if (!(X instanceof CsrMatrix)) {
      if (ignoreImplicitZeros) warnData(`${where}: ignoreImplicitZeros means nothing for X that is no CsrMatrix`);
      return super.fit(X, y, options);
    }
    this.#refuseNegative(X, where);
    if (!ignoreImplicitZeros) return super.fit(X, y, options);
    const table = await this.table(X, "fit", options);
    // A column of zeros alone keeps them, and its quantiles are 0, as scikit-learn's.
    const [hasValues] = (await computeAll([table.any({ axis: 0 })], { signal: options.signal })) as [Uint8Array];
    return super.fit(whereOf(table.equal(0).and(Float64Array.from(hasValues)), NaN, table), y, options);
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: RunOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const { nQuantiles, subsample, randomState: seed } = this.params;
    const { signal } = options;
    if (subsample !== null && nQuantiles > subsample) {
      throw invalidArgument(`${where}: nQuantiles ${nQuantiles} must not be greater than subsample ${subsample}`);
    }
    if (nQuantiles > X.rows) {
      warnData(`${where}: nQuantiles ${nQuantiles} is greater than the number of rows and becomes that, ${X.rows}`);
    }
    const sample = subsample !== null && X.rows > subsample ? await sampledRows(X, subsample, seedOf(seed), signal) : X;
    const table = await sample.persist({ signal });
    try {
      await refuseInfinities(X, where, signal);
      return { quantiles: await this.#quantiles(table, Math.min(nQuantiles, X.rows), options) };
    } finally {
      table.dispose();
    }
  }

  /** Columns together as far as they are sorted in one pass. */
  async #quantiles(X: ChunkedMatrix, n: number, { signal }: RunOptions): Promise<Float64Array[]> {
    const shares = Array.from(linspace(0, 1, n), (share) => (share * 100) / 100);
    const together = Math.max(1, Math.floor(SORTED_VALUES / Math.max(1, X.rows)));
    const quantiles: Float64Array[] = [];
    for (let first = 0; first < X.cols; first += together) {
      const columns = Array.from({ length: Math.min(together, X.cols - first) }, (_, k) => first + k);
      const found = await X.select(...columns)
        .nanQuantile(shares, { axis: 0 })
        .run({ signal });
      columns.forEach((_, k) => quantiles.push(Float64Array.from(found.column(k))));
    }
    return quantiles;
  }

  /** The transformed table: float32 for a Matrix of float32, else float64; a CsrMatrix of a CsrMatrix. @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA */
  override async transform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T> | CsrMatrix<Float64Array>> {
    if (!(X instanceof CsrMatrix)) return super.transform<T>(X, options);
    this.fitted("transform");
    this.#refuseNegative(X, "QuantileTransformer.transform");
    return this.#mapStored(X, "transform", toDistribution, options);
  }

  protected override apply(X: ChunkedMatrix, fitted: Fitted): ChunkedMatrix {
    return this.#map(X, fitted, toDistribution);
  }

  /** Back to original values. */
  async inverseTransform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T> | CsrMatrix<Float64Array>> {
    const fitted = this.fitted("inverseTransform");
    if (X instanceof CsrMatrix) return this.#mapStored(X, "inverseTransform", fromDistribution, options);
    return this.answer<T>(
      this.#map(await this.seen(X, "inverseTransform", options), fitted, fromDistribution),
      options,
    );
  }

  /** Quantiles of fit's values, nQuantiles × nFeatures. */
  get quantiles_(): Matrix<Float64Array> {
    const { quantiles } = this.fitted("quantiles_");
    const n = quantiles[0]?.length ?? 0;
    return new Matrix(Float64Array.from(quantiles.flatMap((of) => Array.from(of))), [n, quantiles.length], "column");
  }

  /** Shares of values that the quantiles stand for, from 0 to 1. */
  get references_(): Float64Array {
    return linspace(0, 1, this.nQuantiles_);
  }

  /** Quantiles of each column: no more than rows. */
  get nQuantiles_(): number {
    return this.fitted("nQuantiles_").quantiles[0]?.length ?? 0;
  }

  #map(X: ChunkedMatrix, { quantiles }: Fitted, map: typeof toDistribution): ChunkedMatrix {
    const references = this.references_;
    const isNormal = this.params.outputDistribution === "normal";
    return mapColumns(X, "another distribution", (values, j) => {
      const of = quantiles[j] as Float64Array;
      for (let i = 0; i < values.length; i++) values[i] = map(values[i] as number, of, references, isNormal);
    });
  }

  async #mapStored(
    X: CsrMatrix,
    method: string,
    map: typeof toDistribution,
    { signal }: RunOptions,
  ): Promise<CsrMatrix<Float64Array>> {
    const { quantiles } = this.fitted(method);
    this.checkFeatures(method, rowSourceOf(X, `QuantileTransformer.${method}: X`));
    const references = this.references_;
    const isNormal = this.params.outputDistribution === "normal";
    const data = new Float64Array(X.nnz);
    await inTurns(X.nnz, signal, (begin, end) => {
      for (let k = begin; k < end; k++) {
        const of = quantiles[X.indices[k] as number] as Float64Array;
        data[k] = map(X.data[k] as number, of, references, isNormal);
      }
    });
    return new CsrMatrix(data, X.indices.slice(), X.indptr.slice(), X.shape);
  }

  #refuseNegative({ data }: CsrMatrix, where: string): void {
    if (this.params.ignoreImplicitZeros) return;
    const negative = data.find((value) => value < 0);
    if (negative === undefined) return;
    throw invalidData(
      `${where}: X holds ${negative}, but a sparse table must not be negative here: its zeros stay zeros; or set ignoreImplicitZeros`,
    );
  }
}
