import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  effectiveNJobs,
  getConfig,
  GridSearchCV,
  HistGradientBoostingClassifier,
  LogisticRegression,
  makeClassification,
  parallel,
  RandomForestClassifier,
  VotingClassifier,
  withConfig,
} from "../../src/index.js";
import { addon } from "../../src/native/load.js";

const [X, y] = makeClassification({ nSamples: 400, nFeatures: 6, nInformative: 3, randomState: 0 });

/** The nJobs of all native calls that `body` makes. */
async function askedFor(body: () => Promise<unknown>): Promise<number[]> {
  const native = addon() as unknown as Record<string, (...args: unknown[]) => unknown>;
  const before = { ...native };
  const seen: number[] = [];
  for (const [name, call] of Object.entries(before)) {
    if (typeof call !== "function") continue;
    native[name] = (...args) => {
      const job = args.at(-1) as { nJobs?: unknown } | undefined;
      if (typeof job === "object" && job !== null && typeof job.nJobs === "number") seen.push(job.nJobs);
      return call(...args);
    };
  }
  try {
    await body();
  } finally {
    Object.assign(native, before);
  }
  assert.ok(seen.length > 0, "no native job was seen");
  return [...new Set(seen)].sort((a, b) => a - b);
}

const booster = (nJobs: number | null): HistGradientBoostingClassifier =>
  new HistGradientBoostingClassifier({ nJobs, maxIter: 3, randomState: 0 });
const search = (nJobs: number | null, lanes: number): GridSearchCV =>
  new GridSearchCV({
    estimator: booster(nJobs),
    paramGrid: { maxLeafNodes: [3, 7] },
    cv: 2,
    nJobs: lanes,
    refit: false,
  });

for (const nJobs of [-1, 64, null]) {
  test(`a booster with nJobs ${nJobs} gets its lane's share in a search of lanes`, async () => {
    const asked = await withConfig({ nJobs: 12 }, () => askedFor(() => search(nJobs, 4).fit(X, y)));
    const share = nJobs === -1 ? Math.min(3, effectiveNJobs(-1)) : 3;
    assert.is(Math.max(...asked.filter((n) => n !== 12)), share); // 12: what is done before there are lanes
  });
}

test("alone, an estimator's nJobs stands above the ambient one, as in joblib", async () => {
  const asked = await withConfig({ nJobs: 2 }, () => askedFor(() => booster(5).fit(X, y)));
  assert.ok(asked.includes(5));
});

test("nJobs below the share is what it is", async () => {
  const asked = await withConfig({ nJobs: 12 }, () =>
    askedFor(() => parallel([() => booster(1).fit(X, y), () => booster(2).fit(X, y)], { nJobs: 2 })),
  );
  assert.equal(asked, [1, 2]);
});

test("shares within shares: a search over a vote of forests keeps to the budget", async () => {
  const vote = new VotingClassifier({
    estimators: [
      ["forest", new RandomForestClassifier({ nEstimators: 4, nJobs: -1, randomState: 0 })],
      ["boosting", booster(-1)],
      ["linear", new LogisticRegression({ nJobs: 32 })],
    ],
    voting: "soft",
    nJobs: -1,
  });
  const grid = { weights: [null, [1, 2, 1]] };
  const fit = (nJobs: number) => async (): Promise<Float64Array> => {
    const model = new GridSearchCV({ estimator: vote, paramGrid: grid, cv: 2, nJobs, refit: false, scoring: "rocAuc" });
    return (await model.fit(X, y)).cvResults_["meanTestScore"] as Float64Array;
  };
  let scores: Float64Array | undefined;
  const asked = await withConfig({ nJobs: 4 }, () => askedFor(async () => (scores = await fit(4)())));
  assert.equal(
    asked.filter((n) => n !== 4),
    [1],
  );
  assert.equal(scores, await withConfig({ nJobs: 1 }, fit(1))); // to the bit, whatever the budget
});

test("a share cannot be widened from within, and ends with its task", async () => {
  await withConfig({ nJobs: 6 }, async () => {
    const widened = (): number[] => [effectiveNJobs(-1), withConfig({ nJobs: 50 }, () => effectiveNJobs())];
    const nested = async (): Promise<number[][]> => parallel([widened, widened, widened, widened], { nJobs: 50 });
    assert.equal(await parallel([widened, widened], { nJobs: 2 }), Array(2).fill([Math.min(3, effectiveNJobs(-1)), 3]));
    assert.equal(await parallel([nested], { nJobs: 3 }), [Array(4).fill([1, 1])]);
    assert.is(effectiveNJobs(50), 50);
    assert.equal(Object.keys(getConfig()).includes("mostThreads"), false);
  });
});

test.run();
