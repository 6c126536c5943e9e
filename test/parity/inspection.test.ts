import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { partialDependence, type MatrixLike } from "../../src/index.js";

interface Case {
  readonly features: number[];
  readonly options: { readonly grid_resolution?: number; readonly percentiles?: [number, number] };
  readonly weighted: boolean;
  readonly grid: number[][];
  readonly average: number[];
  readonly individual?: number[][];
}
const { X, weights, cases } = JSON.parse(readFileSync(new URL("inspection.json", import.meta.url), "utf8")) as {
  X: number[][];
  weights: number[];
  cases: Case[];
};

/** y = x0 x1 + |x2| - x3² / 4 */
const formula = {
  async predict(table: MatrixLike): Promise<Float64Array> {
    const source = table as unknown as { chunks(): Iterable<{ values: Float64Array; rows: number }> };
    const out: number[] = [];
    for (const { values, rows } of source.chunks()) {
      for (let i = 0; i < rows; i++) {
        const [a, b, c, d] = values.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
        out.push(a * b + Math.abs(c) - (d * d) / 4);
      }
    }
    return Promise.resolve(Float64Array.from(out));
  },
};

function near(actual: ArrayLike<number>, expected: readonly number[]): void {
  assert.is(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs((actual[i] as number) - value) < 1e-12, `${actual[i]}, ${value}`));
}

for (const { features, options, weighted, grid, average, individual } of cases) {
  test(`partial dependence on ${features.join(" and ")} is scikit-learn's: ${JSON.stringify(options)}`, async () => {
    const result = await partialDependence(formula, X, features, {
      kind: "both",
      gridResolution: options.grid_resolution,
      percentiles: options.percentiles,
      sampleWeight: weighted ? weights : undefined,
    });
    grid.forEach((values, k) => near(result.gridValues[k] as Float64Array, values));
    near(result.average?.row(0) as Float64Array, average);
    individual?.forEach((row, i) => near(result.individual?.[0]?.row(i) as Float64Array, row));
  });
}

test.run();
