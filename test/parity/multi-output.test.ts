import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  accuracyScore,
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  loadDigits,
} from "../../src/index.js";
import { uniform } from "../fixtures/uniform.js";

// The table of make_multi_output.py, from the same integer arithmetic.

const ROWS = 2400;
const COLS = 6;
const expected = JSON.parse(readFileSync(new URL("multi_output.json", import.meta.url), "utf8")) as Record<
  "multiOutputTree" | "oneOutputPerTree" | "digits",
  number
>;

const X = Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLS }, (__, j) => uniform(i * COLS + j)));
const y = X.map(([a = 0, b = 0, c = 0, d = 0], i) => {
  const shared = a > 0.5 ? 2 * b : -c;
  const noise = (t: number): number => uniform(1_000_000 + 3 * i + t) - 0.5;
  return [shared + a + noise(0), 3 * shared - d * d + noise(1), (b > 0.3 ? shared : 0) + c * d + noise(2)];
});
const isTest = (_: unknown, i: number): boolean => i % 4 === 0;
const isTrain = (_: unknown, i: number): boolean => i % 4 !== 0;

for (const multiStrategy of ["multiOutputTree", "oneOutputPerTree"] as const) {
  const peer = multiStrategy === "multiOutputTree" ? "XGBoost's multi_output_tree" : "scikit-learn's separate fits";
  test(`${multiStrategy} predicts several targets as well as ${peer}`, async () => {
    const model = new HistGradientBoostingRegressor({ maxIter: 60, multiStrategy, earlyStopping: false });
    await model.fit(X.filter(isTrain), y.filter(isTrain));
    const score = await model.score(X.filter(isTest), y.filter(isTest));
    assert.ok(score > expected[multiStrategy] - 0.004, `${score}, theirs ${expected[multiStrategy]}`);
  });
}

test("one tree an iteration for ten classes is as good as XGBoost's multi_output_tree", async () => {
  const { data, target } = await loadDigits();
  const rows = data.toArray();
  const labels = Array.from(target);
  const model = new HistGradientBoostingClassifier({
    maxIter: 60,
    multiStrategy: "multiOutputTree",
    earlyStopping: false,
  });
  await model.fit(rows.filter(isTrain), labels.filter(isTrain));
  const score = await accuracyScore(labels.filter(isTest), await model.predict(rows.filter(isTest)));
  assert.ok(score > expected.digits - 0.02, `${score}, theirs ${expected.digits}`);
});

test.run();
