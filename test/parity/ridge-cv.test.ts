import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  loadBreastCancer,
  loadDiabetes,
  loadIris,
  RidgeClassifierCV,
  RidgeCV,
  StandardScaler,
  type Matrix,
} from "../../src/index.js";

// Penalties that scikit-learn picks, their scores and coefficients (make_ridge_cv.py).

type Case = [string, string, object, boolean, number, number, number[], number[]];
const { alphas, cases } = JSON.parse(readFileSync("test/parity/ridge_cv.json", "utf8")) as {
  alphas: number[];
  cases: Case[];
};

async function dataOf(name: string): Promise<[Matrix<Float64Array>, Float64Array]> {
  if (name === "diabetes") return loadDiabetes({ returnXy: true });
  if (name === "iris") return loadIris({ returnXy: true });
  const [X, y] = await loadBreastCancer({ returnXy: true });
  return [await new StandardScaler().fitTransform(X), y];
}

function close(actual: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.is(actual.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs), 1e-3);
  expected.forEach((value, i) => {
    assert.ok(Math.abs((actual[i] as number) - value) <= 1e-8 * scale, `${what}[${i}]: ${actual[i]} is not ${value}`);
  });
}

cases.forEach(([name, data, params, weighted, alpha, score, coef, intercept], k) => {
  test(`${name} (${k}) on ${data}: ${JSON.stringify(params)}`, async () => {
    const [X, y] = await dataOf(data);
    const sampleWeight = weighted ? Float64Array.from(y, (_, i) => 0.5 + (i % 7) / 4) : undefined;
    const model =
      name === "RidgeCV" ? new RidgeCV({ alphas, ...params }) : new RidgeClassifierCV({ alphas, ...params });
    await model.fit(X, y, { sampleWeight });
    assert.is(model.alpha_, alpha);
    close([model.bestScore_ as number], [score], "bestScore_");
    const { coef_, intercept_ } = model;
    close(coef_ instanceof Float64Array ? coef_ : coef_.data, coef, "coef_");
    close(typeof intercept_ === "number" ? [intercept_] : intercept_, intercept, "intercept_");
  });
});

test("what rows left out were thought to be is what fits without them say", async () => {
  const [X, y] = await dataOf("diabetes");
  const [few, some] = [X.toArray().slice(0, 40), y.slice(0, 40)];
  const model = new RidgeCV({ alphas: [0.5, 5], scoring: "r2", storeCvResults: true });
  await model.fit(few, some);
  for (const [a, alpha] of [0.5, 5].entries()) {
    const one = new RidgeCV({ alphas: [alpha] });
    const without = (values: ArrayLike<number> | number[][]): never => Array.from(values as number[]).slice(1) as never;
    await one.fit(without(few), without(some));
    const [first] = (await one.predict([few[0] as number[]])) as Float64Array;
    assert.ok(Math.abs((model.cvResults_ as Matrix).at(0, a) - (first as number)) < 1e-8);
  }
});

test("what does not go together is refused", async () => {
  const [X, y] = await dataOf("diabetes");
  for (const params of [{ storeCvResults: true }, { alphaPerTarget: true }]) {
    await new RidgeCV({ cv: 3, ...params }).fit(X, y).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, /needs cv: null/),
    );
  }
});

test.run();
