import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Matrix } from "../../src/index.js";
import * as metrics from "../../src/metrics/index.js";

// Made by make_metrics.py with scikit-learn 1.9.1.
interface Case {
  readonly function: keyof typeof metrics;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly expected: unknown;
}
const parity = JSON.parse(readFileSync(new URL("metrics.json", import.meta.url), "utf8")) as {
  arrays: unknown[];
  cases: Case[];
};
const NUMBERS: Readonly<Record<string, number>> = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };

function revive(value: unknown): unknown {
  if (typeof value === "string") return value in NUMBERS ? NUMBERS[value] : value;
  if (typeof value === "object" && value !== null && "$" in value) return parity.arrays[value.$ as number];
  return value;
}

/** Numbers to 1e-12, anything else exactly. */
function assertClose(actual: unknown, expected: unknown, path: string): void {
  const wanted = revive(expected);
  if (actual instanceof Matrix) {
    assertClose(actual.toArray(), wanted, path);
    return;
  }
  if (actual instanceof Float64Array) {
    assertClose(Array.from(actual), wanted, path);
    return;
  }
  if (typeof wanted === "number" && typeof actual === "number") {
    const close = Object.is(actual, wanted) || Math.abs(actual - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted));
    assert.ok(close || actual === wanted, `${path}: ${actual}, expected ${wanted}`);
  } else if (typeof wanted === "object" && wanted !== null) {
    assert.equal(Object.keys(actual as object).sort(), Object.keys(wanted).sort(), path);
    for (const [key, value] of Object.entries(wanted)) {
      assertClose((actual as Record<string, unknown>)[key], value, `${path}.${key}`);
    }
  } else {
    assert.is(actual, wanted, path);
  }
}

process.removeAllListeners("warning"); // UndefinedMetricWarning is expected many times

for (const name of new Set(parity.cases.map((c) => c.function))) {
  test(`${name} answers as scikit-learn`, async () => {
    for (const [k, c] of parity.cases.entries()) {
      if (c.function !== name) continue;
      const options = Object.fromEntries(Object.entries(c.options).map(([key, value]) => [key, revive(value)]));
      const call = metrics[name] as (...args: unknown[]) => Promise<unknown>;
      const args = c.args.map(revive);
      const shown = `case ${k}: ${name}(${JSON.stringify(c.options)})`;
      const result = await call(...args, ...(Object.keys(options).length === 0 ? [] : [options])).catch(
        (error: Error) => error,
      );
      if (result instanceof Error) throw new Error(`${shown}: ${result.message}`);
      assertClose(result, c.expected, shown);
    }
  });
}

test.run();
