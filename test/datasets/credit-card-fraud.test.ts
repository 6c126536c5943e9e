// makeCreditCardFraud against the published statistics of the data it stands for (test/parity/credit-card-facts.json).
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { creditCardFraudBatches, makeCreditCardFraud } from "../../src/datasets/index.js";

interface Fact {
  mean: number;
  std: number;
  q: number[];
}
type Kind = "normal" | "fraud";
interface Facts {
  levels: Record<Kind, number[]>;
  published: Record<string, { mean: number; std: number; q25: number; q50: number; q75: number; max: number }>;
  normal: Record<string, Fact>;
  fraud: Record<string, Fact>;
  correlation: Record<Kind, number[][]>;
}
const facts = JSON.parse(readFileSync(new URL("../parity/credit-card-facts.json", import.meta.url), "utf8")) as Facts;

const bunch = makeCreditCardFraud({ randomState: 0 });
const rowsOf: Record<Kind, number[]> = { normal: [], fraud: [] };
bunch.target.forEach((label, i) => rowsOf[label === 1 ? "fraud" : "normal"].push(i));

function column(name: string, kind: Kind): Float64Array {
  const all = bunch.data.column(bunch.featureNames.indexOf(name));
  return Float64Array.from(rowsOf[kind], (i) => all[i] as number);
}
function moments(values: Float64Array): { mean: number; std: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
}
/** How many of the ascending values are less than x. */
function countBelow(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}
const names = bunch.featureNames.filter((name) => name !== "Time");

test("at full size there are 284,807 rows of 30 columns in order of Time, 492 of them frauds", () => {
  assert.equal(bunch.data.shape, [284807, 30]);
  assert.equal(bunch.featureNames.slice(0, 2), ["Time", "V1"]);
  assert.is(bunch.featureNames[29], "Amount");
  assert.is(rowsOf.fraud.length, 492);
  const time = bunch.data.column(0);
  assert.ok(time.every((t, i) => Number.isInteger(t) && (i === 0 || t >= (time[i - 1] as number))));
});

for (const [kind, tolerance] of [
  ["normal", { mean: 0.06, std: 0.1, share: 0.01 }],
  ["fraud", { mean: 0.2, std: 0.3, share: 0.08 }],
] as const) {
  test(`columns of ${kind} rows have the published means, standard deviations and quantiles`, () => {
    for (const name of names) {
      const fact = facts[kind][name] as Fact;
      const values = column(name, kind);
      const { mean, std } = moments(values);
      const sorted = values.slice().sort();
      assert.ok(Math.abs(mean - fact.mean) < tolerance.mean * fact.std, `${name}: mean ${mean}, not ${fact.mean}`);
      assert.ok(Math.abs(std / fact.std - 1) < tolerance.std, `${name}: std ${std}, not ${fact.std}`);
      // Known: hidden frauds make the low tail of the frauds' V4 too heavy.
      const share = kind === "fraud" && name === "V4" ? 0.15 : tolerance.share;
      fact.q.slice(1, -1).forEach((q, k) => {
        const level = facts.levels[kind][k + 1] as number;
        // Where a value repeats (an Amount of 1.00), the share up to it jumps over the level.
        const below = countBelow(sorted, q - 0.005 * Math.abs(q)) / values.length;
        const upTo = countBelow(sorted, q + 0.005 * Math.abs(q) + 1e-9) / values.length;
        assert.ok(
          below - share <= level && level <= upTo + share,
          `${name}: shares ${below} … ${upTo} at quantile ${level}`,
        );
      });
    }
  });

  test(`columns of ${kind} rows have the published correlations`, () => {
    const standard = names.map((name) => {
      const values = column(name, kind);
      const { mean, std } = moments(values);
      return values.map((x) => (x - mean) / std);
    });
    let sum = 0;
    for (let a = 0; a < names.length; a++) {
      for (let b = 0; b < a; b++) {
        const [x, y] = [standard[a] as Float64Array, standard[b] as Float64Array];
        let product = 0;
        for (let i = 0; i < x.length; i++) product += (x[i] as number) * (y[i] as number);
        const known = facts.correlation[kind][a]?.[b] as number;
        const error = Math.abs(product / x.length - known);
        assert.ok(error < 0.25, `${names[a]}, ${names[b]}: ${product / x.length}, not ${known}`);
        sum += error;
      }
    }
    assert.ok(sum / ((names.length * (names.length - 1)) / 2) < 0.06, `mean error ${sum}`);
  });
}

test("Time and Amount have the published moments and quartiles over all rows", () => {
  for (const name of ["Time", "Amount"]) {
    const known = facts.published[name] as (typeof facts.published)[string];
    const values = bunch.data.column(bunch.featureNames.indexOf(name)).slice().sort();
    const { mean, std } = moments(values);
    assert.ok(Math.abs(mean - known.mean) < 0.02 * known.std, `${name}: mean ${mean}`);
    assert.ok(Math.abs(std / known.std - 1) < 0.15, `${name}: std ${std}`);
    for (const [share, quartile] of [
      [0.25, known.q25],
      [0.5, known.q50],
      [0.75, known.q75],
    ] as const) {
      const value = values[Math.floor(share * values.length)] as number;
      assert.ok(Math.abs(value - quartile) < 0.03 * known.std, `${name}: ${value} at ${share}, not ${quartile}`);
    }
    assert.ok((values[values.length - 1] as number) <= known.max);
  }
});

test("batches hold the same rows whatever their size", () => {
  const options = { nSamples: 3000, randomState: 5 };
  const whole = makeCreditCardFraud(options);
  for (const batchRows of [7, 1000, 1024, 5000]) {
    let row = 0;
    for (const batch of creditCardFraudBatches({ ...options, batchRows })) {
      const v14 = batch["V14"] as Float64Array;
      for (let i = 0; i < v14.length; i++, row++) {
        if (v14[i] !== whole.data.at(row, 14) || batch["Class"]?.[i] !== whole.target[row]) {
          assert.unreachable(`row ${row} differs with batches of ${batchRows}`);
        }
      }
    }
    assert.is(row, 3000);
  }
});

test("the same seed gives the same rows, another seed others", () => {
  const [X, y] = makeCreditCardFraud({ nSamples: 2000, randomState: 1, returnXy: true });
  assert.equal(makeCreditCardFraud({ nSamples: 2000, randomState: 1 }).data, X);
  assert.is(
    y.reduce((sum, label) => sum + label, 0),
    3,
  );
  assert.not.equal(makeCreditCardFraud({ nSamples: 2000, randomState: 2 }).data, X);
});

test("a wrong parameter is refused", () => {
  assert.throws(() => makeCreditCardFraud({ nSamples: 0 }), /nSamples must be an integer >= 1, got 0/);
  assert.throws(() => creditCardFraudBatches({ batchRows: 1.5 }), /batchRows must be an integer >= 1, got 1.5/);
});

test.run();
