import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  Matrix,
  Perceptron,
  SGDClassifier,
  SGDRegressor,
  StandardScaler,
} from "../../src/index.js";

interface Case {
  readonly model: "Perceptron" | "SGDClassifier" | "SGDRegressor";
  readonly dataset: keyof typeof LOADERS;
  readonly params: object;
  readonly weighted: boolean;
  readonly parts: number;
  readonly coef: readonly number[];
  readonly intercept: readonly number[];
  readonly nIter: number;
  readonly t: number;
  readonly decision: readonly number[];
  readonly proba?: readonly number[];
}

const LOADERS = { breast_cancer: loadBreastCancer, diabetes: loadDiabetes, iris: loadIris };
const { cases } = JSON.parse(readFileSync(new URL("sgd.json", import.meta.url), "utf8")) as { cases: Case[] };

/** Standardised, and in an order in which classes alternate: the same as in make_sgd.py. */
async function table(name: Case["dataset"]): Promise<{ X: number[][]; y: number[] }> {
  const { data, target } = await LOADERS[name]();
  const rows = (await new StandardScaler().fitTransform(data)).toArray();
  const order = rows.map((_, i) => (i * 37) % rows.length);
  return { X: order.map((i) => rows[i] as number[]), y: order.map((i) => target[i] as number) };
}

function near(actual: ArrayLike<number> | Matrix, expected: readonly number[], what: string): void {
  const values = Array.from(actual instanceof Matrix ? (actual as Matrix).data : actual);
  assert.is(values.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  values.forEach((value, i) => {
    const want = expected[i] as number;
    assert.ok(Math.abs(value - want) <= 1e-9 * scale, `${what}[${i}]: ${value}, not ${want}`);
  });
}

for (const given of cases) {
  const { model: name, dataset, params, weighted, parts } = given;
  const how = `${weighted ? ", weighted" : ""}${parts > 0 ? `, in ${parts} parts` : ""}`;
  test(`${name} ${JSON.stringify(params)} on ${dataset}${how}: scikit-learn's coefficients to 1e-9`, async () => {
    const { X, y } = await table(dataset);
    const weight = weighted ? y.map((_, i) => 0.25 + (i % 7)) : undefined;
    const settings = { ...params, shuffle: false };
    const model =
      name === "SGDRegressor"
        ? new SGDRegressor(settings)
        : name === "Perceptron"
          ? new Perceptron(settings)
          : new SGDClassifier(settings);
    if (parts === 0) await model.fit(X, y, { sampleWeight: weight });
    for (let part = 0; part < parts; part++) {
      const cut = <T>(values: readonly T[]): T[] =>
        values.slice(Math.floor((part * y.length) / parts), Math.floor(((part + 1) * y.length) / parts));
      const options = { sampleWeight: weight && cut(weight) };
      if (model instanceof SGDRegressor) await model.partialFit(cut(X), cut(y), options);
      else await model.partialFit(cut(X), cut(y), { classes: y, ...options });
    }
    near(model.coef_, given.coef, "coef");
    near(model.intercept_, given.intercept, "intercept");
    assert.is(model.nIter_, given.nIter);
    assert.is(model.t_, given.t);
    const probe = X.filter((_, i) => i % 40 === 0);
    near(
      model instanceof SGDRegressor ? await model.predict(probe) : await model.decisionFunction(probe),
      given.decision,
      "decision",
    );
    if (given.proba && model instanceof SGDClassifier) near(await model.predictProba(probe), given.proba, "proba");
  });
}

test.run();
