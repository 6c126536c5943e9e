import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  LogisticRegressionCV,
  StandardScaler,
  Matrix,
  loadBreastCancer,
  loadIris,
  loadWine,
  type LogisticRegressionCVParams,
  type Split,
} from "../../src/index.js";

interface Case {
  readonly name: string;
  readonly dataset: "breast_cancer" | "iris" | "wine";
  readonly step: number;
  readonly Cs: number | number[];
  readonly cv: number | Split[];
  readonly scoring?: "f1_macro" | "neg_log_loss" | "roc_auc";
  readonly weighted?: boolean;
  readonly balanced?: boolean;
  readonly refit?: boolean;
  readonly l1Ratios?: number[];
  readonly fitIntercept?: boolean;
  readonly C: number;
  readonly l1Ratio: number;
  readonly scores: readonly number[];
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
  readonly paths: readonly number[];
}

const path = new URL("logistic_cv.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] };
const loaders = { breast_cancer: loadBreastCancer, iris: loadIris, wine: loadWine };
const scorers = { f1_macro: "f1Macro", neg_log_loss: "negLogLoss", roc_auc: "rocAuc" };

function assertClose(what: string, actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.is(actual.length, expected.length, what);
  const size = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-12);
  const error = expected.reduce((most, v, i) => Math.max(most, Math.abs(v - actual[i]!)), 0) / size;
  assert.ok(error < tolerance, `${what}: ${error}`);
}

for (const given of cases) {
  test(`${given.name}: the choice, the scores and all coefficients are scikit-learn's`, async () => {
    const { data, target } = await loaders[given.dataset]();
    const kept = (_: unknown, i: number): boolean => i % given.step === 0;
    const X = await new StandardScaler().fitTransform(Matrix.from(data.toArray().filter(kept)));
    const y = Array.from(target).filter(kept);
    const { Cs, cv, refit = true, l1Ratios = [0], fitIntercept = true, scoring } = given;
    const params: Partial<LogisticRegressionCVParams> = { Cs, cv, refit, l1Ratios, fitIntercept };
    if (scoring !== undefined) params.scoring = scorers[scoring];
    if (given.balanced) params.classWeight = "balanced";
    const model = new LogisticRegressionCV({ ...params, tol: 1e-10, maxIter: 1000 });
    await model.fit(X, y, given.weighted ? { sampleWeight: y.map((_, i) => 0.5 + (i % 4)) } : {});
    assert.ok(Math.abs(model.C_ / given.C - 1) < 1e-12, `C: ${model.C_} instead of ${given.C}`);
    assert.is(model.l1Ratio_, given.l1Ratio);
    assertClose("scores", model.scores_.data, given.scores, 1e-6);
    assertClose("coefficients of the paths", model.coefsPaths_.data, given.paths, 1e-5);
    assertClose("coefficients", model.coef_.data, given.coef, 1e-5);
    if (given.fitIntercept !== false) assertClose("intercepts", model.intercept_, given.intercept, 1e-5);
  });
}

test.run();
