import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  LinearSVC,
  loadBreastCancer,
  loadIris,
  loadWine,
  StandardScaler,
  type LinearSVCParams,
} from "../../src/index.js";

interface Case {
  readonly dataset: keyof typeof LOADERS;
  readonly params: Partial<LinearSVCParams>;
  readonly weighted: boolean;
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
  readonly objective: readonly number[];
}

const LOADERS = { breast_cancer: loadBreastCancer, iris: loadIris, wine: loadWine };
const { cases } = JSON.parse(readFileSync(new URL("linear_svc.json", import.meta.url), "utf8")) as { cases: Case[] };

for (const { dataset, params, weighted, coef, intercept, objective } of cases) {
  test(`LinearSVC ${JSON.stringify(params)} on ${dataset}${weighted ? ", weighted" : ""}: scikit-learn's optimum`, async () => {
    const { data, target } = await LOADERS[dataset]();
    const X = await new StandardScaler().fitTransform(data);
    const sampleWeight = weighted ? Array.from(target, (_, i) => 0.25 + (i % 7)) : undefined;
    const model = new LinearSVC({ ...params, tol: 1e-8, maxIter: 100_000, randomState: 0 });
    await model.fit(X, target, { sampleWeight });
    objective.forEach((value, k) => {
      const reached = model.objective_[k] as number;
      assert.ok(reached <= value * (1 + 1e-6), `objective ${k}: ${reached}, scikit-learn reaches ${value}`);
      assert.ok(reached >= value * (1 - 1e-6), `objective ${k}: ${reached} below the optimum ${value}`);
    });
    const largest = Math.max(...coef.map(Math.abs));
    Array.from(model.coef_.data).forEach((value, i) => {
      assert.ok(Math.abs(value - (coef[i] as number)) < 1e-4 * largest, `coef[${i}]: ${value}, not ${coef[i]}`);
    });
    Array.from(model.intercept_).forEach((value, k) => {
      assert.ok(Math.abs(value - (intercept[k] as number)) < 1e-4 * largest, `intercept[${k}]`);
    });
  });
}

test.run();
