/**
 * How fast are predictions and explanations? A batch of 200,000 rows and one row at a time, 100 trees of 31 and of 255
 * leaves, and a linear model; 2,000 rows explained.
 */
import { Bench } from "tinybench";
import { HistGradientBoostingClassifier, LogisticRegression, Matrix, rocAucScore } from "../src/index.js";
import { higgsLike, split } from "./data.js";
import { report } from "./report.js";

const { train, test } = split(higgsLike(250_000, 28, 7), 50_000);
const bench = new Bench({ time: 300, iterations: 5, warmupIterations: 2, warmupTime: 0 });
const fit = (maxLeafNodes: number): Promise<HistGradientBoostingClassifier> =>
  new HistGradientBoostingClassifier({ maxIter: 100, maxLeafNodes, earlyStopping: false }).fit(train.X, train.y);
const forests = [await fit(31), await fit(255)];
const linear = await new LogisticRegression().fit(train.X, train.y);
const row = Float64Array.from(test.X.data.subarray(0, 28));
const few = new Matrix(test.X.data.slice(0, 2_000 * 28), [2_000, 28]);
const out = new Float64Array(2);

for (const [which, leaves] of [31, 255].entries()) {
  const forest = forests[which] as HistGradientBoostingClassifier;
  const auc = await rocAucScore(test.y, (await forest.predictProba(test.X)).column(1));
  if (auc < 0.75) throw new Error(`AUC ${auc}: the bench would time a wrong answer`);
  console.log(`${leaves} leaves: test AUC ${auc.toFixed(4)}`);
  for (const nJobs of [1, -1]) {
    bench.add(`${leaves} leaves, predictProba of 200,000 rows, nJobs ${nJobs}`, async () => {
      forest.setParams({ nJobs });
      await forest.predictProba(test.X);
    });
  }
  bench.add(`${leaves} leaves, predictProbaSync of 1 row`, () => {
    forest.predictProbaSync(row, out);
  });
  bench.add(`${leaves} leaves, apply of 2,000 rows, nJobs 1`, async () => {
    forest.setParams({ nJobs: 1 });
    await forest.apply(few);
  });
  bench.add(`${leaves} leaves, shapValues of 2,000 rows, nJobs 1`, async () => {
    forest.setParams({ nJobs: 1 });
    await forest.shapValues(few);
  });
}
bench.add("LogisticRegression, 200,000 rows", async () => {
  await linear.predictProba(test.X);
});
const table = new Matrix(row, [1, 28]);
bench.add("LogisticRegression, 1 row, predictProbaSync", () => {
  linear.predictProbaSync(table);
});
await bench.run();
report("Predict: 100 trees and a linear model, 28 features", bench);
