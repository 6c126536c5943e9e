import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  GridSearchCV,
  HistGradientBoostingClassifier,
  HistGradientBoostingRegressor,
  makeClassification,
  makePipeline,
  Matrix,
  ParameterGrid,
  StandardScaler,
  StratifiedKFold,
  VotingRegressor,
  withConfig,
} from "../../src/index.js";
import { SharedTables, withShared } from "../../src/data/shared-tables.js";
import { addon } from "../../src/native/load.js";
import type { SinkHandle } from "../../src/native/addon.js";

const [X, y] = makeClassification({ nSamples: 900, nFeatures: 6, nInformative: 4, randomState: 3 });
const cv = new StratifiedKFold({ nSplits: 3 });

interface Seen {
  /** Passes over training rows for a sketch, and those that bin. */
  sketches: number;
  bins: number;
  pushes: number;
  /** Bins that are not given back. */
  readonly held: Set<SinkHandle>;
  /** The most bins held at once. */
  most: number;
}

/** What native calls `body` makes. */
async function watching(body: () => Promise<unknown>): Promise<Seen> {
  const native = addon() as unknown as Record<string, (...args: never[]) => unknown>;
  const real = { ...addon() };
  const seen: Seen = { sketches: 0, bins: 0, pushes: 0, held: new Set(), most: 0 };
  Object.assign(native, {
    createSketchSink: (...args: Parameters<typeof real.createSketchSink>) => {
      seen.sketches++;
      return real.createSketchSink(...args);
    },
    sinkPush: (...args: Parameters<typeof real.sinkPush>) => {
      seen.pushes++;
      return real.sinkPush(...args);
    },
    createBinningSink: async (...args: Parameters<typeof real.createBinningSink>) => {
      seen.bins++;
      const bins = await real.createBinningSink(...args);
      seen.held.add(bins);
      seen.most = Math.max(seen.most, seen.held.size);
      return bins;
    },
    releaseBins: (bins: SinkHandle) => {
      seen.held.delete(bins);
      real.releaseBins(bins);
    },
  });
  try {
    await body();
  } finally {
    Object.assign(native, real);
  }
  return seen;
}

const notAborted = (): void => assert.unreachable("not aborted");
const boosting = (more: object = {}): HistGradientBoostingClassifier =>
  new HistGradientBoostingClassifier({ maxIter: 5, randomState: 0, ...more });
const paramGrid = { learningRate: [0.05, 0.2], maxLeafNodes: [4, 9] };
const search = (more: object = {}): GridSearchCV =>
  new GridSearchCV({ estimator: boosting(), paramGrid, cv, nJobs: 2, scoring: "negLogLoss", refit: false, ...more });

/** Scores of every candidate and fold, fitted one by one. */
async function apart(make: () => HistGradientBoostingClassifier): Promise<number[][]> {
  const all: number[][] = [];
  for (const params of new ParameterGrid(paramGrid)) {
    const one = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]]));
    const alone = await search({ estimator: make(), paramGrid: one }).fit(X, y); // a single candidate: nothing is shared
    all.push([0, 1, 2].map((k) => (alone.cvResults_[`split${k}TestScore`] as Float64Array)[0] as number));
  }
  return all;
}
const splits = (model: GridSearchCV): number[][] =>
  Array.from({ length: 4 }, (_, i) =>
    [0, 1, 2].map((k) => (model.cvResults_[`split${k}TestScore`] as Float64Array)[i] as number),
  );

for (const nJobs of [1, 2, 5]) {
  test(`nJobs ${nJobs}: four candidates bin a fold once, score as fits one by one to the bit, and keep nothing`, async () => {
    const together = search({ nJobs });
    const seen = await watching(() => together.fit(X, y));
    assert.equal([seen.sketches, seen.bins, seen.pushes], [3, 3, 6]);
    assert.is(seen.held.size, 0);
    assert.equal(splits(together), await apart(boosting));
  });
}

test("bins beyond memoryLimit are shared too, and give the same", async () => {
  const inFile = search();
  const seen = await watching(() => withConfig({ memoryLimit: 1000 }, () => inFile.fit(X, y)));
  assert.equal([seen.bins, seen.held.size], [3, 0]);
  assert.equal(splits(inFile), await apart(boosting));
});

test("weights, held-out rows with a seed, and balanced classes share; drawn rows without one do not", async () => {
  const sampleWeight = Float64Array.from(y as ArrayLike<number>, (_, i) => i % 4);
  const options = { fitOptions: { sampleWeight } };
  assert.is((await watching(() => search().fit(X, y, options))).bins, 3);
  const stopping = { earlyStopping: true, nIterNoChange: 2 };
  assert.is((await watching(() => search({ estimator: boosting(stopping) }).fit(X, y))).bins, 3);
  const unseeded = boosting({ ...stopping, randomState: null });
  assert.is((await watching(() => search({ estimator: unseeded }).fit(X, y))).bins, 12);
  const weighted = search({ estimator: boosting(), paramGrid: { classWeight: [null, "balanced"], maxDepth: [2, 3] } });
  assert.is((await watching(() => weighted.fit(X, y))).bins, 6);
});

