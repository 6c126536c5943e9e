import { CsrMatrix } from "../data/csr-matrix.js";
import { refuseTooLarge } from "../data/memory-budget.js";
import { takeBreak } from "../data/vector.js";
import { degreesOf, firstTerms, termCount, type PolynomialPlan } from "./monomials.js";

/** Products of one degree that a row has, those of its values that are stored: in the order of their columns. */
interface RowTerms {
  /** Numbers among the products of the degree. */
  readonly terms: number[];
  readonly values: number[];
}

/** The products of the columns of a CsrMatrix as another: only those of stored values are looked at. */
export async function sparsePolynomial(
  X: CsrMatrix,
  plan: PolynomialPlan,
  where: string,
  signal: AbortSignal | undefined,
): Promise<CsrMatrix<Float64Array>> {
  const starts = firstTerms(X.cols, plan);
  const firstColumn = new Map<number, number>();
  let column = plan.includeBias ? 1 : 0;
  for (const degree of degreesOf(plan)) {
    firstColumn.set(degree, column);
    column += starts[degree - 1]?.[X.cols] as number;
  }
  const nnz = countTerms(X, plan);
  refuseTooLarge(nnz * 12, where);
  const data = new Float64Array(nnz);
  const indices = new Int32Array(nnz);
  const indptr = nnz < 2 ** 31 ? new Int32Array(X.rows + 1) : new Float64Array(X.rows + 1);
  let n = 0;
  let since = 0;
  for (let i = 0; i < X.rows; i++) {
    if (n - since > 0x10000) {
      await takeBreak(signal);
      since = n;
    }
    if (plan.includeBias) data[n++] = 1; // column 0
    const { indices: columns, values } = X.row(i);
    let row: RowTerms = { terms: Array.from(columns), values: Array.from(values) };
    for (let degree = 1; degree <= plan.maxDegree; degree++) {
      if (degree > 1) row = multiplied(columns, values, row, starts, degree, plan.interactionOnly);
      const first = firstColumn.get(degree);
      if (first === undefined) continue;
      for (let t = 0; t < row.terms.length; t++) {
        indices[n] = first + (row.terms[t] as number);
        data[n++] = row.values[t] as number;
      }
    }
    indptr[i + 1] = n;
  }
  return new CsrMatrix(data, indices, indptr, [X.rows, termCount(X.cols, plan)]);
}

/** The products of one degree more. */
function multiplied(
  columns: ArrayLike<number>,
  values: ArrayLike<number>,
  before: RowTerms,
  starts: readonly Float64Array[],
  degree: number,
  interactionOnly: boolean,
): RowTerms {
  const first = starts[degree - 1] as Float64Array;
  const firstBefore = starts[degree - 2] as Float64Array;
  const terms: number[] = [];
  const products: number[] = [];
  let from = 0;
  for (let k = 0; k < columns.length; k++) {
    const j = columns[k] as number;
    const least = firstBefore[interactionOnly ? j + 1 : j] as number;
    while (from < before.terms.length && (before.terms[from] as number) < least) from++;
    for (let t = from; t < before.terms.length; t++) {
      terms.push((first[j] as number) + (before.terms[t] as number) - least);
      products.push((values[k] as number) * (before.values[t] as number));
    }
  }
  return { terms, values: products };
}

/** Products of all rows: by their numbers of stored values. */
function countTerms(X: CsrMatrix, plan: PolynomialPlan): number {
  const counts = new Map<number, number>();
  let n = 0;
  for (let i = 0; i < X.rows; i++) {
    const stored = Number(X.indptr[i + 1]) - Number(X.indptr[i]);
    let count = counts.get(stored);
    if (count === undefined) counts.set(stored, (count = termCount(stored, plan)));
    n += count;
  }
  return n;
}
