import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fromBuffer,
  HyperbandSearchCV,
  loguniform,
  makeClassification,
  SGDClassifier,
  SuccessiveHalvingSearchCV,
  type HyperbandSearchCVParams,
} from "../../src/index.js";
import { drawnBy } from "./drawn.js";

const [X, y] = makeClassification({
  nSamples: 600,
  nFeatures: 8,
  nInformative: 5,
  nClustersPerClass: 1,
  randomState: 0,
});
const common = {
  estimator: new SGDClassifier({ loss: "logLoss", randomState: 0 }),
  parameters: { alpha: loguniform(1e-5, 100) },
  blockSize: 100,
  randomState: 0,
};
const hyperband = (more: Partial<HyperbandSearchCVParams> = {}): HyperbandSearchCV =>
  new HyperbandSearchCV({ ...common, maxIter: 9, ...more });

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

interface Schedule {
  readonly plan: [maxIter: number, aggressiveness: number];
  readonly exact: boolean;
  readonly total: [nModels: number, calls: number];
  readonly brackets: [bracket: number, models: number, calls: number, decisions: number[], nInitialIter: number][];
}
const dask = JSON.parse(readFileSync(new URL("../parity/incremental_search.json", import.meta.url), "utf8")) as {
  readonly hyperband: readonly Schedule[];
};

test("metadata is Dask-ML's", () => {
  for (const { plan, total, brackets } of dask.hyperband.filter(({ exact }) => exact)) {
    const [maxIter, aggressiveness] = plan;
    const { nModels, partialFitCalls, brackets: ours } = hyperband({ maxIter, aggressiveness }).metadata;
    assert.equal([nModels, partialFitCalls], total);
    assert.equal(
      ours.map((one) => [one.bracket, one.nModels, one.partialFitCalls, one.decisions, one.params.nInitialIter]),
      brackets,
    );
  }
});

test("what was learned is what was told before; models of a bracket are known by name", async () => {
  const search = await hyperband().fit(X, y);
  assert.equal(search.metadata_, search.metadata);
  const ids = search.cvResults_["modelId"] as string[];
  assert.equal(ids.slice(0, 2), ["bracket=2-0", "bracket=2-1"]);
  assert.equal(Array.from(search.cvResults_["bracket"] as Int32Array), [
    ...Array<number>(9).fill(2),
    ...Array<number>(5).fill(1),
    ...Array<number>(3).fill(0),
  ]);
  assert.is(Object.keys(search.modelHistory_).length, 17);
  assert.is(search.modelHistory_[ids[search.bestIndex_] as string]?.at(-1)?.score, search.bestScore_);
  assert.equal(search.bestParams_, search.history_.find(({ modelId }) => modelId === ids[search.bestIndex_])?.params);
});

test("the best has learned for long, beats what is known to be bad, and is the same for any nJobs", async () => {
  const [one, all] = [await hyperband({ nJobs: 1 }).fit(X, y), await hyperband({ nJobs: 4 }).fit(X, y)];
  assert.is((one.cvResults_["partialFitCalls"] as Int32Array)[one.bestIndex_], 9);
  assert.ok((one.bestParams_["alpha"] as number) < 1); // with more everything shrinks away
  assert.ok(one.bestScore_ > 0.8);
  const told = (search: HyperbandSearchCV): unknown => [
    search.history_.map(({ modelId, partialFitCalls, score }) => [modelId, partialFitCalls, score]),
    search.bestParams_,
    (search.bestEstimator_ as SGDClassifier).coef_,
  ];
  assert.equal(told(all), told(one));
  const p = await one.predictProba(X);
  const back = fromBuffer<HyperbandSearchCV>(one.toBuffer());
  assert.equal(await back.predictProba(X), p);
  assert.equal(back.metadata_, one.metadata_);
});

test("a bracket's params make it of a SuccessiveHalvingSearchCV", async () => {
  const bracket = hyperband().metadata.brackets[1];
  const search = new SuccessiveHalvingSearchCV({ ...common, ...bracket?.params });
  assert.is(search.metadata.partialFitCalls, bracket?.partialFitCalls);
  await search.fit(X, y);
  assert.equal(search.metadata_, search.metadata);
  assert.equal(search.metadata_, { nModels: 5, partialFitCalls: 21, maxIter: 9 });
});

