// Halving searches against scikit-learn's (make_halving.py): schedules, and results where the resource is a parameter.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  HalvingGridSearchCV,
  HalvingRandomSearchCV,
  KNeighborsRegressor,
  loadDiabetes,
  Ridge,
  type MatrixLike,
  type VectorLike,
} from "../../src/index.js";

interface Schedule {
  readonly plan: [
    candidates: number,
    factor: number,
    low: "exhaust" | "smallest" | number,
    high: number,
    aggressive: boolean,
  ];
  readonly nCandidates: number[];
  readonly nResources: number[];
  readonly rest: number[];
}
const values = JSON.parse(readFileSync(new URL("./halving.json", import.meta.url), "utf8")) as {
  schedules: Schedule[];
  rows: [number[], number[], number, number][];
  results: Record<string, number[]>;
  best: [number, number, Record<string, unknown>];
};
const [X, y] = await loadDiabetes({ returnXy: true });

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

for (const { plan, nCandidates, nResources, rest } of values.schedules) {
  test(`the schedule of ${JSON.stringify(plan)}`, async () => {
    const [candidates, factor, minResources, maxResources, aggressiveElimination] = plan;
    const few = upTo(20).map((_, i) => Array.from(X.row(i)));
    const search = await new HalvingGridSearchCV({
      estimator: new SlowRidge(),
      paramGrid: { alpha: upTo(candidates) },
      resource: "maxIter",
      factor,
      minResources,
      maxResources,
      aggressiveElimination,
      cv: 2,
      refit: false,
    }).fit(few, y.slice(0, 20));
    assert.equal(search.nCandidates_, nCandidates);
    assert.equal(search.nResources_, nResources);
    const { nRemainingCandidates_, minResources_, nRequiredIterations_, nPossibleIterations_, nIterations_ } = search;
    assert.equal(
      [nRemainingCandidates_, minResources_, nRequiredIterations_, nPossibleIterations_, nIterations_],
      rest,
    );
  });
}

/** A Ridge with a parameter more. */
class SlowRidge {
  params: Record<string, unknown>;
  model = new Ridge();
  constructor(params: Record<string, unknown> = {}) {
    this.params = { alpha: 1, maxIter: 1, ...params };
  }
  getParams(): Record<string, unknown> {
    return { ...this.params };
  }
  setParams(params: Record<string, unknown>): this {
    Object.assign(this.params, params);
    return this;
  }
  async fit(A: MatrixLike, b?: VectorLike): Promise<this> {
    this.model = await new Ridge({ alpha: this.params["alpha"] as number }).fit(A, b as VectorLike);
    return this;
  }
  async predict(A: MatrixLike): Promise<Float64Array> {
    return (await this.model.predict(A)) as Float64Array;
  }
  score(A: MatrixLike, b?: VectorLike): Promise<number> {
    return this.model.score(A, b as VectorLike);
  }
}

test("rows as the resource: how many of each", async () => {
  const alpha = upTo(30);
  const grid = await new HalvingGridSearchCV({ estimator: new Ridge(), paramGrid: { alpha }, randomState: 0 }).fit(
    X,
    y,
  );
  const random = await new HalvingRandomSearchCV({
    estimator: new Ridge(),
    paramDistributions: { alpha },
    randomState: 0,
  }).fit(X, y);
  [grid, random].forEach((search, k) => {
    const { nCandidates_, nResources_, minResources_, maxResources_ } = search;
    assert.equal([nCandidates_, nResources_, minResources_, maxResources_], values.rows[k]);
  });
});

test("a parameter as the resource: all results", async () => {
  const search = await new HalvingGridSearchCV({
    estimator: new KNeighborsRegressor(),
    paramGrid: { weights: ["uniform", "distance"], p: [1, 2, 3] },
    resource: "nNeighbors",
    maxResources: 40,
    factor: 2,
    cv: 3,
  }).fit(X, y);
  for (const [key, expected] of Object.entries(values.results)) {
    const ours = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const column = search.cvResults_[ours] as ArrayLike<number>;
    if (key.startsWith("rank")) assert.equal(Array.from(column), expected, key);
    else expected.forEach((value, k) => assert.ok(Math.abs((column[k] as number) - value) < 1e-9, `${key} ${k}`));
  }
  const [index, score, { n_neighbors: nNeighbors, ...params }] = values.best;
  assert.is(search.bestIndex_, index);
  assert.ok(Math.abs(search.bestScore_ - score) < 1e-9);
  assert.equal(search.bestParams_, { ...params, nNeighbors });
});

test.run();
