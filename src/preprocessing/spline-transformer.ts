import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { EstimatorTags, FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, integer, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import type { Matrix } from "../data/matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { isBreak, readSampleWeight, takeBreak, type VectorLike } from "../data/vector.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { linspace } from "./ascending.js";
import { baseRange, extendedKnots, splineCount, splines, type Extrapolation, type SplinePlan } from "./b-splines.js";
import { extremes, weightedEdges } from "./bin-edges.js";
import { ChunkedTransformer, namesOf, refuseInfinities } from "./chunked-transformer.js";

/** Parameters of SplineTransformer. */
export interface SplineTransformerParams {
  /** Base knots of every column, at least 2; means nothing where `knots` is an array. Default 5. */
  nKnots: number;
  /** Degree of the polynomials between knots. Default 3. */
  degree: number;
  /** Equally far apart ("uniform", default), at quantiles of the column ("quantile"), or an array: knots × features, ascending. */
  knots: "uniform" | "quantile" | readonly (readonly number[])[];
  /**
   * Beyond the first and last base knot: an error, the functions' values at the end ("constant", default), straight on with the
   * slope at the end ("linear"), the polynomials of the first and last interval ("continue"), or the other end's ("periodic").
   */
  extrapolation: Extrapolation;
  /** All functions of a column, which sum to 1 within the base knots; false: without the last. Default true. */
  includeBias: boolean;
  /** Memory order of the Matrix: rows one after another ("C", default) or columns ("F", which is faster to compute). */
  order: "C" | "F";
  /** NaN is refused ("error", default), or is 0 in all functions of its column ("zeros"). */
  handleMissing: "error" | "zeros";
  /** transform gives a CsrMatrix. Default false. */
  sparseOutput: boolean;
}

const SPECS: ParamSpecs<SplineTransformerParams> = {
  nKnots: integer(5, { min: 2 }),
  degree: integer(3, { min: 0 }),
  knots: custom<SplineTransformerParams["knots"]>(
    "uniform",
    '"uniform", "quantile" or an array of at least 2 rows of finite numbers, one for each feature',
    (value) => value === "uniform" || value === "quantile" || isTable(value),
    "even",
  ),
  extrapolation: choice("constant", ["error", "constant", "linear", "continue", "periodic"]),
  includeBias: boolean(true),
  order: choice("C", ["C", "F"]),
  handleMissing: choice("error", ["error", "zeros"]),
  sparseOutput: boolean(false),
};

function isTable(value: unknown): boolean {
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.every(Number.isFinite);
  return Array.isArray(value) && value.length >= 2 && value.every(isRow);
}

/** Options of SplineTransformer.fit. */
export interface SplineTransformerFitOptions extends RunOptions {
  /** One non-negative weight per row: quantiles are weighted; rows of weight 0 do not stretch uniform knots. */
  readonly sampleWeight?: VectorLike | undefined;
}

interface Fitted extends FittedBase, SplinePlan {}

/**
 * B-splines of every column, a smooth alternative to bins and powers: scikit-learn's SplineTransformer. A column becomes
 * nKnots + degree - 1 functions (nKnots - 1 if periodic), of which degree + 1 at most are not 0 at any value. On a ChunkedMatrix
 * or a Frame rows are computed chunk by chunk. A column without any value has its knots at 0.
 *
 * scikit-learn 1.9 differs in what look like slips: beyond an end where quantiles coincide it drops a function; "constant" with
 * degree 0 gives no function below the knots and fails above them; "linear" with degree 0 or 1 takes the range of every column but
 * the first from other knots; sparse output keeps the functions of missing values in every column but the first.
 *
 * @example
 * const Z = await new SplineTransformer({ nKnots: 2, degree: 1 }).fitTransform([[0], [1], [4]]); // [1, 0], [0.75, 0.25], [0, 1]
 */
export class SplineTransformer extends ChunkedTransformer<
  SplineTransformerParams,
  Fitted,
  CsrMatrix<Float64Array>,
  SplineTransformerFitOptions
> {
  constructor(params: Partial<SplineTransformerParams> = {}) {
    super("SplineTransformer", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return {
      kind: "transformer",
      allowNaN: this.params.handleMissing === "zeros",
      requiresY: false,
      sampleWeight: true,
    };
  }

  protected override async learn(
    X: ChunkedMatrix,
    where: string,
    options: SplineTransformerFitOptions,
  ): Promise<Omit<Fitted, keyof FittedBase>> {
    const { degree, extrapolation, includeBias, knots } = this.params;
    const given = typeof knots === "string" ? undefined : givenKnots(knots, X.cols, where);
    const weights = await readSampleWeight(options.sampleWeight, X.rows, where);
    const isPeriodic = extrapolation === "periodic";
    const nKnots = given?.[0]?.length ?? this.params.nKnots;
    if (isPeriodic && nKnots <= degree) {
      throw invalidArgument(
        `${where}: periodic splines need more knots than their degree, got ${nKnots} knots and degree ${degree}`,
      );
    }
    if (!includeBias && (isPeriodic ? nKnots - 1 : nKnots + degree - 1) < 2) {
      throw invalidArgument(`${where}: one function a column, without includeBias, gives no column at all`);
    }
    await this.#refuseInfinite(X, where, options);
    const base = given ?? (await this.#learnedKnots(X, weights, options));
    return { degree, extrapolation, includeBias, knots: base.map((of) => extendedKnots(of, degree, isPeriodic)) };
  }

  protected override apply(X: ChunkedMatrix, plan: Fitted): ChunkedMatrix {
    return splines(X, plan).astype(X.dtype);
  }

  protected override async seen(X: MatrixLike, method: string, options: RunOptions): Promise<ChunkedMatrix> {
    const table = await super.seen(X, method, options);
    const where = `SplineTransformer.${method}`;
    await this.#refuseInfinite(table, where, options);
    const { degree, extrapolation, knots } = this.fitted(method);
    if (extrapolation !== "error" || table.rows === 0) return table;
    const { low, high } = await extremes(table, undefined, options);
    knots.forEach((of, j) => {
      const [first, last] = baseRange(of, degree);
      if (!((low[j] as number) < first || (high[j] as number) > last)) return;
      const value = (low[j] as number) < first ? low[j] : high[j];
      throw invalidData(
        `${where}: X holds ${value} in column ${j}, beyond the knots [${first}, ${last}]; set extrapolation to something else than "error"`,
      );
    });
    return table;
  }

  protected override async given<T extends FloatArray>(
    table: ChunkedMatrix,
    fitted: Fitted,
    options: RunOptions,
  ): Promise<Matrix<T> | CsrMatrix<Float64Array>> {
    if (this.params.sparseOutput) return sparse(table, fitted, options);
    return this.params.order === "F" ? this.answer(table, options) : this.answerInRows(table, "transform", options);
  }

  /** Names of the columns: feature_sp_function, as "x0_sp_0". @throws TreelineError ERR_NOT_FITTED */
  override getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const width = splineCount(fitted) - (fitted.includeBias ? 0 : 1);
    const names = namesOf("SplineTransformer", fitted, inputFeatures);
    return names.flatMap((name) => Array.from({ length: width }, (_, k) => `${name}_sp_${k}`));
  }

  /** Knots of each column, `degree` more on either side than base knots: `t` of scikit-learn's bsplines_. */
  get knots_(): readonly Float64Array[] {
    return this.fitted("knots_").knots;
  }

  /** Columns that transform gives. */
  get nFeaturesOut_(): number {
    const fitted = this.fitted("nFeaturesOut_");
    return fitted.knots.length * (splineCount(fitted) - (fitted.includeBias ? 0 : 1));
  }

  async #learnedKnots(
    X: ChunkedMatrix,
    weights: Float64Array | undefined,
    options: RunOptions,
  ): Promise<Float64Array[]> {
    const { nKnots, knots } = this.params;
    if (knots === "uniform") {
      const { low, high } = await extremes(X, weights, options);
      return Array.from(low, (first, j) => known(linspace(first, high[j] as number, nKnots)));
    }
    if (weights !== undefined) {
      const bins = new Array<number>(X.cols).fill(nKnots - 1);
      return (await weightedEdges(X, bins, weights, false, options)).map(known);
    }
    const shares = Array.from(linspace(0, 1, nKnots), (share) => (share * 100) / 100);
    const found = await X.nanQuantile(shares, { axis: 0 }).run({ signal: options.signal });
    return Array.from({ length: X.cols }, (_, j) => known(Float64Array.from(found.column(j))));
  }

  async #refuseInfinite(X: ChunkedMatrix, where: string, { signal }: RunOptions): Promise<void> {
    if (!this.tags.allowNaN || X.rows === 0) return; // else they were refused with NaN
    await refuseInfinities(X, where, signal);
  }
}

