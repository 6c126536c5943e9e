/**
 * How long does a Node program take to train a logistic regression? 20,000 × 20, beside what npm offers; then 1 M × 28 and
 * the fraud shape beside the floor, one reading of the matrix.
 */
import MlLogisticRegression from "ml-logistic-regression";
import { Matrix as MlMatrix } from "ml-matrix";
import { Bench } from "tinybench";
import { ChunkedMatrix, LogisticRegression, Matrix, accuracyScore, withConfig } from "../src/index.js";
import { fraudLike, higgsLike, split } from "./data.js";
import { report } from "./report.js";

const { train, test } = split(higgsLike(25_000, 20, 7), 20_000);
const bench = new Bench({ time: 0, iterations: 10, warmupIterations: 2, warmupTime: 0 });

for (const nJobs of [1, -1]) {
  const model = await new LogisticRegression({ nJobs }).fit(train.X, train.y);
  const accuracy = await accuracyScore(test.y, await model.predict(test.X));
  if (accuracy < 0.6) throw new Error(`treeline: accuracy ${accuracy}: the bench would time a wrong answer`);
  console.log(`treeline, nJobs ${nJobs}: test accuracy ${accuracy.toFixed(4)}, ${model.nIter_} iterations`);
  bench.add(`treeline LogisticRegression, nJobs ${nJobs}`, async () => {
    await new LogisticRegression({ nJobs }).fit(train.X, train.y);
  });
}
const X = new MlMatrix(train.X.toArray());
const y = MlMatrix.columnVector(Array.from(train.y));
bench.add(
  "ml-logistic-regression, 100 gradient steps (not converged)",
  () => new MlLogisticRegression({ numSteps: 100, learningRate: 5e-5 }).train(X, y),
  { async: false },
);
await bench.run();
report("Fit: logistic regression in Node, 20,000 × 20", bench);

for (const table of [higgsLike(1_000_000, 28, 7), fraudLike(284_807, 3)]) {
  const large = new Bench({ time: 0, iterations: 5, warmupIterations: 1, warmupTime: 0 });
  for (const values of [table.X.data, Float64Array.from(table.X.data, (v) => v * (1 + 2 ** -40))]) {
    const type = values instanceof Float32Array ? "float32" : "float64";
    const input = new Matrix(values, table.X.shape);
    const kept = await (await ChunkedMatrix.from(input)).persist();
    for (const nJobs of [1, -1]) {
      large.add(`${type}, nJobs ${nJobs}: reading once`, async () => {
        await withConfig({ nJobs }, async () => kept.sum());
      });
      large.add(`${type}, nJobs ${nJobs}: fit`, async () => {
        await new LogisticRegression({ nJobs }).fit(input, table.y);
      });
    }
  }
  await large.run();
  report(`Fit: logistic regression, ${table.name}`, large);
}
