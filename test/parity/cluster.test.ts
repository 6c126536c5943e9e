import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { KMeans, MiniBatchKMeans, loadBreastCancer, loadDigits, loadIris, loadWine } from "../../src/index.js";

interface Case {
  readonly dataset: "breast_cancer" | "digits" | "iris" | "wine";
  readonly k: number;
  readonly step?: number;
  readonly shift?: number;
  readonly weighted?: boolean;
  readonly far?: boolean;
  readonly batch?: number;
  readonly max_iter?: number;
  readonly tol?: number;
  readonly expected: {
    readonly centers: number[];
    readonly inertia: number;
    readonly labels: number[];
    readonly score: number;
    readonly distances: number[];
    readonly n_iter?: number;
  };
}

const { cases } = JSON.parse(readFileSync(new URL("cluster.json", import.meta.url), "utf8")) as { cases: Case[] };
const loaders = { breast_cancer: loadBreastCancer, digits: loadDigits, iris: loadIris, wine: loadWine };

/** X and weights of a case, as table() in make_cluster.py makes them. */
async function table({ dataset, step = 1, shift = 0, weighted }: Case): Promise<{ X: number[][]; weights?: number[] }> {
  const rows = (await loaders[dataset]()).data.toArray().filter((_, i) => i % step === 0);
  const X = rows.map((row) => row.map((x) => x + shift));
  return weighted ? { X, weights: X.map((_, i) => 0.5 + (i % 4)) } : { X };
}

/** First centres, as start() in make_cluster.py makes them. */
function start({ k, far }: Case, X: number[][]): number[][] {
  const every = Math.floor(X.length / k);
  return Array.from({ length: k }, (_, c) => (X[c * every] as number[]).map((x) => (far && c === k - 1 ? x + 1e4 : x)));
}

async function learned(given: Case, X: number[][], weights?: number[]): Promise<KMeans | MiniBatchKMeans> {
  const { k, batch, max_iter: maxIter = 300, tol = 1e-4 } = given;
  const init = start(given, X);
  if (batch === undefined) {
    const model = new KMeans({ nClusters: k, init, maxIter, tol });
    return model.fit(X, undefined, { sampleWeight: weights });
  }
  const model = new MiniBatchKMeans({ nClusters: k, init, reassignmentRatio: 0 });
  for (let i = 0; i < X.length; i += batch) {
    await model.partialFit(X.slice(i, i + batch), undefined, { sampleWeight: weights?.slice(i, i + batch) });
  }
  return model;
}

function close(got: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.is(got.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) => {
    assert.ok(Math.abs((got[i] as number) - value) <= 1e-9 * scale, `${what}[${i}]: ${got[i]}, expected ${value}`);
  });
}

for (const given of cases) {
  const { expected, ...words } = given;
  test(`equal to scikit-learn from the same first centres: ${JSON.stringify(words)}`, async () => {
    const { X, weights } = await table(given);
    const model = await learned(given, X, weights);
    close(model.clusterCenters_.data, expected.centers, "centres");
    assert.equal(Array.from(await model.predict(X)), expected.labels);
    close([model.inertia_], [expected.inertia], "inertia");
    close([await model.score(X, undefined, { sampleWeight: weights })], [expected.score], "score");
    close((await model.transform(X.slice(0, 3))).data, expected.distances, "distances");
    if (expected.n_iter !== undefined) assert.is(model.nIter_, expected.n_iter);
  });
}

test.run();
