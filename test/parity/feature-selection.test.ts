import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  chi2,
  CsrMatrix,
  fClassif,
  fRegression,
  GenericUnivariateSelect,
  GroupKFold,
  Lasso,
  Matrix,
  RFE,
  RFECV,
  Ridge,
  RidgeClassifier,
  rRegression,
  SelectFdr,
  SelectFpr,
  SelectFromModel,
  SelectFwe,
  SelectKBest,
  SelectPercentile,
  VarianceThreshold,
} from "../../src/index.js";
import { chi2Survival, fSurvival } from "../../src/feature-selection/tail-probabilities.js";

// What scikit-learn's filters say of small tables (make_feature_selection.py). null is NaN.

type Numbers = (number | string | null)[];
const values = JSON.parse(readFileSync("test/parity/feature_selection.json", "utf8")) as {
  X: number[][];
  holed: (number | null)[][];
  counts: number[][];
  labels: number[];
  target: number[];
  fClassif: [Numbers, Numbers];
  chi2: [Numbers, Numbers];
  chi2Two: [Numbers, Numbers];
  regression: [{ center: boolean; forceFinite: boolean }, Numbers, Numbers, Numbers][];
  selected: [string, Record<string, unknown> & { scoreFunc: string }, boolean[]][];
  variance: ["X" | "holed" | "counts", number, Numbers, boolean[]][];
  scaled: number[][];
  models: ["ridge" | "lasso" | "bayes", Record<string, number | string>, number | string, boolean[]][];
  rfe: ["ridge" | "lasso" | "bayes", Record<string, number>, number[], number][];
  rfecv: [
    "ridge" | "lasso" | "bayes",
    Record<string, number | string>,
    number | "groups" | null,
    number,
    number[],
    number,
    Record<string, number[] | number[][] | boolean[][]>,
  ][];
  groups: number[];
  tails: ["F" | "chi2", number, number, number, number][];
};
const { X, counts, labels, target } = values;
const holed = values.holed.map((row) => row.map((v) => v ?? NaN));

function close(actual: ArrayLike<number>, expected: Numbers, what: string, relative = 1e-10): void {
  assert.is(actual.length, expected.length, what);
  expected.forEach((given, j) => {
    const [got, want] = [actual[j] as number, given === null ? NaN : Number(given)];
    const same = Object.is(got, want) || got === want || Math.abs(got - want) <= relative * Math.abs(want);
    assert.ok(same, `${what}, feature ${j}: ${got}, scikit-learn ${want}`);
  });
}

test("tails of F and chi² are scipy's, far out too", () => {
  for (const [kind, x, a, b, expected] of values.tails) {
    const got = kind === "F" ? fSurvival(x, a, b) : chi2Survival(x, a);
    const same = got === expected || Math.abs(got - expected) <= 1e-10 * expected + 1e-305;
    assert.ok(same, `${kind} ${x} (${a}, ${b}): ${got}, scipy ${expected}`);
  }
});

test("fClassif: a constant feature, and one that is the class", async () => {
  const { scores, pvalues } = await fClassif(X, labels);
  close(scores, values.fClassif[0], "scores");
  close(pvalues, values.fClassif[1], "p-values");
});

test("chi2 of three classes, of two, and of a sparse table", async () => {
  for (const table of [counts, Matrix.from(counts), sparse(counts)]) {
    const { scores, pvalues } = await chi2(table, labels);
    close(scores, values.chi2[0], "scores");
    close(pvalues, values.chi2[1], "p-values");
  }
  const two = await chi2(
    counts,
    labels.map((k) => (k > 0 ? "some" : "none")),
  );
  close(two.scores, values.chi2Two[0], "scores");
  close(two.pvalues, values.chi2Two[1], "p-values");
});

for (const [options, r, f, p] of values.regression) {
  test(`fRegression and rRegression ${JSON.stringify(options)}`, async () => {
    const exact = X.map((row, i) => [...row, target[i] as number]);
    const last = exact[0]?.length as number;
    // What scikit-learn divides by the 0 or the rounding error that is the norm of a constant is anything.
    const correlations = await rRegression(exact, target, options);
    const constant = options.center ? (options.forceFinite ? 0 : NaN) : Number(r[5]);
    close(correlations, r.with(5, constant), "correlations");
    const { scores, pvalues } = await fRegression(exact, target, options);
    // The last feature is the target: 1 - r² is what rounding left.
    close(scores.slice(0, last - 1), f.slice(0, -1), "scores", 1e-9);
    close(pvalues.slice(0, last - 1), p.slice(0, -1), "p-values", 1e-9);
    if (options.center && options.forceFinite) assert.equal([scores[5], pvalues[5]], [0, 1]);
    assert.ok((scores[last - 1] as number) > 1e15);
    assert.ok((pvalues[last - 1] as number) < 1e-300);
    if (options.forceFinite) assert.ok(scores.every(Number.isFinite));
  });
}

