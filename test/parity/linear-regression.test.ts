import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix, loadDiabetes, type AnyEstimator } from "../../src/index.js";
import { ESTIMATORS } from "../../src/registry.js";

interface Case {
  readonly table: string;
  readonly estimator: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly weighted?: boolean;
  /** Relative to the largest value; what scikit-learn's own solver reaches. */
  readonly tolerance?: number;
  readonly learned: Readonly<Record<string, readonly number[]>>;
  readonly predicted: readonly number[];
  readonly score: number | null;
}

interface Table {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[] | readonly (readonly number[])[];
}

type Subject = AnyEstimator & {
  fit(X: unknown, y: unknown, options: object): Promise<unknown>;
  predict(X: unknown): Promise<Float64Array | Matrix>;
  score(X: unknown, y: unknown, options: object): Promise<number>;
};

const { cases, tables } = JSON.parse(readFileSync(new URL("linear_regression.json", import.meta.url), "utf8")) as {
  cases: Case[];
  tables: Record<string, Table>;
};
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

async function tableOf(name: string): Promise<Table> {
  if (name !== "diabetes") return tables[name] as Table;
  const { data, target } = await loadDiabetes();
  return { X: data.toArray(), y: Array.from(target) };
}

/** Numbers of whatever an attribute is: a number, an array, a Matrix. */
function numbers(value: unknown): number[] {
  if (value instanceof Matrix) return (value as Matrix).toArray().flat();
  return typeof value === "number" ? [value] : Array.from(value as ArrayLike<number>, Number);
}

function near(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  const size = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  assert.is(actual.length, expected.length, what);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i]!)), 0) / size;
  assert.ok(worst <= tolerance, `${what}: ${worst}`);
}

for (const given of cases) {
  const { estimator, params = {}, tolerance = 1e-7 } = given;
  const words = `${JSON.stringify(params)}${given.weighted ? ", weighted" : ""}`;
  test(`${estimator} ${words} on ${given.table}: learns what scikit-learn learns`, async () => {
    const { X, y } = await tableOf(given.table);
    const sampleWeight = given.weighted ? X.map((_, i) => i % 4) : undefined;
    const own = Object.fromEntries(Object.entries(params).map(([name, value]) => [camel(name), value]));
    const type = ESTIMATORS[estimator] as unknown as new (params: object) => Subject;
    const tight = { tol: 1e-12, maxIter: 500_000 };
    const known = Object.keys(new type({}).paramSpecs);
    const model = new type({
      ...own,
      ...Object.fromEntries(Object.entries(tight).filter(([name]) => known.includes(name) && !(name in own))),
    });
    await model.fit(X, y, { sampleWeight });
    for (const [name, expected] of Object.entries(given.learned)) {
      near(numbers((model as unknown as Record<string, unknown>)[camel(name)]), expected, tolerance, name);
    }
    near(numbers(await model.predict(X.slice(0, 5))), given.predicted, tolerance, "predicted");
    if (given.score !== null) {
      const score = await model.score(X, y, { sampleWeight });
      assert.ok(Math.abs(score - given.score) < Math.max(tolerance, 1e-9), `score ${score}, expected ${given.score}`);
    }
  });
}

process.removeAllListeners("warning"); // convergence: the tolerances are beyond float64 on purpose
test.run();