test("parameters that change the bins make bins of their own, and no more than a few are held", async () => {
  const maxBins = [7, 15, 31, 63, 127, 255];
  const grid = { maxBins, learningRate: [0.1, 0.2] };
  const seen = await watching(() => search({ paramGrid: grid, nJobs: 1, cv: 2 }).fit(X, y));
  assert.is(seen.held.size, 0);
  assert.ok(seen.most <= 3, `${seen.most} were held`);
  const seeds = await watching(() => search({ paramGrid: { randomState: [0, 1], maxDepth: [2, 3] } }).fit(X, y));
  assert.is(seeds.bins, 6);
});

test("a warm start bins for itself", async () => {
  const estimator = boosting({ warmStart: true });
  await estimator.fit(X, y);
  assert.is((await watching(() => search({ estimator }).fit(X, y))).bins, 3); // clones are not fitted: nothing to go on from
  const tables = new SharedTables();
  const table = Matrix.from(X.data ? rowsOf(X as Matrix) : (X as never));
  const again = await watching(async () => {
    await tables.run(table, () => estimator.setParams({ maxIter: 7 }).fit(table, y));
    await tables.run(table, () => estimator.setParams({ maxIter: 9 }).fit(table, y));
    tables.release();
  });
  assert.equal([again.bins, again.held.size], [2, 0]);
});
function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, i) => Array.from(matrix.row(i)));
}

test("pipelines share bins behind their shared first steps; so do the members of a vote", async () => {
  const piped = search({
    estimator: makePipeline(new StandardScaler(), boosting()),
    paramGrid: { histGradientBoostingClassifier__maxLeafNodes: [3, 4, 5, 6] },
  });
  assert.is((await watching(() => piped.fit(X, y))).bins, 3);
  const member = (loss: string): HistGradientBoostingRegressor =>
    new HistGradientBoostingRegressor({ maxIter: 2, randomState: 0, loss: loss as "squaredError" });
  const vote = new VotingRegressor({
    estimators: [
      ["squares", member("squaredError")],
      ["absolute", member("absoluteError")],
    ],
  });
  const voted = search({ estimator: vote, scoring: "r2", paramGrid: { squares__maxDepth: [2, 3] } });
  assert.is((await watching(() => voted.fit(X, y))).bins, 3);
});

test("failures and aborts keep nothing either", async () => {
  const broken = search({ paramGrid: { ...paramGrid, monotonicCst: [null, [1]] } });
  const warned = process.listeners("warning");
  process.removeAllListeners("warning");
  assert.is((await watching(() => broken.fit(X, y))).held.size, 0);
  for (const listener of warned) process.on("warning", listener);
  const controller = new AbortController();
  const seen = await watching(async () => {
    const stopped = search({ nJobs: 3 }).fit(X, y, {
      signal: controller.signal,
      onProgress: ({ done }: { done: number }) => done >= 1 && controller.abort(),
    });
    await stopped.then(notAborted, (error: Error) => assert.is(error.name, "AbortError"));
  });
  assert.is(seen.held.size, 0);
});

test("a fit outside of a search gives its bins back too, and what was given back is refused", async () => {
  const before = { ...addon() };
  const real = (bins: SinkHandle): void => before.releaseBins(bins);
  let released = 0;
  addon().releaseBins = (bins) => {
    real(bins);
    released++;
    assert.throws(() => addon().createWatchedSink(bins, 1), /expected a binning sink/);
    assert.throws(() => real(bins), /expected a binning sink/);
  };
  try {
    await boosting().fit(X, y);
  } finally {
    Object.assign(addon(), before);
  }
  assert.is(released, 1);
});

test("what another's failure or abort has spoilt is made anew; waiting ends with one's own signal", async () => {
  const tables = new SharedTables();
  const table = {};
  const key = { text: "k", arrays: [new Uint8Array([1])] };
  let calls = 0;
  const freed: number[] = [];
  const maker = {
    make: async (): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (++calls === 1) throw new Error("the first fails");
      return calls;
    },
    free: (made: number) => void freed.push(made),
  };
  const use = async (signal?: AbortSignal): Promise<unknown> =>
    tables.run(table, () =>
      withShared(table, { ...key, arrays: [new Uint8Array([1])] }, maker, signal, async (made) => made),
    );
  const results = await Promise.allSettled([use(), use(), use(AbortSignal.abort(new Error("mine")))]);
  assert.equal(
    results.map((result) => (result.status === "fulfilled" ? result.value : (result.reason as Error).message)),
    ["the first fails", 2, "mine"],
  );
  assert.is(await tables.run({}, () => withShared({}, key, maker, undefined, async (made) => made)), 3); // another table
  assert.equal(freed, [3]);
  tables.release();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(freed, [3, 2]);
});

test.run();
