import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  BernoulliNB,
  CategoricalNB,
  ComplementNB,
  GaussianNB,
  loadBreastCancer,
  loadDigits,
  loadIris,
  loadWine,
  Matrix,
  MultinomialNB,
} from "../../src/index.js";

interface Case {
  readonly model: keyof typeof MODELS;
  readonly dataset: keyof typeof LOADERS;
  readonly params: object;
  readonly weighted: boolean;
  readonly parts: number;
  readonly learned: Readonly<Record<string, number | readonly number[]>>;
  readonly joint: readonly number[];
  readonly logProba: readonly number[];
  readonly score: number;
}

const MODELS = { BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB };
const LOADERS = { breast_cancer: loadBreastCancer, digits: loadDigits, iris: loadIris, wine: loadWine };
const { cases } = JSON.parse(readFileSync(new URL("naive_bayes.json", import.meta.url), "utf8")) as { cases: Case[] };

function near(actual: unknown, expected: number | readonly number[], what: string): void {
  const [a, b] = [numbers(actual), numbers(expected)];
  assert.is(a.length, b.length, what);
  a.forEach((value, i) => {
    const want = b[i] as number;
    assert.ok(Math.abs(value - want) <= 1e-12 * Math.max(1, Math.abs(want)), `${what}[${i}]: ${value}, not ${want}`);
  });
}

function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (value instanceof Matrix) return Array.from((value as Matrix).data);
  if (Array.isArray(value) && value[0] instanceof Matrix) return (value as Matrix[]).slice(10, 14).flatMap(numbers);
  return Array.from(value as ArrayLike<number>);
}

for (const given of cases) {
  const { model: name, dataset, params, weighted, parts } = given;
  const what = `${name} ${JSON.stringify(params)} on ${dataset}${weighted ? ", weighted" : ""}, in ${parts} parts`;
  test(`${what}: learns and says what scikit-learn does, to 1e-12`, async () => {
    const { data, target } = await LOADERS[dataset]();
    const [rows, y] = [data.toArray(), Array.from(target as ArrayLike<number>)];
    const weight = weighted ? y.map((_, i) => 0.25 + (i % 7)) : undefined;
    const model = new MODELS[name](params);
    for (let part = 0; part < parts; part++) {
      const cut = <T>(values: readonly T[]): T[] =>
        values.slice(Math.floor((part * y.length) / parts), Math.floor(((part + 1) * y.length) / parts));
      const sampleWeight = weight && cut(weight);
      if (parts === 1) await model.fit(rows, y, { sampleWeight });
      else await model.partialFit(cut(rows), cut(y), { classes: y, sampleWeight });
    }
    for (const [key, expected] of Object.entries(given.learned)) {
      near((model as unknown as Record<string, unknown>)[`${key}_`], expected, key);
    }
    const probe = rows.filter((_, i) => i % 50 === 0);
    near(await model.predictJointLogProba(probe), given.joint, "joint");
    near(await model.predictLogProba(probe), given.logProba, "logProba");
    assert.is(await model.score(rows, y), given.score);
  });
}

test.run();
