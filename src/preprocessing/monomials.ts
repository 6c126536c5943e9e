// The products of columns that PolynomialFeatures makes, degree by degree, each in the order of their columns' numbers.

/** Which products there are. */
export interface PolynomialPlan {
  readonly minDegree: number;
  readonly maxDegree: number;
  /** Of different columns only. */
  readonly interactionOnly: boolean;
  /** A column of ones first. */
  readonly includeBias: boolean;
}

/** For each degree up to the greatest, where the products begin whose first column is j, and their number last. */
export function firstTerms(nFeatures: number, { maxDegree, interactionOnly }: PolynomialPlan): Float64Array[] {
  const starts: Float64Array[] = [];
  for (let degree = 1; degree <= maxDegree; degree++) {
    const before = starts.at(-1);
    const of = new Float64Array(nFeatures + 1);
    for (let j = 0; j < nFeatures; j++) {
      // A column times every product of one degree less that begins with it, or behind it.
      const others =
        before === undefined ? 1 : (before[nFeatures] as number) - (before[next(j, interactionOnly)] as number);
      of[j + 1] = (of[j] as number) + others;
    }
    starts.push(of);
  }
  return starts;
}

/** Of the products with column j the first column that may follow it. */
function next(j: number, interactionOnly: boolean): number {
  return interactionOnly ? j + 1 : j;
}

/** Degrees whose products are given. */
export function degreesOf({ minDegree, maxDegree }: PolynomialPlan): number[] {
  const from = Math.max(1, minDegree);
  return Array.from({ length: Math.max(0, maxDegree - from + 1) }, (_, k) => from + k);
}

/** The number of products, a column of ones among them. */
export function termCount(nFeatures: number, plan: PolynomialPlan): number {
  const starts = firstTerms(nFeatures, plan);
  const ones = plan.includeBias ? 1 : 0;
  return degreesOf(plan).reduce((sum, degree) => sum + (starts[degree - 1]?.[nFeatures] as number), ones);
}

/** A product of one degree: a column times a product of one degree less, by their numbers. */
export interface Products {
  readonly columns: number[];
  readonly products: number[];
}

/** All products of degree 2, 3, …, each from those of the degree before. */
export function productsByDegree(nFeatures: number, plan: PolynomialPlan): Products[] {
  const starts = firstTerms(nFeatures, plan);
  return starts.slice(0, -1).map((before) => {
    const columns: number[] = [];
    const products: number[] = [];
    for (let j = 0; j < nFeatures; j++) {
      for (let k = before[next(j, plan.interactionOnly)] as number; k < (before[nFeatures] as number); k++) {
        columns.push(j);
        products.push(k);
      }
    }
    return { columns, products };
  });
}

/** The columns of each product, in order. */
export function monomials(nFeatures: number, plan: PolynomialPlan): number[][] {
  const byDegree = [Array.from({ length: nFeatures }, (_, j) => [j])];
  for (const { columns, products } of productsByDegree(nFeatures, plan)) {
    const before = byDegree.at(-1) as number[][];
    byDegree.push(columns.map((j, t) => [j, ...(before[products[t] as number] as number[])]));
  }
  const given = degreesOf(plan).flatMap((degree) => byDegree[degree - 1] as number[][]);
  return plan.includeBias ? [[], ...given] : given;
}
