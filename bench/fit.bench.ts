/**
 * How long does a Node program take to train boosted trees? 20,000 × 20, 100 trees, beside what npm offers (ydf-training
 * takes no parameters).
 */
import { Bench } from "tinybench";
import { DecisionTreeClassifier as MlCart } from "ml-cart";
import { HistGradientBoostingClassifier, accuracyScore } from "../src/index.js";
import { higgsLike, split } from "./data.js";
import { report } from "./report.js";
import { trainYdf } from "./ydf.js";

const { train, test } = split(higgsLike(25_000, 20, 7), 20_000);
const bench = new Bench({ time: 0, iterations: 5, warmupIterations: 1, warmupTime: 0 });

async function check(name: string, predicted: ArrayLike<number>, floor: number): Promise<void> {
  const accuracy = await accuracyScore(test.y, Array.from(predicted));
  if (accuracy < floor)
    throw new Error(`${name}: accuracy ${accuracy} is below ${floor}: the bench would time a wrong answer`);
  console.log(`${name}: test accuracy ${accuracy.toFixed(4)}`);
}

for (const nJobs of [1, -1]) {
  const params = { maxIter: 100, earlyStopping: false, nJobs } as const;
  const model = await new HistGradientBoostingClassifier(params).fit(train.X, train.y);
  await check(`treeline, nJobs ${nJobs}`, (await model.predict(test.X)) as Float64Array, 0.7);
  bench.add(`treeline HistGradientBoosting, 100 trees, nJobs ${nJobs}`, async () => {
    await new HistGradientBoostingClassifier(params).fit(train.X, train.y);
  });
}

const ydf = await trainYdf(train, test);
await check("ydf-training (wasm)", ydf.predictions, 0.7);
bench.add("ydf-training (wasm), its defaults: up to 300 trees, early stopping", ydf.train);

// ml-cart's time grows with the square of the rows: 20,000 rows take more than a minute, so it gets 2,000 and one tree.
const small = split(train, 2_000).train;
const rows = small.X.toArray();
const labels = Array.from(small.y);
bench.add("ml-cart DecisionTreeClassifier, 1 tree, 2,000 rows", () => {
  new MlCart({ gainFunction: "gini", maxDepth: 10, minNumSamples: 3 }).train(rows, labels);
});
bench.add("treeline, 1 tree, 2,000 rows", async () => {
  await new HistGradientBoostingClassifier({ maxIter: 1, learningRate: 1, earlyStopping: false }).fit(small.X, small.y);
});

await bench.run();
report("Fit: boosted trees in Node, 20,000 × 20", bench);
