// Who goes on in Dask-ML's incremental searches (make_incremental_search.py): its own functions on made-up scores.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { hyperbandBrackets } from "../../src/model-selection/hyperband-brackets.js";
import {
  allGoOn,
  inverseDecay,
  Schedule,
  simulate,
  successiveHalving,
  type Histories,
  type Scored,
} from "../../src/model-selection/incremental-schedule.js";

type Rounds = [id: number, calls: number][][];
type Bracket = [bracket: number, models: number, calls: number, decisions: number[], nInitialIter: number];
const values = JSON.parse(readFileSync(new URL("./incremental_search.json", import.meta.url), "utf8")) as {
  incremental: {
    plan: [
      models: number,
      decayRate: number | null,
      fitsPerScore: number,
      patience: number | false,
      tol: number | null,
      maxIter: number,
    ];
    rounds: Rounds;
    mended: Rounds;
  }[];
  halving: {
    plan: [models: number, nInitialIter: number, aggressiveness: number, maxIter: number | null];
    rounds: Rounds;
    patient: Rounds;
    metadata: number[];
  }[];
  hyperband: {
    plan: [maxIter: number, aggressiveness: number];
    exact: boolean;
    total: number[];
    brackets: Bracket[];
  }[];
};

/** The score of model i after c calls, as in make_incremental_search.py. */
function score(i: number, c: number): number {
  return ((i * 7919) % 101) + Math.min(c, 3 + 4 * (i % 5)) * ((i * 31) % 7);
}

function rounds(models: number, schedule: Schedule): Rounds {
  const all = Array.from({ length: models }, (_, i): Scored[] => [{ partialFitCalls: 1, score: score(i, 1) }]);
  let info: Histories = new Map(all.entries());
  const made: Rounds = [];
  for (;;) {
    const instructions = schedule.next(info);
    const going = [...instructions].filter(([, calls]) => calls > 0).sort(([a], [b]) => a - b);
    if (going.length === 0) return made;
    made.push(going);
    for (const [id, more] of going) {
      const calls = (all[id]?.at(-1)?.partialFitCalls ?? 0) + more;
      all[id]?.push({ partialFitCalls: calls, score: score(id, calls) });
    }
    info = new Map(Array.from(instructions.keys(), (id) => [id, all[id] as Scored[]]));
  }
}

for (const { plan, rounds: theirs, mended } of values.incremental) {
  test(`incremental: who goes on in ${JSON.stringify(plan)}`, () => {
    const [models, decayRate, fitsPerScore, orNone, tol, maxIter] = plan;
    const patience = Number(orNone);
    const on = { models, fitsPerScore, patience };
    const adapt = decayRate === null ? allGoOn(fitsPerScore) : inverseDecay({ ...on, decayRate });
    const ours = rounds(models, new Schedule(adapt, { patience, tol, maxIter }));
    assert.equal(ours, mended);
    assert.equal(ours.slice(0, theirs.length), theirs); // where a model rests, Dask-ML ends too early
  });
}

for (const { plan, rounds: expected, patient, metadata } of values.halving) {
  test(`successive halving: who goes on in ${JSON.stringify(plan)}, and what is told before`, () => {
    const [nInitialParameters, nInitialIter, aggressiveness, maxIter] = plan;
    const schedule = (patience = 0): Schedule => {
      const halving = successiveHalving({ nInitialParameters, nInitialIter, aggressiveness });
      return new Schedule(halving, { patience, tol: 1, maxIter });
    };
    assert.equal(rounds(nInitialParameters, schedule()), expected);
    assert.equal(rounds(nInitialParameters, schedule(3)), patient);
    const { calls } = simulate(nInitialParameters, schedule());
    assert.equal([calls.reduce((a, b) => a + b), Math.max(...calls)], metadata);
  });
}

/** What our brackets come to. */
function told(maxIter: number, aggressiveness: number): Bracket[] {
  return hyperbandBrackets(maxIter, aggressiveness)
    .map((plan): Bracket => {
      const schedule = new Schedule(successiveHalving(plan), { patience: 0, tol: null, maxIter });
      const { calls, decisions } = simulate(plan.nInitialParameters, schedule);
      const sum = calls.reduce((a, b) => a + b);
      const compared = decisions.filter((n) => n >= plan.nInitialIter);
      return [plan.bracket, plan.nInitialParameters, sum, compared, plan.nInitialIter];
    })
    .reverse();
}

for (const { plan, total, brackets } of values.hyperband.filter(({ exact }) => exact)) {
  test(`the brackets of Hyperband for ${JSON.stringify(plan)}`, () => {
    const ours = told(...plan);
    assert.equal(ours, brackets);
    const sum = (k: 1 | 2): number => ours.reduce((all, bracket) => all + bracket[k], 0);
    assert.equal([sum(1), sum(2)], total);
  });
}

test("only where Dask-ML's logarithm rounds 243 below the fifth power of 3 it has other brackets", () => {
  const others = values.hyperband.filter(({ plan, brackets }) => told(...plan).length !== brackets.length);
  assert.equal(
    others.map(({ plan, exact }) => [plan, exact]),
    [[[243, 3], false]],
  );
});

test.run();
