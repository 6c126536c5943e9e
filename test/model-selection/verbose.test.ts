import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  GridSearchCV,
  HalvingGridSearchCV,
  HalvingRandomSearchCV,
  makeRegression,
  RandomizedSearchCV,
  RFE,
  Ridge,
} from "../../src/index.js";
import { drawnBy } from "./drawn.js";

const [X, y] = makeRegression({ nSamples: 100, nFeatures: 6, randomState: 0 });
const alpha = [0.1, 1, 10];
const common = { estimator: new Ridge(), cv: 2 };
const halving = { factor: 2, minResources: 20, randomState: 0 };

type Fit = (params: { readonly verbose: boolean }) => Promise<unknown>;
const FITS: Readonly<Record<string, Fit>> = {
  GridSearchCV: (more) => new GridSearchCV({ ...common, paramGrid: { alpha }, ...more }).fit(X, y),
  RandomizedSearchCV: (more) =>
    new RandomizedSearchCV({ ...common, paramDistributions: { alpha }, nIter: 2, ...more }).fit(X, y),
  HalvingGridSearchCV: (more) =>
    new HalvingGridSearchCV({ ...common, paramGrid: { alpha }, ...halving, ...more }).fit(X, y),
  HalvingRandomSearchCV: (more) =>
    new HalvingRandomSearchCV({ ...common, paramDistributions: { alpha }, ...halving, ...more }).fit(X, y),
  RFE: (more) => new RFE({ estimator: new Ridge(), ...more }).fit(X, y),
};

for (const [name, fit] of Object.entries(FITS)) {
  test(`${name}: verbose draws a bar where there is a terminal, and only then`, async () => {
    const drawn = await drawnBy(fit);
    assert.match(drawn.verbose, new RegExp(`100% \\| ${name}`));
    assert.is(drawn.quiet, "");
  });
}

test("progress is told as without a bar", async () => {
  const seen = async (verbose: boolean): Promise<number[]> => {
    const fractions: number[] = [];
    const search = new GridSearchCV({ ...common, paramGrid: { alpha }, nJobs: 1, verbose });
    await search.fit(X, y, { onProgress: ({ fraction }) => fractions.push(fraction) });
    return fractions;
  };
  assert.equal(await seen(true), await seen(false));
});

test.run();