test("halving keeps the best third, and only models that were never dropped may win", async () => {
  const search = await new SuccessiveHalvingSearchCV({ ...common, nInitialParameters: 9 }).fit(X, y);
  const scoresAt = (calls: number): Map<unknown, number> =>
    new Map(
      search.history_.filter((record) => record.partialFitCalls === calls).map((one) => [one.modelId, one.score]),
    );
  const [first, second, third] = [scoresAt(1), scoresAt(3), scoresAt(9)];
  assert.equal([first.size, second.size, third.size], [9, 3, 1]);
  const dropped = [...first].filter(([id]) => !second.has(id)).map(([, score]) => score);
  for (const id of second.keys()) assert.ok((first.get(id) as number) >= Math.max(...dropped));
  assert.equal([...third.keys()], [search.bestIndex_]);
  const few = { alpha: [0.1, 1] }; // two candidates for ten places
  const all = new SuccessiveHalvingSearchCV({ ...common, parameters: few });
  assert.is(all.metadata.nModels, 2);
  assert.equal((await all.fit(X, y)).metadata_, all.metadata);
});

test("patience lets models rest: less is learned than was told; too little of it is warned of", async () => {
  const search = hyperband({ maxIter: 27, patience: true, tol: 0.5 });
  await search.fit(X, y);
  assert.ok(search.metadata_.partialFitCalls < search.metadata.partialFitCalls);
  assert.equal(
    search.metadata.brackets.map(({ params }) => params.patience),
    [9, 9, 9, 9],
  );
  const warnings: string[] = [];
  const listen = (warning: Error): unknown => warnings.push(warning.message);
  process.on("warning", listen);
  await hyperband({ patience: 2 }).fit(X, y);
  await hyperband({ patience: 2, tol: null }).fit(X, y);
  await new Promise(setImmediate);
  process.off("warning", listen);
  assert.is(warnings.length, 1);
  assert.match(warnings[0] as string, /HyperbandSearchCV.fit: patience is 2, .* choose 3 or more, true, or tol null/);
});

test("progress rises to 1; an abort leaves the search as it was, what had finished has been told", async () => {
  const fractions: number[] = [];
  const search = hyperband({ nJobs: 2 });
  await search.fit(X, y, { onProgress: ({ fraction }) => fractions.push(fraction) });
  assert.is(fractions.at(-1), 1);
  assert.ok(fractions.every((fraction, k) => k === 0 || fraction >= (fractions[k - 1] as number)));
  const before = search.history_;
  const stop = new AbortController();
  let told = 0;
  const onResult = (): unknown => ++told === 20 && stop.abort();
  assert.match(await message(search.fit(X, y, { signal: stop.signal, onResult })), /abort/i);
  assert.ok(told >= 20 && told < before.length);
  assert.is(search.history_, before);
});

test("what cannot be searched is refused by name", async () => {
  assert.match(await message(hyperband({ aggressiveness: 1 }).fit(X, y)), /aggressiveness must be .*> 1/);
  assert.match(await message(hyperband({ patience: 1 }).fit(X, y)), /patience must be true, false, or an integer >= 2/);
  assert.match(await message(hyperband({ parameters: [] }).fit(X, y)), /there are no candidates/);
  assert.throws(() => hyperband({ maxIter: 0 }).metadata, /maxIter must be an integer >= 1/);
  assert.throws(() => hyperband().metadata_, /metadata_ needs a fitted model/);
  const none = new SuccessiveHalvingSearchCV({ ...common, nInitialIter: 0 });
  assert.match(await message(none.fit(X, y)), /nInitialIter must be an integer >= 1/);
});

test("verbose draws a bar where there is a terminal", async () => {
  const drawn = await drawnBy((more) => hyperband(more).fit(X, y));
  assert.match(drawn.verbose, /100% \| HyperbandSearchCV/);
  assert.is(drawn.quiet, "");
});

test.run();