const FILTERS = { SelectKBest, SelectPercentile, SelectFpr, SelectFdr, SelectFwe, GenericUnivariateSelect };
values.selected.forEach(([name, params, expected]) => {
  test(`${name} ${JSON.stringify(params)} keeps scikit-learn's features`, async () => {
    const { scoreFunc } = params;
    const selector = new FILTERS[name as keyof typeof FILTERS](params as never);
    await selector.fit(scoreFunc === "chi2" ? counts : X, /Regression/.test(scoreFunc) ? target : labels);
    assert.equal(selector.getSupport(), expected);
  });
});

for (const [table, threshold, variances, support] of values.variance) {
  test(`VarianceThreshold(${threshold}) of ${table}`, async () => {
    const selector = await new VarianceThreshold({ threshold }).fit({ X, holed, counts }[table]);
    close(selector.variances_, variances, "variances", 1e-12);
    assert.equal(selector.getSupport(), support);
  });
}

function sparse(rows: number[][]): CsrMatrix {
  const entries = rows.flatMap((row, i) => row.flatMap((v, j) => (v === 0 ? [] : [[i, j, v] as const])));
  const [is, js, vs] = [0, 1, 2].map((k) => entries.map((entry) => entry[k] as number)) as [
    number[],
    number[],
    number[],
  ];
  return CsrMatrix.fromTriplets(is, js, vs, [rows.length, rows[0]?.length ?? 0]);
}

const MODELS = {
  ridge: { make: () => new Ridge({ alpha: 0.5 }), y: target },
  lasso: { make: () => new Lasso({ alpha: 1, tol: 1e-12, maxIter: 100_000 }), y: target },
  bayes: { make: () => new RidgeClassifier(), y: labels },
};
function ours(params: Record<string, unknown>): Record<string, unknown> {
  const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const value = (given: unknown): unknown => (/^-?Infinity$/.test(String(given)) ? Number(given) : given);
  return Object.fromEntries(Object.entries(params).map(([name, given]) => [camel(name), value(given)]));
}

for (const [name, params, threshold, support] of values.models) {
  test(`SelectFromModel of ${name}, ${JSON.stringify(params)}`, async () => {
    const { make, y } = MODELS[name];
    const selector = await new SelectFromModel({ estimator: make(), ...ours(params) }).fit(values.scaled, y);
    const expected = Number(threshold);
    assert.ok(selector.threshold_ === expected || Math.abs(selector.threshold_ / expected - 1) < 1e-6);
    assert.equal(selector.getSupport(), support);
  });
}

const untied = values.scaled.map((row) => row.filter((_, j) => j !== 8)); // 4 and 8 are equal
for (const [name, params, ranking, score] of values.rfe) {
  test(`RFE of ${name}, ${JSON.stringify(params)}`, async () => {
    const { make, y } = MODELS[name];
    const selector = await new RFE({ estimator: make(), ...ours(params) }).fit(untied, y);
    assert.equal(Array.from(selector.ranking_), ranking);
    assert.ok(Math.abs((await selector.score(untied, y)) - score) < 1e-9);
  });
}

for (const [name, params, cv, nFeatures, ranking, score, results] of values.rfecv) {
  test(`RFECV of ${name}, ${JSON.stringify({ ...params, cv })}`, async () => {
    const { make, y } = MODELS[name];
    const { scoring, ...others } = ours(params);
    const splits = cv === "groups" ? new GroupKFold({ nSplits: 3 }) : cv;
    const metric = typeof scoring === "string" ? (ours({ [scoring]: 0 }) as object) : undefined;
    const measured = metric === undefined ? {} : { scoring: Object.keys(metric)[0] as string };
    const selector = new RFECV({ estimator: make(), ...others, ...measured, cv: splits });
    await selector.fit(untied, y, cv === "groups" ? { groups: values.groups } : {});
    assert.is(selector.nFeatures_, nFeatures);
    assert.equal(Array.from(selector.ranking_), ranking);
    assert.ok(Math.abs((await selector.score(untied, y)) - score) < 1e-9);
    const expected = ours(results) as typeof results;
    assert.equal(Object.keys(selector.cvResults_).sort(), Object.keys(expected).sort());
    for (const [key, column] of Object.entries(expected)) {
      const got = Array.from(selector.cvResults_[key] ?? []);
      if (/Score$/.test(key)) close(got as number[], column as number[], key, 1e-8);
      else
        assert.equal(
          got.map((value) => (ArrayBuffer.isView(value) ? Array.from(value as Int32Array) : value)),
          column,
        );
    }
  });
}

test.run();
