import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HistGradientBoostingRegressor,
  loadDiabetes,
  type HistGradientBoostingRegressorParams,
} from "../../src/index.js";

// R² a seed, made by make_sampling.py with LightGBM 4.7.0.
const { cases } = JSON.parse(readFileSync(new URL("sampling.json", import.meta.url), "utf8")) as {
  cases: Readonly<Record<string, readonly number[]>>;
};

const OURS: Readonly<Record<string, Partial<HistGradientBoostingRegressorParams>>> = {
  "subsample 0.5": { subsample: 0.5 },
  "subsample 0.3, every 5": { subsample: 0.3, subsampleFreq: 5 },
  goss: { boostingType: "goss" },
  "goss 0.1, 0.2": { boostingType: "goss", topRate: 0.1, otherRate: 0.2 },
  dart: { boostingType: "dart" },
  "dart, always drops": { boostingType: "dart", skipDrop: 0, dropRate: 0.3 },
  "dart, uniform, at most 3": { boostingType: "dart", skipDrop: 0.2, uniformDrop: true, maxDrop: 3, dropRate: 0.5 },
  "dart, as XGBoost": { boostingType: "dart", skipDrop: 0, dropRate: 0.2, uniformDrop: true, xgboostDartMode: true },
};

const { data, target } = await loadDiabetes();
const part = (isTest: boolean): { X: number[][]; y: number[] } => {
  const chosen = Array.from(data.toArray().keys()).filter((i) => (i % 4 === 0) === isTest);
  return { X: chosen.map((i) => Array.from(data.row(i))), y: chosen.map((i) => Number(target[i])) };
};
const [train, held] = [part(false), part(true)];

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const varianceOfMean = (values: readonly number[]): number =>
  mean(values.map((value) => (value - mean(values)) ** 2)) / (values.length - 1);

test("every case has its twin", () => {
  assert.equal(Object.keys(OURS), Object.keys(cases));
});

for (const [name, params] of Object.entries(OURS)) {
  test(`${name}: R² is LightGBM's, within three standard errors of both means over the seeds`, async () => {
    const theirs = cases[name] as readonly number[];
    const ours: number[] = [];
    for (const randomState of theirs.keys()) {
      const model = await new HistGradientBoostingRegressor({ maxIter: 60, randomState, ...params }).fit(
        train.X,
        train.y,
      );
      ours.push(await model.score(held.X, held.y));
    }
    const difference = mean(ours) - mean(theirs);
    const tolerance = 3 * Math.sqrt(varianceOfMean(ours) + varianceOfMean(theirs));
    assert.ok(Math.abs(difference) < tolerance, `${mean(ours)}, LightGBM ${mean(theirs)}, tolerance ${tolerance}`);
    assert.ok(tolerance < 0.05, `${tolerance}: too wide to say anything`);
  });
}

test.run();
