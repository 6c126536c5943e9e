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
  readonly dataset: "breast_cancer" | "digits" | "iris" | "lattice" | "wine";
  readonly classes?: readonly number[];
  readonly step?: number;
  readonly standardize?: boolean;
  readonly duplicate?: boolean;
  readonly constant?: boolean;
  readonly scale?: readonly number[];
  readonly weighted?: boolean;
  readonly C: string;
  readonly l1Ratio: number;
  readonly fitIntercept?: boolean;
  readonly classWeight?: "balanced";
  /** Other coefficients reach the same minimum. */
  readonly flat?: boolean;
  readonly objective: number;
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
}

const path = new URL("logistic_sparse.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };
const loaders = { breast_cancer: loadBreastCancer, digits: loadDigits, iris: loadIris, wine: loadWine };

interface Table {
  readonly rows: number[][];
  readonly y: number[];
  readonly weight: number[] | undefined;
}

/** X, y and weights of a case, as table() in make_logistic_sparse.py makes them. */
async function table(given: Case): Promise<Table> {
  if (given.dataset === "lattice") {
    const y = Array.from({ length: 300 }, (_, i) => i % 50);
    const cell = (label: number, i: number, j: number): number =>
      (((i + 1) * (j + 3) * 7919) % 10007) / 10007 + ((label * (j + 1)) % 7);
    return { rows: y.map((label, i) => [0, 1, 2].map((j) => cell(label, i, j))), y, weight: undefined };
  }
  const { data, target } = await loaders[given.dataset]();
  const kept = data
    .toArray()
    .map((row, i) => [row, target[i] as number] as const)
    .filter(([, label]) => given.classes?.includes(label) ?? true)
    .filter((_, i) => i % (given.step ?? 1) === 0);
  let rows = kept.map(([row]) => row);
  const y = kept.map(([, label]) => label);
  if (given.standardize) rows = standardized(rows);
  if (given.duplicate) rows = rows.map((row) => [...row, row[0]!, row[0]! - 2 * row[1]!]);
  if (given.constant) rows = rows.map((row) => [...row, 7.25]);
  const { scale } = given;
  if (scale) rows = rows.map((row) => row.map((x, j) => x * scale[j]!));
  return { rows, y, weight: given.weighted ? y.map((_, i) => 0.5 + (i % 4)) : undefined };
}

function standardized(rows: readonly (readonly number[])[]): number[][] {
  const means = rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
  const spreads = means.map((m, j) => Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - m) ** 2, 0) / rows.length));
  return rows.map((row) => row.map((x, j) => (x - means[j]!) / (spreads[j]! || 1)));
}

/** The sum over rows of the loss, plus the penalty: what the model is to minimise, row by row. */
function objective({ rows, y, weight }: Table, given: Case, model: LogisticRegression): number {
  const { coef_: coef, intercept_: intercept } = model;
  const classes = Array.from(model.classes_ as ArrayLike<number>);
  const counts = classes.map((c) => y.reduce((sum, label, i) => sum + (label === c ? (weight?.[i] ?? 1) : 0), 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let sum = 0;
  rows.forEach((row, i) => {
    const margins = Array.from(intercept, (b, k) => row.reduce((m, x, j) => m + x * coef.at(k, j), b));
    if (margins.length === 1) margins.unshift(0);
    const most = Math.max(...margins);
    const code = classes.indexOf(y[i]!);
    const loss = most + Math.log(margins.reduce((s, m) => s + Math.exp(m - most), 0)) - margins[code]!;
    const classWeight = given.classWeight ? total / (classes.length * counts[code]!) : 1;
    sum += (weight?.[i] ?? 1) * classWeight * loss;
  });
  const penalty = coef.data.reduce((p, c) => p + given.l1Ratio * Math.abs(c) + ((1 - given.l1Ratio) / 2) * c ** 2, 0);
  return sum + penalty / Number(given.C);
}

const largest = (values: readonly number[]): number => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

function assertClose(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
  size = largest(expected),
): void {
  const error = largest(expected.map((value, i) => value - actual[i]!)) / (size || 1);
  assert.ok(error < 1e-5, `${what}: ${error}`);
}

for (const given of cases) {
  for (const solver of ["saga", "newton-cholesky"] as const) {
    test(`${given.name}: the minimum, its coefficients and their zeros (${solver})`, async () => {
      const data = await table(given);
      const { C, l1Ratio, classWeight, fitIntercept } = given;
      const params: Partial<LogisticRegressionParams> = { C: Number(C), l1Ratio, solver, tol: 1e-11, maxIter: 3000 };
      if (fitIntercept !== undefined) params.fitIntercept = fitIntercept;
      if (classWeight !== undefined) params.classWeight = classWeight;
      const X = Matrix.from(data.rows);
      const model = await new LogisticRegression(params).fit(X, data.y, { sampleWeight: data.weight });
      const reached = objective(data, given, model);
      assert.ok(Math.abs(reached / given.objective - 1) < 1e-9, `${reached} instead of ${given.objective}`);
      if (given.flat) return;
      const coef = Array.from(model.coef_.data);
      assert.equal(
        coef.map((c) => c === 0),
        given.coef.map((c) => c === 0),
      );
      // Each column by itself where they differ in scale: coefficients differ by as many powers of ten.
      for (let j = 0; j < (given.scale ? X.cols : 1); j++) {
        const column = (all: readonly number[]): number[] => all.filter((_, i) => !given.scale || i % X.cols === j);
        assertClose(`coefficients of column ${j}`, column(coef), column(given.coef));
      }
      if (given.scale) return;
      const size = Math.max(largest(given.intercept), largest(given.coef));
      assertClose("intercepts", Array.from(model.intercept_), given.intercept, size);
    });
  }
}

test.run();
