import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  LogisticRegression,
  Matrix,
  loadBreastCancer,
  loadDigits,
  loadIris,
  loadWine,
  type LogisticRegressionParams,
} from "../../src/index.js";

interface Case {
  readonly name: string;
  readonly dataset: "breast_cancer" | "digits" | "iris" | "wine";
  readonly classes?: readonly number[];
  readonly step?: number;
  readonly standardize?: boolean;
  readonly duplicate?: boolean;
  readonly constant?: boolean;
  readonly scale?: readonly number[];
  readonly shift?: readonly number[];
  readonly float32?: boolean;
  readonly weighted?: boolean;
  readonly C?: string;
  readonly fitIntercept?: boolean;
  readonly classWeight?: "balanced";
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
  readonly margins: readonly number[];
}

const { cases } = JSON.parse(readFileSync(new URL("linear_model.json", import.meta.url), "utf8")) as { cases: Case[] };
const loaders = { breast_cancer: loadBreastCancer, digits: loadDigits, iris: loadIris, wine: loadWine };

/** X, y and weights of a case, as table() in make_linear_model.py makes them. */
async function table(given: Case): Promise<{ X: Matrix; y: number[]; sampleWeight: number[] | undefined }> {
  const { data, target } = await loaders[given.dataset]();
  const pairs = data.toArray().map((row, i) => [row, target[i] as number] as const);
  const kept = pairs
    .filter(([, label]) => given.classes?.includes(label) ?? true)
    .filter((_, i) => i % (given.step ?? 1) === 0);
  let rows = kept.map(([row]) => row);
  const y = kept.map(([, label]) => label);
  if (given.standardize) rows = standardized(rows);
  if (given.duplicate) rows = rows.map((row) => [...row, row[0]!, row[0]! - 2 * row[1]!]);
  if (given.constant) rows = rows.map((row) => [...row, 7.25]);
  const { scale, shift } = given;
  if (scale) rows = rows.map((row) => row.map((x, j) => x * scale[j]!));
  if (shift) rows = rows.map((row) => row.map((x, j) => x + shift[j]!));
  const X = Matrix.from(rows);
  return {
    X: given.float32 ? new Matrix(Float32Array.from(X.data), X.shape) : X,
    y,
    sampleWeight: given.weighted ? y.map((_, i) => 0.5 + (i % 4)) : undefined,
  };
}

function standardized(rows: readonly (readonly number[])[]): number[][] {
  const mean = (j: number): number => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length;
  const means = rows[0]!.map((_, j) => mean(j));
  const spreads = means.map((m, j) => Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - m) ** 2, 0) / rows.length));
  return rows.map((row) => row.map((x, j) => (x - means[j]!) / spreads[j]!));
}

/** Largest difference, relative to the largest value. */
function distance(actual: ArrayLike<number>, expected: readonly number[], size = largest(expected)): number {
  assert.is(actual.length, expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)), 0) / size;
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
}

for (const given of cases) {
  for (const solver of ["lbfgs", "newton-cholesky"] as const) {
    test(`${given.name}: coefficients are scikit-learn's to 1e-6 (${solver})`, async () => {
      const { X, y, sampleWeight } = await table(given);
      const params: Partial<LogisticRegressionParams> = { tol: 1e-11, maxIter: 1000, solver };
      if (given.C !== undefined) params.C = Number(given.C.replace("inf", "Infinity"));
      if (given.fitIntercept !== undefined) params.fitIntercept = given.fitIntercept;
      if (given.classWeight !== undefined) params.classWeight = given.classWeight;
      const model = await new LogisticRegression(params).fit(X, y, { sampleWeight });
      const coef = Array.from(model.coef_.data);
      if (given.scale) {
        // Each column by itself: their coefficients differ by the powers of ten the columns differ by.
        given.scale.forEach((_, j) => {
          const column = (values: readonly number[]): number[] => values.filter((_v, i) => i % X.cols === j);
          const error = distance(column(coef), column(given.coef));
          assert.ok(error < 1e-6, `column ${j}: ${error}`);
        });
      } else {
        const error = distance(coef, given.coef);
        assert.ok(error < 1e-6, `coefficients: ${error}`);
      }
      const size = Math.max(largest(given.intercept), largest(given.coef));
      if (!given.scale) assert.ok(distance(model.intercept_, given.intercept, size) < 1e-6, "intercepts");
      const decision = await model.decisionFunction(X);
      const margins = decision instanceof Matrix ? decision.data : decision;
      const error = distance(margins.subarray(0, given.margins.length), given.margins);
      assert.ok(error < 1e-6, `margins: ${error}`);
    });
  }
}

test.run();
