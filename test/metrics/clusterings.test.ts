import { test } from "uvu";
import * as assert from "uvu/assert";
import { withConfig } from "../../src/base/config.js";
import { fromBatches, Matrix } from "../../src/data/index.js";
import { makeBlobs } from "../../src/datasets/index.js";
import {
  calinskiHarabaszScore,
  daviesBouldinScore,
  silhouetteSamples,
  silhouetteScore,
} from "../../src/metrics/index.js";

const [X, y] = makeBlobs({ nSamples: 2500, centers: 3, nFeatures: 2, randomState: 0 });

async function message(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

/** (b - a) / max(a, b) of one row, over all others. */
function naive(row: number): number {
  const sums = new Map<number, [number, number]>();
  for (let i = 0; i < X.rows; i++) {
    const distance = Math.hypot(X.at(i, 0) - X.at(row, 0), X.at(i, 1) - X.at(row, 1));
    const [sum, count] = sums.get(y[i] as number) ?? [0, 0];
    sums.set(y[i] as number, [sum + distance, count + 1]);
  }
  const [own, count] = sums.get(y[row] as number) as [number, number];
  sums.delete(y[row] as number);
  const a = own / (count - 1);
  const b = Math.min(...[...sums.values()].map(([sum, n]) => sum / n));
  return (b - a) / Math.max(a, b);
}

test("silhouettes of several tiles are those of the whole, for any number of threads", async () => {
  const samples = await silhouetteSamples(X, y);
  for (const row of [0, 1, 1023, 1024, 2047, 2048, 2499]) {
    assert.ok(Math.abs((samples[row] as number) - naive(row)) < 1e-12, `row ${row}`);
  }
  assert.equal(await withConfig({ nJobs: 1 }, () => silhouetteSamples(X, y)), samples);
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  assert.ok(Math.abs((await silhouetteScore(X, y)) - mean) < 1e-12);
});

test("a drawn sample estimates the score, the same one for the same seed", async () => {
  const options = { sampleSize: 500, randomState: 7 };
  const drawn = await silhouetteScore(X, y, options);
  assert.is(await silhouetteScore(X, y, options), drawn);
  assert.ok(Math.abs(drawn - (await silhouetteScore(X, y))) < 0.05);
});

test("far from the origin no digits are lost", async () => {
  const far = new Matrix(
    Float64Array.from(X.data, (value) => Math.round(value * 1024) / 1024 + 2 ** 26),
    [X.rows, X.cols],
  );
  const near = new Matrix(
    Float64Array.from(X.data, (value) => Math.round(value * 1024) / 1024),
    [X.rows, X.cols],
  );
  for (const score of [calinskiHarabaszScore, daviesBouldinScore, silhouetteScore]) {
    const [a, b] = [await score(far, y), await score(near, y)];
    assert.ok(Math.abs(a / b - 1) < 1e-6, `${score.name}: ${a}, ${b}`);
  }
});

test("frames are read, names may be labels", async () => {
  const frame = await fromBatches([{ a: [0, 1, 9, 10], b: [0, 0, 1, 1], cluster: ["l", "l", "r", "r"] }]);
  const score = await silhouetteScore(frame.drop("cluster"), frame.column("cluster"));
  assert.is(
    score,
    await silhouetteScore(
      [
        [0, 0],
        [1, 0],
        [9, 1],
        [10, 1],
      ],
      [0, 0, 1, 1],
    ),
  );
});

test("mistakes are named", async () => {
  const rows = [[0], [1], [2]];
  assert.match(await message(silhouetteScore(rows, [0, 0, 0])), /2 to rows - 1 clusters, got 1 of 3 rows/);
  assert.match(await message(daviesBouldinScore(rows, [0, 1, 2])), /2 to rows - 1 clusters, got 3 of 3 rows/);
  assert.match(await message(calinskiHarabaszScore(rows, [0, 1])), /X has 3 rows, but labels has 2/);
  assert.match(await message(silhouetteScore([[0], [NaN], [2]], [0, 1, 1])), /X must be finite, got NaN in row 1/);
  assert.match(await message(silhouetteSamples(rows, [0, 1, 1], { metric: "l7" as never })), /metric must be one of/);
  assert.match(await message(silhouetteScore(rows, [0, 1, 1], { sampleSize: 4 })), /an integer from 2 to 3, got 4/);
  const small = withConfig({ memoryLimit: 1000 }, () => silhouetteScore(X, y));
  assert.match(await message(small), /silhouetteScore: X: needs .* memoryLimit/);
  const signal = AbortSignal.abort(new Error("stop"));
  assert.is(await message(silhouetteSamples(X, y, { signal })), "stop");
});

test.run();
