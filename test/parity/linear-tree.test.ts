import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { HistGradientBoostingRegressor, loadDiabetes } from "../../src/index.js";
import { uniform } from "../fixtures/uniform.js";

// The table of make_linear_tree.py, from the same integer arithmetic.

const ROWS = 2000;
const COLS = 5;
const expected = JSON.parse(readFileSync(new URL("linear_tree.json", import.meta.url), "utf8")) as Record<
  "constant" | "linear" | "diabetes",
  number
>;
const rows = Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLS }, (__, j) => uniform(i * COLS + j)));
const y = rows.map(([a = 0, b = 0, c = 0, d = 0], i) => {
  const noise = uniform(2_000_000 + i) - 0.5;
  return (a > 0.4 ? 6 * b - 2 * c : 8 * c + d) + (d > 0.7 ? -5 * a : 3 * a) + noise;
});
const X = rows.map((row, i) => (i % 11 === 0 ? [...row.slice(0, 4), NaN] : row));
const isTest = (_: unknown, i: number): boolean => i % 4 === 0;
const isTrain = (_: unknown, i: number): boolean => i % 4 !== 0;
const SHAPE = { maxLeafNodes: 15, earlyStopping: false } as const;

test("linear leaves predict lines between steps as well as LightGBM's, and better than constant ones", async () => {
  const model = new HistGradientBoostingRegressor({ ...SHAPE, maxIter: 40, linearTree: true, linearLambda: 0.01 });
  await model.fit(X.filter(isTrain), y.filter(isTrain));
  const score = await model.score(X.filter(isTest), y.filter(isTest));
  assert.ok(score > expected.linear - 0.002 && score > expected.constant + 0.01, `${score}, theirs ${expected.linear}`);
});

test("on the diabetes data too", async () => {
  const { data, target } = await loadDiabetes();
  const table = data.toArray();
  const progression = Array.from(target);
  const model = new HistGradientBoostingRegressor({ ...SHAPE, maxIter: 20, linearTree: true, linearLambda: 1 });
  await model.fit(table.filter(isTrain), progression.filter(isTrain));
  const score = await model.score(table.filter(isTest), progression.filter(isTest));
  assert.ok(score > expected.diabetes - 0.03, `${score}, theirs ${expected.diabetes}`);
});

test.run();
