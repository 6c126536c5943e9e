import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  CsrMatrix,
  LinearRegression,
  LogisticRegression,
  Matrix,
  PoissonRegressor,
  Ridge,
  TweedieRegressor,
  type VectorLike,
} from "../../src/index.js";

interface Case {
  readonly name: string;
  readonly model: keyof typeof MODELS;
  readonly params: Readonly<Record<string, unknown>>;
  readonly weighted?: boolean;
  /** More than 1000 columns, more than rows. */
  readonly wide?: boolean;
  readonly y: readonly number[];
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
  readonly predicted: readonly number[];
}

interface Entries {
  readonly data: readonly number[];
  readonly indices: readonly number[];
  readonly indptr: readonly number[];
  readonly shape: readonly [number, number];
}

type Options = Readonly<Record<string, unknown>>;
const MODELS = {
  LogisticRegression: (options: Options) => new LogisticRegression(options),
  PoissonRegressor: (options: Options) => new PoissonRegressor(options),
  LinearRegression: (options: Options) => new LinearRegression(options),
  Ridge: (options: Options) => new Ridge(options),
  TweedieRegressor: (options: Options) => new TweedieRegressor(options),
};

const path = new URL("sparse.json", import.meta.url);
const given = JSON.parse(readFileSync(path, "utf8")) as { X: Entries; wide: Entries; cases: Case[] };
const made = ({ data, indices, indptr, shape }: Entries): CsrMatrix =>
  new CsrMatrix(Float64Array.from(data), Int32Array.from(indices), Int32Array.from(indptr), shape);
const TABLES = { narrow: made(given.X), wide: made(given.wide) };

/** scikit-learn's parameters as they are spelt here; which solver it took and how far it went is no part of the problem. */
function optionsOf(params: Case["params"]): Options {
  const spelt = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name !== "solver" && name !== "tol")
      .map(([name, value]) => [spelt(name), value]),
  );
}

const numbers = (values: number | Float64Array | Matrix): number[] =>
  typeof values === "number" ? [values] : [...(values instanceof Matrix ? values.data : values)];

function near(got: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.is(got.length, expected.length);
  const size = Math.max(1, ...expected.map(Math.abs));
  got.forEach((value, i) => {
    const wanted = expected[i] as number;
    assert.ok(Math.abs(value - wanted) <= tolerance * size, `entry ${i}: ${value}, scikit-learn ${wanted}`);
  });
}

for (const { name, model, params, weighted, wide, y, coef, intercept, predicted } of given.cases) {
  test(`${model} of a sparse table as scikit-learn's: ${name}`, async () => {
    const X = TABLES[wide ? "wide" : "narrow"];
    const fitted = MODELS[model]({ ...optionsOf(params), ...(wide ? {} : { tol: 1e-8, maxIter: 5000 }) });
    const sampleWeight: VectorLike | undefined = weighted ? y.map((_, i) => 0.5 + (i % 4)) : undefined;
    await fitted.fit(X, y, { sampleWeight });
    near(numbers(fitted.coef_), coef, 2e-5);
    near(numbers(fitted.intercept_), intercept, 2e-5);
    near([...((await fitted.predict(X)) as Float64Array)].slice(0, predicted.length), predicted, 2e-5);
  });
}

test.run();
