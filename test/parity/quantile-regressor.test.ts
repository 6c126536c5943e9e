import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadBreastCancer, loadDiabetes, loadWine, QuantileRegressor } from "../../src/index.js";

interface Case {
  readonly table: string;
  readonly params: { readonly quantile: number; readonly alpha: number; readonly fit_intercept?: boolean };
  readonly weighted: boolean;
  readonly objective: number;
  readonly unique: boolean;
  readonly coef?: readonly number[];
  readonly intercept?: number;
}

interface Table {
  readonly X: readonly (readonly number[])[];
  readonly y: readonly number[];
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8")) as unknown;
const { cases } = read("quantile_regressor.json") as { cases: readonly Case[] };
const { tables } = read("linear_regression.json") as { tables: Record<string, Table> };

async function tableOf(name: string): Promise<Table> {
  if (name === "diabetes") {
    const { data, target } = await loadDiabetes();
    return { X: data.toArray(), y: Array.from(target) };
  }
  if (name !== "wine" && name !== "breast_cancer") return tables[name] as Table;
  const { data } = await (name === "wine" ? loadWine() : loadBreastCancer());
  const rows = data.toArray();
  return { X: rows.map((row) => row.slice(0, -1)), y: rows.map((row) => row.at(-1) as number) };
}

/** The mean pinball loss plus the penalty, as scikit-learn has it. */
function objectiveOf(model: QuantileRegressor, { X, y }: Table, weight: readonly number[]): number {
  const { quantile, alpha } = model.getParams();
  const coef = Array.from(model.coef_);
  let sum = 0;
  X.forEach((row, i) => {
    const r = y[i]! - row.reduce((margin, x, j) => margin + x * coef[j]!, 0) - model.intercept_;
    sum += weight[i]! * (r > 0 ? quantile * r : (quantile - 1) * r);
  });
  return sum / weight.reduce((a, b) => a + b, 0) + alpha * coef.reduce((a, c) => a + Math.abs(c), 0);
}

for (const { table, params, weighted, objective, unique, coef, intercept } of cases) {
  const { quantile, alpha, fit_intercept: fitIntercept = true } = params;
  test(`${table}, ${JSON.stringify(params)}${weighted ? ", weighted" : ""}: the minimum scikit-learn finds`, async () => {
    const { X, y } = await tableOf(table);
    const weight = y.map((_, i) => (weighted ? i % 4 : 1));
    const model = await new QuantileRegressor({ quantile, alpha, fitIntercept }).fit(X, y, { sampleWeight: weight });
    const size = y.reduce((sum, value) => sum + Math.abs(value), 0) / y.length;
    const own = objectiveOf(model, { X, y }, weight);
    assert.ok(own <= objective * (1 + 1e-9) + 1e-13 * size, `objective ${own}, scikit-learn's ${objective}`);
    if (!unique) return;
    const most = coef!.reduce((a, c) => Math.max(a, Math.abs(c)), 0);
    coef!.forEach((c, j) =>
      assert.ok(Math.abs(c - model.coef_[j]!) <= 1e-6 * most, `coef_[${j}] ${model.coef_[j]}, ${c}`),
    );
    assert.ok(Math.abs(intercept! - model.intercept_) <= 1e-6 * Math.max(Math.abs(intercept!), size));
  });
}

test.run();