/** Knots of a column, all 0 where it has no value. */
function known(knots: Float64Array): Float64Array {
  return knots.some(Number.isNaN) ? new Float64Array(knots.length) : knots;
}

function givenKnots(rows: readonly (readonly number[])[], cols: number, where: string): Float64Array[] {
  rows.forEach((row, k) => {
    if (row.length !== cols) {
      throw invalidArgument(`${where}: knots has ${row.length} numbers in row ${k}, but X has ${cols} features`);
    }
    const before = rows[k - 1];
    const j = before === undefined ? -1 : row.findIndex((knot, at) => !(knot > (before[at] as number)));
    if (j >= 0) {
      throw invalidArgument(
        `${where}: knots must ascend in each column, but column ${j} has ${show(before?.[j])} and then ${show(row[j])}`,
      );
    }
  });
  return Array.from({ length: cols }, (_, j) => Float64Array.from(rows, (row) => row[j] as number));
}

/** What is not 0. */
async function sparse(table: ChunkedMatrix, plan: Fitted, { signal }: RunOptions): Promise<CsrMatrix<Float64Array>> {
  const { rows, cols } = table;
  const most = rows * plan.knots.length * (plan.degree + 1);
  refuseTooLarge(most * 12, "SplineTransformer.transform"); // a value and an index
  const data = new Float64Array(most);
  const indices = new Int32Array(most);
  const indptr = most < 2 ** 31 ? new Int32Array(rows + 1) : new Float64Array(rows + 1);
  let [row, n] = [0, 0];
  for await (const chunk of table) {
    const columns = Array.from({ length: cols }, (_, j) => chunk.column(j));
    for (let i = 0; i < chunk.rows; i++) {
      if (isBreak(i)) await takeBreak(signal);
      for (let j = 0; j < cols; j++) {
        const value = columns[j]?.[i] as number;
        if (value === 0) continue;
        data[n] = value;
        indices[n++] = j;
      }
      indptr[++row] = n;
    }
  }
  return new CsrMatrix(data.slice(0, n), indices.slice(0, n), indptr, [rows, cols]);
}
