import { invalidArgument, show } from "../base/errors.js";
import type { EstimatorTags, FittedBase } from "../base/estimator.js";
import { boolean, choice, custom, type ParamSpecs } from "../base/params.js";
import type { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { hstack } from "../chunked/stack.js";
import { CsrMatrix } from "../data/csr-matrix.js";
import { Matrix } from "../data/matrix.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { FloatArray } from "../native/addon.js";
import type { RunOptions } from "../native/job.js";
import { ChunkedTransformer, namesOf } from "./chunked-transformer.js";
import { degreesOf, monomials, productsByDegree, termCount, type PolynomialPlan } from "./monomials.js";
import { sparsePolynomial } from "./sparse-polynomial.js";

/** Parameters of PolynomialFeatures. */
export interface PolynomialFeaturesParams {
  /** Products of up to so many columns, or of [least, most]. Default 2. */
  degree: number | readonly [least: number, most: number];
  /** Products of different columns only: no powers. Default false. */
  interactionOnly: boolean;
  /** A column of ones first. Default true. */
  includeBias: boolean;
  /** Memory order of the Matrix: rows one after another ("C", default) or columns ("F", which is faster to compute). */
  order: "C" | "F";
}

const SPECS: ParamSpecs<PolynomialFeaturesParams> = {
  degree: custom<PolynomialFeaturesParams["degree"]>(
    2,
    "a non-negative integer, or two of them [least, most]",
    (value) =>
      isDegree(value) || (Array.isArray(value) && value.length === 2 && value.every(isDegree) && value[0] <= value[1]),
    -1,
  ),
  interactionOnly: boolean(false),
  includeBias: boolean(true),
  order: choice("C", ["C", "F"]),
};

function isDegree(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

interface Fitted extends FittedBase, PolynomialPlan {
  readonly nOutputFeatures: number;
}

/**
 * Products of columns up to a degree, powers among them: scikit-learn's PolynomialFeatures. Of [a, b] and degree 2 they are
 * [1, a, b, a², ab, b²]. A CsrMatrix gives a CsrMatrix; on a ChunkedMatrix or a Frame rows are computed chunk by chunk.
 *
 * @example const Z = await new PolynomialFeatures({ degree: 2 }).fitTransform([[2, 3]]); // 1 2 3 4 6 9
 */
export class PolynomialFeatures extends ChunkedTransformer<PolynomialFeaturesParams, Fitted, CsrMatrix<Float64Array>> {
  constructor(params: Partial<PolynomialFeaturesParams> = {}) {
    super("PolynomialFeatures", SPECS, params);
  }

  override get tags(): EstimatorTags {
    return { kind: "transformer", allowNaN: false, requiresY: false, sampleWeight: false };
  }

  protected override learn(X: ChunkedMatrix, where: string): Promise<Omit<Fitted, keyof FittedBase>> {
    const { degree, interactionOnly, includeBias } = this.params;
    const [minDegree, maxDegree] = typeof degree === "number" ? [0, degree] : degree;
    if (maxDegree === 0 && !includeBias) {
      throw invalidArgument(`${where}: degree 0 without includeBias gives no column at all`);
    }
    const plan = { minDegree, maxDegree, interactionOnly, includeBias };
    const nOutputFeatures = termCount(X.cols, plan);
    if (nOutputFeatures >= 2 ** 31) {
      throw invalidArgument(
        `${where}: degree ${show(maxDegree)} of ${X.cols} features gives ${nOutputFeatures} columns, more than there can be`,
      );
    }
    return Promise.resolve({ ...plan, nOutputFeatures });
  }

  /**
   * The products, nSamples × nOutputFeatures: float32 for a Matrix of float32, else float64; a CsrMatrix of a CsrMatrix.
   *
   * @throws TreelineError ERR_NOT_FITTED, ERR_INVALID_DATA
   */
  override async transform<T extends FloatArray = Float64Array>(
    X: MatrixLike,
    options: RunOptions = {},
  ): Promise<Matrix<T> | CsrMatrix<Float64Array>> {
    if (!(X instanceof CsrMatrix)) return super.transform<T>(X, options);
    const fitted = this.fitted("transform");
    this.checkFeatures("transform", rowSourceOf(X, "PolynomialFeatures.transform: X"));
    await this.table(X, "transform", options); // refuses what is not finite
    return sparsePolynomial(X, fitted, "PolynomialFeatures.transform", options.signal);
  }

  protected override apply(X: ChunkedMatrix, plan: Fitted): ChunkedMatrix {
    const byDegree = [X];
    for (const { columns, products } of productsByDegree(X.cols, plan)) {
      const before = byDegree.at(-1) as ChunkedMatrix;
      byDegree.push(X.select(...columns).multiply(before.select(...products)));
    }
    const given = degreesOf(plan).map((degree) => byDegree[degree - 1] as ChunkedMatrix);
    if (plan.includeBias) given.unshift(X.select(0).isFinite()); // it is: a column of ones
    return hstack(given);
  }

  protected override async given<T extends FloatArray>(
    table: ChunkedMatrix,
    _fitted: Fitted,
    options: RunOptions,
  ): Promise<Matrix<T>> {
    return this.params.order === "F" ? this.answer(table, options) : this.answerInRows(table, "transform", options);
  }

  /** Names of the columns, as "1", "x0", "x0^2", "x0 x1". @throws TreelineError ERR_NOT_FITTED */
  override getFeatureNamesOut(inputFeatures?: readonly string[]): string[] {
    const fitted = this.fitted("getFeatureNamesOut");
    const names = namesOf("PolynomialFeatures", fitted, inputFeatures);
    return monomials(fitted.nFeaturesIn, fitted).map((columns) => {
      const powers = new Map<number, number>();
      for (const j of columns) powers.set(j, (powers.get(j) ?? 0) + 1);
      const factors = Array.from(powers, ([j, power]) => `${names[j]}${power === 1 ? "" : `^${power}`}`);
      return factors.length === 0 ? "1" : factors.join(" ");
    });
  }

  /** Exponents, nOutputFeatures × nFeatures: how often each column is a factor of each product. */
  get powers_(): Matrix<Float64Array> {
    const fitted = this.fitted("powers_");
    const { nFeaturesIn: cols } = fitted;
    const all = monomials(cols, fitted);
    const data = new Float64Array(all.length * cols);
    all.forEach((columns, t) => columns.forEach((j) => (data[t * cols + j] = (data[t * cols + j] as number) + 1)));
    return new Matrix(data, [all.length, cols]);
  }

  /** Columns that transform gives. */
  get nOutputFeatures_(): number {
    return this.fitted("nOutputFeatures_").nOutputFeatures;
  }
}
