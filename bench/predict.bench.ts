/** How fast are predictions? A batch of 200,000 rows and one row at a time, 100 trees of 31 leaves. */
import { Bench } from "tinybench";
import { HistGradientBoostingClassifier, LogisticRegression, Matrix, rocAucScore } from "../src/index.js";
import { higgsLike, split } from "./data.js";
import { report } from "./report.js";

const { train, test } = split(higgsLike(250_000, 28, 7), 50_000);
const bench = new Bench({ time: 300, iterations: 5, warmupIterations: 2, warmupTime: 0 });
const forest = await new HistGradientBoostingClassifier({ maxIter: 100, earlyStopping: false }).fit(train.X, train.y);
const linear = await new LogisticRegression().fit(train.X, train.y);
const auc = await rocAucScore(test.y, (await forest.predictProba(test.X)).column(1));
if (auc < 0.75) throw new Error(`AUC ${auc}: the bench would time a wrong answer`);
console.log(`HistGradientBoosting: test AUC ${auc.toFixed(4)}`);

for (const nJobs of [1, -1]) {
  bench.add(`HistGradientBoosting, 200,000 rows, nJobs ${nJobs}`, async () => {
    forest.setParams({ nJobs });
    await forest.predictProba(test.X);
  });
}
bench.add("LogisticRegression, 200,000 rows", async () => {
  await linear.predictProba(test.X);
});
const row = new Matrix(test.X.data.slice(0, 28), [1, 28]);
bench.add("HistGradientBoosting, 1 row, predictProbaSync", () => {
  forest.predictProbaSync(row);
});
bench.add("LogisticRegression, 1 row, predictProbaSync", () => {
  linear.predictProbaSync(row);
});
await bench.run();
report("Predict: 100 trees and a linear model, 28 features", bench);
